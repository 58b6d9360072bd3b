//! What SQL touches.

use limbeck_sql::Name;
use limbeck_sql::changes::{Change, NewConstraint, NewConstraintKind, ObjectKind, RowChange};

use super::{Object, Touch, Way};

/// What changes of statements touch.
pub fn of_changes(changes: &[Change]) -> Vec<Touch> {
    changes.iter().flat_map(of_change).collect()
}

fn column(table: &Name, name: &str, way: Way) -> Touch {
    Touch::new(Object::Column(table.clone(), name.to_owned()), way)
}

fn renamed(name: &Name, to: &str) -> Name {
    Name {
        schema: name.schema.clone(),
        name: to.to_owned(),
    }
}

/// An object that is not a table.
pub(super) fn other(kind: ObjectKind, name: &Name) -> Object {
    match kind {
        ObjectKind::Index => Object::Index(name.clone()),
        ObjectKind::View | ObjectKind::MaterializedView => Object::Table(name.clone()),
        ObjectKind::Sequence => Object::Sequence(name.clone()),
        ObjectKind::Type => Object::Type(name.clone()),
        ObjectKind::Schema => Object::Schema(name.name.clone()),
        ObjectKind::Extension | ObjectKind::Function | ObjectKind::Trigger => Object::Other(kind.word(), name.clone()),
    }
}

fn constraint(table: &Name, new: &NewConstraint) -> Vec<Touch> {
    let mut touches: Vec<Touch> = new
        .name
        .iter()
        .map(|name| Touch::new(Object::Constraint(table.clone(), name.clone()), Way::Creates))
        .collect();
    match &new.kind {
        NewConstraintKind::ForeignKey {
            columns,
            referred,
            referred_columns,
            ..
        } => {
            touches.extend(columns.iter().map(|name| column(table, name, Way::Needs)));
            touches.extend(referred_columns.iter().map(|name| column(referred, name, Way::Needs)));
            touches.push(Touch::new(Object::Rows(referred.clone()), Way::Needs));
        }
        NewConstraintKind::Unique(key) | NewConstraintKind::PrimaryKey(key) => {
            touches.extend(key.elements.iter().map(|name| column(table, name.trim_matches('"'), Way::Needs)));
        }
        NewConstraintKind::NotNull(name) => touches.push(column(table, name, Way::Alters)),
        NewConstraintKind::Check(_) | NewConstraintKind::Exclude | NewConstraintKind::UsingIndex => {}
    }
    touches.push(Touch::new(Object::Rows(table.clone()), Way::Needs));
    touches
}

fn of_change(change: &Change) -> Vec<Touch> {
    match change {
        Change::CreateTable { table, constraints, .. } => {
            let mut touches = vec![Touch::new(Object::Table(table.clone()), Way::Creates)];
            for new in constraints {
                if let NewConstraintKind::ForeignKey { referred, .. } = &new.kind {
                    touches.push(Touch::new(Object::Rows(referred.clone()), Way::Needs));
                }
            }
            touches
        }
        Change::DropTable { table, .. } => vec![Touch::new(Object::Table(table.clone()), Way::Drops)],
        Change::RenameTable { table, to } => vec![
            Touch::new(Object::Table(table.clone()), Way::Alters),
            Touch::new(Object::Table(renamed(table, to)), Way::Creates),
        ],
        Change::MoveTable { table, .. } => vec![Touch::new(Object::Table(table.clone()), Way::Alters)],
        Change::AddColumn { table, column: new, .. } => vec![column(table, &new.name, Way::Creates)],
        Change::DropColumn { table, column: name, .. } => vec![column(table, name, Way::Drops)],
        Change::RenameColumn { table, column: name, to } => vec![column(table, name, Way::Alters), column(table, to, Way::Creates)],
        Change::SetType { table, column: name, .. } | Change::SetNotNull { table, column: name } | Change::AlterColumn { table, column: name } => {
            vec![column(table, name, Way::Alters)]
        }
        Change::AddConstraint { table, constraint: new } => constraint(table, new),
        Change::ValidateConstraint { table, name } => vec![
            Touch::new(Object::Constraint(table.clone(), name.clone()), Way::Alters),
            Touch::new(Object::Rows(table.clone()), Way::Needs),
        ],
        Change::DropConstraint { table, name, .. } => vec![Touch::new(Object::Constraint(table.clone(), name.clone()), Way::Drops)],
        Change::RenameConstraint { table, name, to } => vec![
            Touch::new(Object::Constraint(table.clone(), name.clone()), Way::Alters),
            Touch::new(Object::Constraint(table.clone(), to.clone()), Way::Creates),
        ],
        Change::AlterTable { table } => vec![Touch::new(Object::Rows(table.clone()), Way::Needs)],
        Change::CreateIndex {
            name, table, columns, unique, ..
        } => {
            let mut touches: Vec<Touch> = columns.iter().map(|name| column(table, name, Way::Needs)).collect();
            if let Some(name) = name {
                let name = Name {
                    schema: table.schema.clone(),
                    name: name.name.clone(),
                };
                touches.push(Touch::new(Object::Index(name), Way::Creates));
            }
            if unique.is_some() {
                touches.push(Touch::new(Object::Rows(table.clone()), Way::Needs));
            }
            touches
        }
        Change::Create { kind, name, .. } => vec![Touch::new(other(*kind, name), Way::Creates)],
        Change::Alter { kind, name } => vec![Touch::new(other(*kind, name), Way::Alters)],
        Change::Drop { kind, name, .. } => vec![Touch::new(other(*kind, name), Way::Drops)],
        Change::Rename { kind, name, to } => vec![
            Touch::new(other(*kind, name), Way::Alters),
            Touch::new(other(*kind, &renamed(name, to)), Way::Creates),
        ],
        Change::Rows { table, how, columns, .. } => {
            let mut touches: Vec<Touch> = columns.iter().map(|name| column(table, name, Way::Writes(*how))).collect();
            touches.push(Touch::new(Object::Rows(table.clone()), Way::Writes(*how)));
            touches
        }
        Change::Reads { table } => vec![Touch::new(Object::Rows(table.clone()), Way::Needs)],
        Change::Calls { function } if is_harmless(function) => Vec::new(),
        Change::Calls { function } => vec![Touch::new(Object::Unknown(format!("{function}()")), Way::Alters)],
        Change::Nothing => Vec::new(),
        Change::Opaque { headline } => vec![Touch::new(Object::Unknown(headline.clone()), Way::Writes(RowChange::Any))],
    }
}

/// Functions of the server that change nothing, among those that scripts call.
pub(crate) fn is_harmless(function: &Name) -> bool {
    const KNOWN: [&str; 42] = [
        "abs",
        "array_agg",
        "array_length",
        "btrim",
        "coalesce",
        "concat",
        "concat_ws",
        "count",
        "current_schema",
        "current_setting",
        "date_trunc",
        "floor",
        "format",
        "gen_random_uuid",
        "greatest",
        "initcap",
        "jsonb_build_object",
        "least",
        "left",
        "length",
        "lower",
        "ltrim",
        "max",
        "md5",
        "min",
        "now",
        "nullif",
        "random",
        "regexp_replace",
        "replace",
        "right",
        "round",
        "row_number",
        "rtrim",
        "set_config",
        "split_part",
        "substr",
        "substring",
        "sum",
        "to_char",
        "trim",
        "upper",
    ];
    function.schema.as_ref().is_none_or(|schema| schema == "pg_catalog") && (KNOWN.contains(&function.name.as_str()) || function.name.starts_with("to_reg"))
}
