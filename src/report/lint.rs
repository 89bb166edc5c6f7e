//! What a template may not do: run text as code, load foreign code or files, or reach outside its folder.
//!
//! The tags of minijinja are blanked out first, so places are places of the template as written.

use std::ops::Range;

use typst::syntax::{LinkedNode, SyntaxKind, parse};

use crate::diag::{Code, Fault};

/// Something that templates must not use.
pub(super) const FORBIDDEN_IN_TEMPLATE: Code =
    Code::new("forbidden-in-template", "a template uses eval, a plugin, a package, or a path outside its folder");

/// Absolute paths that every template may read: the view, and the words around it.
pub(super) const OPEN_PATHS: [&str; 2] = ["/data.json", "/messages.json"];

/// Everything in a template that is forbidden, in order of place.
pub(super) fn lint(text: &str) -> Vec<Fault> {
    let blanked = blank_tags(text);
    let root = parse(&blanked);
    let mut faults = Vec::new();
    visit(&LinkedNode::new(&root), &mut faults);
    // The parser does not look into raw blocks or comments; neither can they run. Text inside minijinja
    // tags is not code of typst, and what it prints is always a string.
    faults.sort_by_key(|fault| fault.span.start);
    faults
}

fn visit(node: &LinkedNode<'_>, faults: &mut Vec<Fault>) {
    match node.kind() {
        SyntaxKind::Ident | SyntaxKind::MathIdent => name(node.leaf_text(), node.range(), faults),
        SyntaxKind::Str => path(node.leaf_text().trim_matches('"'), node.range(), faults),
        _ => {}
    }
    for child in node.children() {
        visit(&child, faults);
    }
}

fn name(name: &str, span: Range<usize>, faults: &mut Vec<Fault>) {
    let (what, hint) = match name {
        "eval" => ("`eval` runs text as code", "print text with #data.name or #text(data.name)"),
        "plugin" => ("`plugin` loads foreign code", "compute figures in a pipeline"),
        "sys" | "std" => ("`sys` and `std` reach around the names of a template", "use the plain name of the function"),
        _ => return,
    };
    faults.push(Fault::new(FORBIDDEN_IN_TEMPLATE, span, what).hint(hint));
}

fn path(text: &str, span: Range<usize>, faults: &mut Vec<Fault>) {
    if text.starts_with('@') {
        let message = format!("`{text}` is a package, and packages are not loaded");
        let hint = "put the file into report-templates/shared/ and import it by a relative path";
        faults.push(Fault::new(FORBIDDEN_IN_TEMPLATE, span, message).hint(hint));
    } else if is_absolute(text) && !OPEN_PATHS.contains(&text) {
        let message = format!("`{text}` is an absolute path");
        let hint = format!("use a path relative to the template; only {} are absolute", OPEN_PATHS.join(" and "));
        faults.push(Fault::new(FORBIDDEN_IN_TEMPLATE, span, message).hint(hint));
    }
}

/// A slash followed by a name, a drive letter, a URL; a lone slash is a sign of division.
fn is_absolute(text: &str) -> bool {
    let mut characters = text.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some('/' | '\\'), Some(next), _) => !next.is_whitespace(),
        (Some(drive), Some(':'), Some('/' | '\\')) => drive.is_ascii_alphabetic(),
        _ => text.contains("://"),
    }
}

/// The text with every `{% … %}`, `{{ … }}` and `{# … #}` replaced by spaces of the same length.
fn blank_tags(text: &str) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = ["{%", "{{", "{#"].iter().filter_map(|open| rest.find(open)).min() {
        let (before, tag) = rest.split_at(start);
        let close = match tag.as_bytes().get(1) {
            Some(b'%') => "%}",
            Some(b'{') => "}}",
            _ => "#}",
        };
        let length = tag.get(2..).and_then(|inside| inside.find(close)).map_or(tag.len(), |at| at + 4);
        let (_, after) = tag.split_at(length);
        blanked.push_str(before);
        // A printed value is a string; an empty pair of quotes keeps the code around it well formed.
        match (close, length) {
            ("}}", 4..) => blanked.extend(["\"", &" ".repeat(length - 2), "\""]),
            _ => blanked.push_str(&" ".repeat(length)),
        }
        rest = after;
    }
    blanked.push_str(rest);
    blanked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        lint(text).iter().map(|fault| text.get(fault.span.clone()).unwrap().to_owned()).collect()
    }

    #[test]
    fn refuses_eval_in_every_spelling() {
        assert_eq!(found("#eval(\"1\")"), ["eval"]);
        assert_eq!(found("#let f = eval\n#f(data.x)"), ["eval"]);
        assert_eq!(found("#std.eval(\"1\")"), ["std", "eval"]);
        assert_eq!(found("#import std: eval as e"), ["std", "eval"]);
        assert_eq!(found("$ eval(x) $"), ["eval"]);
    }

    #[test]
    fn refuses_plugins_packages_and_absolute_paths() {
        assert_eq!(found("#plugin(\"a.wasm\")"), ["plugin"]);
        assert_eq!(found("#import \"@preview/cetz:0.4.0\": *"), ["\"@preview/cetz:0.4.0\""]);
        assert_eq!(found("#read(\"/etc/passwd\")"), ["\"/etc/passwd\""]);
        assert_eq!(found("#image(\"C:\\\\x.png\")"), ["\"C:\\\\x.png\""]);
        assert_eq!(found("#image(\"https://x.cn/a.png\")"), ["\"https://x.cn/a.png\""]);
    }

    #[test]
    fn accepts_the_view_relative_paths_and_plain_slashes() {
        let text = "#let data = json(\"/data.json\")\n#import \"../shared/page.typ\": page\n\
                    {% if draft %}#mark(\" / \"){% endif %} 1 / 2 #(\"/\")";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn text_of_tags_and_comments_is_no_code() {
        assert_eq!(found("{# eval #}{% if eval %}x{% endif %}#f({{ eval }}) // eval"), Vec::<String>::new());
        assert_eq!(found("eval of the month, no code"), Vec::<String>::new());
    }

    #[test]
    fn places_survive_multibyte_tags() {
        let text = "{# 注释：说明 #}#eval(\"1\")";
        let fault = lint(text).remove(0);
        assert_eq!(text.get(fault.span).unwrap(), "eval");
    }

    #[test]
    fn an_open_tag_ends_with_the_file() {
        assert_eq!(found("#a {% if"), Vec::<String>::new());
        assert_eq!(found("#a {{"), Vec::<String>::new());
    }
}
