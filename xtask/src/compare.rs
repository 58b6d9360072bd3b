//! Says whether two schemas are the same.
//!
//! PostgreSQL's dumps are compared as text. SQLite keeps the text of each CREATE TABLE, and there real
//! Alembic itself is not steady: its batch mode gathers a table's constraints in a Python set, so their order
//! changes from run to run. Two SQLite schemas are therefore also the same when they differ only in white
//! space and in the order of the constraints of a table; columns keep theirs.

/// How alike two schemas are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Likeness {
    /// The same text.
    Identical,
    /// The same but for white space and the order of table constraints.
    Equivalent,
    /// Not the same; the first lines that differ.
    Different(String),
}

impl Likeness {
    /// Whether the schemas are the same.
    pub fn same(&self) -> bool {
        !matches!(self, Self::Different(_))
    }
}

/// Compares two dumps of PostgreSQL, both already without noise.
pub fn postgresql(ours: &str, wanted: &str) -> Likeness {
    if ours == wanted {
        Likeness::Identical
    } else {
        Likeness::Different(first_difference(ours, wanted))
    }
}

/// Compares the statements of two SQLite schemas.
pub fn sqlite(ours: &str, wanted: &str) -> Likeness {
    if ours.trim() == wanted.trim() {
        return Likeness::Identical;
    }
    let normal = |text: &str| {
        let mut all: Vec<String> = statements(text).iter().map(|statement| normalise(statement)).collect();
        all.sort();
        all.join("\n")
    };
    let (ours, wanted) = (normal(ours), normal(wanted));
    if ours == wanted {
        Likeness::Equivalent
    } else {
        Likeness::Different(first_difference(&ours, &wanted))
    }
}

fn first_difference(ours: &str, wanted: &str) -> String {
    let (mut left, mut right) = (ours.lines(), wanted.lines());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return "only line ends differ".to_owned(),
            (ours, wanted) if ours == wanted => {}
            (ours, wanted) => {
                let show = |line: Option<&str>| line.map_or("nothing".to_owned(), |line| format!("`{}`", line.trim()));
                return format!("{} where Alembic has {}", show(ours), show(wanted));
            }
        }
    }
}

/// Cuts SQL at the semicolons that end a statement; those in quotes, brackets and triggers do not.
fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    for piece in pieces(text) {
        let in_trigger = current.trim_start().get(..14).is_some_and(|head| head.eq_ignore_ascii_case("create trigger"))
            && !current.trim_end().to_ascii_lowercase().ends_with("end");
        if piece == ";" && !in_trigger {
            found.push(std::mem::take(&mut current));
        } else {
            current.push_str(piece);
        }
    }
    found.push(current);
    found.retain(|statement| !statement.trim().is_empty());
    found
}

/// Cuts SQL into quoted pieces, runs of white space, words and single other characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => quoted(rest, first),
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            _ if first.is_whitespace() => rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()),
            _ if is_word(first) => rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        found.push(&rest[..length]);
        rest = &rest[length..];
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn quoted(text: &str, quote: char) -> usize {
    let mut from = 1;
    while let Some(at) = text[from..].find(quote) {
        from += at + 1;
        // A doubled quote is one in the text.
        if !text[from..].starts_with(quote) {
            return from;
        }
        from += 1;
    }
    text.len()
}

/// Returns one statement on one line per column and constraint, the constraints sorted.
fn normalise(statement: &str) -> String {
    let pieces = pieces(statement);
    let words: Vec<&str> = pieces.iter().copied().filter(|piece| !piece.trim().is_empty()).collect();
    let is_table = matches!(words.as_slice(), [create, table, ..]
        if create.eq_ignore_ascii_case("create") && table.eq_ignore_ascii_case("table"));
    if !is_table {
        return words.join(" ");
    }
    let mut depth = 0;
    let (mut head, mut parts, mut tail) = (Vec::new(), vec![Vec::new()], Vec::new());
    let mut closed = false;
    for word in words {
        match word {
            "(" if depth == 0 && !closed => depth = 1,
            ")" if depth == 1 => (depth, closed) = (0, true),
            "," if depth == 1 => parts.push(Vec::new()),
            _ if depth == 0 && closed => tail.push(word),
            _ if depth == 0 => head.push(word),
            _ => {
                match word {
                    "(" => depth += 1,
                    ")" => depth -= 1,
                    _ => {}
                }
                parts.last_mut().expect("starts with one").push(word);
            }
        }
    }
    let (mut constraints, columns): (Vec<String>, Vec<String>) = parts.iter().map(|part| part.join(" ")).partition(|part| is_constraint(part));
    constraints.sort();
    let body: Vec<String> = columns.into_iter().chain(constraints).map(|part| format!("  {part}")).collect();
    format!("{} (\n{}\n){}", head.join(" "), body.join("\n"), tail.join(" "))
}

fn is_constraint(part: &str) -> bool {
    let first = part.split(' ').next().unwrap_or_default().to_ascii_uppercase();
    ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "CREATE TABLE \"t\" (\n\ta INTEGER, \n\tb TEXT DEFAULT ';,)', \n\tUNIQUE (a, b), \n\tPRIMARY KEY (a)\n);\nCREATE INDEX i ON t (a);\n";

    #[test]
    fn the_order_of_constraints_does_not_matter() {
        let other = "CREATE TABLE \"t\" (\n\ta INTEGER, \n\tb TEXT DEFAULT ';,)', \n\tPRIMARY KEY (a), \n\tUNIQUE (a, b)\n);\nCREATE INDEX i ON t (a);\n";
        assert_eq!(sqlite(TABLE, TABLE), Likeness::Identical);
        assert_eq!(sqlite(TABLE, other), Likeness::Equivalent);
    }

    #[test]
    fn everything_else_matters() {
        for (from, to) in [
            ("a INTEGER", "a BIGINT"),
            ("';,)'", "'; ,)'"),
            ("UNIQUE (a, b)", "UNIQUE (b, a)"),
            ("INDEX i", "UNIQUE INDEX i"),
        ] {
            assert!(!sqlite(&TABLE.replace(from, to), TABLE).same(), "{from} against {to}");
        }
        let swapped = TABLE.replace("\ta INTEGER, \n\tb TEXT DEFAULT ';,)'", "\tb TEXT DEFAULT ';,)', \n\ta INTEGER");
        assert!(!sqlite(&swapped, TABLE).same());
    }

    #[test]
    fn a_trigger_is_one_statement() {
        let text = "CREATE TRIGGER x AFTER INSERT ON t BEGIN update t set a = 1; delete from t; END;\nCREATE TABLE u (a);";
        assert_eq!(statements(text).len(), 2);
    }

    #[test]
    fn the_first_difference_is_told() {
        assert_eq!(postgresql("a\nb\n", "a\nc\n"), Likeness::Different("`b` where Alembic has `c`".to_owned()));
    }
}
