//! What SQLite writes after the closing parenthesis of CREATE TABLE.

use limbeck_schema::Options;

/// `WITHOUT ROWID`, `STRICT`.
pub(crate) fn tail(options: &Options) -> String {
    let mut words = Vec::new();
    if options.get("sqlite_with_rowid").is_some_and(|value| !value.is_truthy()) {
        words.push("WITHOUT ROWID");
    }
    if options.get("sqlite_strict").is_some_and(limbeck_schema::OptionValue::is_truthy) {
        words.push("STRICT");
    }
    if words.is_empty() {
        String::new()
    } else {
        format!("\n {}", words.join(",\n "))
    }
}
