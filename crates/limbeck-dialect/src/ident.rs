//! Identifiers: when a name is quoted, and what happens to one that is too long. SQLAlchemy's rules, which Alembic's text depends on.

use crate::error::{Result, invalid_request};
use crate::{DialectName, mysql, postgres, sqlite};
use limbeck_expr::{Ident, TableName};
use limbeck_schema::ConstraintName;
use md5::{Digest, Md5};

/// Quotes names for one dialect; `double_percents` is set where the driver reads `%` as its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quoter {
    pub dialect: DialectName,
    pub double_percents: bool,
}

impl Quoter {
    /// Quotes a name if it needs it, or as the name itself asks.
    pub fn ident(&self, ident: &Ident) -> String {
        match ident.quote {
            Some(true) => self.quoted(&ident.text),
            Some(false) => ident.text.clone(),
            None => self.name(&ident.text),
        }
    }

    /// Quotes a name if it needs it.
    pub fn name(&self, name: &str) -> String {
        if self.requires_quotes(name) { self.quoted(name) } else { name.to_string() }
    }

    /// A table with its schema.
    pub fn table(&self, name: &TableName) -> String {
        match &name.schema {
            Some(schema) if !schema.text.is_empty() => format!("{}.{}", self.ident(schema), self.ident(&name.name)),
            _ => self.ident(&name.name),
        }
    }

    /// A table as Alembic's own ALTER statements write it: each part of a dotted schema is quoted by itself.
    pub fn altered_table(&self, name: &TableName) -> String {
        match &name.schema {
            Some(schema) if !schema.text.is_empty() => {
                let schema = match schema.quote {
                    Some(_) => self.ident(schema),
                    None => schema.text.split('.').map(|part| self.name(part)).collect::<Vec<_>>().join("."),
                };
                format!("{schema}.{}", self.ident(&name.name))
            }
            _ => self.ident(&name.name),
        }
    }

    /// A list of names.
    pub fn list<'i>(&self, names: impl IntoIterator<Item = &'i Ident>) -> String {
        names.into_iter().map(|name| self.ident(name)).collect::<Vec<_>>().join(", ")
    }

    /// A resolved constraint or index name: a generated or final one is shortened to fit, a given one must fit.
    pub fn constraint(&self, name: &ConstraintName) -> Result<Option<String>> {
        let max = self.dialect.max_constraint_name_length();
        Ok(match name {
            ConstraintName::Unnamed => None,
            ConstraintName::Given(ident) => {
                self.check_length(ident)?;
                Some(self.ident(ident))
            }
            ConstraintName::Final(ident) => Some(self.ident(&Ident {
                text: shortened(&ident.text, max),
                quote: ident.quote,
            })),
        })
    }

    fn check_length(&self, ident: &Ident) -> Result<()> {
        let max = self.dialect.max_identifier_length();
        if ident.text.chars().count() > max {
            return Err(invalid_request(format!(
                "Identifier '{}' exceeds maximum length of {max} characters",
                ident.text
            )));
        }
        Ok(())
    }

    fn requires_quotes(&self, name: &str) -> bool {
        let Some(first) = name.chars().next() else { return true };
        let lower = name.to_lowercase();
        let reserved: &[&str] = match self.dialect {
            DialectName::Postgresql => postgres::ident::RESERVED,
            DialectName::Sqlite => sqlite::ident::RESERVED,
            DialectName::Mysql => mysql::ident::RESERVED,
        };
        reserved.binary_search(&lower.as_str()).is_ok()
            || first.is_ascii_digit()
            || first == '$'
            || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
            || lower != name
    }

    fn quoted(&self, name: &str) -> String {
        let mark = if self.dialect == DialectName::Mysql { '`' } else { '"' };
        let mut out = String::with_capacity(name.len() + 2);
        out.push(mark);
        for c in name.chars() {
            out.push(c);
            if c == mark || (c == '%' && self.double_percents) {
                out.push(c);
            }
        }
        out.push(mark);
        out
    }
}

/// Cuts a name to `max` characters, ending in four digits of its own MD5 (SQLAlchemy's `_truncate_and_render_maxlen_name`).
pub(crate) fn shortened(name: &str, max: usize) -> String {
    if name.chars().count() <= max {
        return name.to_string();
    }
    let digest = Md5::digest(name.as_bytes());
    let tail: String = digest.iter().skip(14).map(|byte| format!("{byte:02x}")).collect();
    let head: String = name.chars().take(max.saturating_sub(8)).collect();
    format!("{head}_{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres() -> Quoter {
        Quoter {
            dialect: DialectName::Postgresql,
            double_percents: false,
        }
    }

    #[test]
    fn names_are_quoted_when_they_must_be() {
        let quoter = postgres();
        for (name, expected) in [
            ("plain", "plain"),
            ("Mixed", "\"Mixed\""),
            ("two words", "\"two words\""),
            ("1st", "\"1st\""),
            ("$x", "\"$x\""),
            ("x$1", "x$1"),
            ("user", "\"user\""),
            ("größe", "\"größe\""),
            ("a\"b", "\"a\"\"b\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoter.name(name), expected);
        }
    }

    #[test]
    fn reserved_words_differ_per_dialect() {
        let sqlite = Quoter {
            dialect: DialectName::Sqlite,
            double_percents: false,
        };
        assert_eq!(sqlite.name("user"), "user");
        assert_eq!(sqlite.name("key"), "\"key\"");
        assert_eq!(postgres().name("key"), "key");
    }

    #[test]
    fn reserved_lists_are_sorted() {
        for list in [postgres::ident::RESERVED, sqlite::ident::RESERVED, mysql::ident::RESERVED] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn a_generated_name_is_cut_and_a_given_one_refused() {
        let long = "ix_averyveryveryverylongtablenamethatgoesonandon_averyveryveryverylongcolumnnamethatgoeson";
        assert_eq!(shortened(long, 63), "ix_averyveryveryverylongtablenamethatgoesonandon_averyv_f86e");
        let error = postgres().constraint(&ConstraintName::Given(long.into())).unwrap_err();
        assert_eq!(error.message, format!("Identifier '{long}' exceeds maximum length of 63 characters"));
    }

    #[test]
    fn alter_quotes_each_part_of_a_dotted_schema() {
        let name = TableName::in_schema(Some("Some.Schema"), "t");
        assert_eq!(postgres().altered_table(&name), "\"Some\".\"Schema\".t");
        assert_eq!(postgres().table(&name), "\"Some.Schema\".t");
    }
}
