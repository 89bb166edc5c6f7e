//! Byte ranges of the parts of an expression.
//!
//! The parser gives lines and columns of identifiers and literals only; brackets, operators and
//! keywords are found again among the tokens.

use std::ops::Range;

use sqlparser::ast::{Expr as Ast, InTarget, Spanned};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan};

/// Tokens of one expression with their byte ranges, white space left out.
#[derive(Clone, Debug)]
pub(super) struct Places {
    length: usize,
    line_starts: Vec<Vec<usize>>,
    tokens: Vec<(Token, Range<usize>)>,
}

impl Places {
    /// Byte ranges of the tokens of `text`.
    pub(super) fn new(text: &str, tokens: &[TokenWithSpan]) -> Self {
        let mut line_starts = vec![Vec::new()];
        for (at, character) in text.char_indices() {
            if let Some(line) = line_starts.last_mut() {
                line.push(at);
            }
            if character == '\n' {
                line_starts.push(Vec::new());
            }
        }
        let mut places = Self { length: text.len(), line_starts, tokens: Vec::new() };
        places.tokens = tokens
            .iter()
            .filter(|token| !matches!(token.token, Token::Whitespace(_) | Token::EOF))
            .filter_map(|token| Some((token.token.clone(), places.range(token.span)?)))
            .collect();
        places
    }

    /// Tokens in order.
    pub(super) fn tokens(&self) -> &[(Token, Range<usize>)] {
        &self.tokens
    }

    /// The byte at which a location lies; the end of the text where it lies behind it.
    pub(super) fn offset(&self, location: Location) -> usize {
        let line = usize::try_from(location.line).unwrap_or(0).saturating_sub(1);
        let column = usize::try_from(location.column).unwrap_or(0).saturating_sub(1);
        let in_line = self.line_starts.get(line).and_then(|starts| starts.get(column)).copied();
        let next_line = self.line_starts.iter().skip(line + 1).find_map(|starts| starts.first()).copied();
        in_line.or(next_line).unwrap_or(self.length)
    }

    /// The token at or behind a byte; the last one where none follows.
    pub(super) fn token_at(&self, byte: usize) -> Range<usize> {
        let found = self.tokens.iter().find(|(_, range)| range.end > byte).or(self.tokens.last());
        found.map_or(0..self.length, |(_, range)| range.clone())
    }

    /// The range of a span of the parser; absent where the parser has none.
    pub(super) fn range(&self, span: Span) -> Option<Range<usize>> {
        (span.start.line > 0).then(|| self.offset(span.start)..self.offset(span.end))
    }

    /// The range of a part of the expression; the whole text where nothing better is known.
    pub(super) fn of(&self, ast: &Ast) -> Range<usize> {
        let inner = self.range(ast.span()).unwrap_or(0..self.length);
        match ast {
            Ast::Nested(nested) => {
                let inner = self.of(nested);
                let open = self.before(inner.start).unwrap_or(inner.start);
                open..self.close(inner.end).unwrap_or(inner.end)
            }
            Ast::Subquery(_) => {
                self.before(inner.start).unwrap_or(inner.start)..self.close(inner.end).unwrap_or(inner.end)
            }
            Ast::BinaryOp { left, right, .. } => self.of(left).start..self.of(right).end,
            Ast::UnaryOp { expr, .. } => {
                let inner = self.of(expr);
                self.before(inner.start).unwrap_or(inner.start)..inner.end
            }
            Ast::Between { expr, high, .. } => self.of(expr).start..self.of(high).end,
            Ast::IsNull(expr) | Ast::IsNotNull(expr) => {
                let inner = self.of(expr);
                let null = self.tokens.iter().find(|(token, range)| {
                    range.start >= inner.end && matches!(token, Token::Word(word) if word.keyword == Keyword::NULL)
                });
                inner.start..null.map_or(inner.end, |(_, range)| range.end)
            }
            Ast::In { expr, target: InTarget::List(list), .. } => {
                let start = self.of(expr).start;
                let end = list.last().map_or(inner.end, |last| self.of(last).end);
                start..self.close(end).unwrap_or(end)
            }
            Ast::Function(_) | Ast::Extract { .. } | Ast::Ceil { .. } | Ast::Floor { .. } => self.call(inner),
            Ast::TypedString(_) => self.before(inner.start).unwrap_or(inner.start)..inner.end,
            _ => inner,
        }
    }

    /// A function call: from its name to the bracket that closes it, `FILTER (…)` included.
    fn call(&self, inner: Range<usize>) -> Range<usize> {
        let first = self.tokens.iter().position(|(_, range)| range.end > inner.start).unwrap_or(0);
        // The range of EXTRACT and its like begins inside the brackets: walk back to the word before them.
        let mut at = first;
        while at > 0 && self.tokens.get(at + 1).is_none_or(|(token, _)| *token != Token::LParen) {
            at -= 1;
        }
        let start = self.tokens.get(at).map_or(inner.start, |(_, range)| range.start);
        let mut depth = 0_usize;
        let mut end = inner.end;
        for (token, range) in self.tokens.iter().skip(at) {
            match token {
                Token::LParen => depth += 1,
                Token::RParen => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && range.end >= inner.end {
                        end = range.end;
                        break;
                    }
                }
                _ => {}
            }
        }
        start..end
    }

    fn before(&self, byte: usize) -> Option<usize> {
        self.tokens.iter().rev().find(|(_, range)| range.end <= byte).map(|(_, range)| range.start)
    }

    fn close(&self, byte: usize) -> Option<usize> {
        let next = self.tokens.iter().find(|(_, range)| range.start >= byte)?;
        (next.0 == Token::RParen).then_some(next.1.end)
    }
}
