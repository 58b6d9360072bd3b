//! What must be made before what.

use super::object::{Kind, Reference};
use std::collections::{BTreeMap, BTreeSet};

/// Something to be made, and whether its defaults may come later where that breaks a circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What.
    pub reference: Reference,
    /// Its needs form a circle: its defaults have to wait.
    pub without_defaults: bool,
}

/// Orders objects so that each comes after what it needs; among those that could come next, by kind and name.
pub fn ordered(all: &BTreeSet<Reference>, needs: &[(Reference, Reference)], rank: &dyn Fn(&Reference) -> u8) -> Vec<Placed> {
    let mut missing: BTreeMap<&Reference, BTreeSet<&Reference>> = all.iter().map(|reference| (reference, BTreeSet::new())).collect();
    let mut needed_by: BTreeMap<&Reference, Vec<&Reference>> = BTreeMap::new();
    for (one, other) in needs {
        if let (Some(one), Some(other)) = (all.get(one), all.get(other))
            && one != other
            && missing.get_mut(one).is_some_and(|missing| missing.insert(other))
        {
            needed_by.entry(other).or_default().push(one);
        }
    }
    let mut ready: BTreeSet<(u8, &Reference)> = missing.iter().filter(|(_, needs)| needs.is_empty()).map(|(one, _)| (rank(one), *one)).collect();
    let mut order = Vec::with_capacity(all.len());
    while !missing.is_empty() {
        let (next, without_defaults) = match ready.pop_first() {
            Some((_, next)) => (next, false),
            None => (weakest(&missing), true),
        };
        missing.remove(next);
        for other in needed_by.remove(next).unwrap_or_default() {
            if let Some(needs) = missing.get_mut(other) {
                needs.remove(next);
                if needs.is_empty() {
                    ready.insert((rank(other), other));
                }
            }
        }
        order.push(Placed {
            reference: next.clone(),
            without_defaults,
        });
    }
    order
}

/// Of a circle, the table that only routines and sequences keep back; else whatever comes first.
fn weakest<'a>(missing: &BTreeMap<&'a Reference, BTreeSet<&'a Reference>>) -> &'a Reference {
    let weak = |(reference, needs): &(&&'a Reference, &BTreeSet<&'a Reference>)| {
        reference.kind == Kind::Table && needs.iter().all(|need| matches!(need.kind, Kind::Routine | Kind::Sequence))
    };
    missing
        .iter()
        .find(weak)
        .or_else(|| missing.iter().find(|(reference, _)| reference.kind == Kind::Table))
        .or_else(|| missing.iter().next())
        .map(|(reference, _)| *reference)
        .expect("called while something is missing")
}

#[cfg(test)]
mod tests {
    use super::super::Name;
    use super::*;

    fn reference(kind: Kind, name: &str) -> Reference {
        Reference {
            kind,
            name: Name::new("public", name),
        }
    }

    #[test]
    fn what_is_needed_comes_first_and_circles_are_broken_at_a_table() {
        let (a, b, f) = (reference(Kind::Table, "a"), reference(Kind::Table, "b"), reference(Kind::Routine, "f"));
        let all = BTreeSet::from([a.clone(), b.clone(), f.clone()]);
        // `a` inherits from `b`; `b` has a default that calls `f`, which takes a row of `b`.
        let needs = [(a.clone(), b.clone()), (b.clone(), f.clone()), (f.clone(), b.clone())];
        let order: Vec<(String, bool)> = ordered(&all, &needs, &|_| 0)
            .into_iter()
            .map(|placed| (placed.reference.name.name, placed.without_defaults))
            .collect();
        assert_eq!(order, [("b".into(), true), ("a".into(), false), ("f".into(), false)]);
    }
}
