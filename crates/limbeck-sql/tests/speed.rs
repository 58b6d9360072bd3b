//! A look at an ordinary statement must cost nothing next to running it: its bound holds even for a build without optimisation.

use limbeck_sql::{Flavour, Kind, classify, needs_a_look};
use std::hint::black_box;
use std::time::{Duration, Instant};

#[test]
fn an_ordinary_statement_is_not_parsed() {
    let columns: Vec<String> = (0..8).map(|at| format!("    column_{at} character varying(40) DEFAULT 'x'")).collect();
    let sql = format!("CREATE TABLE orders (\n{}\n)", columns.join(",\n"));
    assert!(sql.len() > 300);
    let once = || {
        let start = Instant::now();
        for _ in 0..1000 {
            let sql = black_box(sql.as_str());
            assert!(!needs_a_look(Flavour::Postgresql, sql));
            assert_eq!(classify(Flavour::Postgresql, Some(15), sql), Kind::Normal);
        }
        start.elapsed() / 1000
    };
    // The best of many rounds, for other work on the machine only adds.
    let best = (0..50).map(|_| once()).min().unwrap_or(Duration::MAX);
    println!("{} bytes: {best:?}", sql.len());
    assert!(best < Duration::from_micros(10), "{best:?}");
}
