//! Reading whole databases: nothing is missed, and a restored dump is the same database.

use limbeck_db::{Connection, DatabaseUrl, Environment, Filter, connect, introspect};
use limbeck_schema::catalogue::{Catalogue, Change, Difference, Key, Kind, Name, Rules, differences};
use limbeck_test::{Database, Server};

const EVERYTHING: &str = include_str!("introspect/everything.sql");
const LATER: &str = include_str!("introspect/later.sql");

fn server() -> Option<&'static Server> {
    match Server::shared() {
        Ok(server) => Some(server),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    }
}

fn open(url: &str) -> Box<dyn Connection> {
    connect(&DatabaseUrl::parse(url).unwrap(), &Environment::default()).unwrap()
}

fn read(url: &str) -> Catalogue {
    introspect(open(url).as_mut(), &Filter::default()).unwrap()
}

/// A database with one of everything that the server knows.
fn everything(server: &Server) -> Database<'_> {
    let database = server.create_database();
    let version = open(&database.url()).server_version()[0];
    database.psql(EVERYTHING).unwrap();
    for line in LATER.lines().filter(|line| !line.starts_with("--")) {
        let (since, sql) = line.split_once(' ').unwrap();
        let has_locales = has_icu(&database) || !sql.contains("provider = icu");
        if since.parse::<u32>().unwrap() <= version && has_locales {
            database.psql(sql).unwrap();
        }
    }
    database
}

fn has_icu(database: &Database<'_>) -> bool {
    database.psql("SELECT count(*) > 0 FROM pg_collation WHERE collprovider = 'i'").unwrap().trim() == "t"
}

fn restored<'server>(server: &'server Server, from: &Database<'_>) -> Option<Database<'server>> {
    let copy = server.create_database();
    let dump = match server.pg_dump(from.name()) {
        Err(reason) if reason.contains("server version mismatch") => {
            println!("skipped: {reason}");
            return None;
        }
        dump => dump.unwrap(),
    };
    // A newer pg_dump writes for its own server.
    let dump = if open(&from.url()).server_version()[0] < 11 {
        dump.replace("FUNCTION = app.add", "PROCEDURE = app.add")
            .replace("EXECUTE FUNCTION", "EXECUTE PROCEDURE")
    } else {
        dump
    };
    copy.psql(&dump).unwrap();
    Some(copy)
}

fn told(changes: &[Change]) -> String {
    changes.iter().map(Change::text).collect()
}

#[test]
fn a_restored_dump_is_the_same_database() {
    let Some(server) = server() else { return };
    let one = everything(server);
    let Some(other) = restored(server, &one) else { return };
    let (have, wanted) = (read(&one.url()), read(&other.url()));
    assert_eq!(
        told(&differences(
            &have,
            &wanted,
            Rules {
                column_order: true,
                extension_versions: true
            }
        )),
        ""
    );
    for kind in [
        Kind::Schema,
        Kind::Extension,
        Kind::Enum,
        Kind::Domain,
        Kind::Composite,
        Kind::Range,
        Kind::Sequence,
        Kind::Table,
        Kind::Column,
        Kind::Constraint,
        Kind::Index,
        Kind::View,
        Kind::MaterializedView,
        Kind::Routine,
        Kind::Trigger,
        Kind::Policy,
        Kind::Rule,
        Kind::Other,
    ] {
        assert!(have.objects().iter().any(|object| object.key.kind == kind), "no {kind} was found");
    }
    for what in [
        "collation",
        "operator",
        "cast",
        "text search dictionary",
        "text search configuration",
        "foreign-data wrapper",
        "server",
        "publication",
        "event trigger",
        "statistics",
        "operator class",
    ] {
        assert!(have.others.iter().any(|other| other.what == what), "no {what} was found");
    }
}

/// The statements of a catalogue make the database they were read from.
#[test]
fn a_catalogue_makes_itself_again() {
    let Some(server) = server() else { return };
    let one = everything(server);
    let wanted = read(&one.url());
    let other = server.create_database();
    let mut connection = open(&other.url());
    connection.begin().unwrap();
    for statement in limbeck_schema::catalogue::create_all(&wanted) {
        connection.execute_batch(&statement).unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
    connection.commit().unwrap();
    assert_eq!(told(&differences(&read(&other.url()), &wanted, Rules::default())), "");
}

#[test]
fn nothing_of_an_extension_and_nothing_of_ours_is_read() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    database
        .psql("CREATE EXTENSION pg_trgm; CREATE SCHEMA limbeck; CREATE TABLE limbeck.x (a int); CREATE TABLE alembic_version (version_num text); CREATE TEMP TABLE gone (a int)")
        .unwrap();
    let filter = Filter::default().without(Name::new("public", "alembic_version"));
    let found = introspect(open(&database.url()).as_mut(), &filter).unwrap();
    let names: Vec<String> = found.objects().iter().map(|object| object.key.to_string()).collect();
    assert_eq!(names, ["schema public.public", "extension pg_trgm"]);
}

/// Each statement changes one thing, and exactly that is told.
#[test]
fn every_change_is_seen_and_nothing_else() {
    let Some(server) = server() else { return };
    let before = everything(server);
    let wanted = read(&before.url());
    for (sql, expected) in [
        ("ALTER TABLE app.scratchpad ALTER COLUMN a TYPE bigint", "column app.scratchpad.a"),
        ("ALTER TABLE app.thing ALTER COLUMN code SET DEFAULT 'x'", "column app.thing.code"),
        ("ALTER TABLE app.thing ALTER COLUMN code DROP NOT NULL", "column app.thing.code"),
        ("ALTER TABLE app.thing DROP CONSTRAINT price_or_name", "constraint price_or_name on app.thing"),
        ("DROP INDEX app.thing_trgm", "index thing_trgm on app.thing"),
        ("ALTER TYPE app.mood ADD VALUE 'new'", "enum app.mood"),
        ("ALTER DOMAIN app.short DROP CONSTRAINT not_empty", "domain app.short"),
        ("ALTER SEQUENCE app.free INCREMENT 6", "sequence app.free"),
        ("ALTER TABLE app.thing ENABLE TRIGGER thing_later", "trigger thing_later on app.thing"),
        ("ALTER TABLE app.region NO FORCE ROW LEVEL SECURITY", "table app.region"),
        ("ALTER POLICY see ON app.region USING (true)", "policy see on app.region"),
        ("COMMENT ON COLUMN app.thing.name IS 'else'", "column app.thing.name"),
        (
            "CREATE OR REPLACE FUNCTION app.lower_of(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT  lower(t)'",
            "function app.lower_of(t text)",
        ),
        (
            "CREATE OR REPLACE VIEW app.cheaper WITH (security_barrier = true) AS SELECT * FROM app.cheap WHERE name LIKE 'b%' WITH LOCAL CHECK OPTION",
            "view app.cheaper",
        ),
        ("DROP RULE no_delete ON app.region", "rule no_delete on app.region"),
        ("ALTER TABLE app.thing SET (fillfactor = 50)", "table app.thing"),
        ("ALTER TABLE app.thing ALTER other_id SET GENERATED ALWAYS", "column app.thing.other_id"),
        (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.thing_other'::regclass",
            "index thing_other on app.thing",
        ),
        ("ALTER SERVER far OPTIONS (SET host 'i')", "server far"),
    ] {
        let copy = server.copy_database(before.name());
        copy.psql(sql).unwrap();
        let changes = differences(&read(&copy.url()), &wanted, Rules::default());
        let objects: Vec<String> = changes.iter().map(|change| change.object.to_string()).collect();
        assert_eq!(objects, [expected], "{sql}: {}", told(&changes));
    }
}

/// The way to a changed database and the way back do what they say, or name what they cannot do.
#[test]
fn a_database_can_be_altered_into_another_and_back() {
    let Some(server) = server() else { return };
    let before = everything(server);
    let old = read(&before.url());
    for sql in [
        "ALTER TABLE app.scratchpad ALTER COLUMN a TYPE bigint, ADD COLUMN b text DEFAULT 'x' NOT NULL; COMMENT ON COLUMN app.scratchpad.b IS 'b'",
        "DROP VIEW app.cheaper, app.cheap; ALTER TABLE app.thing DROP COLUMN price CASCADE; ALTER TABLE app.thing ALTER COLUMN made TYPE timestamp",
        "ALTER TABLE app.thing ALTER COLUMN code SET DEFAULT 'x', ALTER COLUMN code DROP NOT NULL, DROP CONSTRAINT price_or_name",
        "DROP INDEX app.thing_trgm; CREATE INDEX other ON app.thing (code); ALTER TABLE app.thing RENAME CONSTRAINT thing_late TO later",
        "ALTER SEQUENCE app.free INCREMENT 6 NO CYCLE; ALTER TABLE app.region NO FORCE ROW LEVEL SECURITY; ALTER POLICY see ON app.region USING (true)",
        "ALTER TABLE app.thing ENABLE TRIGGER thing_later; DROP RULE no_delete ON app.region; ALTER TABLE app.thing RESET (fillfactor)",
        "CREATE OR REPLACE FUNCTION app.lower_of(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT  lower(t)'; DROP FUNCTION app.add(text, text)",
        "CREATE SCHEMA more; CREATE TYPE more.e AS ENUM ('a'); CREATE TABLE more.t (id serial PRIMARY KEY, e more.e, r int REFERENCES app.region); CREATE VIEW more.v AS SELECT * FROM more.t",
        "COMMENT ON TABLE app.region IS 'r'; ALTER TABLE app.thing ALTER other_id SET GENERATED ALWAYS",
        "DROP TABLE app.child; DROP TABLE app.scratchpad; DROP MATERIALIZED VIEW app.counts_empty; DROP STATISTICS app.thing_stats",
    ] {
        let changed = server.copy_database(before.name());
        changed.psql(sql).unwrap();
        let new = read(&changed.url());
        for (start, from, to) in [(&before, &old, &new), (&changed, &new, &old)] {
            let copy = server.copy_database(start.name());
            let way = limbeck_schema::catalogue::alter(from, to);
            assert_eq!(way.by_hand, Vec::<String>::new(), "{sql}");
            let mut connection = open(&copy.url());
            connection.begin().unwrap();
            for statement in &way.statements {
                connection
                    .execute_batch(statement)
                    .unwrap_or_else(|error| panic!("{sql}: {error}\n{}\n\nat {statement}", way.statements.join(";\n")));
            }
            connection.commit().unwrap();
            let left = differences(&read(&copy.url()), to, Rules::default());
            assert_eq!(told(&left), "", "{sql}\n{}", way.statements.join(";\n"));
        }
    }
}

/// Values of an enum are added to it; to take them away the type is exchanged.
#[test]
fn an_enum_is_altered_in_both_directions() {
    let Some(server) = server() else { return };
    let (one, other) = (server.create_database(), server.create_database());
    one.psql("CREATE TYPE e AS ENUM ('b')").unwrap();
    other.psql("CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (e e DEFAULT 'b')").unwrap();
    one.psql("CREATE TABLE t (e e DEFAULT 'b')").unwrap();
    let (old, new) = (read(&one.url()), read(&other.url()));
    let way = limbeck_schema::catalogue::alter(&old, &new);
    assert_eq!(
        way.statements,
        ["ALTER TYPE public.e ADD VALUE 'a' BEFORE 'b'", "ALTER TYPE public.e ADD VALUE 'c' AFTER 'b'"]
    );
    let back = limbeck_schema::catalogue::alter(&new, &old);
    assert_eq!(back.by_hand, Vec::<String>::new());
    other.psql(&back.statements.join(";\n")).unwrap();
    assert_eq!(told(&differences(&read(&other.url()), &old, Rules::default())), "");
}

#[test]
fn what_cannot_be_altered_is_named() {
    let Some(server) = server() else { return };
    let (one, other) = (server.create_database(), server.create_database());
    one.psql("CREATE TYPE pair AS RANGE (subtype = int4)").unwrap();
    other.psql("CREATE TYPE pair AS RANGE (subtype = int8)").unwrap();
    let way = limbeck_schema::catalogue::alter(&read(&one.url()), &read(&other.url()));
    assert!(way.statements.is_empty(), "{:?}", way.statements);
    assert!(matches!(way.by_hand.as_slice(), [told] if told.contains("public.pair")), "{:?}", way.by_hand);
}

#[test]
fn a_transaction_keeps_its_settings() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut connection = open(&database.url());
    connection.begin().unwrap();
    connection
        .execute_batch("SET LOCAL search_path = pg_catalog, public; CREATE TABLE public.mine (a int)")
        .unwrap();
    let found = introspect(connection.as_mut(), &Filter::default()).unwrap();
    assert_eq!(found.tables.len(), 1);
    let path = connection.query("SHOW search_path", &[]).unwrap().rows;
    assert_eq!(format!("{path:?}"), "[[Text(\"pg_catalog, public\")]]");
    assert!(connection.in_transaction());
}

#[test]
fn sqlite_is_read_whole() {
    let mut connection = open("sqlite://");
    connection
        .execute_batch(
            "CREATE TABLE region (id INTEGER PRIMARY KEY, name TEXT NOT NULL CONSTRAINT named UNIQUE);
             CREATE TABLE thing (id INTEGER PRIMARY KEY AUTOINCREMENT, region_id INT REFERENCES region (id), s VARCHAR(5) CHECK (s <> ''));
             CREATE INDEX thing_s ON thing (lower(s)) WHERE s IS NOT NULL;
             CREATE VIEW v AS SELECT id FROM thing;
             CREATE TRIGGER touch AFTER INSERT ON thing BEGIN UPDATE thing SET s = 'x'; END;
             CREATE VIRTUAL TABLE words USING fts5(text);
             CREATE TABLE limbeck_journal (a); CREATE TABLE alembic_version (version_num VARCHAR(32))",
        )
        .unwrap();
    let filter = Filter::default().without(Name::bare("alembic_version"));
    let one = introspect(connection.as_mut(), &filter).unwrap();
    let names: Vec<String> = one
        .objects()
        .iter()
        .filter(|object| object.key.kind != Kind::Column)
        .map(|object| object.key.to_string())
        .collect();
    assert_eq!(
        names,
        [
            "schema main.main",
            "table main.region",
            "constraint PRIMARY KEY (id) on main.region",
            "constraint named on main.region",
            "table main.thing",
            "constraint PRIMARY KEY (id) AUTOINCREMENT on main.thing",
            "constraint CHECK (s <> '') on main.thing",
            "constraint FOREIGN KEY (region_id) REFERENCES region (id) on main.thing",
            "index thing_s on main.thing",
            "trigger touch on main.thing",
            "table main.words",
            "view main.v",
        ]
    );
    connection
        .execute_batch("DROP INDEX thing_s; CREATE INDEX thing_s ON \"thing\" ( lower( \"s\" ) ) where s is not NULL")
        .unwrap();
    let other = introspect(connection.as_mut(), &filter).unwrap();
    assert_eq!(told(&differences(&one, &other, Rules::default())), "");
    connection.execute_batch("ALTER TABLE thing ADD COLUMN t TEXT DEFAULT 'a'").unwrap();
    let later = introspect(connection.as_mut(), &filter).unwrap();
    let changes = differences(&later, &one, Rules::default());
    let key = Key {
        name: Name::new("main", "thing"),
        kind: Kind::Column,
        part: Some("t".into()),
        what: None,
    };
    assert!(
        matches!(&changes[..], [Change { object, difference: Difference::Extra { .. } }] if *object == key),
        "{}",
        told(&changes)
    );
}
