//! What the number format of a sheet's cell shows of its number.

/// How a number format shows numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As many decimals as there are, or in a way that says nothing about them.
    #[default]
    Freely,
    /// Rounded to this many decimals.
    Decimals(u8),
    /// As a whole number, filled with zeros to this many digits.
    Zeros(u8),
}

impl Shown {
    /// Reads a number format: `#,##0.00_);(#,##0.00)`, `0.0%`, `000000`, `General`.
    pub(crate) fn of(format: &str) -> Self {
        let Some(places) = places(format) else { return Self::Freely };
        let (whole, decimals) = places.split_once('.').unwrap_or((&places, ""));
        let count = |part: &str| u8::try_from(part.chars().filter(|c| "0#?".contains(*c)).count()).unwrap_or(u8::MAX);
        if whole.is_empty() && decimals.is_empty() {
            return Self::Freely;
        }
        if decimals.is_empty() && whole.len() > 1 && whole.bytes().all(|byte| byte == b'0') {
            return Self::Zeros(count(whole));
        }
        if whole.ends_with(',') || decimals.ends_with(',') {
            return Self::Freely;
        }
        let percent = u8::try_from(places.matches('%').count()).unwrap_or(0).saturating_mul(2);
        Self::Decimals(count(decimals).saturating_add(percent))
    }
}

/// The digit places, point, separators and percent signs of the first section; nothing where the format
/// shows something else than a plain decimal number.
fn places(format: &str) -> Option<String> {
    let mut places = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => while chars.next().is_some_and(|inside| inside != '"') {},
            '[' => while chars.next().is_some_and(|inside| inside != ']') {},
            '\\' | '_' | '*' => drop(chars.next()),
            '0' | '#' | '?' | '.' | ',' | '%' => places.push(c),
            '/' | '@' => return None,
            c if c.is_ascii_alphabetic() => return None,
            _ => {}
        }
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_format_says_how_many_decimals_it_shows() {
        for (format, shown) in [
            ("General", Shown::Freely),
            ("", Shown::Freely),
            ("@", Shown::Freely),
            ("0", Shown::Decimals(0)),
            ("0.00", Shown::Decimals(2)),
            ("#,##0", Shown::Decimals(0)),
            ("#,##0.00_);[Red](#,##0.000)", Shown::Decimals(2)),
            ("_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* \"-\"??_ ;_ @_ ", Shown::Decimals(2)),
            ("0.0%", Shown::Decimals(3)),
            ("0%", Shown::Decimals(2)),
            ("000000", Shown::Zeros(6)),
            ("0.00E+00", Shown::Freely),
            ("# ?/?", Shown::Freely),
            ("#,##0,", Shown::Freely),
            ("0.0,,", Shown::Freely),
            ("yyyy-mm-dd", Shown::Freely),
            ("0\"元\"", Shown::Decimals(0)),
            ("[$￥-804]#,##0.00", Shown::Decimals(2)),
        ] {
            assert_eq!(Shown::of(format), shown, "{format}");
        }
    }
}
