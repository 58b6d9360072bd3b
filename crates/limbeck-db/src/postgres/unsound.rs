//! INVALID indexes, unvalidated constraints and disabled triggers of a PostgreSQL database, with what mends them.

use limbeck_expr::Literal;

use super::leftovers;
use crate::unsound::{DisabledTrigger, InvalidIndex, UnvalidatedConstraint};
use crate::{Connection, DbError, Leftover, Unsound};

/// What is known of every invalid index; those that somebody builds are among them.
const INDEXES: &str = "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind = 'I', i.indisunique, \
     c.relname ~ '_cc(new|old)[0-9]*$', pg_catalog.pg_relation_size(c.oid), pg_catalog.pg_get_indexdef(c.oid) \
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE NOT i.indisvalid";

const CONSTRAINTS: &str = "SELECT pg_catalog.quote_ident(c.conname), pg_catalog.format('%I.%I', n.nspname, coalesce(t.relname, y.typname)), \
     t.oid IS NULL, pg_catalog.pg_get_constraintdef(c.oid), coalesce(t.reltuples, -1)::bigint \
     FROM pg_catalog.pg_constraint c LEFT JOIN pg_catalog.pg_class t ON t.oid = c.conrelid LEFT JOIN pg_catalog.pg_type y ON y.oid = c.contypid \
     JOIN pg_catalog.pg_namespace n ON n.oid = coalesce(t.relnamespace, y.typnamespace) WHERE NOT c.convalidated";

/// A trigger of a partition follows that of its parent and is not told again; the column that says so is not in older catalogs.
const TRIGGERS: &str = "SELECT pg_catalog.quote_ident(g.tgname), pg_catalog.format('%I.%I', n.nspname, t.relname), pg_catalog.quote_ident(k.conname), g.tgenabled = 'R' \
     FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class t ON t.oid = g.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace \
     LEFT JOIN pg_catalog.pg_constraint k ON k.oid = g.tgconstraint AND g.tgisinternal \
     WHERE g.tgenabled IN ('D', 'R') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
     AND coalesce(pg_catalog.to_jsonb(g) ->> 'tgparentid', '0') = '0' ORDER BY 2, 1";

pub(crate) fn find(connection: &mut dyn Connection) -> Result<Unsound, DbError> {
    let mut found = Unsound::default();
    let left = leftovers::find(connection)?;
    if left.iter().any(|one| matches!(one, Leftover::InvalidIndex { .. })) {
        let facts = connection.query(INDEXES, &[])?.rows;
        found.indexes = left.iter().filter_map(|one| index(one, &facts)).collect();
    }
    if left.iter().any(|one| matches!(one, Leftover::NotValidConstraint { .. })) {
        let facts = connection.query(CONSTRAINTS, &[])?.rows;
        found.constraints = left.iter().filter_map(|one| constraint(one, &facts)).collect();
    }
    found.triggers = connection.query(TRIGGERS, &[])?.rows.iter().filter_map(|row| trigger(row)).collect();
    Ok(found)
}

fn index(left: &Leftover, facts: &[Vec<Literal>]) -> Option<InvalidIndex> {
    let Leftover::InvalidIndex { index, table } = left else { return None };
    let row = facts.iter().find(|row| text(row.first()).as_ref() == Some(index))?;
    Some(InvalidIndex {
        index: index.clone(),
        table: table.clone(),
        is_partitioned: flag(row.get(1)),
        is_unique: flag(row.get(2)),
        is_copy: flag(row.get(3)),
        bytes: number(row.get(4)),
        definition: text(row.get(5)).unwrap_or_default(),
    })
}

fn constraint(left: &Leftover, facts: &[Vec<Literal>]) -> Option<UnvalidatedConstraint> {
    let Leftover::NotValidConstraint { constraint, table } = left else {
        return None;
    };
    let is_it = |row: &&Vec<Literal>| text(row.first()).as_ref() == Some(constraint) && text(row.get(1)).as_ref() == Some(table);
    let row = facts.iter().find(is_it)?;
    Some(UnvalidatedConstraint {
        constraint: constraint.clone(),
        table: table.clone(),
        is_domain: flag(row.get(2)),
        definition: text(row.get(3)).unwrap_or_default(),
        rows: number(row.get(4)),
    })
}

fn trigger(row: &[Literal]) -> Option<DisabledTrigger> {
    Some(DisabledTrigger {
        trigger: text(row.first())?,
        table: text(row.get(1))?,
        constraint: text(row.get(2)),
        on_replica: flag(row.get(3)),
    })
}

fn text(value: Option<&Literal>) -> Option<String> {
    match value {
        Some(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

fn flag(value: Option<&Literal>) -> bool {
    matches!(value, Some(Literal::Bool(true)))
}

fn number(value: Option<&Literal>) -> i64 {
    match value {
        Some(Literal::Int(number)) => *number,
        _ => 0,
    }
}
