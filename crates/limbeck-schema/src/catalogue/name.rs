//! Names with their schema, and how they are written.

use serde::Serialize;
use std::fmt;

/// A name in a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Name {
    /// The schema; none for what is in no schema.
    pub schema: Option<String>,
    /// The name as it is, not quoted. A routine's carries its arguments.
    pub name: String,
}

impl Name {
    /// A name in a schema.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Name {
            schema: Some(schema.into()),
            name: name.into(),
        }
    }

    /// A name in no schema.
    pub fn bare(name: impl Into<String>) -> Self {
        Name {
            schema: None,
            name: name.into(),
        }
    }

    /// The name as SQL writes it.
    pub fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quote_name(schema), quote_name(&self.name)),
            None => quote_name(&self.name),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Writes a name in quotes, always: no list of keywords can be wrong then.
pub fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Writes a text as a literal that PostgreSQL and SQLite read alike; PostgreSQL's form for backslashes where there are any.
pub fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_always_quoted() {
        assert_eq!(Name::new("My", "a\"b").quoted(), "\"My\".\"a\"\"b\"");
        assert_eq!(Name::new("public", "t").to_string(), "public.t");
        assert_eq!(literal("it's \\"), "E'it''s \\\\'");
    }
}
