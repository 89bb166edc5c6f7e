//! One YAML view: another parser sees the same keys and the same texts, in the same order, in every YAML
//! file of the repository.

use std::sync::Arc;

use jixiao::diag::yaml::parse::parse;
use jixiao::diag::yaml::second;

use crate::repository;

/// What the other parser sees differently, if anything.
fn difference(text: &str) -> Option<String> {
    let file: Arc<str> = "f.yaml".into();
    let parsed = parse(&file, text.as_bytes());
    let Some(root) = parsed.root else { return Some(format!("{:?}", parsed.findings)) };
    second::difference(&root, &parsed.text)
}

#[test]
fn both_parsers_see_the_same_keys_and_texts_in_every_file() {
    let files = repository::files("", ".yaml");
    assert!(!files.is_empty());
    for path in files {
        let seen = difference(&repository::text(&path));
        assert_eq!(seen, None, "{}", path.display());
    }
}

#[test]
fn both_parsers_see_the_same_in_every_way_to_write_a_text() {
    let text = "\
plain: 0.4%
number: 1.10
underscore: 220_000
date: 2026-10-01
'yes': yes
quoted: 'it''s (50, 100]'
escaped: \"a\\u4ea7\\tb \\
  c\"
folded: >
  (output * rate
   + cars)

  * score
kept: |+
  x

stripped: >-
  a
  b
over: a
  + b # a comment
list: [a, \"b, c\", { d: e }]
empty: []
nested:
- x
-
  - y
";
    assert_eq!(difference(text), None);
    assert_eq!(difference(&text.replace('\n', "\r\n")), None);
    assert_eq!(difference(&format!("---\n{text}")), None);
}

/// How random files start.
const STARTS: [&str; 4] = ["k: ", "k:\n  ", "k: [", "k: {"];

/// Pieces that random files are made of.
const PIECES: [&str; 34] = [
    "a", "b: ", "c:", " ", "  ", "\n", "\n  ", "\n    ", "- ", "-", "[", "]", "{", "}", ",", ", ", ": ", ":", "'",
    "\"", " #", "#", "|\n", ">-\n", "&x ", "*x", "!t ", "?", "1.10", "产值", "\\", "(", ")", "%",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 20_000,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn what_we_accept_the_other_parser_sees_the_same(
        start in 0..STARTS.len(),
        pieces in proptest::collection::vec(0..PIECES.len(), 1..16),
    ) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        let text = format!("{}{text}\n", STARTS[start]);
        let parsed = parse(&"f.yaml".into(), text.as_bytes());
        for finding in &parsed.findings {
            let span = finding.place.clone().unwrap().span;
            proptest::prop_assert!(parsed.text.get(span).is_some(), "{text:?}: {finding:?}");
        }
        // The other parser refuses `:?` inside a bare text in brackets, which YAML 1.2 allows.
        if let Some(root) = parsed.root.filter(|_| parsed.findings.is_empty() && !text.contains(":?")) {
            let seen = second::difference(&root, &parsed.text).map_or(Ok(()), Err);
            proptest::prop_assert!(seen.is_ok(), "{text:?}: {:?}\n{root:?}", seen.err());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_with_a_place(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60)) {
        let parsed = parse(&"f.yaml".into(), &bytes);
        proptest::prop_assert!(parsed.root.is_some() || !parsed.findings.is_empty());
        for finding in &parsed.findings {
            let span = finding.place.clone().unwrap().span;
            proptest::prop_assert!(parsed.text.get(span).is_some(), "{bytes:?}: {finding:?}");
        }
    }
}
