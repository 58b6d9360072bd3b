//! The wanted schema from a file or another database: `check --from`, `generate --autogenerate --from`, `schema` in the configuration.

use crate::project::{Project, Ran, server};
use limbeck_test::Database;

fn on(project: &Project, database: &Database<'_>, arguments: &[&str]) -> Ran {
    let url = database.url();
    let mut all = vec!["--url", url.as_str()];
    all.extend(arguments);
    project.run(&all)
}

const FIRST: &str = "
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE account (id serial PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, mood mood DEFAULT 'ok', made timestamptz DEFAULT now());
CREATE TABLE orders (id bigserial PRIMARY KEY, account_id int NOT NULL REFERENCES account(id) ON DELETE CASCADE, total numeric(10,2) CHECK (total >= 0), note text);
CREATE TABLE log (at timestamptz NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX ix_orders_note ON orders (lower(note));
CREATE VIEW rich AS SELECT a.email, sum(o.total) AS total FROM account a JOIN orders o ON o.account_id = a.id GROUP BY a.email;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.made := now();  -- 'it''s' :x \\ \"\"\"
  RETURN NEW;
END $$;
CREATE FUNCTION size_of(t text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT length(t)';
CREATE TRIGGER touched BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION touch();
CREATE DOMAIN short AS text CHECK (length(VALUE) < 10);
COMMENT ON TABLE orders IS 'what was bought';
";

const SECOND: &str = "
CREATE SCHEMA stock;
CREATE DOMAIN money2 AS numeric(12,2) CHECK (VALUE >= 0);
CREATE DOMAIN short AS text DEFAULT 'x' NOT NULL CHECK (length(VALUE) < 20);
CREATE SEQUENCE numbers START 100;
CREATE TYPE mood AS ENUM ('ok', 'glad');
CREATE FUNCTION code() RETURNS text LANGUAGE sql AS 'SELECT md5(''x'')';
CREATE TABLE account (id serial PRIMARY KEY, email text NOT NULL UNIQUE, mood mood DEFAULT 'glad', made timestamptz DEFAULT now(), nick text COLLATE \"C\",
  number int DEFAULT nextval('numbers'), code text DEFAULT code());
CREATE TABLE orders (id bigserial PRIMARY KEY, account_id int NOT NULL REFERENCES account(id) ON DELETE CASCADE, total numeric(14,2) CHECK (total >= 0),
  twice numeric GENERATED ALWAYS AS (total * 2) STORED);
CREATE TABLE price (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m money2 NOT NULL, s short);
CREATE TABLE stock.item (id int PRIMARY KEY, small smallserial, tags text[], EXCLUDE USING gist (int4range(id, id + 1) WITH &&));
CREATE UNLOGGED TABLE heap (a int);
CREATE INDEX ix_account_nick ON account (nick DESC NULLS LAST) INCLUDE (email) WHERE nick IS NOT NULL;
CREATE VIEW rich AS SELECT a.email, a.nick, sum(o.total) AS total FROM account a JOIN orders o ON o.account_id = a.id GROUP BY a.email, a.nick;
CREATE MATERIALIZED VIEW richest AS SELECT * FROM rich WHERE total > 100;
CREATE UNIQUE INDEX ON richest (email);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.made := clock_timestamp();
  RETURN NEW;
END $$;
CREATE FUNCTION size_of(t text) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT length(t)::bigint';
CREATE TRIGGER touched BEFORE UPDATE OF email ON account FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON account USING (email = current_user);
CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM orders';
COMMENT ON COLUMN orders.total IS 'in €';
COMMENT ON VIEW rich IS 'who pays';
";

#[test]
fn a_file_is_the_wanted_schema_up_and_down() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = Project::sqlite();
    project.write("first.sql", FIRST);
    project.write("second.sql", SECOND);
    let first = on(
        &project,
        &database,
        &["generate", "first", "--autogenerate", "--from", "first.sql", "--rev-id", "a1"],
    );
    assert!(first.stderr.contains("Proved on a scratch database"), "{}", first.stderr);
    first.ok();
    on(&project, &database, &["upgrade", "head"]).ok();
    on(&project, &database, &["check", "--from", "first.sql"]).ok();
    database
        .psql("INSERT INTO account (email) VALUES ('a'); INSERT INTO orders (account_id, note) VALUES (1, 'n'); INSERT INTO log VALUES ('2026-05-05', 'x')")
        .expect("the statements run");

    let checked = on(&project, &database, &["check", "--from", "second.sql"]);
    assert_eq!(checked.code, Some(1));
    for sentence in [
        "Column orders.note exists in the database but not in the wanted schema",
        "Materialized view public.richest is wanted but not in the database",
        "Policy own on public.account is wanted but not in the database",
    ] {
        assert!(checked.stdout.contains(sentence), "{}", checked.stdout);
    }
    let second = on(
        &project,
        &database,
        &["generate", "second", "--autogenerate", "--from", "second.sql", "--rev-id", "b2"],
    );
    assert!(
        second.stderr.contains("column orders.note is dropped with its values in 1 row"),
        "{}",
        second.stderr
    );
    assert!(second.stderr.contains("table log is dropped with 1 row"), "{}", second.stderr);
    let path = second.ok();
    let text = std::fs::read_to_string(path.trim()).expect("the revision");
    assert!(text.contains("op.add_column('account', sa.Column('nick'"), "{text}");
    // The value `sad` goes: the rows have to be seen to first.
    on(&project, &database, &["upgrade", "head"]).ok();
    on(&project, &database, &["check", "--from", "second.sql"]).ok();
    on(&project, &database, &["drift"]).ok();
    on(&project, &database, &["downgrade", "-1"]).ok();
    on(&project, &database, &["check", "--from", "first.sql"]).fails_with(&["E0404"]);
    on(&project, &database, &["drift", "--against", "first.sql"]).ok();
}

#[test]
fn another_database_is_the_wanted_schema() {
    let Some(server) = server() else { return };
    let (database, other) = (server.create_database(), server.create_database());
    other
        .psql("CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t")
        .expect("the statements run");
    let project = Project::sqlite();
    let url = other.url();
    on(&project, &database, &["generate", "like the other", "--autogenerate", "--from", &url]).ok();
    on(&project, &database, &["upgrade", "head"]).ok();
    on(&project, &database, &["check", "--from", &url]).ok();
    on(&project, &database, &["check", "--from", "sqlite:///x.db"]).fails_with(&["E0403"]);
}

const LITE: &str = "
CREATE TABLE account (id integer PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, made timestamp DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE orders (id integer PRIMARY KEY, account_id int NOT NULL REFERENCES account(id) ON DELETE CASCADE, total numeric(10,2) CHECK (total >= 0), note text);
CREATE INDEX ix_orders_note ON orders (lower(note));
CREATE VIEW rich AS SELECT a.email, sum(o.total) AS total FROM account a JOIN orders o ON o.account_id = a.id GROUP BY a.email;
CREATE TRIGGER touched AFTER UPDATE ON account BEGIN UPDATE account SET made = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
";

#[test]
fn sqlite_s_views_and_triggers_come_along() {
    let project = Project::sqlite();
    project.write("schema.sql", LITE);
    let ini = std::fs::read_to_string(project.path("alembic.ini")).expect("the ini");
    project.write("alembic.ini", &format!("{ini}\n[limbeck]\nschema = schema.sql\n"));
    project.run(&["generate", "first", "--autogenerate", "--rev-id", "a1"]).ok();
    project.run(&["upgrade", "head"]).ok();
    project.run(&["check"]).ok();
    project.query("INSERT INTO account (email) VALUES ('a')");
    project.query("INSERT INTO orders (account_id, note) VALUES (1, 'n')");
    let changed = LITE
        .replace("varchar(100)", "varchar(200)")
        .replace("UPDATE ON account BEGIN", "UPDATE OF email ON account BEGIN")
        .replace(", note text", "")
        .replace(
            "CREATE INDEX ix_orders_note ON orders (lower(note));",
            "CREATE TABLE kv (k text PRIMARY KEY) WITHOUT ROWID;",
        );
    project.write("schema.sql", &changed);
    assert_eq!(project.run(&["check"]).code, Some(1));
    let second = project.run(&["generate", "second", "--autogenerate", "--rev-id", "b2"]);
    assert!(second.stderr.contains("orders.note is dropped with its values in 1 row"), "{}", second.stderr);
    second.ok();
    project.run(&["upgrade", "head"]).ok();
    project.run(&["check"]).ok();
    assert_eq!(project.query("SELECT email FROM account"), ["a"]);
    assert_eq!(project.query("SELECT count(*) FROM orders"), ["1"]);
    project.run(&["downgrade", "-1"]).ok();
    project.write("first.sql", LITE);
    project.run(&["drift", "--against", "first.sql"]).ok();
}

#[test]
fn what_is_wrong_with_the_wanted_schema_is_said() {
    let project = Project::sqlite();
    project.write("bad.sql", "CREATE TABLE t (a int);\n\nCREATE TABLE t (a int);\n");
    project
        .run(&["generate", "x", "--autogenerate", "--from", "bad.sql"])
        .fails_with(&["E0731", "bad.sql:3", "already exists"]);
    project
        .run(&["generate", "x", "--autogenerate", "--from", "none.sql"])
        .fails_with(&["E0108", "none.sql"]);
    project.run(&["generate", "x", "--from", "bad.sql"]).fails_with(&["E0002", "--autogenerate"]);
    let versions = std::fs::read_dir(project.path("migrations/versions")).expect("the folder");
    assert_eq!(versions.count(), 0);
}
