//! The bridge without a script: what is written reads back as the same.

use super::{from_python, to_python};
use limbeck_expr::{ColumnType, Ident, Literal, TableName};
use limbeck_ops::{AlterColumn, Change, Inspected, Operation};
use rustpython_vm::Interpreter;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let mut settings = rustpython_vm::Settings::default();
    settings.hash_seed = Some(0);
    let builder = Interpreter::builder(settings).add_frozen_modules(crate::frozen::modules());
    builder.build().enter(|vm| {
        let object = to_python(value, vm).expect("written");
        let back: T = from_python(&object, vm).expect("read");
        assert_eq!(&back, value);
    });
}

#[test]
fn models_survive() {
    round_trip(&Operation::RenameTable {
        from: TableName::in_schema(Some("s"), "a"),
        to: Ident {
            text: "b".to_owned(),
            quote: Some(true),
        },
    });
    round_trip(&Change::Set("x".to_owned()));
    round_trip(&Change::<String>::Clear);
    round_trip(&Literal::Interval(1, -2, 3));
    round_trip(&Literal::Array(vec![Literal::Null, Literal::Float(1.0)]));
    round_trip(&Inspected::Version(vec![15, 3]));
    round_trip(&ColumnType::String {
        length: Some(3),
        collation: None,
    });
    let alter: AlterColumn = serde_json::from_value(serde_json::json!({"table": {"name": "t"}, "column": "c"})).expect("a model");
    round_trip(&Operation::AlterColumn(Box::new(alter)));
}
