//! Naming conventions: what `MetaData(naming_convention=…)` makes of a constraint without a final name.

use crate::error::{Result, invalid_request, not_implemented};
use limbeck_expr::{Ident, TableName};
use limbeck_schema::{ConstraintName, NamingConvention};

/// The key of a convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Index,
    Unique,
    Check,
    ForeignKey,
    PrimaryKey,
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Kind::Index => "ix",
            Kind::Unique => "uq",
            Kind::Check => "ck",
            Kind::ForeignKey => "fk",
            Kind::PrimaryKey => "pk",
        }
    }
}

/// What the tokens of a pattern speak of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub table: &'a TableName,
    pub columns: &'a [Ident],
    pub referred: Option<(&'a TableName, &'a [Ident])>,
}

/// Settles a name: final names stay, given ones are wrapped where the pattern has `%(constraint_name)s`, missing ones are made.
///
/// # Errors
/// A pattern asks for a name that is not there, or has a token nobody knows.
pub(crate) fn settle(naming: &NamingConvention, kind: Kind, name: &ConstraintName, subject: Subject<'_>) -> Result<ConstraintName> {
    let Some(pattern) = naming.patterns.get(kind.key()) else {
        return Ok(name.clone());
    };
    match name {
        ConstraintName::Final(_) => Ok(name.clone()),
        ConstraintName::Given(_) if !pattern.contains("constraint_name") => Ok(name.clone()),
        ConstraintName::Given(given) => Ok(ConstraintName::Final(expand(naming, pattern, Some(given), subject)?.into())),
        ConstraintName::Unnamed => Ok(ConstraintName::Final(expand(naming, pattern, None, subject)?.into())),
    }
}

fn expand(naming: &NamingConvention, pattern: &str, given: Option<&Ident>, subject: Subject<'_>) -> Result<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
        } else if let Some((token, after)) = rest.strip_prefix('(').and_then(|tail| tail.split_once(")s")) {
            if naming.custom.iter().any(|custom| custom.name == token) {
                return Err(not_implemented(format!(
                    "naming convention token '{token}' is a Python callable, which cannot be evaluated here"
                )));
            }
            out.push_str(&token_value(token, given, subject)?);
            rest = after;
        } else {
            out.push('%');
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn token_value(token: &str, given: Option<&Ident>, subject: Subject<'_>) -> Result<String> {
    match token {
        "table_name" => return Ok(subject.table.name.text.clone()),
        "constraint_name" => {
            return given
                .map(|name| name.text.clone())
                .ok_or_else(|| invalid_request("Naming convention including %(constraint_name)s token requires that constraint is explicitly named."));
        }
        "referred_table_name" => {
            if let Some((table, _)) = subject.referred {
                return Ok(table.name.text.clone());
            }
        }
        _ => {}
    }
    let (columns, body): (&[Ident], &str) = match (token.strip_prefix("referred_"), subject.referred) {
        (Some(body), Some((_, columns))) => (columns, body),
        (None, _) => (subject.columns, token),
        (Some(_), None) => return Err(unknown(token)),
    };
    let body = body.strip_prefix("column_").ok_or_else(|| unknown(token))?;
    let digits = body.find(|c: char| !c.is_ascii_digit()).ok_or_else(|| unknown(token))?;
    let (index, tail) = body.split_at(digits);
    let (separator, attribute) = match tail {
        _ if tail.starts_with("_N_") => (Some("_"), &tail[3..]),
        _ if tail.starts_with("N_") => (Some(""), &tail[2..]),
        _ if tail.starts_with('_') => (None, &tail[1..]),
        _ => return Err(unknown(token)),
    };
    let of = |column: &Ident| match attribute {
        "name" | "key" => Ok(column.text.clone()),
        "label" => Ok(label(subject.table, column)),
        _ => Err(unknown(token)),
    };
    match separator {
        Some(separator) => Ok(columns.iter().map(of).collect::<Result<Vec<_>>>()?.join(separator)),
        None => {
            let index: usize = index.parse().map_err(|_| unknown(token))?;
            columns.get(index).map_or_else(|| Ok(String::new()), of)
        }
    }
}

/// `<schema>_<table>_<column>`, SQLAlchemy's `_ddl_label`.
fn label(table: &TableName, column: &Ident) -> String {
    match &table.schema {
        Some(schema) if !schema.text.is_empty() => format!("{}_{}_{}", schema.text.replace('.', "_"), table.name.text, column.text),
        _ => format!("{}_{}", table.name.text, column.text),
    }
}

fn unknown(token: &str) -> limbeck_ops::HostError {
    invalid_request(format!("naming convention has an unknown token '%({token})s'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(kind: Kind, pattern: &str, name: ConstraintName) -> Result<ConstraintName> {
        let mut naming = NamingConvention::default();
        naming.patterns.insert(kind.key().to_string(), pattern.to_string());
        let table = TableName::in_schema(Some("app"), "nc");
        let referred = TableName::new("region");
        settle(
            &naming,
            kind,
            &name,
            Subject {
                table: &table,
                columns: &["a".into(), "b".into()],
                referred: Some((&referred, &["x".into(), "y".into()])),
            },
        )
    }

    fn made(kind: Kind, pattern: &str) -> String {
        settled(kind, pattern, ConstraintName::Unnamed).unwrap().ident().unwrap().text.clone()
    }

    #[test]
    fn tokens() {
        assert_eq!(
            made(Kind::ForeignKey, "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s"),
            "fk_nc_a_region"
        );
        assert_eq!(
            made(Kind::ForeignKey, "%(column_0N_name)s-%(column_0_N_name)s-%(referred_column_0_N_name)s"),
            "ab-a_b-x_y"
        );
        assert_eq!(made(Kind::Index, "ix_%(column_0_label)s"), "ix_app_nc_a");
        assert_eq!(made(Kind::Unique, "%(column_1_key)s%(column_5_name)s%%"), "b%");
    }

    #[test]
    fn a_given_name_is_wrapped_only_where_the_pattern_asks() {
        let given = ConstraintName::Given("pos".into());
        assert_eq!(
            settled(Kind::Check, "ck_%(table_name)s_%(constraint_name)s", given.clone()).unwrap(),
            ConstraintName::Final("ck_nc_pos".into())
        );
        assert_eq!(settled(Kind::Unique, "uq_%(column_0_name)s", given.clone()).unwrap(), given);
        let error = settled(Kind::Check, "%(constraint_name)s", ConstraintName::Unnamed).unwrap_err();
        assert!(error.message.starts_with("Naming convention including %(constraint_name)s token"));
    }
}
