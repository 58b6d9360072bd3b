//! Server defaults, identities and generated columns. Alembic looks at them only where `compare_server_default` is on.

use super::columns::Pair;
use super::{Comparison, DEFAULTS, Toggle};
use crate::render::python::repr;
use crate::{Alteration, Default, Result};
use limbeck_dialect::{DialectName, expression_sql, type_sql};
use limbeck_schema::{Autoincrement, Column, ColumnType, Identity, ServerDefault};

/// What SQLAlchemy has as the column's `server_default`: identities and computed expressions too.
pub(crate) fn of(column: &Column) -> Default {
    column
        .identity
        .as_deref()
        .cloned()
        .map(ServerDefault::Identity)
        .or_else(|| column.computed.as_deref().cloned().map(ServerDefault::Computed))
        .or_else(|| column.server_default.clone())
}

/// Asks a `compare_server_default` callable; false when defaults need no further comparison.
///
/// # Errors
/// The hook failed, or a default cannot be written.
pub(super) fn by_hook(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) -> Result<bool> {
    let (have, wanted) = (of(pair.have), of(pair.wanted));
    if have.is_none() && wanted.is_none() {
        return Ok(true);
    }
    out.existing_default = Some(have.clone());
    match at.options.compare_server_default {
        Toggle::Off => return Ok(false),
        Toggle::On | Toggle::Strict => return Ok(true),
        Toggle::Hook => {}
    }
    let dialect = at.options.dialect;
    let have_text = have.as_ref().map(|default| text(dialect, default)).transpose()?.flatten();
    let wanted_text = wanted.as_ref().map(|default| text(dialect, default)).transpose()?.flatten();
    let tables = (pair.both.have, &pair.both.wanted.settled.table);
    match at
        .hooks
        .compare_default(tables, (pair.have, pair.wanted), (have_text.as_deref(), wanted_text.as_deref()))?
    {
        Some(true) => {
            out.default = Some(wanted);
            at.log(DEFAULTS, format!("User defined function detected server default on column '{}'", pair.label()));
            Ok(false)
        }
        Some(false) => Ok(false),
        None => Ok(true),
    }
}

/// A default as text: a plain one as it is, an expression as SQL.
fn text(dialect: DialectName, default: &ServerDefault) -> Result<Option<String>> {
    Ok(match default {
        ServerDefault::Text(text) | ServerDefault::Reflected(text) => Some(text.clone()),
        ServerDefault::Expr(expr) => Some(expression_sql(dialect, expr)?),
        ServerDefault::Computed(computed) => Some(expression_sql(dialect, &computed.expr)?),
        ServerDefault::Fetched | ServerDefault::Identity(_) => None,
    })
}

/// Generated columns, identities and counting columns; false when that settles the default.
///
/// # Errors
/// An expression cannot be written.
pub(super) fn generated(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) -> Result<bool> {
    let goes_on = if at.options.strict {
        strictly_computed(at, pair, out)?
    } else {
        computed(at, pair)?
    };
    if !goes_on || !identity(at, pair, out) {
        return Ok(false);
    }
    let counts = pair.both.wanted.settled.counting.as_deref() == Some(pair.wanted.name.as_str());
    out.autoincrement = match pair.wanted.autoincrement {
        _ if counts => Some(true),
        Autoincrement::True => Some(true),
        Autoincrement::False => Some(false),
        Autoincrement::Auto | Autoincrement::IgnoreFk => None,
    };
    Ok(true)
}

/// A generated column cannot be changed: a difference is a warning.
fn computed(at: &mut Comparison<'_>, pair: &Pair<'_>) -> Result<bool> {
    let Some(wanted) = &pair.wanted.computed else {
        if pair.have.computed.is_some() {
            at.warnings.push(format!("Computed default on {} cannot be modified", pair.label()));
            return Ok(false);
        }
        return Ok(true);
    };
    let dialect = at.options.dialect;
    let wanted = bare(dialect, &expression_sql(dialect, &wanted.expr)?);
    let have = match &pair.have.computed {
        Some(have) => bare(dialect, &expression_sql(dialect, &have.expr)?),
        None => String::new(),
    };
    if have != wanted {
        at.warnings.push(format!("Computed default on {} cannot be modified", pair.label()));
    }
    Ok(false)
}

/// The expression without what databases change when they store it: casts, blanks, quotes, parentheses.
/// As `computed`, in the server's own words, and as a change: an expression for an expression, for a plain column, or a plain column for one.
fn strictly_computed(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) -> Result<bool> {
    let dialect = at.options.dialect;
    let change = |out: &mut Alteration| {
        out.existing_default = Some(of(pair.have));
        out.default = Some(of(pair.wanted));
    };
    let (have, wanted) = match (&pair.have.computed, &pair.wanted.computed) {
        (None, None) => return Ok(true),
        (Some(have), Some(wanted)) => (expression_sql(dialect, &have.expr)?, expression_sql(dialect, &wanted.expr)?),
        _ => {
            change(out);
            return Ok(false);
        }
    };
    if bare(dialect, &have) == bare(dialect, &wanted) {
        return Ok(false);
    }
    let settled = &pair.both.wanted.settled.table;
    let new = settled.columns.iter().filter(|column| pair.both.have.column(column.name.as_str()).is_none());
    let columns: Vec<Column> = pair
        .both
        .have
        .columns
        .iter()
        .chain(new)
        .filter(|column| column.computed.is_none())
        .cloned()
        .collect();
    match at.hooks.computed_as_kept(&columns, &type_sql(dialect, &pair.wanted.type_)?, &wanted)? {
        Some(kept) if bare(dialect, &kept) != bare(dialect, &have) => change(out),
        Some(_) => {}
        None => at.warnings.push(format!("Computed default on {} cannot be compared", pair.label())),
    }
    Ok(false)
}

/// Whether two columns are computed alike, as far as that can be told without the server.
pub(crate) fn same_expression(dialect: DialectName, one: &Column, other: &Column) -> bool {
    let text = |column: &Column| {
        let sql = column.computed.as_deref().and_then(|computed| expression_sql(dialect, &computed.expr).ok());
        sql.map(|sql| bare(dialect, &sql))
    };
    text(one) == text(other)
}

fn bare(dialect: DialectName, sql: &str) -> String {
    let uncast = if dialect == DialectName::Postgresql {
        super::index_text::without_casts(sql)
    } else {
        sql.to_owned()
    };
    uncast
        .chars()
        .filter(|c| !matches!(c, ' ' | '(' | ')' | '\'' | '"' | '`' | '[' | ']' | '\t' | '\r' | '\n'))
        .collect::<String>()
        .to_lowercase()
}

fn identity(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) -> bool {
    let (have, wanted) = (pair.have.identity.as_deref(), pair.wanted.identity.as_deref());
    if have.is_none() && wanted.is_none() {
        return true;
    }
    let differing = identity_differences(have, wanted);
    if differing.is_empty() && have.is_some() == wanted.is_some() {
        return true;
    }
    out.default = Some(of(pair.wanted));
    if differing.is_empty() {
        return true;
    }
    let list = differing.iter().map(|name| repr(name)).collect::<Vec<_>>().join(", ");
    at.log(
        DEFAULTS,
        format!("Detected server default on column '{}': identity options attributes [{list}]", pair.label()),
    );
    false
}

/// The attributes that differ, by name; one that the models leave out is taken for its default.
fn identity_differences(have: Option<&Identity>, wanted: Option<&Identity>) -> Vec<&'static str> {
    let empty = Identity::default();
    let (have, wanted) = (have.unwrap_or(&empty), wanted.unwrap_or(&empty));
    let mut out = Vec::new();
    let mut number = |name, have: Option<i64>, wanted: Option<i64>| {
        if wanted.is_some() && have != wanted {
            out.push(name);
        }
    };
    number("cache", have.cache, wanted.cache);
    number("increment", have.increment, wanted.increment);
    number("maxvalue", have.maxvalue, wanted.maxvalue);
    number("minvalue", have.minvalue, wanted.minvalue);
    number("start", have.start, wanted.start);
    let mut flag = |name, have: Option<bool>, wanted: Option<bool>| {
        if wanted.is_some() && have != wanted {
            out.push(name);
        }
    };
    flag("cycle", have.cycle, wanted.cycle);
    flag("nomaxvalue", have.nomaxvalue, wanted.nomaxvalue);
    flag("nominvalue", have.nominvalue, wanted.nominvalue);
    if have.always != wanted.always {
        out.push("always");
    }
    out.sort_unstable();
    out
}

/// Compares plain defaults by the dialect's rules.
///
/// # Errors
/// A default cannot be written, or the server refused to compare two.
pub(super) fn by_rules(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) -> Result<()> {
    let (have, wanted) = (of(pair.have), of(pair.wanted));
    if have.is_none() && wanted.is_none() {
        return Ok(());
    }
    let is_plain = |default: &Default| !matches!(default, Some(ServerDefault::Identity(_) | ServerDefault::Computed(_) | ServerDefault::Fetched));
    if !is_plain(&have) || !is_plain(&wanted) {
        return Ok(());
    }
    let dialect = at.options.dialect;
    let have_text = have.as_ref().map(|default| text(dialect, default)).transpose()?.flatten();
    let wanted_text = wanted.as_ref().map(|default| text(dialect, default)).transpose()?.flatten();
    let differs = match dialect {
        DialectName::Postgresql => differs_on_postgresql(at, pair, have_text, wanted_text, matches!(wanted, Some(ServerDefault::Text(_))))?,
        DialectName::Sqlite => have_text.as_deref().map(literal) != wanted_text.as_deref().map(literal),
        DialectName::Mysql => have_text != wanted_text,
    };
    if differs {
        out.default = Some(wanted);
        at.log(
            DEFAULTS,
            format!("Dialect impl {} detected server default on column '{}'", dialect.impl_name(), pair.label()),
        );
    }
    Ok(())
}

fn differs_on_postgresql(at: &mut Comparison<'_>, pair: &Pair<'_>, have: Option<String>, wanted: Option<String>, is_text: bool) -> Result<bool> {
    // A counting primary key has a default of its own.
    if pair.wanted.primary_key && pair.both.wanted.settled.counting.as_deref() == Some(pair.wanted.name.as_str()) {
        return Ok(false);
    }
    // Alembic looks at one side only for what it takes away below.
    if at.options.compare_server_default == Toggle::Strict && have == wanted {
        return Ok(false);
    }
    let have = have.map(|have| {
        if have.starts_with("nextval('") {
            have.replace("::regclass", "")
        } else {
            have
        }
    });
    if have == wanted {
        return Ok(false);
    }
    let (Some(have), Some(wanted)) = (have, wanted) else {
        return Ok(true);
    };
    if at.options.compare_server_default == Toggle::Strict {
        return differs_as_kept(at, pair, &have, &wanted, is_text);
    }
    let wanted = if is_text && !is_number(&pair.have.type_) {
        let inner = wanted.strip_prefix('\'').unwrap_or(&wanted);
        // Alembic forgets the quotes inside, and the server refuses its question.
        format!("'{}'", inner.strip_suffix('\'').unwrap_or(inner).replace('\'', "''"))
    } else {
        wanted
    };
    Ok(!at.hooks.equal_on_server(&have, &wanted)?)
}

/// Compares with what the server makes of the models' default, which may run no function for it: `now()` is never the same twice.
fn differs_as_kept(at: &mut Comparison<'_>, pair: &Pair<'_>, have: &str, wanted: &str, is_text: bool) -> Result<bool> {
    let wanted = if is_text {
        format!("'{}'", wanted.replace('\'', "''"))
    } else {
        wanted.to_owned()
    };
    let cast = have
        .strip_prefix(wanted.as_str())
        .is_some_and(|rest| rest.starts_with("::") && !rest[2..].contains(['(', ' ', '|', '+']));
    if is_text && cast {
        return Ok(false);
    }
    let type_ = type_sql(DialectName::Postgresql, &pair.have.type_)?;
    match at.hooks.default_as_kept(&type_, &wanted)? {
        Some(kept) => Ok(kept != have),
        // Perhaps one that only the new type takes, such as a new value of an enum.
        None => Ok(is_text && is_other_literal(have, &wanted)),
    }
}

/// Whether a default is a literal that says something else than the wanted one, which is in quotes.
fn is_other_literal(have: &str, wanted: &str) -> bool {
    let is_number = have.parse::<f64>().is_ok();
    (is_number && have != wanted.trim_matches('\'')) || (have.starts_with('\'') && !have.starts_with(wanted))
}

fn is_number(type_: &ColumnType) -> bool {
    use ColumnType as T;
    matches!(
        type_,
        T::SqlNumeric { .. } | T::SqlDecimal { .. } | T::SqlFloat { .. } | T::SqlReal { .. } | T::SqlDoublePrecision { .. } | T::SqlDouble { .. }
    )
}

/// SQLite keeps a default as it was written: parentheses around it and quotes around a literal say nothing.
fn literal(default: &str) -> String {
    let inner = default
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .filter(|inner| !inner.is_empty())
        .unwrap_or(default);
    let quoted = inner.strip_prefix('"').unwrap_or(inner);
    let quoted = quoted.strip_suffix('"').unwrap_or(quoted);
    match quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(text) => text.replace("''", "'"),
        None => inner.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_says_nothing() {
        for (default, expected) in [
            ("('a')", "a"),
            ("'a'", "a"),
            ("(1 + 2)", "1 + 2"),
            ("7", "7"),
            ("''", ""),
            ("'it''s'", "it's"),
            ("it's", "it's"),
        ] {
            assert_eq!(literal(default), expected);
        }
    }

    #[test]
    fn identities_differ_in_what_the_models_say() {
        let have = Identity {
            start: Some(1),
            increment: Some(1),
            cache: Some(1),
            ..Identity::default()
        };
        let wanted = Identity {
            always: true,
            increment: Some(3),
            ..Identity::default()
        };
        assert_eq!(identity_differences(Some(&have), Some(&wanted)), ["always", "increment"]);
        assert!(identity_differences(Some(&have), Some(&Identity::default())).is_empty());
    }
}
