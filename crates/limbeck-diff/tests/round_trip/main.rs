//! Random pairs of schemas on real databases: the steps from A to B turn a database with A into one with B, after which there is nothing left to do,
//! and the steps back restore A.
//!
//! The `own` pairs have what only Limbeck's own name gives too: enum types, casts, identities, computed columns, renames.
//!
//! `LIMBECK_PAIRS=1000` says how many pairs on each database (a few without it), `LIMBECK_PAIR=17` which one alone.

mod generate;
mod own;
mod place;

use generate::Random;
use limbeck_diff::alembic::Toggle;
use limbeck_diff::{Step, words};
use limbeck_schema::Table;
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

/// A sequence behind an identity, made while its table had another name.
fn only_sequence(change: &str) -> bool {
    change.lines().skip(1).all(|line| line.contains(" identity sequence: "))
}

fn said(steps: &[Step]) -> Vec<String> {
    steps.iter().flat_map(words::sentences).collect()
}

fn trial(place: &mut Place, seed: u64) {
    let mut random = Random::new(seed);
    let a = generate::schema(&mut random, place.dialect);
    let b = generate::changed(&a, &mut random, place.dialect);
    go(place, seed, (&a, &b), &mut |place, wanted, _| place.compare(wanted).steps);
}

/// A pair with what only Limbeck's own name gives.
fn own_trial(place: &mut Place, seed: u64) {
    let mut random = Random::new(seed.wrapping_add(1_000_003));
    let mut a = generate::schema(&mut random, place.dialect);
    let mut b = generate::changed(&a, &mut random, place.dialect);
    let renames = own::enrich(&mut a, &mut b, &mut random, place.dialect);
    place.defaults = Toggle::Strict;
    go(place, seed, (&a, &b), &mut |place, wanted, first| {
        place.compare_own(wanted, if first { &renames } else { &[] })
    });
}

/// Tells the steps to some tables; whether names are to change.
type Steps<'a> = dyn FnMut(&mut Place, &[Table], bool) -> Vec<Step> + 'a;

/// There and back; `steps` is told whether names are to change.
fn go(place: &mut Place, seed: u64, (a, b): (&[Table], &[Table]), steps: &mut Steps<'_>) {
    let dialect = place.dialect.name();
    let told = |what: &str| format!("pair {seed} on {dialect}: {what}");

    let to_a = steps(place, a, false);
    place.apply(&to_a, &told("creating A"));
    let left = steps(place, a, false);
    assert!(left.is_empty(), "{}: {:?}", told("A is not what was asked for"), said(&left));
    let before = place.catalogue();

    let to_b = steps(place, b, true);
    let back = limbeck_diff::reversed(&to_b);
    place.apply(&to_b, &told("A to B"));
    let left = steps(place, b, false);
    assert!(
        left.is_empty(),
        "{}: {:#?}\nafter {:#?}",
        told("B is not what was asked for"),
        said(&left),
        said(&to_b)
    );

    place.apply(&back, &told("back to A"));
    let rules = Rules {
        column_order: false,
        extension_versions: false,
    };
    let lost: Vec<String> = differences(&place.catalogue(), &before, rules)
        .iter()
        .map(|change| change.text())
        .filter(|text| !only_wrapped(text) && !only_sequence(text))
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

/// Tries each pair; those that failed are told together at the end.
fn all(place: &mut Place, usual: u64, trial: fn(&mut Place, u64)) {
    let seeds = pairs(usual);
    let (total, mut failed) = (seeds.len(), Vec::new());
    for seed in seeds {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| trial(place, seed)));
        if result.is_err() {
            failed.push(seed);
            place.give_up();
        }
    }
    println!("{}: {} of {total} pairs there and back", place.dialect.name(), total - failed.len());
    assert!(failed.is_empty(), "pairs that failed: {failed:?}");
}

#[test]
fn pairs_on_sqlite() {
    all(&mut Place::sqlite(), 150, trial);
}

#[test]
fn own_pairs_on_sqlite() {
    all(&mut Place::sqlite(), 60, own_trial);
}

fn on_postgresql(usual: u64, trial: fn(&mut Place, u64)) {
    let server = match limbeck_test::Server::shared() {
        Ok(server) => server,
        Err(reason) => {
            eprintln!("skipped: {reason}");
            return;
        }
    };
    let database = server.create_database();
    all(&mut Place::postgresql(&database.url()), usual, trial);
}

#[test]
fn pairs_on_postgresql() {
    on_postgresql(60, trial);
}

#[test]
fn own_pairs_on_postgresql() {
    on_postgresql(60, own_trial);
}
