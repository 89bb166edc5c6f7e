//! Expression text to a syntax tree, the whole text or nothing.
//!
//! The tokens are checked before they are parsed: comments (a folded YAML block would let one swallow
//! the rest), quoted names, numbers with separators or exponents, full-width brackets and operators of
//! other dialects are findings at the very token. What remains is parsed as one expression up to the
//! end of the text.

use std::ops::Range;

use sqlparser::ast::Expr as Ast;
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace};

use super::codes::{EXPRESSION_SYNTAX, EXPRESSION_UNSUPPORTED};
use super::place::Places;
use crate::diag::Fault;

/// Longest expression, in words and signs; what is longer belongs into several steps or a ladder.
const MOST_TOKENS: usize = 1_000;
/// Most operators that join parts: each deepens the tree, and trees are walked by recursion.
const MOST_OPERATORS: usize = 120;
/// Most WHEN of one expression; a longer list of cases is a table.
const MOST_ARMS: usize = 40;
/// Deepest nesting of brackets and calls.
const DEEPEST: usize = 40;

/// Reads one expression.
pub(super) fn parse(text: &str) -> Result<(Ast, Places), Vec<Fault>> {
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, text).with_unescape(false).tokenize_with_location().map_err(|error| {
        let places = Places::new(text, &[]);
        let at = places.offset(error.location);
        let message = format!("cannot read on from here: {}", sentence(&error.message));
        let fault = Fault::new(EXPRESSION_SYNTAX, at.min(text.len())..text.len(), message);
        vec![fault.hint("text stands in single quotes, as in `'保养'`; a quote inside it is doubled")]
    })?;
    let places = Places::new(text, &tokens);
    let faults = token_faults(text, &tokens, &places);
    if !faults.is_empty() {
        return Err(faults);
    }
    if places.tokens().is_empty() {
        return Err(vec![
            Fault::new(EXPRESSION_SYNTAX, 0..text.len(), "an empty expression")
                .hint("write a column, a number or a formula, such as `output * param.output_rate`"),
        ]);
    }
    let mut parser = Parser::new(&dialect).with_recursion_limit(DEEPEST).with_tokens_with_locations(tokens);
    let ast = parser.parse_expr().map_err(|error| vec![parser_fault(&error, &places, text)])?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let span = places.range(next.span).unwrap_or(0..text.len());
        let rest = text.get(span.clone()).unwrap_or_default();
        return Err(vec![
            Fault::new(EXPRESSION_SYNTAX, span, format!("the expression ends before `{rest}`"))
                .hint("join the parts with an operator such as `+`, `*`, `AND`, or remove the rest"),
        ]);
    }
    Ok((ast, places))
}

/// Words of the supported forms: some could be names, but nobody could read the expression.
const OWN_WORDS: &[&str] = &[
    "AND", "OR", "NOT", "IS", "NULL", "IN", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END", "DISTINCT", "TRUE",
    "FALSE",
];

/// Whether expressions can name a column so: letters, digits and `_`, a letter first, and no word that
/// SQL reads as something else (`case`, `interval`, `exists`).
pub fn is_column_name(name: &str) -> bool {
    let mut letters = name.chars();
    let well = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_');
    let plain = |ast: &Ast| matches!(ast, Ast::Identifier(ident) if ident.value == name);
    let alone = |text: &str| parse(text).is_ok_and(|(ast, _)| plain(&ast));
    let left = |text: &str| matches!(parse(text), Ok((Ast::BinaryOp { left, .. }, _)) if plain(&left));
    let tested = |text: &str| matches!(parse(text), Ok((Ast::IsNotNull(inner), _)) if plain(&inner));
    let bracketed = |text: &str| matches!(parse(text), Ok((Ast::Nested(inner), _)) if plain(&inner));
    let own = OWN_WORDS.iter().any(|word| word.eq_ignore_ascii_case(name));
    well && !own
        && alone(name)
        && bracketed(&format!("({name})"))
        && parse(&format!("ABS({name})")).is_ok()
        && left(&format!("{name} + 1"))
        && left(&format!("{name} > {name}"))
        && tested(&format!("{name} IS NOT NULL"))
}

fn token_faults(text: &str, tokens: &[TokenWithSpan], places: &Places) -> Vec<Fault> {
    let mut faults = Vec::new();
    for token in tokens {
        let Some(span) = places.range(token.span) else { continue };
        let written = text.get(span.clone()).unwrap_or_default();
        if let Some((message, hint)) = token_fault(&token.token, written) {
            faults.push(Fault::new(EXPRESSION_UNSUPPORTED, span, message).hint(hint));
        }
    }
    for pair in places.tokens().windows(2) {
        if let [(Token::Number(..), number), (Token::Word(_) | Token::Number(..), word)] = pair
            && number.end == word.start
        {
            let span = number.start..word.end;
            let written = text.get(span.clone()).unwrap_or_default();
            faults.push(
                Fault::new(EXPRESSION_SYNTAX, span, format!("`{written}` is no number"))
                    .hint("write digits only, such as `220000`, or make it a parameter, where `22万` can be read"),
            );
        }
    }
    let count = |counts: fn(&Token) -> bool| places.tokens().iter().filter(|(token, _)| counts(token)).count();
    let limits = [
        (count(|_| true), MOST_TOKENS, "words and signs"),
        (count(joins), MOST_OPERATORS, "operators"),
        (count(|token| is_keyword(token, Keyword::WHEN)), MOST_ARMS, "WHEN"),
    ];
    for (found, most, what) in limits {
        if found > most {
            faults.push(
                Fault::new(
                    EXPRESSION_UNSUPPORTED,
                    0..text.len(),
                    format!("{found} {what} in one expression, {most} at most"),
                )
                .hint("split it into columns of a derive step; a table of cases belongs into a ladder"),
            );
        }
    }
    faults
}

fn joins(token: &Token) -> bool {
    matches!(token, Token::Plus | Token::Minus | Token::Mul | Token::Div)
        || is_keyword(token, Keyword::AND)
        || is_keyword(token, Keyword::OR)
        || is_keyword(token, Keyword::NOT)
}

fn is_keyword(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword)
}

fn token_fault(token: &Token, written: &str) -> Option<(String, String)> {
    let fault = |message: String, hint: &str| Some((message, hint.to_owned()));
    match token {
        Token::EOF
        | Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab)
        | Token::Comma
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::Gt
        | Token::LtEq
        | Token::GtEq
        | Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::LParen
        | Token::RParen
        | Token::Period => None,
        Token::Whitespace(_) => {
            fault("a comment inside an expression".to_owned(), "put it on a line of its own with `#`, outside")
        }
        Token::Word(word) if word.quote_style.is_none() => None,
        Token::Word(_) => fault(
            format!("a quoted name: {written}"),
            "write names without quotes; text stands in single quotes, as in `'保养'`",
        ),
        Token::SingleQuotedString(value) => {
            let inner = written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            if inner == Some(value.as_str()) && !value.contains('\\') {
                None
            } else {
                fault(format!("text that cannot be read safely: {written}"), "write it without `\\`")
            }
        }
        Token::Number(digits, false) => {
            let mut parts = digits.splitn(2, '.');
            let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let well = parts.next().is_some_and(plain) && parts.next().is_none_or(plain) && written == digits;
            if well {
                None
            } else {
                fault(format!("`{written}` is no number"), "write digits with at most one point, such as `0.004`")
            }
        }
        Token::Char(character) => {
            let ascii = match character {
                '（' => "(",
                '）' => ")",
                '，' => ",",
                '×' => "*",
                '÷' => "/",
                '＋' => "+",
                '－' | '−' => "-",
                '＊' => "*",
                '／' => "/",
                '＝' => "=",
                '＜' => "<",
                '＞' => ">",
                '≤' => "<=",
                '≥' => ">=",
                '≠' => "<>",
                '。' | '．' => ".",
                '‘' | '’' => "'",
                _ => "",
            };
            if ascii.is_empty() {
                fault(format!("`{character}` does not belong into an expression"), FORMS)
            } else {
                Some((format!("`{character}` instead of `{ascii}`"), format!("write `{ascii}`")))
            }
        }
        Token::Mod => fault(
            "`%` in an expression".to_owned(),
            "a percentage belongs into a parameter, where `0.4%` can be read; here write `0.004`",
        ),
        Token::DoubleEq => fault("`==` instead of `=`".to_owned(), "write `=`"),
        Token::StringConcat => fault("joining of text".to_owned(), FORMS),
        Token::DoubleColon => {
            fault("a cast".to_owned(), "columns have their type from the dataset; there is nothing to cast")
        }
        _ => fault(format!("`{written}` does not belong into an expression"), FORMS),
    }
}

/// What expressions can be made of, for hints.
pub(super) const FORMS: &str = "expressions are made of columns, `param.x`, `period.first|last|days`, + - * /, \
     comparisons, AND OR NOT, BETWEEN, IN, IS NULL, CASE WHEN … THEN … ELSE … END, COALESCE, NULLIF, GREATEST, LEAST, \
     ROUND, ABS, EXTRACT, and in aggregates SUM, COUNT, MIN, MAX, AVG";

fn parser_fault(error: &ParserError, places: &Places, text: &str) -> Fault {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            let message = "brackets and calls nested too deeply";
            return Fault::new(EXPRESSION_UNSUPPORTED, 0..text.len(), message)
                .hint("split it into columns of a derive step");
        }
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.as_str(),
    };
    let (message, place) = match message.rsplit_once(" at Line: ") {
        Some((message, place)) => (message, Some(place)),
        None => (message, None),
    };
    let at_end = message.ends_with("found: EOF").then(|| places.token_at(text.len()));
    let span = at_end.or_else(|| place.and_then(|place| location(place, places))).unwrap_or(0..text.len());
    Fault::new(EXPRESSION_SYNTAX, span, sentence(message)).hint(FORMS)
}

/// Reads `3, Column: 14`.
fn location(place: &str, places: &Places) -> Option<Range<usize>> {
    let (line, column) = place.split_once(", Column: ")?;
    let location = sqlparser::tokenizer::Location::new(line.trim().parse().ok()?, column.trim().parse().ok()?);
    Some(places.token_at(places.offset(location)))
}

/// The parser's message in the style of ours: lower case, no full stop.
fn sentence(message: &str) -> String {
    let message =
        message.trim().trim_end_matches('.').replace("Expected: ", "expected ").replace(", found: ", ", found ");
    let message = message.replace("found EOF", "found the end");
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => message,
    }
}
