//! Names of constraints and indexes as both sides can be compared by.

use crate::render::python::repr;
use limbeck_dialect::{DialectName, fitting_name};
use limbeck_schema::{ConstraintName, Ident};

/// The name that the database gives or is given: a generated one is cut to fit.
pub(super) fn sql_name(dialect: DialectName, name: &ConstraintName) -> Option<String> {
    match name {
        ConstraintName::Unnamed => None,
        ConstraintName::Given(name) => Some(name.text.clone()),
        ConstraintName::Final(name) => Some(fitting_name(dialect, &name.text)),
    }
}

/// The name as hooks and log lines get it.
pub(super) fn plain(name: &ConstraintName) -> Option<&str> {
    name.ident().map(Ident::as_str)
}

/// `'name'` or `None`.
pub(super) fn shown(name: &ConstraintName) -> String {
    plain(name).map_or_else(|| "None".to_owned(), repr)
}

/// A tuple of names as Python prints it.
pub(super) fn tuple<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(repr).collect();
    match names.as_slice() {
        [one] => format!("({one},)"),
        several => format!("({})", several.join(", ")),
    }
}
