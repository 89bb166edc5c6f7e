//! minijinja for pages of HTML: whatever a template prints is text, escaped.
//!
//! As in the blocks of documents there is no filter, so none that turns the escaping off; undefined names are errors.

use std::sync::Arc;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::super::template::BROKEN_TEMPLATE;
use crate::diag::Fault;

/// Steps a page may take: one of two hundred stores with eight thousand people takes some hundred thousand.
const FUEL: u64 = 50_000_000;
const NAME: &str = "template.html";

/// The template of a page, parsed.
#[derive(Clone, Debug)]
pub(in crate::report) struct HtmlTemplate {
    environment: Arc<Environment<'static>>,
}

impl HtmlTemplate {
    /// Parses a template.
    pub(in crate::report) fn parse(text: &str) -> Result<Self, Fault> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_formatter(|out, _, value| {
            if value.is_undefined() {
                return Err(minijinja::Error::from(minijinja::ErrorKind::UndefinedError));
            }
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            out.write_str(&escaped(&text)).map_err(minijinja::Error::from)
        });
        match environment.add_template_owned(NAME, text.to_owned()) {
            Ok(()) => Ok(Self { environment: Arc::new(environment) }),
            Err(error) => {
                let start = error
                    .line()
                    .map_or(0, |line| text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum());
                let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
                let fault = Fault::new(BROKEN_TEMPLATE, start..start + length, describe(&error));
                Err(fault.hint("each `{% for %}` and `{% if %}` needs its end"))
            }
        }
    }

    /// The page of a view.
    pub(in crate::report) fn render(&self, view: &impl Serialize) -> Result<String, String> {
        let template = self.environment.get_template(NAME).map_err(|error| describe(&error))?;
        template.render(Serde(view)).map_err(|error| describe(&error))
    }
}

/// Text that is text wherever it stands in a page, between tags or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            '`' => shown.push_str("&#96;"),
            plain => shown.push(plain),
        }
    }
    shown
}

fn describe(error: &minijinja::Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    error.line().map_or_else(|| what.clone(), |line| format!("line {line}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn render(text: &str, view: &serde_json::Value) -> Result<String, String> {
        HtmlTemplate::parse(text).map_err(|fault| fault.message)?.render(view)
    }

    #[test]
    fn whatever_is_printed_is_text() {
        let view = json!({ "x": "<script>alert('1')</script>\"&`", "n": 3 });
        let text = "<a href=\"{{ x }}\">{{ x }}</a>{{ n }}";
        let shown = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;&#96;";
        assert_eq!(render(text, &view).unwrap(), format!("<a href=\"{shown}\">{shown}</a>3"));
        assert!(!render("{% autoescape false %}{{ x }}{% endautoescape %}", &view).unwrap().contains('<'));
    }

    #[test]
    fn no_filter_turns_it_off_and_undefined_names_are_errors() {
        for text in ["{{ x|safe }}", "{{ x|escape }}", "{{ absent }}", "{% if absent %}{% endif %}"] {
            assert!(render(text, &json!({ "x": "<b>" })).is_err(), "{text}");
        }
    }

    #[test]
    fn a_broken_template_names_its_line() {
        let text = "one\n{% if %}\nthree";
        assert_eq!(text.get(HtmlTemplate::parse(text).unwrap_err().span).unwrap(), "{% if %}");
    }
}
