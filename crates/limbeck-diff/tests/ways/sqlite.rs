//! A random schema for SQLite.

use crate::random::Random;

const COLUMNS: &[(&str, &[&str])] = &[
    ("amount", &["integer", "bigint DEFAULT 7", "numeric(10,2)"]),
    ("\"Name\"", &["text COLLATE NOCASE", "varchar(10) DEFAULT 'it''s'", "varchar(40) UNIQUE"]),
    ("at", &["timestamp DEFAULT CURRENT_TIMESTAMP", "text"]),
    ("flag", &["boolean CHECK (flag IN (0, 1))", "integer"]),
    ("[odd one]", &["blob", "json"]),
];

pub fn schema(random: &mut Random) -> Vec<String> {
    let mut sql = Vec::new();
    let mut made: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in ["account", "\"Order\"", "note"] {
        if random.chance(4) {
            continue;
        }
        let plain = name.trim_matches('"').to_lowercase();
        let mut parts = vec!["id integer PRIMARY KEY".to_owned()];
        let mut columns = vec!["id"];
        for (column, types) in COLUMNS {
            if !random.chance(3) {
                parts.push(format!("{column} {}", random.one(types)));
                columns.push(*column);
            }
        }
        if let Some((other, _)) = made.last().filter(|_| random.chance(2)) {
            parts.push(format!(
                "parent integer REFERENCES {other} (id) ON DELETE {}",
                random.one(&["CASCADE", "SET NULL"])
            ));
        }
        if random.chance(2) {
            parts.push(format!("CONSTRAINT ck_{plain} CHECK (id > {})", random.below(3)));
        }
        let ending = random.one(&["", "", " WITHOUT ROWID"]);
        sql.push(format!("CREATE TABLE {name} ({}){ending}", parts.join(", ")));
        for number in 0..random.below(3) {
            let column = columns[random.below(columns.len())];
            let filter = if random.chance(3) { " WHERE id > 5" } else { "" };
            sql.push(format!("CREATE INDEX ix_{plain}_{number} ON {name} ({column} DESC){filter}"));
        }
        if random.chance(2) {
            let target = made.last().map_or(name, |(other, _)| other);
            sql.push(format!(
                "CREATE TRIGGER touched_{plain} AFTER UPDATE ON {name} BEGIN DELETE FROM {target} WHERE id = NEW.id + {}; END",
                random.below(3)
            ));
        }
        made.push((name, columns));
    }
    if let Some((table, columns)) = made.get(random.below(made.len())) {
        let some = random.some(columns);
        sql.push(format!(
            "CREATE VIEW seen AS SELECT {} FROM {table} WHERE id > {}",
            some.join(", "),
            random.below(2)
        ));
        if random.chance(2) {
            sql.push(format!("CREATE VIEW twice_seen AS SELECT {}, 1 AS one FROM seen", some[0]));
        }
    }
    sql
}
