//! The statements whose locks were measured on PostgreSQL 11 to 18 (`lock_matrix.txt`: a name, a tab, the statement): those that could not be measured in
//! a transaction are the ones told to be outside.

use limbeck_sql::{Flavour, Kind, classify, split};

const OUTSIDE: &[&str] = &[
    "create_index_concurrently",
    "create_unique_index_concurrently",
    "drop_index_concurrently",
    "reindex_index_concurrently",
    "reindex_table_concurrently",
    "create_index_concurrently_on_partitioned (=> error)",
    "detach_partition_concurrently",
    "vacuum",
    "vacuum_full",
    "cluster_verbose",
];

/// Before PostgreSQL 12 these too.
const ENUM_VALUES: &[&str] = &["alter_enum_add_value", "enum_add_value_and_use_same_tx"];

/// The names of the texts that hold a statement which is outside.
fn outside(major: u32) -> Vec<&'static str> {
    let lines: Vec<&str> = include_str!("lock_matrix.txt").lines().collect();
    assert_eq!(lines.len(), 243);
    let cases = lines.into_iter().map(|line| line.split_once('\t').expect("a name, a tab, a statement"));
    cases
        .filter(|(_, sql)| {
            let ranges = split(Flavour::Postgresql, sql);
            assert!(!ranges.is_empty(), "{sql}");
            ranges
                .into_iter()
                .any(|range| matches!(classify(Flavour::Postgresql, Some(major), &sql[range]), Kind::Outside(_)))
        })
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn exactly_the_measured_ones_are_outside() {
    assert_eq!(outside(18), OUTSIDE);
    let mut before_12 = outside(11);
    before_12.retain(|name| !OUTSIDE.contains(name));
    assert_eq!(before_12, ENUM_VALUES);
}
