//! Comments on tables.

use super::Compiler;
use crate::DialectName;
use crate::error::Result;
use limbeck_expr::TableName;

impl Compiler<'_, '_> {
    pub(super) fn table_comment(&mut self, table: &TableName, comment: Option<&str>) -> Result<()> {
        let render = self.render();
        let text = comment.map_or_else(|| "NULL".to_string(), |comment| render.string(comment));
        let table = render.table(table);
        let sql = match self.dialect {
            DialectName::Mysql => format!("ALTER TABLE {table} COMMENT {text}"),
            // SQLite has no comments; Alembic writes the statement all the same.
            DialectName::Postgresql | DialectName::Sqlite => format!("COMMENT ON TABLE {table} IS {text}"),
        };
        self.emit(sql);
        Ok(())
    }

    pub(super) fn drop_table_comment(&mut self, table: &TableName) -> Result<()> {
        let table = self.render().table(table);
        let sql = match self.dialect {
            DialectName::Mysql => format!("ALTER TABLE {table} COMMENT ''"),
            DialectName::Postgresql | DialectName::Sqlite => format!("COMMENT ON TABLE {table} IS NULL"),
        };
        self.emit(sql);
        Ok(())
    }
}
