//! minijinja: which blocks of a template stand in a document, and how often.
//!
//! A template is given the *shape* of a document (whether it is a draft, the kinds of its sections), never
//! a value of it: those lie in the view, which the blocks read. Where a template prints all the same, what
//! comes out is one complete Typst string, whatever was printed; there is no filter that turns this off,
//! indeed no filter at all. Undefined names are errors, and a template has a limited number of steps.

use std::sync::Arc;

use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::diag::{Code, Fault};

/// A template that minijinja cannot read.
pub(super) const BROKEN_TEMPLATE: Code = Code::new("broken-template", "a template whose blocks do not parse");

/// Steps one document may take; a department report of twenty sections takes some hundreds.
const FUEL: u64 = 100_000;

/// The template of a report, parsed.
#[derive(Clone, Debug)]
pub(super) struct Template {
    environment: Arc<Environment<'static>>,
}

const NAME: &str = "template.typ";

impl Template {
    /// Parses a template; the fault's span is the line at fault.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_formatter(|out, _, value| {
            if value.is_undefined() {
                return Err(minijinja::Error::from(minijinja::ErrorKind::UndefinedError));
            }
            // How minijinja writes a truth value has changed between its versions.
            let text = match value.kind() {
                ValueKind::Bool => if value.is_true() { "true" } else { "false" }.to_owned(),
                _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            };
            out.write_str(&typst_string(&text)).map_err(minijinja::Error::from)
        });
        match environment.add_template_owned(NAME, text.to_owned()) {
            Ok(()) => Ok(Self { environment: Arc::new(environment) }),
            Err(error) => {
                let span = error.line().map_or(0..0, |line| line_span(text, line));
                Err(Fault::new(BROKEN_TEMPLATE, span, describe(&error))
                    .hint("each `{% for %}` and `{% if %}` needs its end"))
            }
        }
    }

    /// The Typst text of a document of this shape.
    pub(super) fn blocks(&self, shape: &impl Serialize) -> Result<String, String> {
        let template = self.environment.get_template(NAME).map_err(|error| describe(&error))?;
        template.render(Serde(shape)).map_err(|error| describe(&error))
    }
}

/// A string literal of Typst that stands for exactly this text.
pub(super) fn typst_string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            control if control.is_control() => literal.push_str(&format!("\\u{{{:x}}}", u32::from(control))),
            plain => literal.push(plain),
        }
    }
    literal.push('"');
    literal
}

fn describe(error: &minijinja::Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    match error.line() {
        Some(line) => format!("line {line}: {what}"),
        None => what,
    }
}

fn line_span(text: &str, line: usize) -> std::ops::Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn blocks(text: &str, shape: &serde_json::Value) -> Result<String, String> {
        Template::parse(text).map_err(|fault| fault.message)?.blocks(shape)
    }

    #[test]
    fn whatever_is_printed_is_one_typst_string() {
        let hostile = json!({ "x": "a\"#panic()\\\n\u{202e}*_$", "n": 3, "list": ["#a"], "yes": true });
        assert_eq!(blocks("#text({{ x }})", &hostile).unwrap(), "#text(\"a\\\"#panic()\\\\\\u{a}\u{202e}*_$\")");
        assert_eq!(blocks("{{ n }}{{ yes }}", &hostile).unwrap(), "\"3\"\"true\"");
        assert!(blocks("{{ list }}", &hostile).unwrap().starts_with('"'));
    }

    #[test]
    fn captured_blocks_are_strings_too() {
        let text = "{% macro m(a) %}#{{ a }}{% endmacro %}{{ m('b') }}{% set s %}#eval{% endset %}{{ s }}";
        assert_eq!(blocks(text, &json!({})).unwrap(), "\"#\\\"b\\\"\"\"#eval\"");
    }

    #[test]
    fn undefined_names_are_errors() {
        assert!(blocks("{{ absent }}", &json!({})).is_err());
        assert!(blocks("{% if absent %}a{% endif %}", &json!({})).is_err());
        assert!(blocks("{{ x.absent }}", &json!({"x": {}})).is_err());
    }

    #[test]
    fn no_filter_turns_the_string_off() {
        for filter in ["safe", "escape", "e", "tojson"] {
            assert!(blocks(&format!("{{{{ x|{filter} }}}}"), &json!({"x": "#a"})).is_err(), "{filter}");
        }
        assert_eq!(blocks("{% autoescape false %}{{ x }}{% endautoescape %}", &json!({"x": "#a"})).unwrap(), "\"#a\"");
    }

    #[test]
    fn a_template_has_a_limited_number_of_steps() {
        let text = "{% for a in l %}{% for b in l %}{% for c in l %}x{% endfor %}{% endfor %}{% endfor %}";
        assert!(blocks(text, &json!({"l": vec![0; 100]})).is_err());
    }

    #[test]
    fn a_broken_template_names_its_line() {
        let text = "one\n{% if %}\nthree";
        let fault = Template::parse(text).unwrap_err();
        assert_eq!(text.get(fault.span).unwrap(), "{% if %}");
    }
}
