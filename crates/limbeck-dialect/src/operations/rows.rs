//! Rows: `bulk_insert`, and statements of the script's own.

use super::Compiler;
use crate::context::BindMode;
use crate::error::{Result, invalid_request};
use crate::render::Render;
use crate::{Statement, compile_query, query};
use limbeck_expr::{BindParam, Expr, Ident, Insert, InsertSource, Query};
use limbeck_ops::{BulkInsert, Execute};
use limbeck_schema::ColumnType;

/// Rows per INSERT when many are sent at once, and the parameters SQLite takes in one statement.
const ROWS: usize = 500;
const PARAMETERS: usize = 30_000;

impl Compiler<'_, '_> {
    pub(super) fn bulk_insert(&mut self, op: &BulkInsert) -> Result<()> {
        if self.ctx.binds != BindMode::Driver || !op.multi_insert {
            for row in &op.rows {
                self.insert_rows(op, &names_of(row), std::slice::from_ref(row))?;
            }
            return Ok(());
        }
        // The first row says which columns an executemany has.
        let Some(first) = op.rows.first() else { return Ok(()) };
        let names = names_of(first);
        let per_statement = ROWS.min(PARAMETERS / names.len().max(1)).max(1);
        for (number, chunk) in op.rows.chunks(per_statement).enumerate() {
            check_rows(&names, chunk, number * per_statement)?;
            self.insert_rows(op, &names, chunk)?;
        }
        Ok(())
    }

    fn insert_rows(&mut self, op: &BulkInsert, names: &[Ident], rows: &[Vec<(Ident, Expr)>]) -> Result<()> {
        // SQLAlchemy writes the columns in the table's order.
        let mut columns: Vec<Ident> = op.columns.iter().map(|(name, _)| name).filter(|name| names.contains(name)).cloned().collect();
        if let Some(unknown) = names.iter().find(|name| !columns.contains(name)) {
            return Err(crate::error::compile_error(format!("Unconsumed column names: {unknown}")));
        }
        if columns.is_empty() {
            columns = names.to_vec();
        }
        let values = rows
            .iter()
            .map(|row| columns.iter().map(|name| typed_value(op, row, name)).collect::<Vec<Expr>>())
            .collect();
        let statement = Query::Insert(Box::new(Insert {
            ctes: Vec::new(),
            prefixes: Vec::new(),
            table: op.table.clone(),
            columns,
            source: InsertSource::Rows(values),
            on_conflict: None,
            returning: Vec::new(),
        }));
        // Offline Alembic makes each value a literal of its own, whatever `literal_binds` says.
        let render = match self.ctx.binds {
            BindMode::Driver => Render::query(self.dialect, self.ctx),
            BindMode::Literal(_) | BindMode::Style(_) => self.render(),
        };
        let sql = query::render(&render, &statement)?;
        self.emit(sql);
        if let Some(last) = self.out.last_mut() {
            last.params = render.into_params();
        }
        Ok(())
    }

    pub(super) fn execute(&mut self, op: &Execute) -> Result<()> {
        let statement: Statement = compile_query(self.dialect, &op.query, self.ctx)?;
        self.out.push(statement);
        Ok(())
    }
}

fn names_of(row: &[(Ident, Expr)]) -> Vec<Ident> {
    row.iter().map(|(name, _)| name.clone()).collect()
}

fn check_rows(names: &[Ident], rows: &[Vec<(Ident, Expr)>], offset: usize) -> Result<()> {
    for (at, row) in rows.iter().enumerate() {
        if let Some(missing) = names.iter().find(|name| !row.iter().any(|(given, _)| given == *name)) {
            return Err(invalid_request(format!(
                "A value is required for bind parameter '{missing}', in parameter group {}",
                offset + at
            )));
        }
    }
    Ok(())
}

/// The value of a column, under the column's type unless it brings its own.
fn typed_value(op: &BulkInsert, row: &[(Ident, Expr)], name: &Ident) -> Expr {
    let value = row.iter().find(|(given, _)| given == name).map_or(&Expr::Null, |(_, value)| value);
    let column_type: Option<&ColumnType> = op.columns.iter().find(|(column, _)| column == name).map(|(_, type_)| type_);
    match value {
        Expr::Bind(bind) if bind.type_.is_none() && !bind.inline => Expr::Bind(Box::new(BindParam {
            type_: column_type.cloned(),
            ..(**bind).clone()
        })),
        other => other.clone(),
    }
}
