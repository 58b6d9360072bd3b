//! Indexes.

use super::Compiler;
use crate::error::Result;
use crate::{index, resolve};
use limbeck_ops::{CreateIndex, DropIndex};

impl Compiler<'_, '_> {
    pub(super) fn create_index(&mut self, op: &CreateIndex) -> Result<()> {
        let settled = resolve::settle_index(&op.index, self.ctx.naming)?;
        let sql = index::create(&self.render(), &settled, op.if_not_exists)?;
        self.emit(sql);
        Ok(())
    }

    pub(super) fn drop_index(&mut self, op: &DropIndex) -> Result<()> {
        let sql = index::drop(&self.render(), &op.name, op.table.as_ref(), op.schema.as_ref(), &op.options, op.if_exists)?;
        self.emit(sql);
        Ok(())
    }
}
