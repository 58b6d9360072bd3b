//! Types that both have, differently: domains, composite and range types.

use super::super::differences::{Change, FactChange};
use super::super::name::quote_name;
use super::super::object::Kind;
use super::{Way, comment_or_none};

pub(super) fn a_domain(way: &mut Way<'_>, change: &Change) {
    let name = &change.object.name;
    let old = way.from.domains.iter().find(|item| item.name == *name);
    let new = way.to.domains.iter().find(|item| item.name == *name);
    let (Some(old), Some(new)) = (old, new) else { return };
    if old.type_ != new.type_ || old.collation != new.collation {
        way.cannot(change, "the type below a domain cannot be exchanged");
        return;
    }
    let alter = |what: &str| format!("ALTER DOMAIN {} {what}", name.quoted());
    for check in old.checks.iter().filter(|check| !new.checks.contains(check)) {
        way.middle.push(alter(&format!("DROP CONSTRAINT {}", quote_name(&check.name))));
    }
    if old.default != new.default {
        way.middle.push(match &new.default {
            Some(default) => alter(&format!("SET DEFAULT {default}")),
            None => alter("DROP DEFAULT"),
        });
    }
    if old.not_null != new.not_null {
        way.middle.push(alter(if new.not_null { "SET NOT NULL" } else { "DROP NOT NULL" }));
    }
    for check in new.checks.iter().filter(|check| !old.checks.contains(check)) {
        way.middle
            .push(alter(&format!("ADD CONSTRAINT {} {}", quote_name(&check.name), check.definition)));
    }
    if old.comment != new.comment {
        way.middle.push(comment_or_none(&format!("DOMAIN {}", name.quoted()), new.comment.as_deref()));
    }
}

/// Composite and range types can only be commented otherwise.
pub(super) fn another(way: &mut Way<'_>, change: &Change, facts: &[FactChange]) {
    let name = &change.object.name;
    if facts.iter().any(|fact| fact.what != "comment") {
        way.cannot(change, "it cannot be altered here");
        return;
    }
    let composites = way.to.composites.iter().map(|item| (Kind::Composite, &item.name, &item.comment));
    let ranges = way.to.ranges.iter().map(|item| (Kind::Range, &item.name, &item.comment));
    let comment = composites
        .chain(ranges)
        .find(|(kind, of, _)| *kind == change.object.kind && *of == name)
        .and_then(|(_, _, comment)| comment.as_deref());
    let sql = comment_or_none(&format!("TYPE {}", name.quoted()), comment);
    way.middle.push(sql);
}
