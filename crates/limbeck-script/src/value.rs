//! The values that templates and script headers know, and how Python would write them.

use std::fmt;

use indexmap::IndexMap;
use limbeck_source::python::repr;

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
            Value::Str(text) => repr(text),
            Value::Tuple(items) if items.len() == 1 => format!("({},)", items[0].repr()),
            Value::Tuple(items) => format!("({})", joined(items)),
            Value::List(items) => format!("[{}]", joined(items)),
            Value::Set(items) if items.is_empty() => "set()".to_owned(),
            Value::Set(items) => format!("{{{}}}", joined(items)),
            Value::Dict(items) => {
                let items: Vec<_> = items.iter().map(|(key, value)| format!("{}: {}", repr(key), value.repr())).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repr_is_pythons() {
        for (value, expected) in [
            (Value::from("a"), "'a'"),
            ("it's".into(), "\"it's\""),
            ("it's \"x\"".into(), "'it\\'s \"x\"'"),
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
