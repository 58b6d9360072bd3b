//! Operations, one file per family, with Alembic's order of statements (`alembic/operations/toimpl.py`, `alembic/ddl/`).

mod alter;
mod batch;
mod column;
mod comment;
mod constraint;
mod index;
mod rows;
mod schema;
mod table;
mod types;

use crate::context::Context;
use crate::error::Result;
use crate::render::Render;
use crate::{DialectName, Statement};
use limbeck_expr::TableName;
use limbeck_ops::Operation;

/// Compiles operations, one after the other, into statements.
pub(crate) struct Compiler<'c, 'a> {
    dialect: DialectName,
    ctx: &'c mut Context<'a>,
    out: &'c mut Vec<Statement>,
}

impl<'c, 'a> Compiler<'c, 'a> {
    pub fn new(dialect: DialectName, ctx: &'c mut Context<'a>, out: &'c mut Vec<Statement>) -> Self {
        Compiler { dialect, ctx, out }
    }

    /// Compiles one operation.
    ///
    /// # Errors
    /// The dialect has no words for it; what Alembic would have sent before is in the output.
    pub fn operation(&mut self, operation: &Operation) -> Result<()> {
        match operation {
            Operation::CreateTable(op) => self.create_table(op),
            Operation::DropTable(op) => self.drop_table(op),
            Operation::RenameTable { from, to } => self.rename_table(from, to),
            Operation::CreateTableComment { table, comment } => self.table_comment(table, comment.as_deref()),
            Operation::DropTableComment { table } => self.drop_table_comment(table),
            Operation::AddColumn(op) => self.add_column(op),
            Operation::DropColumn(op) => self.drop_column(op),
            Operation::AlterColumn(op) => self.alter_column(op),
            Operation::CreateIndex(op) => self.create_index(op),
            Operation::DropIndex(op) => self.drop_index(op),
            Operation::CreateConstraint(op) => self.create_constraint(op),
            Operation::DropConstraint(op) => self.drop_constraint(op),
            Operation::CreateSequence { sequence, if_not_exists } => self.create_sequence(sequence, *if_not_exists),
            Operation::DropSequence { name, if_exists } => self.drop_sequence(name, *if_exists),
            Operation::CreateEnum { type_, check_first } => self.create_enum(type_, *check_first),
            Operation::DropEnum { type_, check_first } => self.drop_enum(type_, *check_first),
            Operation::CreateSchema { name, if_not_exists } => self.create_schema(name, *if_not_exists),
            Operation::DropSchema { name, if_exists, cascade } => self.drop_schema(name, *if_exists, *cascade),
            Operation::BulkInsert(op) => self.bulk_insert(op),
            Operation::Execute(op) => self.execute(op),
            Operation::Batch(op) => self.batch(op),
        }
    }

    fn render(&self) -> Render {
        Render::ddl(self.dialect, self.ctx)
    }

    fn emit(&mut self, sql: impl AsRef<str>) {
        let sql = sql.as_ref();
        let sql = if self.ctx.offline { offline_text(sql) } else { sql.trim().to_string() };
        self.out.push(Statement::new(sql));
    }

    /// Whether a table is there; offline nothing is known to be.
    fn has_table(&mut self, name: &TableName) -> Result<bool> {
        match &mut self.ctx.catalog {
            Some(catalog) => catalog.has_table(name),
            None => Ok(false),
        }
    }

    fn has_type(&mut self, name: &TableName) -> Result<bool> {
        match &mut self.ctx.catalog {
            Some(catalog) => catalog.has_type(name),
            None => Ok(false),
        }
    }

    fn has_sequence(&mut self, name: &TableName) -> Result<bool> {
        match &mut self.ctx.catalog {
            Some(catalog) => catalog.has_sequence(name),
            None => Ok(false),
        }
    }

    fn is_live(&self) -> bool {
        self.ctx.catalog.is_some()
    }
}

/// Text as `--sql` prints it: tabs become four blanks, blanks around it go.
pub(crate) fn offline_text(sql: &str) -> String {
    sql.replace('\t', "    ").trim().to_string()
}
