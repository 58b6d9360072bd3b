//! Functions and procedures that cannot be replaced in place: `CREATE OR REPLACE` takes another body, but no other result or names of arguments.

use super::super::ddl::routine_word;
use super::super::differences::{Change, Difference};
use super::super::object::{Kind, Routine, RoutineKind};
use super::Way;

/// Drops what is to be made anew.
pub(super) fn drop_replaced(way: &mut Way<'_>) {
    let replaced = |change: &&Change| matches!(change.difference, Difference::Changed { .. });
    let changes: Vec<&Change> = way.of(Kind::Routine).filter(replaced).collect();
    for change in changes {
        let find = |routines: &'_ [Routine]| routines.iter().find(|item| item.name == change.object.name).cloned();
        if let (Some(old), Some(new)) = (find(&way.from.routines), find(&way.to.routines))
            && must_go_first(&old, &new)
        {
            way.first.push(format!("DROP {} {}", routine_word(old.kind), old.signature));
        }
    }
}

fn must_go_first(old: &Routine, new: &Routine) -> bool {
    old.kind == RoutineKind::Aggregate || old.kind != new.kind || head(&old.definition) != head(&new.definition)
}

/// What stands before the language: name, arguments, result.
fn head(definition: &str) -> &str {
    definition.split("\n LANGUAGE ").next().unwrap_or(definition)
}

#[cfg(test)]
mod tests {
    use super::super::super::{Catalogue, Name};
    use super::super::alter;
    use super::*;

    fn with(definition: &str) -> Catalogue {
        Catalogue {
            routines: vec![Routine {
                name: Name::new("public", "f(integer)"),
                signature: "public.f(a integer)".to_owned(),
                kind: RoutineKind::Function,
                definition: definition.to_owned(),
                comment: None,
            }],
            ..Catalogue::default()
        }
    }

    #[test]
    fn only_another_result_needs_a_drop() {
        let one = "CREATE OR REPLACE FUNCTION public.f(a integer)\n RETURNS integer\n LANGUAGE sql\nAS $function$SELECT 1$function$\n";
        let body = one.replace("SELECT 1", "SELECT 2");
        let result = one.replace("RETURNS integer", "RETURNS bigint");
        let has_drop = |to: &str| {
            alter(&with(one), &with(to))
                .statements
                .iter()
                .any(|sql| sql == "DROP FUNCTION public.f(a integer)")
        };
        assert!(!has_drop(&body));
        assert!(has_drop(&result));
    }
}
