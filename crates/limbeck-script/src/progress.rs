//! What is being done, for whoever shows it.

/// Hears what this crate writes, creates and runs.
pub trait Progress {
    /// Something starts: `Generating /x.py`. With `own_lines`, it will write lines of its own before it ends.
    fn start(&mut self, _what: &str, _own_lines: bool) {}

    /// What was started last has ended.
    fn end(&mut self, _worked: bool) {}

    /// A remark on its own line.
    fn remark(&mut self, _text: &str) {}

    /// Something is not as it should be, but Alembic would not say so.
    fn warn(&mut self, _text: &str) {}
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {}

/// Does `work` between a start and an end.
pub(crate) fn during<T, E>(progress: &mut dyn Progress, what: &str, own_lines: bool, work: impl FnOnce(&mut dyn Progress) -> Result<T, E>) -> Result<T, E> {
    progress.start(what, own_lines);
    let result = work(progress);
    progress.end(result.is_ok());
    result
}
