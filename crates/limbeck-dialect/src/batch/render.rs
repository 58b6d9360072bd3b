//! A plan as statements. Everything in it is ordinary; only the order is special.

use super::{BatchPlan, CopyRows, Rebuild, plan};
use crate::error::Result;
use crate::{Context, DialectName, Statement, compile, compile_query};
use limbeck_expr::{FromItem, Insert, InsertSource, Query, Select};
use limbeck_ops::{Batch, CreateIndex, Operation};
use limbeck_schema::NamingConvention;

/// Appends the statements of `op.batch_alter_table(...)`; those before an error stay.
///
/// # Errors
/// What planning or the dialect has to object.
pub(crate) fn statements(dialect: DialectName, batch: &Batch, ctx: &mut Context<'_>, out: &mut Vec<Statement>) -> Result<()> {
    match plan(dialect, batch, ctx)? {
        BatchPlan::Steps(operations) => all(dialect, &operations, ctx, out),
        BatchPlan::Rebuild(rebuild) => rebuilt(dialect, *rebuild, ctx, out),
    }
}

/// Names are settled: a convention that wraps given names must not do so a second time.
fn rebuilt(dialect: DialectName, rebuild: Rebuild, ctx: &mut Context<'_>, out: &mut Vec<Statement>) -> Result<()> {
    let settled = NamingConvention::default();
    let mut inner = Context {
        naming: &settled,
        binds: ctx.binds,
        offline: ctx.offline,
        catalog: match ctx.catalog.as_mut() {
            Some(catalog) => Some(&mut **catalog),
            None => None,
        },
        server_version: ctx.server_version,
        bind_casts: ctx.bind_casts,
        memo: ctx.memo,
        warnings: Vec::new(),
    };
    let Rebuild {
        before,
        create,
        copy,
        drop,
        rename: (from, to),
        indexes,
    } = rebuild;
    all(dialect, &before, &mut inner, out)?;
    compile(dialect, &Operation::CreateTable(create), &mut inner, out)?;
    if !copy.columns.is_empty() {
        out.push(compile_query(dialect, &copy_query(copy), &mut inner)?);
    }
    let after = [Operation::DropTable(drop), Operation::RenameTable { from, to }];
    all(dialect, &after, &mut inner, out)?;
    for index in indexes {
        let create = CreateIndex { index, if_not_exists: false };
        compile(dialect, &Operation::CreateIndex(create), &mut inner, out)?;
    }
    let warnings = inner.warnings;
    ctx.warnings.extend(warnings);
    Ok(())
}

fn all(dialect: DialectName, operations: &[Operation], ctx: &mut Context<'_>, out: &mut Vec<Statement>) -> Result<()> {
    for operation in operations {
        compile(dialect, operation, ctx, out)?;
    }
    Ok(())
}

fn copy_query(copy: CopyRows) -> Query {
    let (columns, values): (Vec<_>, Vec<_>) = copy.columns.into_iter().unzip();
    Query::Insert(Box::new(Insert {
        ctes: Vec::new(),
        prefixes: Vec::new(),
        table: copy.to,
        columns,
        source: InsertSource::Select(Box::new(Query::Select(Box::new(Select {
            columns: values,
            from: vec![FromItem::Table(copy.from)],
            ..Select::default()
        })))),
        on_conflict: None,
        returning: Vec::new(),
    }))
}
