//! Owners and privileges: whatever was granted, the statements from one state to another give exactly that other, both ways.

use limbeck_db::{Connection, DatabaseUrl, Environment, Filter, connect, introspect};
use limbeck_schema::catalogue::{Catalogue, Change, Rules, alter_access, differences};
use limbeck_test::{Database, Server};

const ROLES: [&str; 3] = ["grants_one", "grants_two", "\"grants three\""];

/// Who passes privileges on needs the schema, so `app` is everybody's.
const OBJECTS: &str = "CREATE SCHEMA other; CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC; CREATE TABLE app.t (id serial PRIMARY KEY, \"a b\" int, n int GENERATED ALWAYS AS IDENTITY);
    CREATE TABLE app.p (a int) PARTITION BY LIST (a); CREATE VIEW app.v AS SELECT id FROM app.t; CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS id;
    CREATE SEQUENCE app.\"S\"; CREATE FUNCTION app.f(a int, OUT b text) LANGUAGE sql AS 'SELECT ''x''::text'; CREATE TYPE app.e AS ENUM ('a'); CREATE DOMAIN app.d AS int;
    CREATE TYPE app.c AS (a int); CREATE TYPE app.r AS RANGE (SUBTYPE = int); CREATE AGGREGATE app.g(int) (SFUNC = int4pl, STYPE = int)";

fn open(url: &str) -> Box<dyn Connection> {
    connect(&DatabaseUrl::parse(url).unwrap(), &Environment::default()).unwrap()
}

fn read(url: &str) -> Catalogue {
    let filter = Filter {
        grants: true,
        ..Filter::default()
    };
    introspect(open(url).as_mut(), &filter).unwrap()
}

fn told(have: &Catalogue, wanted: &Catalogue) -> String {
    differences(have, wanted, Rules::default()).iter().map(Change::text).collect()
}

fn statements(from: &Catalogue, to: &Catalogue) -> Vec<String> {
    alter_access(from.access.as_ref().unwrap(), to.access.as_ref().unwrap())
}

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all[usize::try_from(self.0 >> 33).unwrap() % all.len()]
    }

    fn statement(&mut self) -> String {
        let (privilege, object) = self
            .of(&[
                "SELECT|TABLE app.t",
                "SELECT, UPDATE, DELETE|TABLE app.t",
                "UPDATE|TABLE app.t",
                "SELECT (\"a b\")|TABLE app.t",
                "UPDATE (id), SELECT (\"a b\", id)|TABLE app.t",
                "ALL|TABLE app.t",
                "INSERT|TABLE app.p",
                "SELECT|TABLE app.v",
                "SELECT (id)|TABLE app.v",
                "SELECT, TRIGGER|TABLE app.m",
                "USAGE|SEQUENCE app.\"S\"",
                "USAGE, UPDATE|SEQUENCE app.t_id_seq",
                "SELECT|SEQUENCE app.t_n_seq",
                "EXECUTE|FUNCTION app.f(int)",
                "EXECUTE|FUNCTION app.g(int)",
                "USAGE|TYPE app.e",
                "USAGE|DOMAIN app.d",
                "USAGE|TYPE app.r",
                "USAGE|SCHEMA other",
                "USAGE, CREATE|SCHEMA other",
            ])
            .split_once('|')
            .unwrap();
        let role = self.of(&ROLES);
        let who = self.of(&[ROLES[0], ROLES[1], ROLES[2], "PUBLIC", "CURRENT_USER"]);
        match self.of(&["grant", "grant", "grant", "option", "mediate", "mediate", "revoke", "owner", "default"]) {
            "grant" => format!("GRANT {privilege} ON {object} TO {who}"),
            "option" => format!("GRANT {privilege} ON {object} TO {role} WITH GRANT OPTION"),
            "mediate" => format!("SET ROLE {role}; GRANT {privilege} ON {object} TO {who}; RESET ROLE"),
            "revoke" => format!("REVOKE {privilege} ON {object} FROM {who} CASCADE"),
            "owner" => {
                let what = self.of(&[
                    "TABLE app.t",
                    "TABLE app.p",
                    "VIEW app.v",
                    "MATERIALIZED VIEW app.m",
                    "SEQUENCE app.\"S\"",
                    "FUNCTION app.f(int)",
                    "AGGREGATE app.g(int)",
                    "TYPE app.e",
                    "DOMAIN app.d",
                    "TYPE app.c",
                    "SCHEMA other",
                ]);
                format!("ALTER {what} OWNER TO {role}")
            }
            _ => {
                let for_role = self.of(&["", " FOR ROLE grants_one", " FOR ROLE \"grants three\""]);
                let place = self.of(&["", " IN SCHEMA other"]);
                let what = self.of(&["SELECT, INSERT ON TABLES", "EXECUTE ON FUNCTIONS", "USAGE ON SEQUENCES", "USAGE ON TYPES"]);
                let (act, to) = self.of(&["GRANT TO", "REVOKE FROM"]).split_once(' ').unwrap();
                format!("ALTER DEFAULT PRIVILEGES{for_role}{place} {act} {what} {to} {who}")
            }
        }
    }
}

#[test]
fn grants_go_there_and_back() {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let base = server.create_database();
    for role in ROLES {
        // Roles are the server's: another run may have made them.
        let _ = base.psql(&format!("CREATE ROLE {role}"));
    }
    base.psql(OBJECTS).unwrap();
    let plain = read(&base.url());
    assert_eq!(plain.access.as_ref().unwrap().beyond_usual(), 1, "{:?}", plain.access);
    for seed in [7, 11, 99] {
        from_state_to_state(server, &base, &plain, Dice(seed));
    }
}

fn from_state_to_state(server: &Server, base: &Database<'_>, plain: &Catalogue, mut dice: Dice) {
    let (mut before, mut state) = (server.copy_database(base.name()), plain.clone());
    let mut done = 0;
    for _ in 0..12 {
        // Each state grows from the one before or from the plain one.
        let next = server.copy_database(if dice.of(&["on", "new"]) == "on" { before.name() } else { base.name() });
        let mut history = Vec::new();
        let mut connection = open(&next.url());
        for _ in 0..25 {
            let statement = dice.statement();
            match connection.execute_batch(&statement) {
                Ok(_) => history.push(statement),
                Err(_) => drop(connection.execute_batch("ROLLBACK; RESET ROLE")),
            }
        }
        drop(connection);
        let new = read(&next.url());
        done += history.len();
        for (start, from, to) in [(&before, &state, &new), (&next, &new, &state)] {
            let copy = server.copy_database(start.name());
            let way = statements(from, to);
            let mut connection = open(&copy.url());
            connection.begin().unwrap();
            for statement in &way {
                let run = connection.execute_batch(statement);
                run.unwrap_or_else(|error| panic!("{error}\nat {statement}\nof\n{}\nafter\n{}", way.join(";\n"), history.join(";\n")));
            }
            connection.commit().unwrap();
            drop(connection);
            let left = told(&read(&copy.url()), to);
            assert_eq!(left, "", "of\n{}\nafter\n{}", way.join(";\n"), history.join(";\n"));
        }
        (before, state) = (next, new);
    }
    assert!(done > 150, "only {done} statements did something");
}

#[test]
fn owners_and_grants_are_told_in_words() {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let (one, role) = (server.create_database(), "grants_reader");
    let _ = one.psql(&format!("CREATE ROLE {role}"));
    one.psql("CREATE TABLE t (a int, b int)").unwrap();
    let other = server.copy_database(one.name());
    other
        .psql(&format!(
            "GRANT SELECT ON t TO {role} WITH GRANT OPTION; GRANT UPDATE (b) ON t TO PUBLIC; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}"
        ))
        .unwrap();
    let (old, new) = (read(&one.url()), read(&other.url()));
    let me = &old.access.as_ref().unwrap().role;
    assert_eq!(
        told(&new, &old),
        format!(
            "~ default privileges on tables of {me}\n    + grant: SELECT to {role}\n\
             ~ access to table public.t\n    + grant: UPDATE (b) to PUBLIC\n    + grant: SELECT to {role} with grant option\n"
        )
    );
    assert_eq!(
        statements(&old, &new),
        [
            format!("GRANT SELECT ON TABLE public.t TO {role} WITH GRANT OPTION"),
            "GRANT UPDATE (b) ON TABLE public.t TO PUBLIC".to_owned(),
            format!("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}"),
        ]
    );
    // Without being asked for they are not there at all.
    assert_eq!(introspect(open(&other.url()).as_mut(), &Filter::default()).unwrap().access, None);
}
