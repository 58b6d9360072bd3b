//! Builds the tree of a template from its tokens.

use std::path::Path;

use indexmap::IndexMap;

use super::lexer::{Token, string_length, tokens};
use super::{Branch, Def, Node, Template, error};
use crate::error::ScriptError;

pub(super) fn parse(path: &Path, text: &str) -> Result<Template, ScriptError> {
    let mut parser = Parser {
        path,
        tokens: tokens(path, text)?.into_iter().peekable(),
        defs: IndexMap::new(),
    };
    let (body, end) = parser.body()?;
    match end {
        End::Text => Ok(Template {
            path: path.to_owned(),
            body,
            defs: parser.defs,
        }),
        End::Control(words, line) => Err(error(path, line, format!("`% {words}` without a start"))),
        End::Tag(name, line) => Err(error(path, line, format!("</%{name}> without a start"))),
    }
}

/// What ended a run of nodes.
enum End {
    Text,
    /// `% else:`, `% elif x:`, `% endif`.
    Control(String, u32),
    Tag(String, u32),
}

struct Parser<'a> {
    path: &'a Path,
    tokens: std::iter::Peekable<std::vec::IntoIter<(Token, u32)>>,
    defs: IndexMap<String, Def>,
}

impl Parser<'_> {
    fn body(&mut self) -> Result<(Vec<Node>, End), ScriptError> {
        let mut nodes = Vec::new();
        while let Some((token, line)) = self.tokens.next() {
            match token {
                Token::Text(text) => nodes.push(Node::Text(text)),
                Token::Expression { source, filters } => nodes.push(Node::Expression {
                    source,
                    filters: split_filters(&filters),
                    line,
                }),
                Token::Block(source) => nodes.push(Node::Block { source, line }),
                Token::CloseTag(name) => return Ok((nodes, End::Tag(name, line))),
                Token::OpenTag { name, attributes, closed } => self.tag(&name, &attributes, closed, line)?,
                Token::Control(words) => match keyword(&words) {
                    "if" => nodes.push(self.choice(words, line)?),
                    "for" => nodes.push(self.repetition(&words, line)?),
                    "elif" | "else" | "endif" | "endfor" => {
                        return Ok((nodes, End::Control(words, line)));
                    }
                    other => {
                        return Err(error(self.path, line, format!("`% {other}` is not supported")));
                    }
                },
            }
        }
        Ok((nodes, End::Text))
    }

    fn choice(&mut self, words: String, start: u32) -> Result<Node, ScriptError> {
        let mut branches = Vec::new();
        let (mut words, mut line) = (words, start);
        loop {
            let condition = match keyword(&words) {
                "else" => None,
                name => Some((head(&words, name, self.path, line)?, line)),
            };
            let (body, end) = self.body()?;
            branches.push(Branch { condition, body });
            match end {
                End::Control(next, _) if keyword(&next) == "endif" => {
                    return Ok(Node::If(branches));
                }
                End::Control(next, at) if matches!(keyword(&next), "elif" | "else") => {
                    (words, line) = (next, at);
                }
                _ => return Err(error(self.path, start, "`% if` without `% endif`")),
            }
        }
    }

    fn repetition(&mut self, words: &str, line: u32) -> Result<Node, ScriptError> {
        let head = head(words, "for", self.path, line)?;
        let (targets, items) = head.split_once(" in ").ok_or_else(|| error(self.path, line, "`% for` without `in`"))?;
        let targets = targets
            .split(',')
            .map(|name| name.trim_matches(['(', ')', ' ']).to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        let (body, end) = self.body()?;
        match end {
            End::Control(words, _) if keyword(&words) == "endfor" => Ok(Node::For {
                targets,
                items: items.trim().to_owned(),
                line,
                body,
            }),
            _ => Err(error(self.path, line, "`% for` without `% endfor`")),
        }
    }

    fn tag(&mut self, name: &str, attributes: &IndexMap<String, String>, closed: bool, line: u32) -> Result<(), ScriptError> {
        match name {
            "page" if closed => Ok(()),
            "def" if !closed => {
                let signature = attributes.get("name").map_or("", String::as_str);
                let (name, parameters) = signature
                    .strip_suffix(')')
                    .and_then(|signature| signature.split_once('('))
                    .ok_or_else(|| error(self.path, line, "<%def> needs name=\"f(...)\""))?;
                let parameters = parameters
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .filter(|name| !name.is_empty())
                    .collect();
                let (body, end) = self.body()?;
                match end {
                    End::Tag(closing, _) if closing == "def" => {
                        self.defs.insert(name.trim().to_owned(), Def { parameters, body });
                        Ok(())
                    }
                    _ => Err(error(self.path, line, "<%def> is not closed")),
                }
            }
            _ => Err(error(self.path, line, format!("<%{name}> is not supported"))),
        }
    }
}

fn keyword(words: &str) -> &str {
    let end = words.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(words.len());
    &words[..end]
}

/// Returns what stands between a keyword and the colon at the end of the line.
fn head(words: &str, keyword: &str, path: &Path, line: u32) -> Result<String, ScriptError> {
    without_comment(&words[keyword.len()..])
        .trim()
        .strip_suffix(':')
        .map(|head| head.trim().to_owned())
        .ok_or_else(|| error(path, line, format!("`% {keyword}` must end in a colon")))
}

fn without_comment(code: &str) -> &str {
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        match c {
            '#' => return &code[..at],
            '"' | '\'' => match string_length(&code[at..]) {
                Some(length) => at += length,
                None => return code,
            },
            _ => at += c.len_utf8(),
        }
    }
    code
}

/// Splits filters at commas outside of brackets.
fn split_filters(filters: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0usize;
    for c in filters.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
