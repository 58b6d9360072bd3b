//! Random pairs of whole schemas as SQL (enums, views on tables and views, functions, triggers, policies, comments, identities, computed columns, changes of types):
//! the statements between two catalogues turn a database with A into one with B and back. As `generate --from` does it: over the halfway house.
//!
//! `LIMBECK_PAIRS=300` says how many pairs on each database (a few without it), `LIMBECK_PAIR=17` which one alone.

mod postgres;
mod random;
mod sqlite;

use limbeck_db::{Connection, DatabaseUrl, Environment, Filter, connect};
use limbeck_schema::catalogue::{Catalogue, Rules, alter, between, create_all, differences};
use random::Random;

fn pairs(usual: u64) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match number("LIMBECK_PAIR") {
        Some(one) => vec![one],
        None => (0..number("LIMBECK_PAIRS").unwrap_or(usual)).collect(),
    }
}

fn open(url: &str) -> Box<dyn Connection> {
    connect(&DatabaseUrl::parse(url).expect("a URL"), &Environment::of_process()).expect("the database can be reached")
}

fn catalogue(connection: &mut dyn Connection) -> Catalogue {
    connection.catalogue(&Filter::default()).expect("the catalogue can be read")
}

fn run(connection: &mut dyn Connection, statements: &[String], what: &str) {
    for statement in statements {
        if let Err(error) = connection.execute_batch(statement) {
            panic!("{what}: {error}\n{statement}\nof\n{}", statements.join(";\n"));
        }
    }
}

/// Takes a database from one catalogue to another and looks whether it is there.
fn walk(connection: &mut dyn Connection, from: &Catalogue, to: &Catalogue, what: &str) {
    for _ in 0..3 {
        let have = catalogue(connection);
        let middle = between(&have, to);
        for (from, to) in [(&have, &middle), (&middle, to)] {
            let way = alter(from, to);
            assert!(way.by_hand.is_empty(), "{what}: by hand {:?}", way.by_hand);
            run(connection, &way.statements, what);
        }
        // What went away with something that was made anew is seen at the second look.
        if differences(&catalogue(connection), to, Rules::default()).is_empty() {
            return;
        }
    }
    let left: Vec<String> = differences(&catalogue(connection), to, Rules::default())
        .iter()
        .map(|change| change.text())
        .collect();
    let way = alter(from, to);
    panic!("{what}: left\n{}\nof\n{}", left.join("\n"), way.statements.join(";\n"));
}

/// One pair: A and B are made in one database after the other by `clear`, so that both are in the server's own words.
fn trial(connection: &mut Box<dyn Connection>, clear: &mut dyn FnMut(&mut Box<dyn Connection>), sql: (&[String], &[String]), what: &str) {
    clear(connection);
    run(connection.as_mut(), sql.1, &format!("{what}: making B"));
    let b = catalogue(connection.as_mut());
    clear(connection);
    run(connection.as_mut(), sql.0, &format!("{what}: making A"));
    let a = catalogue(connection.as_mut());
    walk(connection.as_mut(), &a, &b, &format!("{what}: A to B"));
    walk(connection.as_mut(), &b, &a, &format!("{what}: B to A"));
    // A schema is made anew from its catalogue too.
    clear(connection);
    run(connection.as_mut(), &create_all(&b), &format!("{what}: B from its catalogue"));
    let left = differences(&catalogue(connection.as_mut()), &b, Rules::default());
    assert!(left.is_empty(), "{what}: B from its catalogue is {left:?}");
}

#[test]
fn pairs_on_sqlite() {
    let mut connection = open("sqlite://");
    for seed in pairs(60) {
        let mut random = Random::new(seed);
        let (a, b) = (sqlite::schema(&mut random), sqlite::schema(&mut random));
        trial(
            &mut connection,
            &mut |connection| *connection = open("sqlite://"),
            (&a, &b),
            &format!("pair {seed} on sqlite"),
        );
    }
}

#[test]
fn pairs_on_postgresql() {
    let server = match limbeck_test::Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let database = server.create_database();
    let mut connection = open(&database.url());
    connection
        .execute_batch("SET check_function_bodies = off; SET client_min_messages = error")
        .expect("settings");
    let mut clear = |connection: &mut Box<dyn Connection>| {
        connection
            .execute_batch("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            .expect("the schema can be emptied");
    };
    for seed in pairs(12) {
        let mut random = Random::new(seed);
        let (a, b) = (postgres::schema(&mut random), postgres::schema(&mut random));
        trial(&mut connection, &mut clear, (&a, &b), &format!("pair {seed} on postgresql"));
    }
}
