//! The text of `--sql`: what is printed for each statement, in Alembic's layout.

/// One statement as Alembic prints it: tabs become four blanks, outer white space goes, a terminator and an empty line follow.
pub fn statement_text(sql: &str) -> String {
    format!("{};\n\n", sql.replace('\t', "    ").trim())
}

/// A line of its own between statements: comments, `BEGIN;`, `COMMIT;`.
pub fn line_text(line: &str) -> String {
    format!("{line}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_and_edges_as_alembic() {
        assert_eq!(statement_text("\nCREATE TABLE t (\n\tid INTEGER\n)\n\n"), "CREATE TABLE t (\n    id INTEGER\n);\n\n");
    }
}
