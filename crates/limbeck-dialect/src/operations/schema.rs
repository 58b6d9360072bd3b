//! CREATE SCHEMA and DROP SCHEMA.

use super::Compiler;
use crate::error::Result;
use limbeck_expr::Ident;

impl Compiler<'_, '_> {
    pub(super) fn create_schema(&mut self, name: &Ident, if_not_exists: bool) -> Result<()> {
        let exists = if if_not_exists { "IF NOT EXISTS " } else { "" };
        let sql = format!("CREATE SCHEMA {exists}{}", self.render().ident(name));
        self.emit(sql);
        Ok(())
    }

    pub(super) fn drop_schema(&mut self, name: &Ident, if_exists: bool, cascade: bool) -> Result<()> {
        let exists = if if_exists { "IF EXISTS " } else { "" };
        let cascade = if cascade { " CASCADE" } else { "" };
        let sql = format!("DROP SCHEMA {exists}{}{cascade}", self.render().ident(name));
        self.emit(sql);
        Ok(())
    }
}
