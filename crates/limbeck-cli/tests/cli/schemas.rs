//! `drift`, `verify`, `adopt`, `stamp --verify`, `init --baseline`: schemas compared through scratch databases, and nothing of those left behind.

use crate::project::{Project, Ran, server};
use limbeck_test::{Database, Options, Server};

/// A table, an enum with its column, data, an index; the downgrade of `b` forgets the enum.
fn history() -> Project {
    let project = Project::sqlite();
    project.revision(
        "a",
        None,
        "def upgrade():\n    op.create_table('thing', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(20), nullable=False))\n\n\
         def downgrade():\n    op.drop_table('thing')",
    );
    project.revision(
        "b",
        Some("a"),
        "def upgrade():\n    state = sa.Enum('new', 'old', name='state')\n    state.create(op.get_bind(), checkfirst=True)\n    op.add_column('thing', sa.Column('state', state))\n\n\
         def downgrade():\n    op.drop_column('thing', 'state')",
    );
    project.revision(
        "c",
        Some("b"),
        "def upgrade():\n    op.execute(\"INSERT INTO thing VALUES (1, 'x', 'new')\")\n\ndef downgrade():\n    op.execute('DELETE FROM thing')",
    );
    project.revision(
        "d",
        Some("c"),
        "def upgrade():\n    op.create_index('ix_thing_name', 'thing', ['name'])\n\ndef downgrade():\n    op.drop_index('ix_thing_name')",
    );
    project
}

fn on(project: &Project, database: &Database<'_>, arguments: &[&str]) -> Ran {
    let url = database.url();
    let mut all = vec!["--url", url.as_str()];
    all.extend(arguments);
    project.run(&all)
}

fn says_no(ran: Ran, words: &[&str]) -> Ran {
    assert_eq!(ran.code, Some(1), "stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
    for word in words {
        assert!(
            ran.stdout.contains(word) || ran.stderr.contains(word),
            "{word:?} is not in:\n{}\n{}",
            ran.stdout,
            ran.stderr
        );
    }
    ran
}

/// Scratch databases that nobody is connected to; other tests have some in use.
fn left_over(database: &Database<'_>) -> String {
    let sql = "SELECT d.datname FROM pg_database d WHERE datname LIKE 'limbeck%' AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)";
    let mut found = String::new();
    // One that was just made has no connection yet.
    for _ in 0..20 {
        found = database.psql(sql).unwrap();
        if found.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    found
}

#[test]
fn drift_is_what_was_changed_by_hand() {
    let Some(server) = server() else { return };
    let (project, database) = (history(), server.create_database());
    on(&project, &database, &["upgrade", "head"]).ok();
    assert_eq!(on(&project, &database, &["drift"]).ok(), "");
    database
        .psql("ALTER TABLE thing ADD COLUMN extra int DEFAULT 5; DROP INDEX ix_thing_name; ALTER TABLE thing ALTER name TYPE varchar(30); CREATE SCHEMA other; CREATE TABLE other.t (a int)")
        .unwrap();
    let ran = says_no(
        on(&project, &database, &["drift"]),
        &["3 objects are not as the history makes", "not compared", "other"],
    );
    assert_eq!(
        ran.stdout,
        "+ column public.thing.extra\n    + type: integer\n    + default: 5\n\
         ~ column public.thing.name\n    - type: character varying(20)\n    + type: character varying(30)\n\
         - index ix_thing_name on public.thing: CREATE INDEX ix_thing_name ON public.thing USING btree (name)\n"
    );
    let ran = says_no(on(&project, &database, &["drift", "--json", "--all-schemas"]), &[]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report[0]["drift"], true);
    let kinds: Vec<&str> = report[0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|change| change["difference"].as_str())
        .collect();
    assert_eq!(kinds, ["extra", "extra", "extra", "changed", "missing"]);
    assert_eq!(left_over(&database), "");
}

#[test]
fn drift_is_adopted_or_taken_back() {
    let Some(server) = server() else { return };
    let (project, database) = (history(), server.create_database());
    on(&project, &database, &["upgrade", "head"]).ok();
    let by_hand = "ALTER TABLE thing ADD COLUMN extra int DEFAULT 5; DROP INDEX ix_thing_name; ALTER TABLE thing ALTER name TYPE varchar(30); CREATE VIEW v AS SELECT name FROM thing";
    database.psql(by_hand).unwrap();
    let back = on(&project, &database, &["drift", "--generate", "revert"]).ok();
    assert!(back.contains("BEGIN;") && back.contains("DROP VIEW public.v"), "{back}");
    let copy = server.copy_database(database.name());
    copy.psql(&back).unwrap();
    on(&project, &copy, &["drift"]).ok();
    let adopted = on(&project, &database, &["drift", "--generate", "adopt", "-m", "hand"]);
    assert!(adopted.stderr.contains("stamp --verify"), "{}", adopted.stderr);
    let path = adopted.ok();
    let id = std::path::Path::new(path.trim())
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .split('_')
        .next()
        .unwrap()
        .to_owned();
    on(&project, &database, &["stamp", "--verify", &id]).ok();
    on(&project, &database, &["drift"]).ok();
    on(&project, &copy, &["upgrade", "head"]).ok();
    on(&project, &copy, &["drift", "--against", &database.url()]).ok();
    on(&project, &copy, &["verify", "--head-only"]).ok();
}

#[test]
fn drift_compares_with_files_and_databases_too() {
    let Some(server) = server() else { return };
    let (project, one, other) = (history(), server.create_database(), server.create_database());
    on(&project, &one, &["upgrade", "head"]).ok();
    project.write("schema.sql", &server.pg_dump(one.name()).unwrap());
    on(&project, &one, &["drift", "--against", "schema.sql"]).ok();
    says_no(
        on(&project, &other, &["drift", "--against", "schema.sql"]),
        &["- table public.thing", "- enum public.state"],
    );
    other.psql("CREATE TABLE thing (id int)").unwrap();
    let ran = says_no(
        on(&project, &one, &["drift", "--against", &other.url()]),
        &["+ enum public.state", "~ column public.thing.id"],
    );
    assert!(!ran.stdout.contains("password"), "{}", ran.stdout);
    project.write("broken.sql", "CREATE TABLE a (id int);\n\nCREATE TABLE b (id nothing);\n");
    on(&project, &one, &["drift", "--against", "broken.sql"]).fails_with(&["broken.sql:3", "type \"nothing\" does not exist"]);
}

#[test]
fn verify_names_the_downgrade_that_does_not_restore() {
    let Some(server) = server() else { return };
    let (project, database) = (history(), server.create_database());
    let ran = says_no(on(&project, &database, &["verify"]), &["Verified 4 revisions", "1 cannot be undone"]);
    assert_eq!(
        ran.stdout,
        "b, step b: the downgrade does not restore what was before (`+` is left over, `-` is gone)\n    + enum public.state\n        + values: 'new', 'old'\n"
    );
    // Nothing was done to the database itself.
    assert_eq!(database.psql("SELECT count(*) FROM pg_class WHERE relname = 'thing'").unwrap().trim(), "0");
    on(&project, &database, &["verify", "--head-only"]).ok();
    on(&project, &database, &["verify", "c:"]).ok();
    says_no(on(&project, &database, &["verify", "b"]), &["Verified 1 revision "]);
    assert_eq!(left_over(&database), "");
}

#[test]
fn verify_goes_on_after_a_downgrade_that_fails() {
    let Some(server) = server() else { return };
    let (project, database) = (history(), server.create_database());
    project.revision(
        "e",
        Some("d"),
        "def upgrade():\n    op.add_column('thing', sa.Column('e', sa.Integer))\n\ndef downgrade():\n    op.drop_column('thing', 'f')",
    );
    project.revision(
        "f",
        Some("e"),
        "def upgrade():\n    op.execute('CREATE TABLE g (a int)')\n\ndef downgrade():\n    pass",
    );
    project.revision(
        "g",
        Some("f"),
        "def upgrade():\n    op.drop_table('g')\n\ndef downgrade():\n    op.execute('CREATE TABLE g (a int)')",
    );
    let ran = says_no(on(&project, &database, &["verify"]), &["3 cannot be undone"]);
    for words in [
        "e, step e: the downgrade fails",
        "column \"f\" of relation \"thing\" does not exist",
        "f, step f: after the downgrade, the upgrade fails",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("g, step g"), "{}", ran.stdout);
    assert_eq!(left_over(&database), "");
}

#[test]
fn a_downgrade_that_is_not_meant_to_be_run_is_no_fault() {
    let project = history();
    project.revision(
        "e",
        Some("d"),
        "def upgrade():\n    op.execute('CREATE TABLE e (a INT DEFAULT (1))')\n\ndef downgrade():\n    raise NotImplementedError('keep e')",
    );
    project.revision(
        "f",
        Some("e"),
        "def upgrade():\n    op.execute('CREATE TABLE f (a INT)')\n\ndef downgrade():\n    raise Exception('Downgrades not supported')",
    );
    let ran = project.run(&["verify"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(
        ran.stdout,
        "e, step e: not meant to be undone (keep e)\nf, step f: not meant to be undone (Downgrades not supported)\n"
    );
    assert!(ran.stderr.contains("2 not meant to be undone"), "{}", ran.stderr);
}

#[test]
fn adopt_finds_the_revision_by_the_schema() {
    let Some(server) = server() else { return };
    let (project, database) = (history(), server.create_database());
    on(&project, &database, &["upgrade", "d"]).ok();
    database.psql("DROP TABLE alembic_version").unwrap();
    assert_eq!(on(&project, &database, &["adopt"]).ok(), "d, step d\n");
    on(&project, &database, &["adopt", "--stamp"]).ok();
    assert_eq!(database.psql("SELECT version_num FROM alembic_version").unwrap().trim(), "d");
    // `b` and `c` have the same schema: nobody but the user can choose.
    database.psql("DROP TABLE alembic_version; DROP INDEX ix_thing_name").unwrap();
    assert_eq!(on(&project, &database, &["adopt"]).ok(), "b, step b\nc, step c\n");
    says_no(on(&project, &database, &["adopt", "--stamp"]), &["E0734", "stamp c"]);
    database.psql("ALTER TABLE thing DROP COLUMN name").unwrap();
    says_no(
        on(&project, &database, &["adopt"]),
        &["No revision has the schema", "- column public.thing.name"],
    );
}

#[test]
fn stamp_verify_refuses_another_schema() {
    let Some(server) = server() else { return };
    let (project, database) = (history(), server.create_database());
    on(&project, &database, &["upgrade", "b"]).ok();
    says_no(
        on(&project, &database, &["stamp", "--verify", "d"]),
        &["E0733", "nothing was stamped", "ix_thing_name"],
    );
    assert_eq!(database.psql("SELECT version_num FROM alembic_version").unwrap().trim(), "b");
    on(&project, &database, &["stamp", "--verify", "c"]).ok();
    assert_eq!(database.psql("SELECT version_num FROM alembic_version").unwrap().trim(), "c");
}

/// Owners and privileges count only where they are asked for.
#[test]
fn grants_made_by_hand_are_told_adopted_and_taken_back() {
    let Some(server) = server() else { return };
    let (project, database) = (history(), server.create_database());
    let role = "limbeck_cli_reader";
    let _ = database.psql(&format!("CREATE ROLE {role}"));
    on(&project, &database, &["upgrade", "head"]).ok();
    let untouched = server.copy_database(database.name());
    assert_eq!(on(&project, &database, &["drift", "--grants"]).ok(), "");
    database
        .psql(&format!(
            "GRANT SELECT ON thing TO {role}; GRANT UPDATE (name) ON thing TO {role}; ALTER TYPE state OWNER TO {role}; \
             ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}; CREATE VIEW seen AS SELECT id FROM thing"
        ))
        .unwrap();
    let plain = says_no(on(&project, &database, &["drift"]), &["+ view public.seen"]);
    assert!(!plain.stdout.contains(role), "{}", plain.stdout);
    let told = says_no(on(&project, &database, &["drift", "--grants"]), &["~ access to table public.thing"]);
    for line in [
        format!("    + grant: SELECT, UPDATE (name) to {role}\n"),
        "~ access to type public.state\n".to_owned(),
        format!("    + owner: {role}\n"),
        "~ default privileges on tables of ".to_owned(),
    ] {
        assert!(told.stdout.contains(&line), "{line} is not in\n{}", told.stdout);
    }
    // What takes them back does.
    let taken = server.copy_database(database.name());
    let back = on(&project, &taken, &["drift", "--grants", "--generate", "revert"]).ok();
    taken.psql(&back).unwrap();
    assert_eq!(on(&project, &taken, &["drift", "--grants"]).ok(), "", "{back}");
    // The revision makes them elsewhere, and its downgrade takes them back.
    on(&project, &database, &["drift", "--grants", "--generate", "adopt", "-m", "rights"]).ok();
    on(&project, &untouched, &["upgrade", "head"]).ok();
    assert_eq!(on(&project, &untouched, &["drift", "--grants"]).ok(), "");
    let reads = format!("SELECT has_table_privilege('{role}', 'thing', 'SELECT'), has_table_privilege('{role}', 'seen', 'SELECT')");
    assert_eq!(untouched.psql(&reads).unwrap().trim(), "t|t");
    on(&project, &untouched, &["downgrade", "-1"]).ok();
    assert_eq!(on(&project, &untouched, &["drift", "--grants"]).ok(), "");
    assert_eq!(left_over(&database), "");
}

/// A baseline says that it leaves them out, and carries them when it is asked to.
#[test]
fn a_baseline_carries_grants_when_asked() {
    let Some(server) = server() else { return };
    let (project, other, database) = (Project::sqlite(), Project::sqlite(), server.create_database());
    let role = "limbeck_cli_owner";
    let _ = database.psql(&format!("CREATE ROLE {role}"));
    database
        .psql(&format!(
            "CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO {role}; CREATE TABLE app.t (a int); CREATE TABLE app.plain (a int); GRANT INSERT (a) ON app.t TO {role}; \
             CREATE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION app.f() FROM PUBLIC; ALTER TABLE app.plain OWNER TO {role}"
        ))
        .unwrap();
    let without = server.copy_database(database.name());
    let ran = on(&other, &without, &["init", "--baseline"]);
    assert!(ran.stderr.contains("leaves out the owners and privileges of 4 objects"), "{}", ran.stderr);
    ran.ok();
    let path = on(&project, &database, &["init", "--baseline", "--grants"]).ok();
    let text = std::fs::read_to_string(project.path(path.trim())).unwrap();
    assert!(text.contains(&format!("GRANT INSERT (a) ON TABLE app.t TO {role}")), "{text}");
    assert!(!text.contains("CURRENT_USER"), "{text}");
    let new = server.create_database();
    on(&project, &new, &["upgrade", "head"]).ok();
    assert_eq!(on(&project, &new, &["drift", "--grants", "--against", &database.url()]).ok(), "");
}

#[test]
fn a_baseline_reproduces_what_is_there() {
    let Some(server) = server() else { return };
    let (project, database) = (Project::sqlite(), server.create_database());
    database
        .psql(
            "CREATE TYPE mood AS ENUM ('a', 'it''s'); CREATE TABLE one (id serial PRIMARY KEY, m mood DEFAULT 'a', \"Odd :name\" text CHECK (\"Odd :name\" <> ' :x'));
             CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT ' :x: ' || E'\\\\' -- \"\"\"
             $$; CREATE VIEW v AS SELECT f() AS f, id FROM one",
        )
        .unwrap();
    let path = on(&project, &database, &["init", "--baseline"]).ok();
    assert!(path.trim().ends_with("_baseline.py"), "{path}");
    on(&project, &database, &["drift"]).ok();
    let other = server.create_database();
    on(&project, &other, &["upgrade", "head"]).ok();
    assert_eq!(other.dump(), database.dump());
    on(&project, &database, &["init", "--baseline"]).fails_with(&["E0737", "1 revision already"]);
    assert_eq!(left_over(&database), "");
}

/// What nothing but `pg_dump` sees: each of these was once lost or refused.
#[test]
fn a_baseline_loses_nothing_that_pg_dump_shows() {
    let Some(server) = server() else { return };
    let (project, database) = (Project::sqlite(), server.create_database());
    database
        .psql(
            "CREATE DOMAIN d AS text CONSTRAINT one CHECK (VALUE <> ''); ALTER DOMAIN d ADD CONSTRAINT two CHECK (VALUE <> 'x') NOT VALID;
             COMMENT ON CONSTRAINT one ON DOMAIN d IS 'not empty'; CREATE TYPE pair AS (a int, b text); COMMENT ON COLUMN pair.b IS 'second';
             CREATE TABLE t (a int, b text, UNIQUE (a) WITH (fillfactor = 50)) WITH (fillfactor = 70, toast.autovacuum_enabled = false);
             CREATE INDEX t_lower ON t (lower(b)); ALTER INDEX t_lower ALTER COLUMN 1 SET STATISTICS 333;
             CREATE MATERIALIZED VIEW mv AS SELECT b FROM t; ALTER MATERIALIZED VIEW mv ALTER COLUMN b SET STATISTICS 50;
             CREATE TABLE p (id int, k text, PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9);
             CREATE TABLE p2 (k text, id int NOT NULL, CONSTRAINT p2_own PRIMARY KEY (id)); CREATE INDEX p2_by_k ON p2 (k);
             ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (9) TO (20); CREATE INDEX p_k ON p (k); CREATE INDEX p_only ON ONLY p (id, k);
             CREATE TABLE base (a int DEFAULT 7); CREATE TABLE late (x int, a int); ALTER TABLE late INHERIT base;
             CREATE FUNCTION less(t, t) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a < ($2).a'; CREATE FUNCTION order_of(t, t) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0';
             CREATE OPERATOR <# (LEFTARG = t, RIGHTARG = t, PROCEDURE = less); CREATE OPERATOR FAMILY fam USING btree;
             CREATE OPERATOR CLASS t_ops FOR TYPE t USING btree FAMILY fam AS OPERATOR 1 <#, FUNCTION 1 order_of(t, t);
             CREATE FUNCTION of_number(float8) RETURNS pair LANGUAGE sql IMMUTABLE AS 'SELECT ROW(1, ''x'')::pair'; CREATE CAST (float8 AS pair) WITH FUNCTION of_number(float8);
             CREATE VIEW casts AS SELECT 1.5::float8::pair AS p; CREATE AGGREGATE highest(int) (SFUNC = int4larger, STYPE = int, SORTOP = >);
             CREATE AGGREGATE every_row(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0'); COMMENT ON AGGREGATE every_row(*) IS 'rows'",
        )
        .unwrap();
    on(&project, &database, &["init", "--baseline"]).ok();
    let other = server.create_database();
    on(&project, &other, &["upgrade", "head"]).ok();
    assert_eq!(other.dump(), database.dump());
}

#[test]
fn a_baseline_names_what_it_leaves_out() {
    let Some(server) = server() else { return };
    let (project, database) = (Project::sqlite(), server.create_database());
    database
        .psql(
            "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1); CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
             CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'sekret'); CREATE TABLE base (a int); CREATE TABLE child (b int) INHERITS (base);
             ALTER TABLE base ADD later int",
        )
        .unwrap();
    let _ = database.psql("CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)");
    let made = on(&project, &database, &["init", "--baseline"]);
    for part in [
        "E0740",
        "3 objects",
        "index t_a on public.t: it is invalid",
        "user mapping for public on server s",
        "columns of table public.child",
    ] {
        assert!(made.stderr.contains(part), "{part}: {}", made.stderr);
    }
    assert!(!made.stderr.contains("sekret"));
    made.ok();
}

#[test]
fn sqlite_has_all_of_it_too() {
    let project = history();
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.run(&["drift"]).ok(), "");
    assert_eq!(project.run(&["verify", "-v"]).ok().lines().count(), 4);
    let url = format!("sqlite:///{}", project.path("app.db").display());
    let mut connection = limbeck_db::connect(&limbeck_db::DatabaseUrl::parse(&url).unwrap(), &limbeck_db::Environment::default()).unwrap();
    connection
        .execute_batch("CREATE TABLE \"by hand\" (a INT, b TEXT DEFAULT ':x'); DROP INDEX ix_thing_name")
        .unwrap();
    says_no(project.run(&["drift"]), &["+ table main.by hand", "- index ix_thing_name on main.thing"]);
    connection.execute_batch("DROP TABLE \"by hand\"").unwrap();
    assert_eq!(project.run(&["adopt"]).ok(), "b, step b\nc, step c\n");
    connection
        .execute_batch("DROP TABLE alembic_version; CREATE VIEW v AS SELECT name FROM thing WHERE name <> ':y'")
        .unwrap();
    for id in ["a", "b", "c", "d"] {
        std::fs::remove_file(project.path(&format!("migrations/versions/{id}.py"))).unwrap();
    }
    project.run(&["init", "--baseline"]).ok();
    assert_eq!(project.run(&["drift"]).ok(), "");
    let left: Vec<_> = std::fs::read_dir(std::env::temp_dir())
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("limbeck_scratch_"))
        .filter(|entry| entry.path().join("scratch.db").exists() && entry.metadata().unwrap().modified().unwrap().elapsed().unwrap().as_secs() > 120)
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_a_killed_run_left_is_dropped_by_the_next() {
    let Some(server) = server() else { return };
    let (project, database) = (history(), server.create_database());
    project.revision(
        "e",
        Some("d"),
        "def upgrade():\n    op.execute('SELECT pg_sleep(30)')\n\ndef downgrade():\n    pass",
    );
    let url = database.url();
    let mut child = project.start(&["--url", &url, "verify", "e"]);
    let pid = child.id();
    let mine = || {
        server
            .psql(
                "postgres",
                &format!("SELECT datname FROM pg_database WHERE datname LIKE 'limbeck\\_scratch\\_%\\_{pid}\\_%'"),
            )
            .unwrap()
    };
    let started = std::time::Instant::now();
    while server
        .psql(
            "postgres",
            "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND state = 'active' AND datname LIKE 'limbeck%'",
        )
        .unwrap()
        .is_empty()
    {
        assert!(started.elapsed().as_secs() < 60, "the run does not get there");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_ne!(mine(), "");
    on(&project, &database, &["verify", "a"]).ok();
    assert_eq!(mine(), "");
}

#[test]
fn a_role_without_rights_gets_a_private_server_or_a_reason() {
    if let Err(reason) = Server::shared() {
        return println!("skipped: {reason}");
    }
    // A server of its own: roles outlive databases.
    let server = Server::start_with(&Options::default()).unwrap();
    let (project, database) = (history(), server.create_database());
    on(&project, &database, &["upgrade", "head"]).ok();
    database
        .psql("CREATE ROLE poor LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO poor")
        .unwrap();
    let url = database.url().replace("postgres@", "poor@");
    let ran = project.run(&["--url", &url, "drift"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("private server"), "{}", ran.stderr);
    // The scratch database may be made elsewhere.
    let ran = project.run(&["--url", &url, "drift", "--scratch-url", &database.url()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stderr.contains("private server"), "{}", ran.stderr);
}
