//! The functions and methods of Python's own that headers and templates call.

use crate::eval::{EvalError, failed, unsupported};
use crate::value::Value;

/// Calls a built-in function.
pub(crate) fn builtin(name: &str, arguments: &[Value]) -> Result<Value, EvalError> {
    let [argument] = arguments else {
        return match (name, arguments) {
            ("str", []) => Ok("".into()),
            ("list", []) => Ok(Value::List(Vec::new())),
            ("tuple", []) => Ok(Value::Tuple(Vec::new())),
            ("set" | "frozenset", []) => Ok(Value::Set(Vec::new())),
            _ => Err(unsupported(format!("`{name}` with such arguments"))),
        };
    };
    match name {
        "repr" => Ok(Value::Str(argument.repr())),
        "str" => Ok(Value::Str(written(argument)?)),
        "bool" => Ok(Value::Bool(argument.truthy())),
        "len" => Ok(Value::Int(match argument {
            Value::Str(text) => text.chars().count() as i64,
            Value::Dict(items) => items.len() as i64,
            other => iterate(other)?.len() as i64,
        })),
        "list" => Ok(Value::List(iterate(argument)?)),
        "tuple" => Ok(Value::Tuple(iterate(argument)?)),
        "set" | "frozenset" => Ok(Value::Set(iterate(argument)?)),
        "sorted" => {
            let mut texts = iterate(argument)?
                .into_iter()
                .map(|item| match item {
                    Value::Str(text) => Ok(text),
                    _ => Err(unsupported("sorting anything but texts")),
                })
                .collect::<Result<Vec<_>, _>>()?;
            texts.sort();
            Ok(Value::List(texts.into_iter().map(Value::Str).collect()))
        }
        "int" => match argument {
            Value::Int(number) => Ok(Value::Int(*number)),
            Value::Str(text) => text
                .trim()
                .parse()
                .map(Value::Int)
                .map_err(|_| failed(format!("invalid literal for int(): {text:?}"))),
            _ => Err(unsupported("`int` of such a value")),
        },
        _ => Err(unsupported(format!("calling `{name}`"))),
    }
}

/// Returns what `str()` writes; an undefined name is an error, as in Mako.
pub(crate) fn written(value: &Value) -> Result<String, EvalError> {
    match value {
        Value::Undefined => Err(failed("the name is not defined")),
        other => Ok(other.to_string()),
    }
}

/// Returns the items that a `for` over the value would see.
pub(crate) fn iterate(value: &Value) -> Result<Vec<Value>, EvalError> {
    match value {
        Value::Tuple(items) | Value::List(items) | Value::Set(items) => Ok(items.clone()),
        Value::Str(text) => Ok(text.chars().map(|c| Value::Str(c.to_string())).collect()),
        Value::Dict(items) => Ok(items.keys().map(|key| Value::Str(key.clone())).collect()),
        _ => Err(failed("the value is not iterable")),
    }
}

/// Reads an attribute that is no method.
pub(crate) fn attribute(value: &Value, name: &str) -> Result<Value, EvalError> {
    if let Value::Date(date) = value {
        let at = date.civil();
        return Ok(Value::Int(match name {
            "year" => i64::from(at.year()),
            "month" => i64::from(at.month()),
            "day" => i64::from(at.day()),
            "hour" => i64::from(at.hour()),
            "minute" => i64::from(at.minute()),
            "second" => i64::from(at.second()),
            "microsecond" => date.microsecond(),
            _ => return Err(unsupported(format!("`.{name}` of a date"))),
        }));
    }
    // `loop.index` and its siblings.
    if let Value::Dict(items) = value
        && let Some(item) = items.get(name)
    {
        return Ok(item.clone());
    }
    Err(unsupported(format!("`.{name}`")))
}

/// Calls a method of a text, a dict or a date.
pub(crate) fn method(value: &Value, name: &str, arguments: &[Value]) -> Result<Value, EvalError> {
    match value {
        Value::Str(text) => text_method(text, name, arguments),
        Value::Dict(items) => match (name, arguments) {
            ("get", [Value::Str(key)]) => Ok(items.get(key).cloned().unwrap_or(Value::None)),
            ("get", [Value::Str(key), default]) => Ok(items.get(key).cloned().unwrap_or_else(|| default.clone())),
            ("keys", []) => Ok(Value::List(iterate(value)?)),
            ("values", []) => Ok(Value::List(items.values().cloned().collect())),
            _ => Err(unsupported(format!("`.{name}()` of a dict"))),
        },
        Value::Date(date) => match (name, arguments) {
            ("isoformat", []) => Ok(Value::Str(date.isoformat("T"))),
            ("isoformat", [Value::Str(separator)]) => Ok(Value::Str(date.isoformat(separator))),
            ("date", []) => Ok(Value::Str(date.civil().date().to_string())),
            ("timestamp", []) => Err(unsupported("a number with a fraction")),
            ("strftime", [Value::Str(pattern)]) => date
                .strftime(pattern)
                .map(Value::Str)
                .ok_or_else(|| unsupported(format!("the date format {pattern:?}"))),
            _ => Err(unsupported(format!("`.{name}()` of a date"))),
        },
        _ => Err(unsupported(format!("`.{name}()` of this value"))),
    }
}

fn text_method(text: &str, name: &str, arguments: &[Value]) -> Result<Value, EvalError> {
    let new = |text: String| Ok(Value::Str(text));
    match (name, arguments) {
        ("lower", []) => new(text.to_lowercase()),
        ("upper", []) => new(text.to_uppercase()),
        ("strip", []) => new(text.trim().to_owned()),
        ("lstrip", []) => new(text.trim_start().to_owned()),
        ("rstrip", []) => new(text.trim_end().to_owned()),
        ("strip", [Value::Str(set)]) => new(text.trim_matches(|c| set.contains(c)).to_owned()),
        ("lstrip", [Value::Str(set)]) => new(text.trim_start_matches(|c| set.contains(c)).to_owned()),
        ("rstrip", [Value::Str(set)]) => new(text.trim_end_matches(|c| set.contains(c)).to_owned()),
        ("replace", [Value::Str(from), Value::Str(to)]) => new(text.replace(from.as_str(), to)),
        ("startswith", [Value::Str(part)]) => Ok(Value::Bool(text.starts_with(part.as_str()))),
        ("endswith", [Value::Str(part)]) => Ok(Value::Bool(text.ends_with(part.as_str()))),
        ("join", [items]) => {
            let items = iterate(items)?
                .into_iter()
                .map(|item| match item {
                    Value::Str(text) => Ok(text),
                    _ => Err(failed("sequence item: expected str instance")),
                })
                .collect::<Result<Vec<_>, _>>()?;
            new(items.join(text))
        }
        ("split", []) => Ok(list(text.split_whitespace())),
        ("split", [Value::Str(separator)]) if !separator.is_empty() => Ok(list(text.split(separator.as_str()))),
        ("splitlines", []) => Ok(list(text.lines())),
        ("capitalize", []) => {
            let mut chars = text.chars();
            let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
            new(first.unwrap_or_default() + &chars.as_str().to_lowercase())
        }
        ("removeprefix", [Value::Str(part)]) => new(text.strip_prefix(part.as_str()).unwrap_or(text).to_owned()),
        ("removesuffix", [Value::Str(part)]) => new(text.strip_suffix(part.as_str()).unwrap_or(text).to_owned()),
        _ => Err(unsupported(format!("`.{name}()` of a text"))),
    }
}

fn list<'a>(parts: impl Iterator<Item = &'a str>) -> Value {
    Value::List(parts.map(Value::from).collect())
}

/// Returns `value[index]`.
pub(crate) fn item(value: &Value, index: &Value) -> Result<Value, EvalError> {
    match (value, index) {
        (Value::Dict(items), Value::Str(key)) => items.get(key).cloned().ok_or_else(|| failed(format!("KeyError: {key:?}"))),
        (value, Value::Int(index)) => {
            let items = iterate(value)?;
            let at = if *index < 0 { index + items.len() as i64 } else { *index };
            usize::try_from(at)
                .ok()
                .and_then(|at| items.get(at).cloned())
                .ok_or_else(|| failed("index out of range"))
        }
        _ => Err(unsupported("such an index")),
    }
}

/// Returns `value[lower:upper]`.
pub(crate) fn slice(value: &Value, lower: Option<i64>, upper: Option<i64>) -> Result<Value, EvalError> {
    let items = iterate(value)?;
    let length = items.len() as i64;
    let bound = |index: i64| {
        let at = if index < 0 { index + length } else { index };
        at.clamp(0, length) as usize
    };
    let lower = bound(lower.unwrap_or(0));
    let upper = bound(upper.unwrap_or(length)).max(lower);
    let part = items[lower..upper].to_vec();
    Ok(match value {
        Value::Str(_) => Value::Str(part.iter().map(Value::to_string).collect()),
        Value::Tuple(_) => Value::Tuple(part),
        _ => Value::List(part),
    })
}
