//! The rules, one function for each kind of statement.

use super::{Risk, Token};
use limbeck_sql::Flavour;
use std::collections::HashSet;

/// Functions that give another value for each row: a default made of one writes the whole table anew.
const VOLATILE: [&str; 10] = [
    "RANDOM",
    "GEN_RANDOM_UUID",
    "UUIDV7",
    "UUIDV4",
    "UUID_GENERATE_V1",
    "UUID_GENERATE_V4",
    "CLOCK_TIMESTAMP",
    "TIMEOFDAY",
    "NEXTVAL",
    "GEN_RANDOM_BYTES",
];
const SERIALS: [&str; 6] = ["SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL4", "SERIAL8", "SERIAL2"];

/// Returns what is risky in a statement, and remembers the tables it makes.
pub fn find(flavour: Flavour, words: &[Token], fresh: &mut HashSet<String>) -> Vec<Risk> {
    let postgres = flavour == Flavour::Postgresql;
    let Some(first) = words.first() else {
        return Vec::new();
    };
    let words = Words(words);
    let found = if first.is("CREATE") {
        create(postgres, words, fresh)
    } else if first.is("DROP") {
        drop(postgres, words, fresh)
    } else if first.is("ALTER") && words.at(1, "TABLE") {
        return alter_table(flavour, words, fresh);
    } else if first.is("TRUNCATE") {
        Some(risk("truncate", "takes every row of the table away"))
    } else if first.is("DELETE") && words.at(1, "FROM") && !words.outside("WHERE") {
        let table = words.name(words.skip(2, &["ONLY"]));
        (!fresh.contains(&table)).then(|| risk("delete-all", "no WHERE: deletes every row of the table"))
    } else if first.is("UPDATE") && !words.outside("WHERE") {
        let table = words.name(words.skip(1, &["ONLY"]));
        (!fresh.contains(&table)).then(|| risk("update-all", "no WHERE: changes every row, and holds all of them locked until the commit"))
    } else if postgres && first.is("REINDEX") && !words.any("CONCURRENTLY") {
        Some(risk(
            "reindex",
            "blocks writes to the table, and reads that use the index, until it is built; CONCURRENTLY does not",
        ))
    } else if postgres && first.is("REFRESH") && !words.any("CONCURRENTLY") {
        Some(risk("refresh", "blocks reads of the view until it is filled; CONCURRENTLY does not"))
    } else if postgres && (first.is("CLUSTER") || first.is("VACUUM") && words.any("FULL")) {
        Some(risk("rewrite", "writes the whole table anew, and blocks reads and writes meanwhile"))
    } else if first.is("LOCK") {
        Some(risk("lock", "holds the table until the commit"))
    } else {
        None
    };
    found.into_iter().collect()
}

fn create(postgres: bool, words: Words<'_>, fresh: &mut HashSet<String>) -> Option<Risk> {
    let at = words.skip(1, &["OR", "REPLACE", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE"]);
    if words.at(at, "TABLE") {
        fresh.insert(words.name(words.skip(at + 1, &["IF", "NOT", "EXISTS"])));
        return None;
    }
    if !postgres || !words.at(at, "INDEX") || words.at(at + 1, "CONCURRENTLY") {
        return None;
    }
    let on = words.0.iter().position(|word| word.is("ON"))?;
    let table = words.name(words.skip(on + 1, &["ONLY"]));
    (!fresh.contains(&table)).then(|| risk("create-index", "blocks writes to the table until the index is built; CONCURRENTLY does not"))
}

fn drop(postgres: bool, words: Words<'_>, fresh: &mut HashSet<String>) -> Option<Risk> {
    let what = words.0.get(1)?;
    if what.is("TABLE") {
        let table = words.name(words.skip(2, &["IF", "EXISTS"]));
        // Alembic's batch mode: the rows went into a copy, which takes the table's place next.
        let copied = fresh.contains(&temporary(&table));
        return (!fresh.contains(&table) && !copied).then(|| risk("drop-table", "the table and its rows are gone; code that still reads it fails"));
    }
    if what.is("SCHEMA") || what.is("DATABASE") {
        return Some(risk("drop-schema", "everything in it may go with it"));
    }
    if postgres && what.is("INDEX") && !words.at(2, "CONCURRENTLY") {
        return Some(risk(
            "drop-index",
            "waits for every query on the table, and all later ones wait behind it; CONCURRENTLY does not",
        ));
    }
    (postgres && words.any("CASCADE")).then(|| risk("drop-cascade", "CASCADE takes away whatever depends on it, too"))
}

/// The name of batch mode's copy of a table.
fn temporary(table: &str) -> String {
    match table.rsplit_once('.') {
        Some((schema, name)) => format!("{schema}._alembic_tmp_{name}"),
        None => format!("_alembic_tmp_{table}"),
    }
}

fn alter_table(flavour: Flavour, words: Words<'_>, fresh: &mut HashSet<String>) -> Vec<Risk> {
    let at = words.skip(2, &["IF", "EXISTS", "ONLY"]);
    let table = words.name(at);
    let rest = words.0.get(at + 1..).unwrap_or_default();
    if fresh.contains(&table) {
        let words = Words(rest);
        // Batch mode's copy takes the place of a table with rows and users.
        let is_copy = table.rsplit('.').next().is_some_and(|name| name.starts_with("_alembic_tmp_"));
        if words.at(0, "RENAME") && words.at(1, "TO") && !is_copy {
            fresh.insert(words.name(2));
        }
        return Vec::new();
    }
    let mut found: Vec<Risk> = Vec::new();
    for clause in clauses(rest) {
        let risk = action(flavour, Words(clause));
        found.extend(risk.filter(|risk| !found.contains(risk)));
    }
    found
}

/// The actions of ALTER TABLE: what commas outside of parentheses part.
fn clauses(words: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0;
    words.split(move |word| {
        if word.is("(") {
            depth += 1;
        } else if word.is(")") {
            depth -= 1;
        }
        depth == 0 && word.is(",")
    })
}

fn action(flavour: Flavour, words: Words<'_>) -> Option<Risk> {
    let postgres = flavour == Flavour::Postgresql;
    let first = words.0.first()?;
    if first.is("DROP") {
        let other = ["CONSTRAINT", "PRIMARY", "FOREIGN", "INDEX", "KEY", "CHECK", "PARTITION"]
            .iter()
            .any(|word| words.at(1, word));
        return (!other).then(|| risk("drop-column", "the column and what is in it are gone; code that still reads it fails"));
    }
    if first.is("RENAME") && !words.at(1, "CONSTRAINT") && !words.at(1, "INDEX") {
        return Some(risk("rename", "code that runs now knows only the old name"));
    }
    if first.is("MODIFY") || first.is("CHANGE") {
        return Some(risk("change-type", "may copy the whole table"));
    }
    if first.is("ADD") {
        return add(postgres, words);
    }
    if !postgres {
        return None;
    }
    if first.is("ALTER") && words.any("TYPE") {
        return Some(risk(
            "change-type",
            "blocks reads and writes, and writes the whole table anew unless the old values fit as they are (a longer varchar, text)",
        ));
    }
    if first.is("ALTER") && words.follows(&["SET", "NOT", "NULL"]) {
        return Some(risk(
            "set-not-null",
            "reads the whole table while reads and writes wait, unless a validated CHECK proves it; fails where a row has NULL",
        ));
    }
    if first.is("SET") && ["TABLESPACE", "LOGGED", "UNLOGGED"].iter().any(|word| words.at(1, word)) {
        return Some(risk("rewrite", "writes the whole table anew, and blocks reads and writes meanwhile"));
    }
    None
}

fn add(postgres: bool, words: Words<'_>) -> Option<Risk> {
    let mut at = words.skip(1, &["CONSTRAINT"]);
    if at > 1 {
        // The constraint's name.
        at += 1;
    }
    let is_constraint = ["FOREIGN", "CHECK", "UNIQUE", "PRIMARY", "EXCLUDE"].iter().any(|word| words.at(at, word));
    if is_constraint {
        if !postgres || words.follows(&["NOT", "VALID"]) || words.follows(&["NOT", "ENFORCED"]) {
            return None;
        }
        if words.at(at, "FOREIGN") {
            return Some(risk(
                "add-foreign-key",
                "writes to both tables wait until every row was checked; NOT VALID first, VALIDATE CONSTRAINT later, do not block",
            ));
        }
        if words.at(at, "CHECK") {
            return Some(risk(
                "add-check",
                "reads and writes wait until every row was checked; NOT VALID first, VALIDATE CONSTRAINT later, do not block",
            ));
        }
        let with_index = words.follows(&["USING", "INDEX"]) && !words.at(at, "EXCLUDE");
        return (!with_index).then(|| {
            risk(
                "add-unique",
                "reads and writes wait until its index is built; build it CONCURRENTLY first and add the constraint USING INDEX",
            )
        });
    }
    if words.at(1, "CONSTRAINT") || words.at(1, "INDEX") || words.at(1, "KEY") {
        return None;
    }
    let required = words.follows(&["NOT", "NULL"]) || words.follows(&["PRIMARY", "KEY"]);
    let serial = SERIALS.iter().any(|word| words.any(word)) || words.follows(&["AS", "IDENTITY"]);
    let generated = words.any("STORED");
    let volatile = words.any("DEFAULT") && VOLATILE.iter().any(|word| words.follows(&[word, "("]));
    if postgres && (serial || generated || volatile) {
        return Some(risk(
            "add-column-rewrite",
            "each row needs a value of its own: writes the whole table anew, and blocks reads and writes meanwhile",
        ));
    }
    let has_value = words.any("DEFAULT") || serial || words.any("GENERATED") || words.any("AUTO_INCREMENT");
    (required && !has_value).then(|| risk("add-required-column", "NOT NULL without a default: fails where the table has rows"))
}

fn risk(rule: &'static str, reason: &str) -> Risk {
    Risk {
        rule,
        reason: reason.to_owned(),
    }
}

/// Some words of a statement.
#[derive(Clone, Copy)]
struct Words<'a>(&'a [Token]);

impl Words<'_> {
    /// Whether the word there is this one.
    fn at(self, index: usize, word: &str) -> bool {
        self.0.get(index).is_some_and(|token| token.is(word))
    }

    /// Whether the word is there at all.
    fn any(self, word: &str) -> bool {
        self.0.iter().any(|token| token.is(word))
    }

    /// Whether the word is there outside of parentheses: the WHERE of a subquery is none of the statement's.
    fn outside(self, word: &str) -> bool {
        let mut depth = 0;
        self.0.iter().any(|token| {
            depth += i32::from(token.is("(")) - i32::from(token.is(")"));
            depth == 0 && token.is(word)
        })
    }

    /// Whether these words stand one after the other.
    fn follows(self, words: &[&str]) -> bool {
        self.0
            .windows(words.len())
            .any(|window| window.iter().zip(words).all(|(token, word)| token.is(word)))
    }

    /// The place behind words that may stand at `index`.
    fn skip(self, mut index: usize, optional: &[&str]) -> usize {
        while self.0.get(index).is_some_and(|token| optional.iter().any(|word| token.is(word))) {
            index += 1;
        }
        index
    }

    /// The name there.
    fn name(self, index: usize) -> String {
        self.0.get(index).map(Token::name).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use crate::risk::Risks;
    use limbeck_sql::Flavour;

    #[track_caller]
    fn finds(flavour: Flavour, sql: &str, wanted: &[&str]) {
        let statements = Risks::new(flavour).look(sql);
        let found: Vec<&str> = statements.iter().flat_map(|statement| &statement.risks).map(|risk| risk.rule).collect();
        assert_eq!(found, wanted, "{sql}");
    }

    #[test]
    fn what_takes_data_away() {
        for flavour in [Flavour::Postgresql, Flavour::Sqlite, Flavour::Mysql] {
            finds(flavour, "DROP TABLE users", &["drop-table"]);
            finds(flavour, "drop table if exists users, posts", &["drop-table"]);
            finds(flavour, "ALTER TABLE users DROP COLUMN name", &["drop-column"]);
            finds(flavour, "ALTER TABLE users DROP name", &["drop-column"]);
            finds(flavour, "DELETE FROM users", &["delete-all"]);
            finds(flavour, "DELETE FROM users WHERE id = 1", &[]);
            finds(flavour, "UPDATE users SET name = 'where'", &["update-all"]);
            finds(flavour, "UPDATE users SET name = 'x' WHERE id = 3", &[]);
            finds(
                flavour,
                "UPDATE users SET n = (SELECT count(*) FROM posts WHERE posts.u = users.id)",
                &["update-all"],
            );
            finds(flavour, "UPDATE users SET n = (SELECT 1 WHERE true) WHERE id IN (SELECT 2)", &[]);
            finds(flavour, "ALTER TABLE users RENAME COLUMN a TO b", &["rename"]);
            finds(flavour, "ALTER TABLE users RENAME TO people", &["rename"]);
            finds(flavour, "ALTER TABLE users ADD COLUMN a INTEGER NOT NULL", &["add-required-column"]);
            finds(flavour, "ALTER TABLE users ADD COLUMN a INTEGER DEFAULT 3 NOT NULL", &[]);
            finds(flavour, "ALTER TABLE users ADD COLUMN a INTEGER", &[]);
        }
        finds(Flavour::Postgresql, "TRUNCATE users", &["truncate"]);
        finds(Flavour::Postgresql, "DROP TYPE mood CASCADE", &["drop-cascade"]);
        finds(Flavour::Postgresql, "DROP SCHEMA app", &["drop-schema"]);
        finds(Flavour::Mysql, "ALTER TABLE users MODIFY a BIGINT NOT NULL", &["change-type"]);
    }

    #[test]
    fn what_blocks_others_on_postgresql() {
        let pg = |sql, wanted: &[&str]| finds(Flavour::Postgresql, sql, wanted);
        pg("CREATE INDEX ix ON users (name)", &["create-index"]);
        pg("CREATE UNIQUE INDEX ix ON ONLY app.users (name)", &["create-index"]);
        pg("CREATE INDEX CONCURRENTLY ix ON users (name)", &[]);
        pg("DROP INDEX ix", &["drop-index"]);
        pg("DROP INDEX CONCURRENTLY ix", &[]);
        pg("ALTER TABLE users ALTER COLUMN a TYPE BIGINT", &["change-type"]);
        pg("ALTER TABLE users ALTER a SET DATA TYPE BIGINT USING a::bigint", &["change-type"]);
        pg("ALTER TABLE users ALTER COLUMN a SET NOT NULL", &["set-not-null"]);
        pg("ALTER TABLE users ALTER COLUMN a DROP NOT NULL", &[]);
        pg("ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY(u) REFERENCES users (id)", &["add-foreign-key"]);
        pg("ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY(u) REFERENCES users (id) NOT VALID", &[]);
        pg("ALTER TABLE posts ADD FOREIGN KEY(u) REFERENCES users (id)", &["add-foreign-key"]);
        pg("ALTER TABLE posts ADD CONSTRAINT c CHECK (a > 0)", &["add-check"]);
        pg("ALTER TABLE posts ADD CONSTRAINT u UNIQUE (a)", &["add-unique"]);
        pg("ALTER TABLE posts ADD CONSTRAINT u UNIQUE USING INDEX ix", &[]);
        pg("ALTER TABLE posts DROP CONSTRAINT u", &[]);
        pg("ALTER TABLE posts VALIDATE CONSTRAINT u", &[]);
        pg(
            "ALTER TABLE posts ADD COLUMN a UUID DEFAULT gen_random_uuid() NOT NULL",
            &["add-column-rewrite"],
        );
        pg("ALTER TABLE posts ADD COLUMN a TIMESTAMP DEFAULT now() NOT NULL", &[]);
        pg("ALTER TABLE posts ADD COLUMN a BIGSERIAL NOT NULL", &["add-column-rewrite"]);
        pg("ALTER TABLE posts ADD COLUMN a INT GENERATED BY DEFAULT AS IDENTITY", &["add-column-rewrite"]);
        pg(
            "ALTER TABLE posts ADD a NUMERIC(10, 2), DROP COLUMN b, ALTER c SET NOT NULL",
            &["drop-column", "set-not-null"],
        );
        pg("REINDEX TABLE users", &["reindex"]);
        pg("VACUUM FULL users", &["rewrite"]);
        pg("REFRESH MATERIALIZED VIEW sums", &["refresh"]);
        pg("LOCK TABLE users", &["lock"]);
    }

    #[test]
    fn nobody_uses_a_table_that_was_just_made() {
        let pg = |sql, wanted: &[&str]| finds(Flavour::Postgresql, sql, wanted);
        pg(
            "CREATE TABLE users (id int); CREATE INDEX ix ON users (id); ALTER TABLE \"users\" ALTER id SET NOT NULL;",
            &[],
        );
        pg(
            "CREATE TABLE app.\"Users\" (id int); CREATE INDEX ix ON app.\"Users\" (id); CREATE INDEX ix ON app.users (id)",
            &["create-index"],
        );
        pg(
            "CREATE TABLE IF NOT EXISTS a (id int); ALTER TABLE a RENAME TO b; UPDATE b SET id = 3; DROP TABLE b",
            &[],
        );
    }

    #[test]
    fn batch_mode_loses_nothing() {
        let sql = "CREATE TABLE _alembic_tmp_users (id INTEGER); INSERT INTO _alembic_tmp_users (id) SELECT users.id FROM users; \
                   DROP TABLE users; ALTER TABLE _alembic_tmp_users RENAME TO users;";
        finds(Flavour::Sqlite, sql, &[]);
        finds(Flavour::Sqlite, &format!("{sql} DELETE FROM users;"), &["delete-all"]);
    }

    #[test]
    fn words_in_strings_names_and_comments_do_not_count() {
        let pg = |sql, wanted: &[&str]| finds(Flavour::Postgresql, sql, wanted);
        pg("INSERT INTO notes VALUES ('DROP TABLE users')", &[]);
        pg("-- DROP TABLE users\nSELECT 1", &[]);
        pg("ALTER TABLE users ADD COLUMN \"NOT\" text", &[]);
        pg("DELETE FROM \"where\"", &["delete-all"]);
        pg("DO $$ BEGIN DROP TABLE users; END $$", &[]);
        for sql in [
            "",
            ";",
            "ALTER TABLE",
            "DROP",
            "CREATE INDEX",
            "ALTER TABLE t ADD",
            "\"",
            "ALTER TABLE t ADD CONSTRAINT",
            ".",
            "DELETE FROM",
            "[",
            "UPDATE",
        ] {
            Risks::new(Flavour::Postgresql).look(sql);
        }
    }
}
