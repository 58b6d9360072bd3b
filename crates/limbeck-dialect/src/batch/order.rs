//! The places of columns in a rebuilt table.
//!
//! Places are kept as pairs "this column before that one": what `insert_before`, `insert_after` and `partial_reordering` say, and the old order where
//! nothing says otherwise. A stable topological sort turns them into an order.

use crate::error::{Result, invalid_request};
use limbeck_expr::Ident;
use limbeck_ops::{DatabaseErrorKind, HostError};

/// What is known of the order so far.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// Columns of the old table that are still there.
    existing: Vec<String>,
    /// `partial_reordering=`.
    partial: Vec<Vec<String>>,
    /// Pairs that added columns brought.
    added: Vec<(String, String)>,
}

impl Order {
    pub fn new(existing: Vec<String>, partial: &[Vec<Ident>]) -> Self {
        let partial = partial.iter().map(|names| names.iter().map(|name| name.text.clone()).collect()).collect();
        Order {
            existing,
            partial,
            added: Vec::new(),
        }
    }

    /// Whether columns move at all.
    pub fn changes(&self) -> bool {
        !self.partial.is_empty() || !self.added.is_empty()
    }

    pub fn drop(&mut self, column: &str) {
        if let Some(index) = self.existing.iter().position(|name| name == column) {
            self.existing.remove(index);
        }
    }

    /// Finds a place for an added column. With only one neighbour given the other one is found, so that the column stands exactly between them;
    /// with none it stands last.
    pub fn add(&mut self, column: &str, before: Option<&str>, after: Option<&str>) -> Result<()> {
        let mut before = before.map(str::to_string);
        let mut after = after.map(str::to_string);
        if self.partial.is_empty() {
            match (&before, &after) {
                (None, Some(left)) => before = self.right_of(left)?,
                (Some(right), None) => after = self.left_of(right)?,
                _ => {}
            }
        }
        let placed = before.is_some() || after.is_some();
        if let Some(before) = before {
            self.added.push((column.to_string(), before));
        }
        if let Some(after) = after {
            self.added.push((after, column.to_string()));
        }
        if self.partial.is_empty()
            && !placed
            && let Some(last) = self.existing.last()
        {
            self.added.push((last.clone(), column.to_string()));
        }
        Ok(())
    }

    fn right_of(&self, left: &str) -> Result<Option<String>> {
        if let Some(index) = self.existing.iter().position(|name| name == left) {
            return Ok(self.existing.get(index + 1).cloned());
        }
        // The last pair with it on the left, as a mapping built from the pairs would have it.
        let found = self.added.iter().rev().find(|(from, _)| from == left);
        found.map(|(_, to)| Some(to.clone())).ok_or_else(|| no_such_neighbour(left))
    }

    fn left_of(&self, right: &str) -> Result<Option<String>> {
        if let Some(index) = self.existing.iter().position(|name| name == right) {
            return Ok(index.checked_sub(1).and_then(|index| self.existing.get(index).cloned()));
        }
        let found = self.added.iter().rev().find(|(_, to)| to == right);
        found.map(|(from, _)| Some(from.clone())).ok_or_else(|| no_such_neighbour(right))
    }

    /// Puts `columns` in order.
    ///
    /// # Errors
    /// When the wishes contradict each other.
    pub fn sort(&self, columns: &[String]) -> Result<Vec<String>> {
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        if self.partial.is_empty() {
            // `columns` begins with the existing ones.
            let old = columns.iter().take(self.existing.len());
            pairs.extend(old.zip(self.existing.iter().skip(1)).map(|(left, right)| (left.as_str(), right.as_str())));
        } else {
            for names in &self.partial {
                pairs.extend(names.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())));
            }
        }
        pairs.extend(self.added.iter().map(|(left, right)| (left.as_str(), right.as_str())));
        pairs.retain(|(left, right)| left != right);
        topological(&pairs, columns)
    }
}

/// Sorts by rounds: every column all of whose predecessors came in earlier rounds, in the given order.
fn topological(pairs: &[(&str, &str)], columns: &[String]) -> Result<Vec<String>> {
    let mut todo: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut sorted = Vec::with_capacity(todo.len());
    while !todo.is_empty() {
        let (ready, waiting): (Vec<&str>, Vec<&str>) = todo
            .iter()
            .partition(|column| !pairs.iter().any(|(left, right)| right == *column && todo.contains(left)));
        if ready.is_empty() {
            let circle: Vec<String> = waiting
                .iter()
                .filter(|name| comes_before_itself(name, pairs))
                .map(|name| format!("'{name}'"))
                .collect();
            return Err(invalid_request(format!("Circular dependency detected. ({})", circle.join(", "))));
        }
        sorted.extend(ready.into_iter().map(str::to_string));
        todo = waiting;
    }
    Ok(sorted)
}

/// Whether the pairs lead from a column back to it.
fn comes_before_itself(name: &str, pairs: &[(&str, &str)]) -> bool {
    let mut reached: Vec<&str> = vec![name];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        for (_, to) in pairs.iter().filter(|(left, _)| *left == from) {
            if *to == name {
                return true;
            }
            if !reached.contains(to) {
                reached.push(to);
            }
        }
        next += 1;
    }
    false
}

fn no_such_neighbour(name: &str) -> HostError {
    let mut error = HostError::new(DatabaseErrorKind::ValueError, format!("No such column: '{name}'"));
    error.hint = Some("insert_before and insert_after take the name of a column of this table".into());
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(partial: &[&[&str]]) -> Order {
        let partial: Vec<Vec<Ident>> = partial.iter().map(|names| names.iter().map(|name| Ident::from(*name)).collect()).collect();
        Order::new(strings(&["a", "b", "c"]), &partial)
    }

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_string()).collect()
    }

    fn sorted(order: &Order, columns: &[&str]) -> String {
        order.sort(&strings(columns)).expect("an order").join(" ")
    }

    #[test]
    fn an_added_column_stands_where_it_is_asked_for() {
        let placed = |before, after| {
            let mut order = order(&[]);
            order.add("x", before, after).expect("a place");
            sorted(&order, &["a", "b", "c", "x"])
        };
        assert_eq!(placed(None, None), "a b c x");
        assert_eq!(placed(Some("a"), None), "x a b c");
        assert_eq!(placed(Some("c"), None), "a b x c");
        assert_eq!(placed(None, Some("a")), "a x b c");
        assert_eq!(placed(None, Some("c")), "a b c x");
        assert_eq!(placed(Some("c"), Some("b")), "a b x c");
    }

    #[test]
    fn a_new_column_may_be_the_neighbour_of_another() {
        let mut order = order(&[]);
        order.add("x", None, Some("a")).expect("a place");
        order.add("y", None, Some("x")).expect("a place");
        assert_eq!(sorted(&order, &["a", "b", "c", "x", "y"]), "a x y b c");
    }

    #[test]
    fn partial_wishes_are_met_and_the_rest_stays_stable() {
        assert_eq!(sorted(&order(&[&["c", "b", "a"]]), &["a", "b", "c"]), "c b a");
        assert_eq!(sorted(&order(&[&["c", "a"]]), &["a", "b", "c"]), "b c a");
    }

    #[test]
    fn contradictions_are_refused() {
        let error = order(&[&["a", "b"], &["b", "a"], &["b", "c"]])
            .sort(&strings(&["a", "b", "c"]))
            .expect_err("a cycle");
        assert_eq!(error.kind, DatabaseErrorKind::InvalidRequestError);
        assert_eq!(error.message, "Circular dependency detected. ('a', 'b')");
    }

    #[test]
    fn an_unknown_neighbour_is_named() {
        let error = order(&[]).add("x", None, Some("nope")).expect_err("no such column");
        assert_eq!(error.message, "No such column: 'nope'");
    }

    #[test]
    fn a_dropped_column_is_no_neighbour() {
        let mut order = order(&[]);
        order.drop("b");
        order.add("x", None, Some("a")).expect("a place");
        assert_eq!(sorted(&order, &["a", "c", "x"]), "a x c");
    }
}
