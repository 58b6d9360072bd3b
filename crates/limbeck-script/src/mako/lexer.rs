//! Splits a template into tokens.

use std::path::Path;

use indexmap::IndexMap;

use super::error;
use crate::error::ScriptError;

/// A token and the line on which it starts.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    Text(String),
    Expression {
        source: String,
        filters: String,
    },
    /// What follows `%` on a control line.
    Control(String),
    /// What stands between `<%` or `<%!` and `%>`.
    Block(String),
    OpenTag {
        name: String,
        attributes: IndexMap<String, String>,
        closed: bool,
    },
    CloseTag(String),
}

/// Returns the tokens of `text`, each with its line.
///
/// # Errors
/// When an expression, block or tag has no end.
pub(super) fn tokens(path: &Path, text: &str) -> Result<Vec<(Token, u32)>, ScriptError> {
    let mut lexer = Lexer {
        path,
        text,
        at: 0,
        tokens: Vec::new(),
    };
    while lexer.at < lexer.text.len() {
        lexer.next()?;
    }
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    path: &'a Path,
    text: &'a str,
    at: usize,
    tokens: Vec<(Token, u32)>,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<(), ScriptError> {
        let rest = self.rest();
        if self.at_line_start() {
            let trimmed = rest.trim_start_matches([' ', '\t']);
            if let Some(escaped) = trimmed.strip_prefix("%%") {
                let indent = &rest[..rest.len() - trimmed.len()];
                self.text_token(format!("{indent}%"));
                self.at = self.text.len() - escaped.len();
                // The rest of the line is text even if it starts with another percent sign.
                let more = escaped.len() - escaped.trim_start_matches('%').len();
                self.text_token(escaped[..more].to_owned());
                self.at += more;
                return Ok(());
            }
            if trimmed.starts_with("##") {
                self.line();
                return Ok(());
            }
            if trimmed.starts_with('%') {
                let line = self.line_number();
                let content = self.line();
                let content = content.trim_start_matches([' ', '\t']);
                let content = content.strip_prefix('%').unwrap_or(content);
                self.tokens.push((Token::Control(content.trim().to_owned()), line));
                return Ok(());
            }
        }
        if rest.starts_with("${") {
            return self.expression();
        }
        if let Some(inner) = rest.strip_prefix("</%") {
            return self.close_tag(inner);
        }
        if rest.starts_with("<%doc>") {
            let end = rest.find("</%doc>").ok_or_else(|| self.failed("<%doc> is not closed"))?;
            self.at += end + "</%doc>".len();
            return Ok(());
        }
        if let Some(inner) = rest.strip_prefix("<%text>") {
            let end = inner.find("</%text>").ok_or_else(|| self.failed("<%text> is not closed"))?;
            self.text_token(inner[..end].to_owned());
            self.at += "<%text>".len() + end + "</%text>".len();
            return Ok(());
        }
        if rest.starts_with("<%") {
            return self.tag_or_block();
        }
        self.plain();
        Ok(())
    }

    /// Reads text up to the next thing that may be something else; a backslash swallows the line end after it.
    fn plain(&mut self) {
        let rest = self.rest();
        let mut end = rest.len();
        let mut skip = 0;
        for (index, c) in rest.char_indices() {
            let here = &rest[index..];
            if here.starts_with("\\\n") || here.starts_with("\\\r\n") {
                (end, skip) = (index, if here[1..].starts_with('\r') { 3 } else { 2 });
                break;
            }
            let special = here.starts_with("${") || here.starts_with("<%") || here.starts_with("</%");
            if special && index > 0 {
                end = index;
                break;
            }
            if c == '\n' {
                let next = here[1..].trim_start_matches([' ', '\t']);
                if next.starts_with('%') || next.starts_with("##") {
                    end = index + 1;
                    break;
                }
            }
        }
        self.text_token(rest[..end].to_owned());
        self.at += end + skip;
    }

    fn expression(&mut self) -> Result<(), ScriptError> {
        let line = self.line_number();
        self.at += 2;
        let (source, end) = self.code(&["|", "}"], true)?;
        let source = source.trim().replace("\r\n", "\n");
        let filters = if end == "|" {
            self.code(&["}"], true)?.0.trim().to_owned()
        } else {
            String::new()
        };
        self.tokens.push((Token::Expression { source, filters }, line));
        Ok(())
    }

    fn close_tag(&mut self, inner: &str) -> Result<(), ScriptError> {
        let line = self.line_number();
        let end = inner.find('>').ok_or_else(|| self.failed("a closing tag has no end"))?;
        let name = inner[..end].trim().to_owned();
        self.at += "</%".len() + end + 1;
        self.tokens.push((Token::CloseTag(name), line));
        Ok(())
    }

    fn tag_or_block(&mut self) -> Result<(), ScriptError> {
        let line = self.line_number();
        if let Some((token, length)) = open_tag(self.rest()) {
            self.at += length;
            self.tokens.push((token, line));
            return Ok(());
        }
        self.at += if self.rest().starts_with("<%!") { 3 } else { 2 };
        let (source, _) = self.code(&["%>"], false)?;
        self.tokens.push((Token::Block(source.replace("\r\n", "\n")), line));
        Ok(())
    }

    /// Reads Python up to one of `ends` outside of strings, comments and, if `nested`, brackets; moves past it.
    fn code(&mut self, ends: &[&'static str], nested: bool) -> Result<(&'a str, &'static str), ScriptError> {
        let start = self.at;
        let unfinished = self.failed(format!("`{}` is missing", ends[ends.len() - 1]));
        let mut depth = 0usize;
        let mut at = start;
        while let Some(c) = self.text[at..].chars().next() {
            let rest = &self.text[at..];
            if depth == 0
                && let Some(end) = ends.iter().find(|end| rest.starts_with(**end))
            {
                self.at = at + end.len();
                return Ok((&self.text[start..at], end));
            }
            match c {
                '"' | '\'' => match string_length(rest) {
                    Some(length) => {
                        at += length;
                        continue;
                    }
                    None => return Err(unfinished),
                },
                '#' => {
                    at += rest.find('\n').unwrap_or(rest.len());
                    continue;
                }
                '(' | '[' | '{' if nested => depth += 1,
                ')' | ']' | '}' if nested => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += c.len_utf8();
        }
        Err(unfinished)
    }

    /// Reads the rest of the line and moves past its end; a backslash carries it on.
    fn line(&mut self) -> String {
        let mut line = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find('\n');
            let part = &rest[..end.unwrap_or(rest.len())];
            self.at += end.map_or(rest.len(), |end| end + 1);
            let part = part.strip_suffix('\r').unwrap_or(part);
            match part.strip_suffix('\\') {
                Some(part) if end.is_some() => line.push_str(part),
                _ => {
                    line.push_str(part);
                    return line;
                }
            }
        }
    }

    fn text_token(&mut self, text: String) {
        if !text.is_empty() {
            let line = self.line_number();
            self.tokens.push((Token::Text(text), line));
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn at_line_start(&self) -> bool {
        self.at == 0 || self.text.as_bytes()[self.at - 1] == b'\n'
    }

    fn line_number(&self) -> u32 {
        self.text[..self.at].matches('\n').count() as u32 + 1
    }

    fn failed(&self, message: impl Into<String>) -> ScriptError {
        error(self.path, self.line_number(), message)
    }
}

/// Returns the length of the string literal at the start of `text`.
pub(super) fn string_length(text: &str) -> Option<usize> {
    let quote = &text[..1];
    let triple = quote.repeat(3);
    let end = if text.starts_with(&triple) { triple.as_str() } else { quote };
    let mut at = end.len();
    loop {
        let rest = text.get(at..)?;
        if rest.starts_with(end) {
            return Some(at + end.len());
        }
        let c = rest.chars().next()?;
        at += c.len_utf8();
        if c == '\\' {
            at += text.get(at..)?.chars().next()?.len_utf8();
        }
    }
}

/// Reads `<%name attribute="value">`; `None` when it is a Python block instead.
fn open_tag(text: &str) -> Option<(Token, usize)> {
    let inner = text.strip_prefix("<%")?;
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':');
    let name_end = inner.find(|c| !is_name(c))?;
    if name_end == 0 {
        return None;
    }
    let mut rest = &inner[name_end..];
    let mut attributes = IndexMap::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',']);
        let closed = rest.starts_with("/>");
        if closed || rest.starts_with('>') {
            rest = &rest[if closed { 2 } else { 1 }..];
            let token = Token::OpenTag {
                name: inner[..name_end].to_owned(),
                attributes,
                closed,
            };
            return Some((token, text.len() - rest.len()));
        }
        let (key, after) = rest.split_once('=')?;
        let key = key.trim();
        if key.is_empty() || !key.chars().all(is_name) {
            return None;
        }
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = after[1..].split_once(quote)?;
        attributes.insert(key.to_owned(), value.to_owned());
        rest = after;
    }
}
