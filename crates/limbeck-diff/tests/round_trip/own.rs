//! What only Limbeck's own name gives: enum types, casts, identities and computed columns that change, renames.

use super::generate::Random;
use limbeck_dialect::DialectName;
use limbeck_diff::own::{Rename, rename};
use limbeck_expr::{ColumnType, EnumType, Expr};
use limbeck_schema::{Autoincrement, Column, Computed, Identity, Index, ServerDefault, Table};

const VALUES: [&str; 6] = ["new", "open", "it's", "a b", "Closed", "gone"];

/// Adds columns of these kinds to both sides; returns the renames that lead from the first to the second.
pub fn enrich(a: &mut [Table], b: &mut [Table], random: &mut Random, dialect: DialectName) -> Vec<Rename> {
    let postgresql = dialect == DialectName::Postgresql;
    let enums: Vec<(EnumType, EnumType)> = ["mood", "Odd state"].map(|name| (values(name, random), values(name, random))).into();
    for table in a.iter_mut() {
        let name = table.name.clone();
        let other = b.iter().position(|other| other.name == name);
        if postgresql {
            for (at, (old, new)) in enums.iter().enumerate() {
                let column = format!("state{at}");
                if random.chance(2) {
                    table.columns.push(of_enum(&column, old, random));
                }
                if let Some(other) = other.filter(|_| random.chance(2)) {
                    b[other].columns.push(of_enum(&column, new, random));
                }
            }
            for side in [Some(&mut *table), other.map(|other| &mut b[other])].into_iter().flatten() {
                side.columns.extend(numbered(random));
            }
        }
        for side in [Some(&mut *table), other.map(|other| &mut b[other])].into_iter().flatten() {
            computed(side, random);
        }
        if let Some(other) = other {
            let (old, new) = cast(random, dialect, &enums);
            table.columns.push(old);
            b[other].columns.push(new);
        }
    }
    for table in b.iter_mut() {
        // A type that the first side has with other values, in a table that it has not.
        if postgresql && !a.iter().any(|old| old.name == table.name) && random.chance(2) {
            table.columns.push(of_enum("state0", &enums[0].1, random));
        }
    }
    renamed(a, b, random)
}

fn values(name: &str, random: &mut Random) -> EnumType {
    let mut left: Vec<&str> = VALUES.to_vec();
    // Often in the usual order, so that values are only added.
    let in_order = random.chance(2);
    let mut values = Vec::new();
    for _ in 0..2 + random.below(3) {
        let at = random.below(left.len());
        values.push(left.remove(at).to_owned());
    }
    if in_order {
        values.sort_by_key(|value| VALUES.iter().position(|other| other == value));
    }
    EnumType {
        name: Some(name.into()),
        values,
        native: true,
        create_type: true,
        ..EnumType::default()
    }
}

fn of_enum(name: &str, type_: &EnumType, random: &mut Random) -> Column {
    let mut column = Column::new(name, ColumnType::Enum(Box::new(type_.clone())));
    if random.chance(2) {
        let value = type_.values[random.below(type_.values.len())].clone();
        column.server_default = Some(ServerDefault::Text(value));
        column.nullable = Some(random.chance(2));
    }
    column
}

/// A column whose numbers the server gives, or not.
fn numbered(random: &mut Random) -> Option<Column> {
    let mut column = Column::new("number", ColumnType::Integer);
    column.autoincrement = Autoincrement::False;
    column.nullable = Some(false);
    match random.below(4) {
        0 => return None,
        1 => column.server_default = Some(ServerDefault::Text("0".to_owned())),
        more => {
            column.identity = Some(Box::new(Identity {
                always: more == 2,
                increment: Some([1, 5][random.below(2)]),
                ..Identity::default()
            }));
        }
    }
    Some(column)
}

fn computed(table: &mut Table, random: &mut Random) {
    if random.chance(2) {
        return;
    }
    let mut column = Column::new("twice", ColumnType::BigInteger);
    column.computed = Some(Box::new(Computed {
        expr: Expr::LiteralColumn("id * 2".to_owned()),
        persisted: Some(true),
    }));
    table.columns.push(column);
    if random.chance(3) {
        table.indexes.push(Index {
            name: limbeck_schema::ConstraintName::Given(format!("ix_{}_twice", table.name.name.text).into()),
            table: table.name.clone(),
            elements: vec![Expr::Column {
                table: None,
                name: "twice".into(),
            }],
            unique: false,
            options: limbeck_schema::Options::new(),
        });
    }
}

/// A column that has types of two kinds, with defaults of each.
fn cast(random: &mut Random, dialect: DialectName, enums: &[(EnumType, EnumType)]) -> (Column, Column) {
    let string = ColumnType::String {
        length: Some(20),
        collation: None,
    };
    let text = ColumnType::Text { length: None, collation: None };
    let numeric = ColumnType::Numeric {
        precision: Some(10),
        scale: Some(2),
    };
    let mut pairs = vec![
        (string.clone(), ColumnType::Integer, "7", "7"),
        (text.clone(), ColumnType::BigInteger, "7", "8"),
        (numeric, string.clone(), "1.50", "x"),
        (text.clone(), ColumnType::Date, "2020-01-01", "2020-01-02"),
        (ColumnType::Date, ColumnType::DateTime { timezone: false }, "2020-01-01", "2020-01-01 00:00:00"),
    ];
    let of_enum = |type_: &EnumType| ColumnType::Enum(Box::new(type_.clone()));
    let kinds = pairs.len() + if dialect == DialectName::Postgresql { 2 } else { 0 };
    let turned = random.chance(2);
    let (old_type, new_type, old_default, new_default) = match random.below(kinds) {
        at if at < pairs.len() => {
            let (one, other, first, second) = pairs.swap_remove(at);
            if turned { (other, one, second, first) } else { (one, other, first, second) }
        }
        _ if turned => (text, of_enum(&enums[1].1), "x", ""),
        _ => (of_enum(&enums[1].0), text, "", "x"),
    };
    let mut column = |type_: ColumnType, default: &str| {
        let default = match &type_ {
            ColumnType::Enum(found) => found.values[0].clone(),
            _ => default.to_owned(),
        };
        let mut column = Column::new("other kind", type_);
        column.server_default = random.chance(2).then_some(ServerDefault::Text(default));
        column
    };
    (column(old_type, old_default), column(new_type, new_default))
}

/// Some tables and columns that both sides have get new names on the second.
fn renamed(a: &[Table], b: &mut [Table], random: &mut Random) -> Vec<Rename> {
    let mut renames = Vec::new();
    for table in a {
        let Some(other) = b.iter().find(|other| other.name == table.name) else {
            continue;
        };
        let mut name = table.name.name.text.clone();
        if random.chance(4) {
            let to = format!("{name} again");
            renames.push(Rename {
                table: name,
                column: None,
                to: to.clone(),
            });
            name = to;
        }
        for column in ["a", "Total", "state0"] {
            if random.chance(4) && table.column(column).is_some() && other.column(column).is_some() {
                renames.push(Rename {
                    table: name.clone(),
                    column: Some(column.to_owned()),
                    to: format!("{column}_2"),
                });
            }
        }
    }
    rename(b, &renames, limbeck_dialect::DialectName::Postgresql).expect("names that are free");
    renames
}
