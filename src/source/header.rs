//! Header rows: which cell names which column.

/// Normal form of a header or label: full-width forms as ASCII, lower case, without any white space,
/// byte order mark or closing colon.
pub(crate) fn normal(text: &str) -> String {
    let mut normal: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .map(half_width)
        .flat_map(char::to_lowercase)
        .collect();
    while normal.ends_with(':') {
        normal.pop();
    }
    normal
}

/// The ASCII character of a full-width form.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}
