//! Types that both have, differently: domains, composite and range types.

use super::super::differences::{Change, FactChange};
use super::super::name::quote_name;
use super::super::object::{Composite, DomainCheck};
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
    let same = |one: &DomainCheck, other: &DomainCheck| one.name == other.name && one.definition == other.definition;
    let lost: Vec<&DomainCheck> = old.checks.iter().filter(|check| !new.checks.iter().any(|other| same(check, other))).collect();
    let mut come: Vec<&DomainCheck> = new.checks.iter().filter(|check| !old.checks.iter().any(|other| same(check, other))).collect();
    for check in lost {
        // PostgreSQL adds no check to a domain that stands inside other types, but renames one.
        let renamed = come
            .iter()
            .position(|other| other.definition == check.definition && !old.checks.iter().any(|known| known.name == other.name));
        way.middle.push(match renamed {
            Some(at) => alter(&format!(
                "RENAME CONSTRAINT {} TO {}",
                quote_name(&check.name),
                quote_name(&come.remove(at).name)
            )),
            None if come
                .iter()
                .any(|other| format!("{} NOT VALID", other.definition) == check.definition && other.name == check.name) =>
            {
                come.retain(|other| other.name != check.name);
                alter(&format!("VALIDATE CONSTRAINT {}", quote_name(&check.name)))
            }
            None => alter(&format!("DROP CONSTRAINT {}", quote_name(&check.name))),
        });
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
    for check in come {
        way.middle
            .push(alter(&format!("ADD CONSTRAINT {} {}", quote_name(&check.name), check.definition)));
    }
    for check in &new.checks {
        let before = old.checks.iter().find(|other| same(check, other)).and_then(|other| other.comment.as_ref());
        if before != check.comment.as_ref() {
            let subject = format!("CONSTRAINT {} ON DOMAIN {}", quote_name(&check.name), name.quoted());
            way.middle.push(comment_or_none(&subject, check.comment.as_deref()));
        }
    }
    if old.comment != new.comment {
        way.middle.push(comment_or_none(&format!("DOMAIN {}", name.quoted()), new.comment.as_deref()));
    }
}

/// A composite type: attributes that go, come behind the others, or get another type; and comments.
pub(super) fn a_composite(way: &mut Way<'_>, change: &Change) {
    let name = &change.object.name;
    let find = |all: &'_ [Composite]| all.iter().find(|item| item.name == *name).cloned();
    let (Some(old), Some(new)) = (find(&way.from.composites), find(&way.to.composites)) else {
        return;
    };
    let quoted = name.quoted();
    let alter = |what: String| format!("ALTER TYPE {quoted} {what} CASCADE");
    let names = |item: &Composite| -> Vec<String> { item.attributes.iter().map(|text| attribute(text).0.to_owned()).collect() };
    let (before, after) = (names(&old), names(&new));
    let kept: Vec<&String> = before.iter().filter(|name| after.contains(name)).collect();
    if !after.iter().zip(&kept).all(|(one, other)| one == *other) {
        way.cannot(change, "attributes only come behind the others");
        return;
    }
    way.middle.extend(
        before
            .iter()
            .filter(|name| !after.contains(name))
            .map(|name| alter(format!("DROP ATTRIBUTE {name}"))),
    );
    for text in &new.attributes {
        let (own, type_) = attribute(text);
        match old.attributes.iter().map(|text| attribute(text)).find(|(other, _)| *other == own) {
            None => way.middle.push(alter(format!("ADD ATTRIBUTE {text}"))),
            Some((_, other)) if other != type_ => way.middle.push(alter(format!("ALTER ATTRIBUTE {own} TYPE {type_}"))),
            Some(_) => {}
        }
    }
    for text in &new.attributes {
        let own = attribute(text).0;
        let comment = |item: &Composite| {
            let found = item.attribute_comments.iter().find(|(name, _)| quote_name(name) == own);
            found.map(|(_, comment)| comment.clone())
        };
        if comment(&old) != comment(&new) {
            way.middle.push(comment_or_none(&format!("COLUMN {quoted}.{own}"), comment(&new).as_deref()));
        }
    }
    if old.comment != new.comment {
        way.middle.push(comment_or_none(&format!("TYPE {quoted}"), new.comment.as_deref()));
    }
}

/// Name and type of an attribute.
fn attribute(text: &str) -> (&str, &str) {
    let mut inside = false;
    let end = text.find(|c| {
        inside ^= c == '"';
        c == ' ' && !inside
    });
    end.map_or((text, ""), |end| (&text[..end], &text[end + 1..]))
}

/// Range types can only be commented otherwise.
pub(super) fn a_range(way: &mut Way<'_>, change: &Change, facts: &[FactChange]) {
    let name = &change.object.name;
    if facts.iter().any(|fact| fact.what != "comment") {
        way.cannot(change, "it cannot be altered here");
        return;
    }
    let comment = way.to.ranges.iter().find(|item| item.name == *name).and_then(|item| item.comment.as_deref());
    let sql = comment_or_none(&format!("TYPE {}", name.quoted()), comment);
    way.middle.push(sql);
}

#[cfg(test)]
mod tests {
    use super::super::super::Domain;
    use super::super::super::{Catalogue, Name};
    use super::super::alter;
    use super::*;

    fn composite(attributes: &[&str]) -> Catalogue {
        Catalogue {
            composites: vec![Composite {
                name: Name::new("public", "pair"),
                attributes: attributes.iter().map(|text| (*text).to_owned()).collect(),
                attribute_comments: Vec::new(),
                comment: None,
            }],
            ..Catalogue::default()
        }
    }

    #[test]
    fn attributes_go_come_last_and_get_other_types() {
        let (old, new) = (
            composite(&["a integer", "\"b b\" text", "c text"]),
            composite(&["\"b b\" bigint", "c text", "d date"]),
        );
        assert_eq!(
            alter(&old, &new).statements,
            [
                "ALTER TYPE public.pair DROP ATTRIBUTE a CASCADE",
                "ALTER TYPE public.pair ALTER ATTRIBUTE \"b b\" TYPE bigint CASCADE",
                "ALTER TYPE public.pair ADD ATTRIBUTE d date CASCADE"
            ]
        );
        assert_eq!(alter(&new, &old).by_hand.len(), 1);
    }

    #[test]
    fn a_check_of_a_domain_is_renamed_and_validated() {
        let with = |name: &str, definition: &str| Catalogue {
            domains: vec![Domain {
                name: Name::new("public", "d"),
                type_: "integer".to_owned(),
                not_null: false,
                default: None,
                collation: None,
                checks: vec![DomainCheck {
                    name: name.to_owned(),
                    definition: definition.to_owned(),
                    comment: None,
                }],
                comment: None,
            }],
            ..Catalogue::default()
        };
        let (one, other) = (with("one", "CHECK (VALUE > 0)"), with("other", "CHECK (VALUE > 0)"));
        assert_eq!(alter(&one, &other).statements, ["ALTER DOMAIN public.d RENAME CONSTRAINT one TO other"]);
        let held = with("one", "CHECK (VALUE > 0) NOT VALID");
        assert_eq!(alter(&held, &one).statements, ["ALTER DOMAIN public.d VALIDATE CONSTRAINT one"]);
    }
}
