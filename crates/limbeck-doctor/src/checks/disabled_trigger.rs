//! Triggers that do not fire, those that enforce foreign keys among them.

use std::collections::BTreeMap;

use limbeck_db::DisabledTrigger;

use crate::words::some;
use crate::{Answer, Finding, Severity};

const NAME: &str = "disabled-trigger";
/// How many triggers of a table are named.
const SHOWN: usize = 8;

/// Looks at them, a finding for each table.
pub fn look(triggers: &[DisabledTrigger]) -> Answer {
    let mut tables: BTreeMap<&str, Vec<&DisabledTrigger>> = BTreeMap::new();
    for trigger in triggers {
        tables.entry(&trigger.table).or_default().push(trigger);
    }
    Answer::of(tables.into_iter().map(|(table, triggers)| one(table, &triggers)).collect(), || "none".into())
}

fn one(table: &str, triggers: &[&DisabledTrigger]) -> Finding {
    let mut constraints: Vec<&str> = triggers.iter().filter_map(|trigger| trigger.constraint.as_deref()).collect();
    constraints.sort_unstable();
    constraints.dedup();
    let own: Vec<String> = triggers
        .iter()
        .filter(|trigger| trigger.constraint.is_none())
        .map(|trigger| {
            let when = if trigger.on_replica { " (fires on replicas only)" } else { "" };
            format!("{}{when}", trigger.trigger)
        })
        .collect();
    let severity = if constraints.is_empty() { Severity::Warning } else { Severity::Problem };
    let title = match (constraints.is_empty(), own.is_empty()) {
        (true, _) => format!("triggers of {table} are disabled"),
        (false, true) => format!("foreign keys of {table} are not enforced"),
        (false, false) => format!("foreign keys of {table} are not enforced, and triggers are disabled"),
    };
    let mut found = Finding::new(NAME, severity, title);
    if !constraints.is_empty() {
        found = found.evidence(format!("foreign keys whose triggers are switched off: {}", constraints.join(", ")));
    }
    if !own.is_empty() {
        found = found.evidence(format!("disabled: {}", some(own, SHOWN).join(", ")));
    }
    found = found.cause("ALTER TABLE … DISABLE TRIGGER, by hand, by a script, or by `pg_restore --disable-triggers`, and nobody switched them on again");
    if constraints.is_empty() {
        found
            .command(format!("psql -c 'ALTER TABLE {table} ENABLE TRIGGER USER'"))
            .note("ask first whether somebody keeps one off on purpose")
    } else {
        found
            .command(format!("psql -c 'ALTER TABLE {table} ENABLE TRIGGER ALL'"))
            .note("rows that came in meanwhile were not checked: look for those that point to nothing before you rely on the foreign keys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_key_that_is_not_enforced_is_a_problem() {
        let trigger = |name: &str, constraint: Option<&str>| DisabledTrigger {
            trigger: name.into(),
            table: "public.t".into(),
            constraint: constraint.map(str::to_owned),
            on_replica: false,
        };
        let answer = look(&[trigger("RI_1", Some("fk")), trigger("RI_2", Some("fk")), trigger("audit", None)]);
        let [found] = answer.findings() else { panic!("{answer:?}") };
        assert_eq!(found.severity, Severity::Problem);
        assert_eq!(found.evidence, ["foreign keys whose triggers are switched off: fk", "disabled: audit"]);
        assert_eq!(look(&[trigger("audit", None)]).findings()[0].severity, Severity::Warning);
    }
}
