//! Random pairs of schemas on real databases: the steps from A to B turn a database with A into one with B, after which there is nothing left to do,
//! and the steps back restore A.
//!
//! `LIMBECK_PAIRS=1000` says how many pairs on each database (a few without it), `LIMBECK_PAIR=17` which one alone.

mod generate;
mod place;

use generate::Random;
use limbeck_dialect::DialectName;
use limbeck_diff::{Step, words};
use limbeck_schema::catalogue::{Rules, differences};
use place::Place;

fn pairs(usual: u64) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match number("LIMBECK_PAIR") {
        Some(one) => vec![one],
        None => (0..number("LIMBECK_PAIRS").unwrap_or(usual)).collect(),
    }
}

/// A rebuilt table has its defaults in parentheses, which say nothing.
fn only_wrapped(change: &str) -> bool {
    let of = |sign: &str| -> Vec<String> {
        let lines = change.lines().filter_map(|line| line.trim().strip_prefix(sign));
        lines.map(|line| line.replace(['(', ')'], "")).collect()
    };
    let (lost, found) = (of("- default:"), of("+ default:"));
    !lost.is_empty() && lost == found && change.lines().count() == 3
}

fn said(steps: &[Step]) -> Vec<String> {
    steps.iter().flat_map(words::sentences).collect()
}

fn trial(place: &mut Place, seed: u64) {
    let mut random = Random::new(seed);
    let a = generate::schema(&mut random, place.dialect);
    let b = generate::changed(&a, &mut random, place.dialect);
    let dialect = place.dialect.name();
    let told = |what: &str| format!("pair {seed} on {dialect}: {what}");

    let to_a = place.compare(&a);
    place.apply(&to_a.steps, &told("creating A"));
    let left = place.compare(&a);
    assert!(left.steps.is_empty(), "{}: {:?}", told("A is not what was asked for"), said(&left.steps));
    let before = place.catalogue();

    let to_b = place.compare(&b);
    let back = limbeck_diff::reversed(&to_b.steps);
    place.apply(&to_b.steps, &told("A to B"));
    let left = place.compare(&b);
    assert!(
        left.steps.is_empty(),
        "{}: {:#?}\nafter {:#?}",
        told("B is not what was asked for"),
        said(&left.steps),
        said(&to_b.steps)
    );

    place.apply(&back, &told("back to A"));
    let rules = Rules {
        column_order: false,
        extension_versions: false,
    };
    let lost: Vec<String> = differences(&place.catalogue(), &before, rules)
        .iter()
        .map(|change| change.text())
        .filter(|text| !only_wrapped(text))
        .collect();
    assert!(
        lost.is_empty(),
        "{}:\n{}\nafter {:#?}",
        told("the way back does not restore A"),
        lost.join("\n"),
        said(&back)
    );
    place.clear();
}

#[test]
fn pairs_on_sqlite() {
    let mut place = Place::sqlite();
    for seed in pairs(150) {
        trial(&mut place, seed);
    }
}

#[test]
fn pairs_on_postgresql() {
    let server = match limbeck_test::Server::shared() {
        Ok(server) => server,
        Err(reason) => {
            eprintln!("skipped: {reason}");
            return;
        }
    };
    let database = server.create_database();
    let mut place = Place::postgresql(&database.url());
    for seed in pairs(60) {
        trial(&mut place, seed);
    }
    assert_eq!(place.dialect, DialectName::Postgresql);
}
