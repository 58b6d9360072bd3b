//! Values that scripts put into statements and that rows bring back.

use serde::{Deserialize, Serialize};

/// A value with enough of its Python type to be rendered, bound, and given back to a script unchanged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// `None`.
    Null,
    /// `True` or `False`.
    Bool(bool),
    /// An `int` that fits 64 bits.
    Int(i64),
    /// A larger `int`, in decimal digits.
    BigInt(String),
    /// A `float`.
    Float(f64),
    /// A `decimal.Decimal`, as its `str()`.
    Decimal(String),
    /// A `str`.
    Text(String),
    /// `bytes`, as lower-case hexadecimal digits.
    Bytes(String),
    /// A `datetime.date`, as `YYYY-MM-DD`.
    Date(String),
    /// A `datetime.time`, as its `isoformat()`.
    Time(String),
    /// A `datetime.datetime`, as its `isoformat(" ")`, with the offset when it has one.
    DateTime(String),
    /// A `datetime.timedelta`: days, seconds, microseconds (Python's normalised form).
    Interval(i64, i64, i64),
    /// A `uuid.UUID`, in its hyphenated form.
    Uuid(String),
    /// A value for a JSON column, already serialised as JSON text.
    Json(String),
    /// A list or tuple bound as one value (a PostgreSQL array).
    Array(Vec<Literal>),
}
