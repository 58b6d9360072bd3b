//! Sequences that the models name: created where they are missing. One that the models do not name stays, since no comparison knows who asks it.

use crate::Step;
use limbeck_ops::Operation;
use limbeck_schema::{Sequence, Table, TableName};
use std::collections::BTreeSet;

/// The steps that create what is missing; they go before every other.
pub fn missing_sequences(have: &[TableName], alone: &[Sequence], wanted: &[Table], default_schema: Option<&str>) -> Vec<Step> {
    let place = |name: &TableName| {
        let schema = name.schema.as_ref().map(|schema| schema.text.clone());
        (schema.filter(|schema| Some(schema.as_str()) != default_schema), name.name.text.clone())
    };
    let mut known: BTreeSet<_> = have.iter().map(place).collect();
    let of_columns = wanted.iter().flat_map(|table| &table.columns).filter_map(|column| column.sequence.as_deref());
    let mut out = Vec::new();
    for sequence in alone.iter().chain(of_columns.filter(|sequence| !sequence.optional)) {
        if known.insert(place(&sequence.name)) {
            out.push(Step::Other {
                operation: Operation::CreateSequence {
                    sequence: sequence.clone(),
                    if_not_exists: false,
                },
                undo: Some(Operation::DropSequence {
                    name: sequence.name.clone(),
                    if_exists: false,
                }),
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_schema::Identity;

    #[test]
    fn only_what_is_missing_and_once() {
        let sequence = |name: &str| Sequence {
            name: TableName::new(name),
            options: Identity::default(),
            data_type: None,
            optional: false,
        };
        let steps = missing_sequences(&[TableName::new("a")], &[sequence("a"), sequence("b"), sequence("b")], &[], Some("public"));
        assert_eq!(steps.len(), 1);
    }
}
