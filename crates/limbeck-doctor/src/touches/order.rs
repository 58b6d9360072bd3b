//! Whether two rows of touches can happen in any order.

use std::collections::BTreeSet;

use limbeck_sql::Name;
use limbeck_sql::changes::RowChange;

use super::{Object, Touch, Way};

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// They touch nothing in common that the order matters for.
    Commute,
    /// They do: a line for each object, `both alter users.email`.
    Matters(Vec<String>),
    /// Nobody knows, and why.
    Unknown(String),
}

/// Compares what two branches touch.
pub fn order(one: &[Touch], two: &[Touch]) -> Order {
    let (one, two) = (without_own(one), without_own(two));
    let mut lines = BTreeSet::new();
    for a in &one {
        for b in &two {
            if clash(a, b) {
                lines.insert(line(a, b));
            }
        }
    }
    if !lines.is_empty() {
        return Order::Matters(lines.into_iter().collect());
    }
    let unknown = one.iter().chain(&two).find_map(|touch| match &touch.object {
        Object::Unknown(what) => Some(what),
        _ => None,
    });
    match unknown {
        // A branch that touches nothing else leaves nothing to disagree about.
        Some(_) if one.is_empty() || two.is_empty() => Order::Commute,
        Some(what) => Order::Unknown(format!("what {what} does cannot be told from its text")),
        None => Order::Commute,
    }
}

/// Leaves out what happens inside a table that the same branch makes: nobody else can see it.
fn without_own(touches: &[Touch]) -> Vec<Touch> {
    let made: BTreeSet<&Name> = touches
        .iter()
        .filter(|touch| touch.way == Way::Creates)
        .filter_map(|touch| match &touch.object {
            Object::Table(name) => Some(name),
            _ => None,
        })
        .collect();
    touches
        .iter()
        .filter(|touch| match &touch.object {
            Object::Column(table, _) | Object::Constraint(table, _) | Object::Rows(table) => !made.contains(table),
            _ => true,
        })
        .cloned()
        .collect()
}

fn table(object: &Object) -> Option<&Name> {
    match object {
        Object::Table(table) | Object::Column(table, _) | Object::Constraint(table, _) | Object::Rows(table) => Some(table),
        Object::Index(_) | Object::Type(_) | Object::Sequence(_) | Object::Schema(_) | Object::Other(..) | Object::Unknown(_) => None,
    }
}

fn clash(a: &Touch, b: &Touch) -> bool {
    if a.way == Way::Needs && b.way == Way::Needs {
        return false;
    }
    match (&a.object, &b.object) {
        (Object::Unknown(_), _) | (_, Object::Unknown(_)) => false,
        // A table as a whole: whatever happens to it.
        (Object::Table(one), other) | (other, Object::Table(one)) => table(other) == Some(one),
        (Object::Rows(one), Object::Rows(two)) => one == two && rows_clash(a.way, b.way),
        // Rows and columns: a new column is in nobody's way but of those who insert whole rows.
        (Object::Rows(one), Object::Column(two, _)) => one == two && row_column(a.way, b.way),
        (Object::Column(one, _), Object::Rows(two)) => one == two && row_column(b.way, a.way),
        (Object::Column(one, first), Object::Column(two, second)) => {
            one == two && first == second && !matches!((a.way, b.way), (Way::Writes(_), Way::Writes(_)))
        }
        (one, two) => one == two,
    }
}

fn rows_clash(a: Way, b: Way) -> bool {
    match (a, b) {
        (Way::Writes(RowChange::Insert), Way::Writes(RowChange::Insert)) => false,
        (Way::Writes(_), _) | (_, Way::Writes(_)) => true,
        _ => false,
    }
}

fn row_column(rows: Way, column: Way) -> bool {
    match (rows, column) {
        (Way::Writes(RowChange::Insert), Way::Creates | Way::Alters | Way::Drops) => true,
        // Conditions may look at any column.
        (Way::Writes(_), Way::Alters | Way::Drops) => true,
        _ => false,
    }
}

fn line(a: &Touch, b: &Touch) -> String {
    if a.way == b.way && a.object == b.object {
        return match a.way {
            Way::Writes(_) => format!("both {} {}", a.way.word(), rows_of(&a.object)),
            _ => format!("both {} {}", a.way.word(), a.object),
        };
    }
    format!(
        "one {} {}, the other {} {}",
        third(a.way),
        a.object,
        third(b.way),
        if a.object == b.object { "it".to_owned() } else { b.object.to_string() }
    )
}

fn rows_of(object: &Object) -> String {
    match object {
        Object::Rows(_) => object.to_string(),
        other => format!("values of {other}"),
    }
}

fn third(way: Way) -> String {
    match way {
        Way::Writes(RowChange::Truncate) => "empties".into(),
        way => format!("{}s", way.word()),
    }
}
