//! The values that templates and script headers know, and how Python would write them.

use std::fmt;

use indexmap::IndexMap;

use crate::date::CreateDate;

/// A Python value, as far as headers and templates need it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// A variable that a template names and nobody gave: false, and an error when written.
    Undefined,
    /// `True` and `False`.
    Bool(bool),
    /// An `int`.
    Int(i64),
    /// A `str`.
    Str(String),
    /// A `tuple`.
    Tuple(Vec<Value>),
    /// A `list`.
    List(Vec<Value>),
    /// A `set` or `frozenset`, in the order it was written.
    Set(Vec<Value>),
    /// A `dict` with text keys.
    Dict(IndexMap<String, Value>),
    /// A `datetime`.
    Date(CreateDate),
    /// Something of the caller's that only has a name here, such as a module or the `config` object.
    Named(&'static str),
}

impl Value {
    /// Makes a tuple of texts, or `None` when there are none.
    pub fn tuple_or_none<S: AsRef<str>>(items: &[S]) -> Value {
        if items.is_empty() {
            return Value::None;
        }
        Value::Tuple(items.iter().map(|item| item.as_ref().into()).collect())
    }

    /// Says whether Python's `if` would take it as true.
    pub fn truthy(&self) -> bool {
        match self {
            Value::None | Value::Undefined => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Str(text) => !text.is_empty(),
            Value::Tuple(items) | Value::List(items) | Value::Set(items) => !items.is_empty(),
            Value::Dict(items) => !items.is_empty(),
            Value::Date(_) | Value::Named(_) => true,
        }
    }

    /// Returns what Python's `repr()` writes.
    pub fn repr(&self) -> String {
        match self {
            Value::Str(text) => quoted(text),
            Value::Tuple(items) if items.len() == 1 => format!("({},)", items[0].repr()),
            Value::Tuple(items) => format!("({})", joined(items)),
            Value::List(items) => format!("[{}]", joined(items)),
            Value::Set(items) if items.is_empty() => "set()".to_owned(),
            Value::Set(items) => format!("{{{}}}", joined(items)),
            Value::Dict(items) => {
                let items: Vec<_> = items.iter().map(|(key, value)| format!("{}: {}", quoted(key), value.repr())).collect();
                format!("{{{}}}", items.join(", "))
            }
            Value::Date(date) => date.repr(),
            other => other.to_string(),
        }
    }

    /// Returns the items of a tuple, list or set.
    pub fn items(&self) -> Option<&[Value]> {
        match self {
            Value::Tuple(items) | Value::List(items) | Value::Set(items) => Some(items),
            _ => None,
        }
    }
}

/// What Python's `str()` writes.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => f.write_str("None"),
            Value::Undefined => f.write_str("Undefined"),
            Value::Bool(true) => f.write_str("True"),
            Value::Bool(false) => f.write_str("False"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Str(text) => f.write_str(text),
            Value::Date(date) => write!(f, "{date}"),
            Value::Named(name) => write!(f, "<{name}>"),
            Value::Tuple(_) | Value::List(_) | Value::Set(_) | Value::Dict(_) => f.write_str(&self.repr()),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Str(text.to_owned())
    }
}

fn joined(items: &[Value]) -> String {
    let items: Vec<_> = items.iter().map(Value::repr).collect();
    items.join(", ")
}

/// Writes a text as a Python string literal, as `repr()` does.
pub fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push(quote);
    out
}

/// Python prints all but controls, formats, surrogates, private use and separators other than the blank.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    let formats = matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e007f}'
        | '\u{f0000}'..='\u{10ffff}');
    !(c.is_control() || c.is_whitespace() || formats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repr_is_pythons() {
        for (value, expected) in [
            (Value::from("a"), "'a'"),
            ("it's".into(), "\"it's\""),
            ("it's \"x\"".into(), "'it\\'s \"x\"'"),
            ("a\\b\n\t\u{1}".into(), "'a\\\\b\\n\\t\\x01'"),
            ("café\u{a0}\u{200b}".into(), "'café\\xa0\\u200b'"),
            (Value::None, "None"),
            (Value::tuple_or_none(&["a"]), "('a',)"),
            (Value::tuple_or_none(&["a", "b"]), "('a', 'b')"),
            (Value::List(vec!["a".into(), Value::Int(1)]), "['a', 1]"),
            (Value::tuple_or_none::<&str>(&[]), "None"),
        ] {
            assert_eq!(value.repr(), expected);
        }
    }
}
