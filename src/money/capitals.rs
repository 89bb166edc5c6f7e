//! Amounts in capitals (大写), as the rules for filling in bills and settlement vouchers write them:
//! 零元整, 壹拾元零伍分, 壹拾万元整.
//!
//! Where those rules leave a choice, this is decided: 整 stands behind 元 and behind 角 (nothing can be
//! added to it), never behind 分; 零 is written once for any run of zeros between two digits, and
//! between 元 and 分; not between 元 and 角, nor behind a full 万 or 亿 group that ends in zeros when the
//! next group is full. A negative amount begins with 负.

use super::exact::Exact;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["仟", "佰", "拾", ""];

/// Yuan, jiao and fen of an amount, and whether it is below zero.
fn parts(amount: &Exact) -> Option<(u64, u64, u64, bool)> {
    let fen = amount.to_unscaled(2)?;
    let magnitude = u64::try_from(fen.unsigned_abs()).ok()?;
    let yuan = magnitude / 100;
    (yuan < 10_000_000_000_000_000).then_some((yuan, magnitude / 10 % 10, magnitude % 10, fen < 0))
}

/// The amount in capitals; `None` where it is not whole fen, or 10^16 yuan and more.
pub fn capitals(amount: &Exact) -> Option<String> {
    let (yuan, jiao, fen_digit, negative) = parts(amount)?;
    let mut text = String::new();
    if negative {
        text.push('负');
    }
    if yuan > 0 {
        text.push_str(&whole(yuan));
        text.push('元');
    }
    match (jiao, fen_digit) {
        (0, 0) if yuan == 0 => text.push_str("零元整"),
        (0, 0) => text.push('整'),
        (0, _) if yuan > 0 => text.push('零'),
        (0, _) => {}
        (_, 0) => text.extend([digit(jiao), '角', '整']),
        _ => text.extend([digit(jiao), '角']),
    }
    if fen_digit > 0 {
        text.extend([digit(fen_digit), '分']);
    }
    Some(text)
}

fn digit(value: u64) -> char {
    usize::try_from(value).ok().and_then(|value| DIGITS.get(value)).copied().unwrap_or('零')
}

/// A positive number below 10^16; 万亿 are counted as 万 of 亿.
fn whole(value: u64) -> String {
    joined(value / 100_000_000, "亿", 100_000_000, value % 100_000_000, below_hundred_million)
}

fn below_hundred_million(value: u64) -> String {
    joined(value / 10_000, "万", 10_000, value % 10_000, below_ten_thousand)
}

/// High part, its unit, low part, with 零 between them where the low part does not fill its places.
fn joined(high: u64, unit: &str, base: u64, low: u64, write: fn(u64) -> String) -> String {
    if high == 0 {
        return write(low);
    }
    let mut text = format!("{}{unit}", write(high));
    if low > 0 {
        if low < base / 10 {
            text.push('零');
        }
        text.push_str(&write(low));
    }
    text
}

fn below_ten_thousand(value: u64) -> String {
    let mut text = String::new();
    let mut zeros = false;
    for (divisor, place) in [1000, 100, 10, 1].into_iter().zip(PLACES) {
        let value = value / divisor % 10;
        if value == 0 {
            zeros = !text.is_empty();
            continue;
        }
        if zeros {
            text.push('零');
            zeros = false;
        }
        text.push(digit(value));
        text.push_str(place);
    }
    text
}

/// The numbers below twenty, and the tens.
const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
/// Groups of three digits, from the lowest.
const GROUPS: [&str; 6] = ["", " thousand", " million", " billion", " trillion", " quadrillion"];

/// An amount in English words, as cheques have it: `one thousand four hundred nine and 50/100 yuan`.
pub fn english(amount: &Exact) -> Option<String> {
    let (yuan, jiao, fen, negative) = parts(amount)?;
    let mut groups = Vec::new();
    let mut rest = yuan;
    for name in GROUPS {
        if rest % 1000 > 0 {
            groups.push(format!("{}{name}", below_thousand(rest % 1000)));
        }
        rest /= 1000;
    }
    groups.reverse();
    let whole = if groups.is_empty() { small(0).to_owned() } else { groups.join(" ") };
    let sign = if negative { "minus " } else { "" };
    Some(format!("{sign}{whole} and {jiao}{fen}/100 yuan"))
}

fn small(number: u64) -> &'static str {
    usize::try_from(number).ok().and_then(|number| SMALL.get(number)).copied().unwrap_or_default()
}

/// A number from 1 to 999.
fn below_thousand(number: u64) -> String {
    let mut words = Vec::new();
    if number >= 100 {
        words.push(format!("{} hundred", small(number / 100)));
    }
    match number % 100 {
        0 => {}
        rest @ 1..20 => words.push(small(rest).to_owned()),
        rest => {
            let tens = usize::try_from(rest / 10).ok().and_then(|tens| TENS.get(tens)).copied().unwrap_or_default();
            words.push(if rest % 10 == 0 { tens.to_owned() } else { format!("{tens}-{}", small(rest % 10)) });
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(amount: &str) -> String {
        capitals(&Exact::parse_human(amount).unwrap()).unwrap_or_else(|| "none".to_owned())
    }

    #[test]
    fn writes_amounts_as_vouchers_do() {
        for (amount, text) in [
            ("0", "零元整"),
            ("0.01", "壹分"),
            ("0.10", "壹角整"),
            ("0.11", "壹角壹分"),
            ("1", "壹元整"),
            ("10", "壹拾元整"),
            ("10.05", "壹拾元零伍分"),
            ("10.50", "壹拾元伍角整"),
            ("15", "壹拾伍元整"),
            ("100", "壹佰元整"),
            ("101", "壹佰零壹元整"),
            ("110", "壹佰壹拾元整"),
            ("1001", "壹仟零壹元整"),
            ("1010", "壹仟零壹拾元整"),
            ("1,409.50", "壹仟肆佰零玖元伍角整"),
            ("6,007.14", "陆仟零柒元壹角肆分"),
            ("1,680.32", "壹仟陆佰捌拾元叁角贰分"),
            ("16,409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("325.04", "叁佰贰拾伍元零肆分"),
            ("100,000.00", "壹拾万元整"),
            ("100,001", "壹拾万零壹元整"),
            ("107,000.53", "壹拾万柒仟元伍角叁分"),
            ("100,100", "壹拾万零壹佰元整"),
            ("10,000,000", "壹仟万元整"),
            ("100,000,000", "壹亿元整"),
            ("100,000,001", "壹亿零壹元整"),
            ("100,010,000", "壹亿零壹万元整"),
            ("110,000,000", "壹亿壹仟万元整"),
            ("1,000,100,010", "壹拾亿零壹拾万零壹拾元整"),
            ("1,234,567,890.12", "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
            ("1,000,000,000,000", "壹万亿元整"),
            ("1,234,500,000,000", "壹万贰仟叁佰肆拾伍亿元整"),
            ("1,000,100,000,000", "壹万零壹亿元整"),
            ("9,999,999,999,999,999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
            ("-10.05", "负壹拾元零伍分"),
            ("-0.30", "负叁角整"),
            ("-100000", "负壹拾万元整"),
        ] {
            assert_eq!(written(amount), text, "{amount}");
        }
    }

    #[test]
    fn english_words_as_on_a_cheque() {
        for (amount, text) in [
            ("0", "zero and 00/100 yuan"),
            ("1409.50", "one thousand four hundred nine and 50/100 yuan"),
            ("-0.05", "minus zero and 05/100 yuan"),
            ("16,021.30", "sixteen thousand twenty-one and 30/100 yuan"),
            ("100,000,000", "one hundred million and 00/100 yuan"),
            ("1,000,090.12", "one million ninety and 12/100 yuan"),
        ] {
            assert_eq!(english(&Exact::parse_human(amount).unwrap()).unwrap(), text, "{amount}");
        }
        assert_eq!(english(&Exact::parse_human("0.001").unwrap()), None);
    }

    #[test]
    fn refuses_what_is_no_amount() {
        assert_eq!(written("0.001"), "none");
        assert_eq!(written("1/3"), "none");
        assert_eq!(written("10000000000000000"), "none");
        assert_eq!(written("-99999999999999999999999999999999999999999999"), "none");
    }
}
