//! Alembic's version table, to the letter: teams go back to Alembic with it.

use crate::context::Context;
use crate::error::Result;
use crate::operations::offline_text;
use crate::render::Render;
use crate::{DialectName, Statement, resolve, table};
use limbeck_schema::{Column, ColumnType, Constraint, ConstraintName, Ident, KeyConstraint, NamingConvention, Table, TableName};

/// The version table and its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTable {
    /// `version_table`, with `version_table_schema`.
    pub name: TableName,
    /// `version_table_pk`.
    pub primary_key: bool,
}

impl Default for VersionTable {
    fn default() -> Self {
        VersionTable {
            name: TableName::new("alembic_version"),
            primary_key: true,
        }
    }
}

impl VersionTable {
    /// Describes the table.
    pub fn table(&self) -> Table {
        let mut table = Table::new(self.name.clone());
        let mut column = Column::new(
            "version_num",
            ColumnType::String {
                length: Some(32),
                collation: None,
            },
        );
        column.nullable = Some(false);
        table.columns.push(column);
        if self.primary_key {
            table.constraints.push(Constraint::PrimaryKey(KeyConstraint {
                name: ConstraintName::Given(Ident::new(format!("{}_pkc", self.name.name))),
                columns: vec!["version_num".into()],
                ..KeyConstraint::default()
            }));
        }
        table
    }

    /// `CREATE TABLE`.
    ///
    /// # Errors
    /// The table's name is too long for its constraint.
    pub fn create(&self, dialect: DialectName, ctx: &Context<'_>) -> Result<Statement> {
        let render = Render::ddl(dialect, ctx);
        // The table has a MetaData of its own: no convention names its key.
        let resolved = resolve::resolve(&self.table(), &NamingConvention::default(), dialect)?;
        Ok(statement(ctx, &table::create(&render, &resolved, false)?))
    }

    /// The row for a version reached; it returns the key where SQLAlchemy asks for it.
    pub fn insert(&self, dialect: DialectName, ctx: &Context<'_>, version: &str) -> Statement {
        let render = Render::ddl(dialect, ctx);
        let table = render.table(&self.name);
        let returning = match (self.primary_key, dialect) {
            (true, DialectName::Postgresql) => format!(" RETURNING {table}.version_num"),
            (true, DialectName::Sqlite) => " RETURNING version_num".to_string(),
            _ => String::new(),
        };
        let value = render.verbatim(version);
        statement(ctx, &format!("INSERT INTO {table} (version_num) VALUES ('{value}'){returning}"))
    }

    /// The row of one version becomes that of another.
    pub fn update(&self, dialect: DialectName, ctx: &Context<'_>, from: &str, to: &str) -> Statement {
        let render = Render::ddl(dialect, ctx);
        let table = render.table(&self.name);
        let (from, to) = (render.verbatim(from), render.verbatim(to));
        statement(ctx, &format!("UPDATE {table} SET version_num='{to}' WHERE {table}.version_num = '{from}'"))
    }

    /// The row of a version left.
    pub fn delete(&self, dialect: DialectName, ctx: &Context<'_>, version: &str) -> Statement {
        let render = Render::ddl(dialect, ctx);
        let table = render.table(&self.name);
        let value = render.verbatim(version);
        statement(ctx, &format!("DELETE FROM {table} WHERE {table}.version_num = '{value}'"))
    }

    /// All rows (`stamp --purge`).
    pub fn delete_all(&self, dialect: DialectName, ctx: &Context<'_>) -> Statement {
        let render = Render::ddl(dialect, ctx);
        statement(ctx, &format!("DELETE FROM {}", render.table(&self.name)))
    }

    /// The rows.
    pub fn select(&self, dialect: DialectName, ctx: &Context<'_>) -> Statement {
        let render = Render::ddl(dialect, ctx);
        let table = render.table(&self.name);
        statement(ctx, &format!("SELECT {table}.version_num \nFROM {table}"))
    }
}

fn statement(ctx: &Context<'_>, sql: &str) -> Statement {
    Statement::new(if ctx.offline { offline_text(sql) } else { sql.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memo;

    #[test]
    fn the_table_and_its_rows_read_as_alembics() {
        let naming = NamingConvention::default();
        let mut memo = Memo::default();
        let ctx = Context::offline(&naming, &mut memo);
        let table = VersionTable::default();
        assert_eq!(
            table.create(DialectName::Postgresql, &ctx).unwrap().sql,
            "CREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL, \n    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)"
        );
        assert_eq!(
            table.insert(DialectName::Postgresql, &ctx, "a1").sql,
            "INSERT INTO alembic_version (version_num) VALUES ('a1') RETURNING alembic_version.version_num"
        );
        assert_eq!(
            table.insert(DialectName::Sqlite, &ctx, "a1").sql,
            "INSERT INTO alembic_version (version_num) VALUES ('a1') RETURNING version_num"
        );
        assert_eq!(
            table.update(DialectName::Mysql, &ctx, "a1", "b2").sql,
            "UPDATE alembic_version SET version_num='b2' WHERE alembic_version.version_num = 'a1'"
        );
    }
}
