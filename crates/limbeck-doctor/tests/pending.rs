//! What the checks that look ahead predict, and whether the statements then really fail or run.

use std::path::{Path, PathBuf};

use limbeck_db::{DatabaseUrl, Environment};
use limbeck_doctor::Answer;
use limbeck_doctor::pending::{CHECK_CONSTRAINTS, CONVERSIONS, DEPENDENTS, FOREIGN_KEYS, LOSSES, Limits, NOT_NULL, OBJECTS, PERMISSIONS, UNIQUE, look};
use limbeck_expr::Query;
use limbeck_ops::{Asked, Place, Recorded, RecordedRevision};
use limbeck_test::Server;

/// A case: what is there, and what is pending.
struct Case<'a> {
    there: &'a str,
    pending: &'a [&'a str],
}

/// What was predicted, and what happened.
struct Outcome {
    answers: Vec<(&'static str, Answer)>,
    happened: Result<String, String>,
}

fn server() -> Option<&'static Server> {
    match Server::shared() {
        Ok(server) => Some(server),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}

fn recorded(pending: &[&str]) -> Vec<RecordedRevision> {
    let item = |(line, sql): (usize, &&str)| Recorded {
        place: Place {
            path: PathBuf::from("/app/versions/bb02.py"),
            line: u32::try_from(line).expect("a small number") + 10,
            column: 0,
        },
        what: Asked::Query(Box::new(Query::Raw {
            sql: (*sql).to_owned(),
            params: Vec::new(),
        })),
        statements: vec![(*sql).to_owned()],
    };
    vec![RecordedRevision {
        revision: "bb02".into(),
        items: pending.iter().enumerate().map(item).collect(),
        ..RecordedRevision::default()
    }]
}

impl Case<'_> {
    /// Predicts, then runs the pending statements in one transaction.
    fn run(&self) -> Option<Outcome> {
        let server = server()?;
        let database = server.create_database();
        database.psql(self.there).expect("what is there can be made");
        let url = DatabaseUrl::parse(&database.url()).expect("a URL");
        let mut connection = limbeck_db::connect(&url, &Environment::default()).expect("the server is there");
        let dump = || server.pg_dump(database.name()).ok().map(|text| limbeck_test::normalise_postgresql(&text));
        let before = dump();
        let answers = look(&recorded(self.pending), Path::new("/app"), connection.as_mut(), Limits::default()).expect("the database answers");
        assert!(!connection.in_transaction(), "a probe left a transaction open");
        assert_eq!(before, dump(), "a probe changed something");
        drop(connection);
        let happened = database.psql(&format!("BEGIN; {}; COMMIT;", self.pending.join(";\n")));
        Some(Outcome { answers, happened })
    }
}

impl Outcome {
    fn answer(&self, check: &str) -> &Answer {
        &self.answers.iter().find(|(name, _)| *name == check).expect("the check answers").1
    }

    fn problems(&self) -> Vec<String> {
        self.answers
            .iter()
            .filter(|(check, _)| *check != LOSSES)
            .flat_map(|(_, answer)| answer.findings())
            .map(|finding| format!("{finding:#?}"))
            .collect()
    }
}

/// Predicts that the pending statements fail for this check, with these words; and they do.
#[track_caller]
fn fails(there: &str, pending: &[&str], check: &str, words: &[&str]) {
    let Some(outcome) = (Case { there, pending }).run() else { return };
    let shown = format!("{:#?}", outcome.answer(check));
    assert!(matches!(outcome.answer(check), Answer::Findings(_)), "{pending:?}: {:#?}", outcome.answers);
    for word in words {
        assert!(shown.contains(word), "{word:?} is not in:\n{shown}");
    }
    assert!(outcome.happened.is_err(), "{pending:?} ran, but was said to fail: {shown}");
}

/// Predicts nothing bad; and they run.
#[track_caller]
fn runs(there: &str, pending: &[&str]) {
    let Some(outcome) = (Case { there, pending }).run() else { return };
    assert!(outcome.happened.is_ok(), "{:?}", outcome.happened);
    assert_eq!(outcome.problems(), Vec::<String>::new(), "{pending:?}");
    for (check, answer) in &outcome.answers {
        assert!(!matches!(answer, Answer::Unknown(_)), "{check}: {answer:?}");
    }
}

/// Says that it cannot know.
#[track_caller]
fn unknown(there: &str, pending: &[&str], check: &str, word: &str) {
    let Some(outcome) = (Case { there, pending }).run() else { return };
    match outcome.answer(check) {
        Answer::Unknown(why) => assert!(why.contains(word), "{word:?} is not in {why}"),
        other => panic!("{pending:?}: {other:?}"),
    }
}

const USERS: &str = "CREATE TABLE users (id int PRIMARY KEY, email varchar(50), phone_number varchar(20));
    CREATE TABLE posts (id int PRIMARY KEY, user_id int, title text);
    INSERT INTO users VALUES (1, 'a@x', '555'), (2, 'b@x', ''), (3, 'a@x', 'none'), (4, NULL, NULL);
    INSERT INTO posts VALUES (1, 1, 'one'), (2, 99, 'two'), (3, NULL, 'three'), (4, 98, NULL), (5, 97, 'five'), (6, 97, 'six');";

const FK: &str = "ALTER TABLE posts ADD CONSTRAINT fk_posts_user_id_users FOREIGN KEY(user_id) REFERENCES users (id)";

#[test]
fn foreign_keys_with_orphans() {
    let words = [
        "4 rows of posts refer to no row of users",
        "fk_posts_user_id_users",
        "versions/bb02.py:10",
        "id = '2', user_id = '99'",
        "UPDATE posts SET user_id = NULL WHERE",
        "DELETE FROM posts",
    ];
    fails(USERS, &[FK], FOREIGN_KEYS, &words);
}

#[test]
fn foreign_keys_after_their_rows_were_mended() {
    runs(USERS, &["DELETE FROM posts WHERE user_id > 90", FK]);
    runs(USERS, &["UPDATE posts SET user_id = NULL WHERE user_id NOT IN (SELECT id FROM users)", FK]);
    runs(USERS, &["TRUNCATE posts", FK]);
    runs(
        USERS,
        &["ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY(user_id) REFERENCES users (id) NOT VALID"],
    );
    runs(USERS, &["ALTER TABLE posts ADD COLUMN author_id INT REFERENCES users (id)"]);
    unknown(
        USERS,
        &["INSERT INTO users SELECT generate_series(90, 99)", FK],
        FOREIGN_KEYS,
        "inserts rows into users first",
    );
}

#[test]
fn foreign_keys_follow_renames() {
    runs(
        USERS,
        &[
            "DELETE FROM posts WHERE user_id > 90",
            "ALTER TABLE users RENAME TO people",
            "ALTER TABLE posts RENAME user_id TO person_id",
            "ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY(person_id) REFERENCES people (id)",
        ],
    );
    fails(
        USERS,
        &[
            "ALTER TABLE users RENAME TO people",
            "ALTER TABLE posts RENAME user_id TO person_id",
            "ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY(person_id) REFERENCES people (id)",
        ],
        FOREIGN_KEYS,
        &["4 rows of posts refer to no row of people", "person_id = '99'"],
    );
}

#[test]
fn foreign_keys_of_every_form() {
    let pairs = "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE c (id int, x int, y int);
        INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, NULL);";
    runs(pairs, &["ALTER TABLE c ADD FOREIGN KEY (x, y) REFERENCES p (a, b)"]);
    fails(
        pairs,
        &["ALTER TABLE c ADD FOREIGN KEY (x, y) REFERENCES p (a, b) MATCH FULL"],
        FOREIGN_KEYS,
        &["1 row of c"],
    );
    fails(
        "CREATE TABLE t (id int PRIMARY KEY, parent int); INSERT INTO t VALUES (1, NULL), (2, 1), (3, 7)",
        &["ALTER TABLE t ADD FOREIGN KEY (parent) REFERENCES t (id)"],
        FOREIGN_KEYS,
        &["1 row of t refer to no row of t", "parent = '7'"],
    );
    // The primary key is what is referred to where no column is named.
    fails(
        USERS,
        &["ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users"],
        FOREIGN_KEYS,
        &["4 rows"],
    );
    fails(
        USERS,
        &["ALTER TABLE posts ADD FOREIGN KEY (title) REFERENCES users (email)"],
        FOREIGN_KEYS,
        &["users(email), which is not unique", "op.create_unique_constraint("],
    );
    fails(
        USERS,
        &["ALTER TABLE posts ADD FOREIGN KEY (title) REFERENCES users (id)"],
        FOREIGN_KEYS,
        &["cannot be compared"],
    );
    runs(
        USERS,
        &[
            "CREATE TABLE kinds (id SERIAL NOT NULL, PRIMARY KEY (id))",
            "ALTER TABLE posts ADD COLUMN kind INTEGER",
            "ALTER TABLE posts ADD FOREIGN KEY (kind) REFERENCES kinds (id)",
        ],
    );
    fails(
        USERS,
        &[
            "CREATE TABLE kinds (id SERIAL NOT NULL, PRIMARY KEY (id))",
            "ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES kinds (id)",
        ],
        FOREIGN_KEYS,
        &["5 rows of posts refer to no row of kinds"],
    );
    fails(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a); ALTER TABLE b DROP CONSTRAINT b_a_fkey; INSERT INTO b VALUES (1);
         ALTER TABLE b ADD CONSTRAINT late FOREIGN KEY (a) REFERENCES a NOT VALID",
        &["ALTER TABLE b VALIDATE CONSTRAINT late"],
        FOREIGN_KEYS,
        &["1 row of b"],
    );
}

#[test]
fn conversions_of_the_guide() {
    let change = "ALTER TABLE users ALTER COLUMN phone_number TYPE INTEGER USING phone_number::integer";
    fails(
        USERS,
        &[change],
        CONVERSIONS,
        &[
            "2 values of users.phone_number cannot be converted from character varying(20) to INTEGER",
            "id = '2', phone_number = ''",
            "invalid input syntax for",
            "UPDATE users SET phone_number = NULL WHERE phone_number",
        ],
    );
    fails(
        USERS,
        &["ALTER TABLE users ALTER COLUMN phone_number TYPE INTEGER"],
        CONVERSIONS,
        &[
            "users.phone_number cannot be cast automatically",
            "and 2 values cannot be converted at all",
            "postgresql_using='phone_number::integer'",
        ],
    );
    // The guide's own remedies.
    runs(
        USERS,
        &[
            "UPDATE users SET phone_number = NULL WHERE phone_number = ''",
            "UPDATE users SET phone_number = NULL WHERE phone_number !~ '^[0-9]+$'",
            change,
        ],
    );
    fails(
        USERS,
        &["UPDATE users SET phone_number = NULL WHERE phone_number = ''", change],
        CONVERSIONS,
        &["1 value of users.phone_number", "phone_number = 'none'"],
    );
    runs(
        USERS,
        &[
            "ALTER TABLE users ADD COLUMN phone_number_int INTEGER",
            "UPDATE users SET phone_number_int = phone_number::integer WHERE phone_number ~ '^[0-9]+$'",
            "ALTER TABLE users DROP COLUMN phone_number",
            "ALTER TABLE users RENAME phone_number_int TO phone_number",
        ],
    );
}

#[test]
fn conversions_of_other_types() {
    let there = "CREATE TABLE t (id int PRIMARY KEY, name text, price numeric, big bigint, made text, ok text, data text, kinds text[]);
        INSERT INTO t VALUES (1, 'short', 12345.67, 5, '2024-01-01', 'yes', '{}', '{1,2}'), (2, 'far too long', 1, 3000000000, 'soon', 'maybe', '{', '{x}');";
    fails(
        there,
        &["ALTER TABLE t ALTER COLUMN name TYPE VARCHAR(5)"],
        CONVERSIONS,
        &["1 value of t.name", "id = '2', name = 'far too long'"],
    );
    runs(there, &["ALTER TABLE t ALTER COLUMN name TYPE VARCHAR(12)"]);
    fails(
        there,
        &["ALTER TABLE t ALTER COLUMN price TYPE NUMERIC(5, 2)"],
        CONVERSIONS,
        &["numeric field overflow", "id = '1'"],
    );
    runs(there, &["ALTER TABLE t ALTER COLUMN price TYPE NUMERIC(9, 1)"]);
    fails(there, &["ALTER TABLE t ALTER COLUMN big TYPE INTEGER"], CONVERSIONS, &["integer out of range"]);
    runs(there, &["ALTER TABLE t ALTER COLUMN id TYPE BIGINT"]);
    fails(
        there,
        &["ALTER TABLE t ALTER COLUMN made TYPE TIMESTAMP WITHOUT TIME ZONE USING made::timestamp"],
        CONVERSIONS,
        &["made = 'soon'"],
    );
    fails(
        there,
        &["ALTER TABLE t ALTER COLUMN ok TYPE BOOLEAN USING ok::boolean"],
        CONVERSIONS,
        &["ok = 'maybe'"],
    );
    fails(
        there,
        &["ALTER TABLE t ALTER COLUMN data TYPE JSONB USING data::jsonb"],
        CONVERSIONS,
        &["data = '{'"],
    );
    fails(
        there,
        &["ALTER TABLE t ALTER COLUMN kinds TYPE INT[] USING kinds::int[]"],
        CONVERSIONS,
        &["1 value"],
    );
    runs(
        there,
        &[
            "ALTER TABLE t ALTER COLUMN big TYPE TEXT",
            "ALTER TABLE t ALTER COLUMN price TYPE DOUBLE PRECISION",
        ],
    );
    fails(
        there,
        &["ALTER TABLE t ALTER COLUMN name TYPE UUID"],
        CONVERSIONS,
        &["cannot be cast automatically", "name::uuid"],
    );
    fails(
        there,
        &["ALTER TABLE t ALTER COLUMN big TYPE BOOLEAN"],
        CONVERSIONS,
        &["cannot be cast automatically"],
    );
    runs(there, &["ALTER TABLE t ALTER COLUMN name TYPE VARCHAR(3) USING left(name, 3)"]);
    fails(
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (m text); INSERT INTO t VALUES ('a'), ('c'), (NULL)",
        &["ALTER TABLE t ALTER COLUMN m TYPE mood USING m::mood"],
        CONVERSIONS,
        &["m = 'c'", "invalid input value for enum mood"],
    );
    // The type is made in the same revision.
    let enums = "CREATE TABLE t (id int PRIMARY KEY, m varchar(9)); INSERT INTO t VALUES (1, 'a'), (2, 'c'), (3, NULL)";
    let make = "CREATE TYPE mood AS ENUM ('a', 'it''s')";
    let change = "ALTER TABLE t ALTER COLUMN m TYPE mood USING m::mood";
    fails(
        enums,
        &[make, change],
        CONVERSIONS,
        &["1 value of t.m cannot be a label of mood", "id = '2', m = 'c'"],
    );
    fails(
        enums,
        &[make, "ALTER TABLE t ALTER COLUMN m TYPE mood"],
        CONVERSIONS,
        &["cannot be cast automatically", "m::mood"],
    );
    runs(enums, &[make, "UPDATE t SET m = 'it''s' WHERE m = 'c'", change]);
    // Two conversions after each other: the second sees what the first made.
    runs(
        "CREATE TABLE t (n text); INSERT INTO t VALUES ('7')",
        &["ALTER TABLE t ALTER n TYPE INT USING n::int", "ALTER TABLE t ALTER n TYPE SMALLINT"],
    );
    fails(
        "CREATE TABLE t (n text); INSERT INTO t VALUES ('70000')",
        &["ALTER TABLE t ALTER n TYPE INT USING n::int", "ALTER TABLE t ALTER n TYPE SMALLINT"],
        CONVERSIONS,
        &["smallint out of range"],
    );
}

#[test]
fn conversions_and_what_hangs_on_the_column() {
    let there = "CREATE TABLE users (id int PRIMARY KEY, flag text DEFAULT 'no'); CREATE TABLE posts (user_id int CONSTRAINT fk REFERENCES users (id));
        INSERT INTO users VALUES (1, 'yes')";
    fails(
        there,
        &["ALTER TABLE users ALTER flag TYPE BOOLEAN USING flag::boolean"],
        CONVERSIONS,
        &["the default of users.flag cannot be cast automatically", "server_default=None"],
    );
    runs(
        there,
        &[
            "ALTER TABLE users ALTER flag DROP DEFAULT",
            "ALTER TABLE users ALTER flag TYPE BOOLEAN USING flag::boolean",
            "ALTER TABLE users ALTER flag SET DEFAULT false",
        ],
    );
    runs(there, &["ALTER TABLE users ALTER id TYPE BIGINT"]);
    fails(
        there,
        &["ALTER TABLE users ALTER id TYPE TEXT"],
        CONVERSIONS,
        &[
            "foreign key `fk` of posts cannot stand",
            "op.drop_constraint('fk', 'posts', type_='foreignkey')",
        ],
    );
    runs(
        there,
        &[
            "ALTER TABLE posts DROP CONSTRAINT fk",
            "ALTER TABLE users ALTER id TYPE TEXT",
            "ALTER TABLE posts ALTER user_id TYPE TEXT",
            "ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id)",
        ],
    );
}

#[test]
fn not_null() {
    fails(
        USERS,
        &["ALTER TABLE users ALTER COLUMN email SET NOT NULL"],
        NOT_NULL,
        &["1 row of users have no email", "users: id = '4'", "UPDATE users SET email = "],
    );
    runs(
        USERS,
        &[
            "UPDATE users SET email = 'none' WHERE email IS NULL",
            "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
        ],
    );
    fails(
        USERS,
        &["ALTER TABLE users ADD COLUMN age INTEGER NOT NULL"],
        NOT_NULL,
        &["users has 4 rows, which would have no age", "server_default", "nullable=True"],
    );
    runs(USERS, &["ALTER TABLE users ADD COLUMN age INTEGER DEFAULT 5 NOT NULL"]);
    runs(USERS, &["ALTER TABLE users ADD COLUMN n SERIAL NOT NULL"]);
    runs(USERS, &["DELETE FROM users", "ALTER TABLE users ADD COLUMN age INTEGER NOT NULL"]);
    runs(
        USERS,
        &[
            "ALTER TABLE users ADD COLUMN age INTEGER",
            "UPDATE users SET age = 1",
            "ALTER TABLE users ALTER COLUMN age SET NOT NULL",
        ],
    );
    fails(
        USERS,
        &["ALTER TABLE users ADD COLUMN age INTEGER", "ALTER TABLE users ALTER COLUMN age SET NOT NULL"],
        NOT_NULL,
        &["4 rows of users have no age"],
    );
    unknown(
        USERS,
        &[
            "UPDATE users SET email = p.title FROM posts p WHERE p.user_id = users.id",
            "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
        ],
        NOT_NULL,
        "changes rows of users first",
    );
    unknown(
        USERS,
        &[
            "DO $$ BEGIN UPDATE users SET email = 'x'; END $$",
            "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
        ],
        NOT_NULL,
        "cannot be known before",
    );
}

#[test]
fn unique_keys() {
    fails(
        USERS,
        &["ALTER TABLE users ADD CONSTRAINT uq UNIQUE (email)"],
        UNIQUE,
        &["1 value is there more than once in users(email)", "email = 'a@x' (2 times)"],
    );
    fails(USERS, &["CREATE UNIQUE INDEX ix ON users (lower(email))"], UNIQUE, &["lower(email) = 'a@x'"]);
    runs(USERS, &["CREATE UNIQUE INDEX ix ON users (email) WHERE id < 3"]);
    runs(USERS, &["CREATE UNIQUE INDEX ix ON users (email, id)"]);
    runs(USERS, &["DELETE FROM users WHERE id = 3", "ALTER TABLE users ADD UNIQUE (email)"]);
    fails(
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (NULL)",
        &["ALTER TABLE t ADD PRIMARY KEY (a)"],
        NOT_NULL,
        &["1 row of t have no a"],
    );
    fails(
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)",
        &["ALTER TABLE t ADD PRIMARY KEY (a)"],
        UNIQUE,
        &["the primary key in bb02 fails"],
    );
    fails(
        USERS,
        &["ALTER TABLE users ADD COLUMN code INTEGER DEFAULT 7 UNIQUE"],
        UNIQUE,
        &["code = '7' (4 times)"],
    );
}

#[test]
fn check_constraints() {
    fails(
        USERS,
        &["ALTER TABLE users ADD CONSTRAINT ck CHECK (phone_number <> '')"],
        CHECK_CONSTRAINTS,
        &["1 row of users do not fit: check constraint `ck`", "phone_number = ''", "postgresql_not_valid"],
    );
    runs(USERS, &["ALTER TABLE users ADD CONSTRAINT ck CHECK (id > 0)"]);
    runs(USERS, &["ALTER TABLE users ADD CONSTRAINT ck CHECK (phone_number <> '') NOT VALID"]);
}

#[test]
fn what_others_need() {
    let there = "CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE, age int); CREATE TABLE posts (user_id int CONSTRAINT fk REFERENCES users (id));
        CREATE VIEW emails AS SELECT email FROM users; CREATE TYPE mood AS ENUM ('a'); CREATE TABLE m (x mood);";
    fails(
        there,
        &["DROP TABLE users"],
        DEPENDENTS,
        &[
            "foreign key `fk` of posts, view emails need it",
            "op.drop_constraint('fk', 'posts', type_='foreignkey')",
            "DROP VIEW emails",
        ],
    );
    runs(there, &["DROP VIEW emails", "ALTER TABLE posts DROP CONSTRAINT fk", "DROP TABLE users"]);
    runs(there, &["DROP VIEW emails", "DROP TABLE posts", "DROP TABLE users"]);
    fails(there, &["ALTER TABLE users DROP COLUMN email"], DEPENDENTS, &["view emails"]);
    fails(there, &["ALTER TABLE users DROP COLUMN id"], DEPENDENTS, &["foreign key `fk` of posts"]);
    runs(there, &["ALTER TABLE users DROP COLUMN age"]);
    fails(
        there,
        &["ALTER TABLE users ALTER email TYPE varchar(20)"],
        DEPENDENTS,
        &[
            "changing the type of users.email",
            "op.execute(\\\"DROP VIEW emails\\\")",
            "CREATE VIEW emails AS",
        ],
    );
    fails(there, &["ALTER TABLE users DROP CONSTRAINT users_pkey"], DEPENDENTS, &["foreign key `fk`"]);
    fails(
        there,
        &["DROP INDEX users_email_key"],
        DEPENDENTS,
        &["constraint `users_email_key` of users needs it"],
    );
    fails(there, &["DROP TYPE mood"], DEPENDENTS, &["m.x"]);
    runs(there, &["DROP TABLE m", "DROP TYPE mood"]);
    runs(there, &["ALTER TABLE m ALTER x TYPE text USING x::text", "DROP TYPE mood"]);
    let Some(outcome) = (Case {
        there,
        pending: &["DROP TABLE users CASCADE"],
    })
    .run() else {
        return;
    };
    assert!(
        format!("{:?}", outcome.answer(DEPENDENTS)).contains("drops view emails"),
        "{:?}",
        outcome.answers
    );
}

#[test]
fn what_is_there_and_what_is_not() {
    fails(
        USERS,
        &["CREATE TABLE users (id int)"],
        OBJECTS,
        &["table `users` is there already", "stamp bb02"],
    );
    runs(USERS, &["CREATE TABLE IF NOT EXISTS users (id int)"]);
    runs(USERS, &["DROP TABLE posts", "CREATE TABLE posts (id int)"]);
    fails(USERS, &["DROP TABLE nowhere"], OBJECTS, &["table `nowhere` is not there"]);
    fails(
        USERS,
        &["CREATE TABLE a (id int)", "CREATE TABLE a (id int)"],
        OBJECTS,
        &["table `a` is there already"],
    );
    fails(
        USERS,
        &["ALTER TABLE users ADD COLUMN email text"],
        OBJECTS,
        &["column `users.email` is there already"],
    );
    fails(
        USERS,
        &["ALTER TABLE users DROP COLUMN emial"],
        OBJECTS,
        &["column `users.emial` is not there", "its columns: id, email"],
    );
    fails(
        USERS,
        &["ALTER TABLE users DROP CONSTRAINT nope"],
        OBJECTS,
        &["constraint `nope` of users is not there", "users_pkey"],
    );
    fails(
        USERS,
        &["CREATE INDEX users_pkey ON posts (id)"],
        OBJECTS,
        &["index `users_pkey` (of users) is there already"],
    );
    fails(USERS, &["DROP INDEX ix_nowhere"], OBJECTS, &["index `ix_nowhere` is not there"]);
    fails(USERS, &["CREATE INDEX ix ON posts (titel)"], OBJECTS, &["column `posts.titel` is not there"]);
    fails(
        "CREATE TYPE mood AS ENUM ('a')",
        &["CREATE TYPE mood AS ENUM ('a')"],
        OBJECTS,
        &["type `mood` is there already"],
    );
    fails(
        "CREATE SCHEMA s; CREATE TABLE s.t (id int)",
        &["DROP TABLE t"],
        OBJECTS,
        &["there is one in schema s"],
    );
    fails(
        "CREATE TABLE there (id int)",
        &["CREATE TABLE s.t (id int)"],
        OBJECTS,
        &["schema `s` is not there"],
    );
    runs(
        "CREATE TABLE there (id int)",
        &["CREATE SCHEMA s", "CREATE TABLE s.t (id int)", "CREATE INDEX i ON s.t (id)", "DROP INDEX s.i"],
    );
    // A server whose own files of extensions are of another version cannot list them.
    let Some(server) = server() else { return };
    if server.psql("postgres", "SELECT count(*) FROM pg_available_extensions").is_ok() {
        fails(
            "CREATE TABLE there (id int)",
            &["CREATE EXTENSION nowhere_to_be_found"],
            OBJECTS,
            &["not installed on the server"],
        );
    }
    runs(
        "CREATE TABLE there (id int)",
        &[
            "CREATE TABLE t (id SERIAL NOT NULL, UNIQUE (id))",
            "ALTER TABLE t DROP CONSTRAINT t_id_key",
            "INSERT INTO t VALUES (1)",
        ],
    );
}

#[test]
fn an_empty_database_has_nothing_in_the_way() {
    let Some(outcome) = (Case {
        there: "CREATE TABLE alembic_version (version_num text PRIMARY KEY)",
        pending: &[
            "CREATE TABLE a (id int PRIMARY KEY)",
            "INSERT INTO a VALUES (1)",
            "ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 5",
        ],
    })
    .run() else {
        return;
    };
    assert!(
        outcome.answers.iter().all(|(_, answer)| matches!(answer, Answer::Skipped(_))),
        "{:?}",
        outcome.answers
    );
    // A type that an earlier attempt left behind is.
    fails(
        "CREATE TYPE mood AS ENUM ('a')",
        &["CREATE TYPE mood AS ENUM ('a')"],
        OBJECTS,
        &["type `mood` is there already"],
    );
}

#[test]
fn what_pending_revisions_make_is_followed() {
    runs(
        USERS,
        &[
            "CREATE TYPE kind AS ENUM ('a', 'b')",
            "CREATE TABLE things (id SERIAL NOT NULL, kind kind NOT NULL, name text, PRIMARY KEY (id))",
            "CREATE INDEX things_name ON things (name)",
            "INSERT INTO things (kind, name) VALUES ('a', 'x')",
            "CREATE UNIQUE INDEX things_name_kind ON things (name, kind)",
            "DROP TABLE things",
            "CREATE TABLE things (id SERIAL NOT NULL, name text)",
            "CREATE INDEX things_name ON things (name)",
            "ALTER TABLE things RENAME TO stuff",
            "ALTER TABLE stuff ADD CONSTRAINT ck CHECK (name <> '')",
            "DROP INDEX things_name",
            "CREATE INDEX things_name ON stuff (name)",
            "ALTER TABLE users ADD COLUMN kind kind",
            "UPDATE users SET kind = 'a'",
        ],
    );
    unknown(
        USERS,
        &[
            "CREATE TABLE copies (email text)",
            "INSERT INTO copies SELECT email FROM users",
            "CREATE UNIQUE INDEX ix ON copies (email)",
        ],
        UNIQUE,
        "inserts rows into copies first",
    );
}

#[test]
fn losses_are_told() {
    let Some(outcome) = (Case {
        there: USERS,
        pending: &["ALTER TABLE users DROP COLUMN phone_number", "DROP TABLE posts"],
    })
    .run() else {
        return;
    };
    let shown = format!("{:#?}", outcome.answer(LOSSES));
    for word in [
        "dropping users.phone_number in bb02 loses its values in 3 rows",
        "dropping posts in bb02 loses 6 rows",
        "backup",
    ] {
        assert!(shown.contains(word), "{word:?} is not in:\n{shown}");
    }
    runs(USERS, &["CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)", "DROP TABLE t"]);
}

#[test]
fn permissions_of_the_role() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let role = format!("app_{}", database.name());
    let sql = format!(
        "CREATE ROLE {role} LOGIN; CREATE TABLE owned (id int PRIMARY KEY, a int); REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
         GRANT SELECT ON owned TO {role}; CREATE TABLE mine (id int); ALTER TABLE mine OWNER TO {role}"
    );
    database.psql(&sql).expect("the role");
    let url = DatabaseUrl::parse(&database.url()).expect("a URL");
    let mut connection = limbeck_db::connect(&url, &Environment::default()).expect("the server is there");
    connection.execute_batch(&format!("SET ROLE {role}")).expect("the role");
    let mut said = |pending: &[&str]| {
        let answers = look(&recorded(pending), Path::new("/app"), connection.as_mut(), Limits::default()).expect("answers");
        let answer = answers.into_iter().find(|(check, _)| *check == PERMISSIONS).expect("permissions").1;
        let really = pending.iter().all(|sql| {
            let text = format!("BEGIN; SET LOCAL ROLE {role}; {sql}; ROLLBACK");
            database.psql(&text).is_ok()
        });
        (format!("{answer:?}"), really)
    };
    for (sql, words) in [
        ("CREATE TABLE t (id int)", "GRANT CREATE ON SCHEMA public TO"),
        ("ALTER TABLE owned ADD COLUMN b int", "ALTER TABLE public.owned OWNER TO"),
        ("DROP TABLE owned", "OWNER TO"),
        ("TRUNCATE owned", "GRANT TRUNCATE ON public.owned TO"),
        ("INSERT INTO owned VALUES (1)", "GRANT INSERT ON public.owned"),
        ("UPDATE owned SET a = 1", "GRANT UPDATE ON public.owned"),
        (
            "ALTER TABLE mine ADD FOREIGN KEY (id) REFERENCES owned (id)",
            "GRANT REFERENCES ON public.owned",
        ),
        ("CREATE SCHEMA s", "GRANT CREATE ON DATABASE"),
        ("CREATE INDEX i ON mine (id)", "GRANT CREATE ON SCHEMA public"),
    ] {
        let (shown, really) = said(&[sql]);
        assert!(shown.contains(words), "{sql}: {shown}");
        assert!(!really, "{sql} was allowed");
    }
    for sql in [
        "ALTER TABLE mine ADD COLUMN b int",
        "DROP TABLE mine",
        "SELECT * FROM owned",
        "INSERT INTO mine VALUES (1)",
    ] {
        let (shown, really) = said(&[sql]);
        assert!(shown.starts_with("Fine"), "{sql}: {shown}");
        assert!(really, "{sql} was refused");
    }
}

#[test]
fn names_that_need_quotes_and_columns_named_like_anything() {
    let there = r#"CREATE TABLE "Order" ("Id" int PRIMARY KEY, "select" text, v text, r text, row text);
        INSERT INTO "Order" VALUES (1, 'x', 'y', 'z', 'w''w')"#;
    fails(
        there,
        &[r#"ALTER TABLE "Order" ALTER COLUMN "select" TYPE INTEGER USING "select"::integer"#],
        CONVERSIONS,
        &["Id = '1', select = 'x'"],
    );
    fails(
        there,
        &[r#"ALTER TABLE "Order" ALTER COLUMN v TYPE INTEGER USING v::integer"#],
        CONVERSIONS,
        &["v = 'y'"],
    );
    fails(
        there,
        &[r#"ALTER TABLE "Order" ALTER COLUMN r TYPE INTEGER USING r::integer"#],
        CONVERSIONS,
        &["r = 'z'"],
    );
    fails(
        there,
        &[r#"ALTER TABLE "Order" ALTER COLUMN row TYPE INTEGER USING "row"::integer"#],
        CONVERSIONS,
        &["w''w"],
    );
    runs(there, &[r#"ALTER TABLE "Order" ADD CONSTRAINT "U" UNIQUE ("select", v)"#]);
}

#[test]
fn an_empty_database_is_no_surprise_only_at_base() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let url = DatabaseUrl::parse(&database.url()).expect("a URL");
    let mut connection = limbeck_db::connect(&url, &Environment::default()).expect("the server is there");
    let mut objects = |at_base| {
        let limits = Limits { at_base, ..Limits::default() };
        let answers = look(
            &recorded(&["ALTER TABLE users ADD COLUMN a int"]),
            Path::new("/app"),
            connection.as_mut(),
            limits,
        )
        .expect("answers");
        answers.into_iter().find(|(check, _)| *check == OBJECTS).expect("objects").1
    };
    assert!(matches!(objects(true), Answer::Skipped(_)));
    assert!(!objects(false).findings().is_empty(), "the table that an applied revision made is not there");
}
