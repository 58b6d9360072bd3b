//! The revisions that come of a comparison: one, or what the project's `process_revision_directives` makes of it.

use super::Compared;
use super::comparing::Trial;
use crate::args::RevisionArgs;
use crate::context::{Context, Failure};
use limbeck_diff::own::with_doubts_back;
use limbeck_diff::{Alteration, Modify, OwnLines, Sided, Step, TableChange, operations, reversed};
use limbeck_ops::{AlterColumn, Operation};
use limbeck_python::{DirectiveStep, Directives, OwnOperation, ScriptError};
use limbeck_run::Functions;
use limbeck_schema::OptionValue;

/// A revision to be written.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub message: Option<String>,
    pub id: Option<String>,
    pub head: Option<String>,
    pub splice: bool,
    pub branch_labels: Vec<String>,
    pub depends_on: Vec<String>,
    pub version_path: Option<String>,
    pub imports: Vec<String>,
    /// For each database, in order: forwards and back.
    pub directions: Vec<(Vec<Step>, Vec<Step>)>,
}

impl Script {
    /// What the command line asks for.
    pub fn of_arguments(args: &RevisionArgs) -> Self {
        Script {
            message: args.message.clone().or_else(|| args.words.clone()),
            id: args.rev_id.clone(),
            head: args.head.clone(),
            splice: args.splice,
            branch_labels: args.branch_label.iter().cloned().collect(),
            depends_on: args.depends_on.clone(),
            version_path: args.version_path.clone(),
            imports: Vec::new(),
            directions: Vec::new(),
        }
    }
}

/// The revisions to be written; none if a hook took the one there was away.
///
/// # Errors
/// What a hook raised.
pub fn scripts(context: &Context, asked: Script, compared: &[Compared], functions: Option<&mut Functions>) -> Result<Vec<Script>, Failure> {
    let mut scripts = vec![asked];
    let mut functions = functions;
    for (number, one) in compared.iter().enumerate() {
        let back = reversed(&one.changes.steps);
        let back = if context.is_alembic() { back } else { with_doubts_back(back) };
        let pair = (one.changes.steps.clone(), back);
        let options = &one.target.options;
        let hooked = options.process_revision_directives || options.compares_schemas;
        match (&mut functions, scripts.as_slice()) {
            (Some(functions), [script]) if hooked => {
                scripts = processed(functions, number, script, pair, one).map_err(super::raised)?;
            }
            _ => {
                if let Some(script) = scripts.last_mut() {
                    script.directions.push(pair);
                }
            }
        }
    }
    Ok(scripts)
}

fn processed(functions: &mut Functions, target: usize, script: &Script, pair: (Vec<Step>, Vec<Step>), one: &Compared) -> Result<Vec<Script>, ScriptError> {
    let mut known = Known::default();
    let compare = one.target.options.compares_schemas && one.connection.is_some();
    // A note goes with the step behind it.
    let counted = pair.0.iter().filter(|step| !matches!(step, Step::Note(_)));
    let undone = counted.map(|step| reversed(std::slice::from_ref(step)).len()).collect();
    let directives = Directives {
        compare,
        undone,
        message: script.message.clone(),
        rev_id: Some(script.id.clone().unwrap_or_else(limbeck_script::generate::new_revision_id)),
        head: Some(script.head.clone().unwrap_or_else(|| "head".to_owned())),
        splice: script.splice,
        branch_label: script.branch_labels.clone(),
        depends_on: script.depends_on.clone(),
        version_path: script.version_path.clone(),
        imports: script.imports.clone(),
        upgrade: known.number(&pair.0),
        downgrade: known.number(&pair.1),
    };
    let rows: Vec<String> = one.rows.iter().cloned().collect();
    let left = match one.connection.as_ref().filter(|_| compare) {
        Some(connection) => {
            let mut trial = Trial::begin(connection, one.settings.dialect)?;
            let left = functions.process_directives(target, &directives, &rows, Some(&mut trial));
            trial.end()?;
            left?
        }
        None => functions.process_directives(target, &directives, &rows, None)?,
    };
    Ok(left
        .into_iter()
        .map(|directives| {
            let mut directions = script.directions.clone();
            directions.push((known.steps(directives.upgrade), known.steps(directives.downgrade)));
            Script {
                message: directives.message,
                id: directives.rev_id,
                head: directives.head,
                splice: directives.splice,
                branch_labels: directives.branch_label,
                depends_on: directives.depends_on,
                version_path: directives.version_path,
                imports: directives.imports,
                directions,
            }
        })
        .collect())
}

/// The steps that went to Python, by number, each behind the notes on it: Python knows no notes.
#[derive(Default)]
struct Known(Vec<Vec<Step>>);

impl Known {
    fn number(&mut self, steps: &[Step]) -> Vec<DirectiveStep> {
        let mut out = Vec::new();
        let mut notes = Vec::new();
        for step in steps {
            match step {
                Step::Note(_) => notes.push(step.clone()),
                Step::Modify(modify) => {
                    let mut of_table = Vec::new();
                    let mut changes = Vec::new();
                    for change in &modify.changes {
                        changes.push(change.clone());
                        if matches!(change, TableChange::Note(_)) {
                            continue;
                        }
                        notes.push(Step::Modify(Modify {
                            table: modify.table.clone(),
                            changes: std::mem::take(&mut changes),
                        }));
                        of_table.push(self.add(std::mem::take(&mut notes)));
                    }
                    out.push(DirectiveStep::Table {
                        table: modify.table.clone(),
                        steps: of_table,
                    });
                }
                step => {
                    notes.push(step.clone());
                    out.push(self.add(std::mem::take(&mut notes)));
                }
            }
        }
        out
    }

    fn add(&mut self, steps: Vec<Step>) -> DirectiveStep {
        let mut operations = operations(&steps, false).into_iter();
        self.0.push(steps);
        let id = self.0.len() - 1;
        match (operations.next(), operations.next()) {
            (Some(operation), None) => DirectiveStep::Operation { id, operation },
            // What several statements do: nothing that a function could change.
            _ => DirectiveStep::Opaque(id),
        }
    }

    /// A step that a function changed: what it left alone stays as it was read.
    fn changed(&self, id: usize, operation: Operation) -> Vec<Step> {
        if let (Some(steps), Operation::AlterColumn(now)) = (self.0.get(id), &operation)
            && let Some((Step::Modify(modify), notes)) = steps.split_last()
            && let Some((TableChange::AlterColumn(alteration), remarks)) = modify.changes.split_last()
            && let Some(Operation::AlterColumn(before)) = operations(steps, false).into_iter().next()
            && let Some(altered) = altered(alteration, &before, now)
        {
            let mut changes = remarks.to_vec();
            changes.push(TableChange::AlterColumn(Box::new(altered)));
            let mut out = notes.to_vec();
            out.push(Step::Modify(Modify {
                table: modify.table.clone(),
                changes,
            }));
            return out;
        }
        vec![of_operation(operation)]
    }

    /// What came back, as steps.
    fn steps(&self, directives: Vec<DirectiveStep>) -> Vec<Step> {
        let mut out = Vec::new();
        for directive in directives {
            match directive {
                DirectiveStep::Kept(id) | DirectiveStep::Opaque(id) | DirectiveStep::Operation { id, .. } => {
                    out.extend(self.0.get(id).into_iter().flatten().cloned())
                }
                DirectiveStep::Changed { id, operation } => out.extend(self.changed(id, operation)),
                DirectiveStep::Added(operation) => out.push(of_operation(operation)),
                DirectiveStep::Text(own) => out.push(Step::Text(of_project(own))),
                DirectiveStep::Table { table, steps } => {
                    // What is no change of a table, such as the text of an operation of the project's own, stays between those that are.
                    let mut changes = Vec::new();
                    for step in self.steps(steps) {
                        match step {
                            Step::Modify(modify) => changes.extend(modify.changes),
                            Step::Note(text) => changes.push(TableChange::Note(text)),
                            other => {
                                out.extend(modification(&table, &mut changes));
                                out.push(other);
                            }
                        }
                    }
                    out.extend(modification(&table, &mut changes));
                }
            }
        }
        out
    }
}

fn of_project(own: OwnOperation) -> OwnLines {
    OwnLines {
        lines: own.lines,
        about: own.about,
        tuple: own.tuple,
        operations: own.operations,
    }
}

/// The alteration with what a function changed of it; nothing if it changed what is none of an alteration.
fn altered(alteration: &Alteration, before: &AlterColumn, now: &AlterColumn) -> Option<Alteration> {
    let mut out = alteration.clone();
    let mut known = before.clone();
    out.nullable = now.nullable;
    known.nullable = now.nullable;
    if before.type_ != now.type_ {
        out.type_ = now.type_.clone().map(Sided::models);
        known.type_.clone_from(&now.type_);
    }
    if before.options != now.options {
        out.using = match now.options.get("postgresql_using") {
            None => None,
            Some(OptionValue::Text(using)) => Some(using.clone()),
            Some(_) => return None,
        };
        known.options.clone_from(&now.options);
        if now.options.len() > usize::from(out.using.is_some()) {
            return None;
        }
    }
    // What is known of the present is told with it and is no change.
    known.existing_type.clone_from(&now.existing_type);
    known.existing_server_default.clone_from(&now.existing_server_default);
    (known == *now).then_some(out)
}

/// The changes that were gathered, as one step.
fn modification(table: &limbeck_schema::TableName, changes: &mut Vec<TableChange>) -> Option<Step> {
    (!changes.is_empty()).then(|| {
        Step::Modify(Modify {
            table: table.clone(),
            changes: std::mem::take(changes),
        })
    })
}

/// An operation of a hook's own as a step.
fn of_operation(operation: Operation) -> Step {
    let modify = |table, change| Step::Modify(Modify { table, changes: vec![change] });
    match operation {
        Operation::CreateTable(create) => Step::CreateTable(Sided::models(create.table)),
        Operation::DropTable(drop) => {
            let mut table = limbeck_schema::Table::new(drop.table);
            table.columns = drop.columns;
            Step::DropTable(Sided::database(table))
        }
        Operation::AddColumn(add) => modify(add.table, TableChange::AddColumn(Sided::models(add.column))),
        Operation::DropColumn(drop) => {
            let column = limbeck_schema::Column::new(drop.column, limbeck_schema::ColumnType::Null);
            modify(drop.table, TableChange::DropColumn(Sided::database(column)))
        }
        Operation::CreateIndex(create) => modify(create.index.table.clone(), TableChange::CreateIndex(Sided::models(create.index))),
        Operation::CreateConstraint(create) => modify(create.table.clone(), TableChange::AddConstraint(create.table, Sided::models(create.constraint))),
        operation => Step::Other { operation, undo: None },
    }
}
