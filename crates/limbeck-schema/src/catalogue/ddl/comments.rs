//! Comments, on everything that can have one.

use super::super::name::quote_name;
use super::super::table::{Index, Rule, TableKind, Trigger};
use super::super::{Catalogue, Name};
use super::{Script, comment_on, routine_word};

pub(super) fn all(catalogue: &Catalogue, script: &mut Script) {
    let mut say = |what: String, comment: Option<&String>| script.extend(comment_on(&what, comment));
    for schema in &catalogue.schemas {
        let own = schema.comment.as_ref().filter(|comment| *comment != "standard public schema");
        say(format!("SCHEMA {}", quote_name(&schema.name)), own);
    }
    catalogue
        .enums
        .iter()
        .for_each(|item| say(format!("TYPE {}", item.name.quoted()), item.comment.as_ref()));
    for item in &catalogue.domains {
        let name = item.name.quoted();
        say(format!("DOMAIN {name}"), item.comment.as_ref());
        for check in &item.checks {
            say(format!("CONSTRAINT {} ON DOMAIN {name}", quote_name(&check.name)), check.comment.as_ref());
        }
    }
    for item in &catalogue.composites {
        say(format!("TYPE {}", item.name.quoted()), item.comment.as_ref());
        for (attribute, comment) in &item.attribute_comments {
            say(format!("COLUMN {}.{}", item.name.quoted(), quote_name(attribute)), Some(comment));
        }
    }
    catalogue
        .ranges
        .iter()
        .for_each(|item| say(format!("TYPE {}", item.name.quoted()), item.comment.as_ref()));
    catalogue
        .sequences
        .iter()
        .for_each(|item| say(format!("SEQUENCE {}", item.name.quoted()), item.comment.as_ref()));
    for table in &catalogue.tables {
        let name = table.name.quoted();
        let word = if table.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
        say(format!("{word} {name}"), table.comment.as_ref());
        for column in &table.columns {
            say(format!("COLUMN {name}.{}", quote_name(&column.name)), column.comment.as_ref());
        }
        for constraint in &table.constraints {
            if let Some(own) = &constraint.name {
                say(format!("CONSTRAINT {} ON {name}", quote_name(own)), constraint.comment.as_ref());
            }
        }
        for policy in &table.policies {
            say(format!("POLICY {} ON {name}", quote_name(&policy.name)), policy.comment.as_ref());
        }
        parts(&table.name, &table.indexes, &table.triggers, &table.rules, &mut say);
    }
    for view in &catalogue.views {
        let word = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        say(format!("{word} {}", view.name.quoted()), view.comment.as_ref());
        for (column, comment) in &view.column_comments {
            say(format!("COLUMN {}.{}", view.name.quoted(), quote_name(column)), Some(comment));
        }
        parts(&view.name, &view.indexes, &view.triggers, &view.rules, &mut say);
    }
    for routine in &catalogue.routines {
        say(format!("{} {}", routine_word(routine.kind), routine.signature), routine.comment.as_ref());
    }
    for other in &catalogue.others {
        say(other.subject.clone(), other.comment.as_ref());
    }
}

fn parts(table: &Name, indexes: &[Index], triggers: &[Trigger], rules: &[Rule], say: &mut dyn FnMut(String, Option<&String>)) {
    for index in indexes {
        let name = Name {
            name: index.name.clone(),
            ..table.clone()
        };
        say(format!("INDEX {}", name.quoted()), index.comment.as_ref());
    }
    for trigger in triggers {
        say(format!("TRIGGER {} ON {}", quote_name(&trigger.name), table.quoted()), trigger.comment.as_ref());
    }
    for rule in rules {
        say(format!("RULE {} ON {}", quote_name(&rule.name), table.quoted()), rule.comment.as_ref());
    }
}
