//! Names as scripts write them: the text, and whether quoting was asked for.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A name in SQL. Quoting is decided by the dialect unless `quote` forces it (SQLAlchemy's `quoted_name`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Repr", into = "Repr")]
pub struct Ident {
    /// The name without quotes.
    pub text: String,
    /// `Some(true)` always quotes, `Some(false)` never, `None` leaves it to the dialect.
    pub quote: Option<bool>,
}

#[derive(Serialize, Deserialize, Clone)]
#[serde(untagged)]
enum Repr {
    Plain(String),
    Quoted { text: String, quote: Option<bool> },
}

impl From<Repr> for Ident {
    fn from(repr: Repr) -> Self {
        match repr {
            Repr::Plain(text) => Ident { text, quote: None },
            Repr::Quoted { text, quote } => Ident { text, quote },
        }
    }
}

impl From<Ident> for Repr {
    fn from(ident: Ident) -> Self {
        match ident.quote {
            None => Repr::Plain(ident.text),
            quote => Repr::Quoted { text: ident.text, quote },
        }
    }
}

impl Ident {
    /// Makes a name whose quoting the dialect decides.
    pub fn new(text: impl Into<String>) -> Self {
        Ident {
            text: text.into(),
            quote: None,
        }
    }

    /// Returns the name without quotes.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Ident {
    fn from(text: &str) -> Self {
        Ident::new(text)
    }
}

impl From<String> for Ident {
    fn from(text: String) -> Self {
        Ident::new(text)
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A table's name with its schema, if the script gave one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableName {
    /// The schema, or `None` for the connection's default.
    #[serde(default)]
    pub schema: Option<Ident>,
    /// The table.
    pub name: Ident,
}

impl TableName {
    /// Names a table in the default schema.
    pub fn new(name: impl Into<Ident>) -> Self {
        TableName {
            schema: None,
            name: name.into(),
        }
    }

    /// Names a table in `schema`.
    pub fn in_schema(schema: Option<impl Into<Ident>>, name: impl Into<Ident>) -> Self {
        TableName {
            schema: schema.map(Into::into),
            name: name.into(),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}
