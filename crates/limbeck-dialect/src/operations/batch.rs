//! `batch_alter_table`, planned by [`crate::batch`].

use super::Compiler;
use crate::batch;
use crate::error::Result;
use limbeck_ops::Batch;

impl Compiler<'_, '_> {
    pub(super) fn batch(&mut self, op: &Batch) -> Result<()> {
        batch::statements(self.dialect, op, self.ctx, self.out)
    }
}
