//! Values as Python's `repr()` writes them.

pub use limbeck_source::python::repr;

/// A list of strings.
pub fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", items.into_iter().map(repr).collect::<Vec<_>>().join(", "))
}

/// `True` or `False`.
pub fn boolean(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A float.
pub fn float(value: f64) -> String {
    if value.is_finite() {
        format!("{value:?}")
    } else {
        format!("float('{value}')").to_lowercase()
    }
}
