//! PostgreSQL's statements, by the syntax tree.

use crate::Name;
use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode};

use super::constraint::{added, cascades, of_table, table_body, temporary};
use super::node::{name, plain, text};
use super::rows::{of_rows, reads};
use super::{Change, ObjectKind, UniqueKey};

/// The longest text that is given to the parser: longer ones are data.
const LONGEST: usize = 200_000;

/// What one statement changes; `None` where that is not known.
pub(super) fn changes(sql: &str) -> Option<Vec<Change>> {
    if sql.len() > LONGEST {
        return None;
    }
    // The parser has assertions of its own; a text must not bring the program down.
    let parsed = std::panic::catch_unwind(|| SourceFile::parse(sql)).ok()?;
    if !parsed.errors().is_empty() {
        return None;
    }
    let statement = parsed.tree().stmts().find(|statement| !matches!(statement, ast::Stmt::EmptyStmt(_)));
    let Some(statement) = statement else { return Some(Vec::new()) };
    of_rows(&statement).or_else(|| of_statement(&statement))
}

fn create(kind: ObjectKind, name: Option<Name>, may_exist: bool) -> Option<Vec<Change>> {
    let labels = Vec::new();
    Some(vec![Change::Create {
        kind,
        name: name?,
        may_exist,
        labels,
    }])
}

fn alter(kind: ObjectKind, name: Option<Name>) -> Option<Vec<Change>> {
    Some(vec![Change::Alter { kind, name: name? }])
}

fn drop_all(kind: ObjectKind, names: impl Iterator<Item = Option<Name>>, if_exists: bool, behaviour: Option<ast::DropBehavior>) -> Option<Vec<Change>> {
    let cascade = cascades(behaviour);
    names
        .map(|name| {
            Some(Change::Drop {
                kind,
                name: name?,
                if_exists,
                cascade,
            })
        })
        .collect()
}

fn of_statement(statement: &ast::Stmt) -> Option<Vec<Change>> {
    use ObjectKind as Kind;
    match statement {
        ast::Stmt::CreateTable(create) => create_table(create),
        ast::Stmt::CreateTableAs(create) => {
            let mut changes = vec![Change::CreateTable {
                table: name(&create.table_name()?)?,
                if_not_exists: create.if_not_exists().is_some(),
                temporary: temporary(create.persistence()),
                columns: Vec::new(),
                constraints: Vec::new(),
            }];
            changes.extend(reads(create.syntax()));
            Some(changes)
        }
        ast::Stmt::DropTable(drop) => {
            let cascade = cascades(drop.drop_behavior());
            let if_exists = drop.if_exists().is_some();
            drop.table_name_refs()
                .map(|table| {
                    Some(Change::DropTable {
                        table: name(&table)?,
                        if_exists,
                        cascade,
                    })
                })
                .collect()
        }
        ast::Stmt::AlterTable(alter) => alter_table(alter),
        ast::Stmt::CreateIndex(create) => create_index(create),
        ast::Stmt::DropIndex(drop) => drop_all(
            Kind::Index,
            drop.index_refs().map(|index| name(&index)),
            drop.if_exists().is_some(),
            drop.drop_behavior(),
        ),
        ast::Stmt::AlterIndex(index) => match index.action() {
            Some(ast::AlterIndexAction::IndexRenameTo(rename)) => Some(vec![Change::Rename {
                kind: Kind::Index,
                name: name(&index.index_ref()?)?,
                to: plain(&rename.index()?)?,
            }]),
            _ => alter(Kind::Index, name(&index.index_ref()?)),
        },
        ast::Stmt::CreateView(view) => {
            let mut changes = create(Kind::View, name(&view.view()?), view.or_replace().is_some())?;
            changes.extend(reads(view.syntax()));
            Some(changes)
        }
        ast::Stmt::CreateMaterializedView(view) => {
            let mut changes = create(Kind::MaterializedView, name(&view.view()?), view.if_not_exists().is_some())?;
            changes.extend(reads(view.syntax()));
            Some(changes)
        }
        ast::Stmt::DropView(drop) => drop_all(
            Kind::View,
            drop.view_refs().map(|view| name(&view)),
            drop.if_exists().is_some(),
            drop.drop_behavior(),
        ),
        ast::Stmt::DropMaterializedView(drop) => drop_all(
            Kind::MaterializedView,
            drop.view_refs().map(|view| name(&view)),
            drop.if_exists().is_some(),
            drop.drop_behavior(),
        ),
        ast::Stmt::AlterView(view) => alter(Kind::View, name(&view.view_ref()?)),
        ast::Stmt::AlterMaterializedView(view) => alter(Kind::MaterializedView, name(&view.view_ref()?)),
        ast::Stmt::Refresh(refresh) => alter(Kind::MaterializedView, name(&refresh.view_ref()?)),
        ast::Stmt::CreateSequence(sequence) => create(Kind::Sequence, name(&sequence.sequence()?), sequence.if_not_exists().is_some()),
        ast::Stmt::AlterSequence(sequence) => alter(Kind::Sequence, name(&sequence.sequence_ref()?)),
        ast::Stmt::DropSequence(drop) => drop_all(
            Kind::Sequence,
            drop.sequence_refs().map(|sequence| name(&sequence)),
            drop.if_exists().is_some(),
            drop.drop_behavior(),
        ),
        ast::Stmt::CreateType(type_) => Some(vec![Change::Create {
            kind: Kind::Type,
            name: name(&type_.type_name()?)?,
            may_exist: false,
            labels: match type_.kind() {
                Some(ast::CreateTypeKind::EnumType(kind)) => {
                    let labels = kind.syntax().descendants().filter_map(ast::Literal::cast);
                    labels.map(|label| crate::name::string(&label.syntax().to_string())).collect()
                }
                _ => Vec::new(),
            },
        }]),
        ast::Stmt::CreateDomain(domain) => create(Kind::Type, name(&domain.domain()?), false),
        ast::Stmt::AlterDomain(domain) => alter(Kind::Type, name(&domain.domain_ref()?)),
        ast::Stmt::AlterType(type_) => match type_.action() {
            Some(ast::AlterTypeAction::TypeRenameTo(rename)) => Some(vec![Change::Rename {
                kind: Kind::Type,
                name: name(&type_.type_name_ref()?)?,
                to: plain(&rename.type_name()?)?,
            }]),
            _ => alter(Kind::Type, name(&type_.type_name_ref()?)),
        },
        ast::Stmt::DropType(drop) => drop_all(
            Kind::Type,
            drop.type_name_refs().map(|type_| name(&type_)),
            drop.if_exists().is_some(),
            drop.drop_behavior(),
        ),
        ast::Stmt::DropDomain(drop) => drop_all(
            Kind::Type,
            drop.domain_refs().map(|type_| name(&type_)),
            drop.if_exists().is_some(),
            drop.drop_behavior(),
        ),
        ast::Stmt::CreateSchema(schema) if schema.schema_elements().next().is_none() => {
            let node = schema.schema_name()?;
            let text = node.to_string();
            create(
                Kind::Schema,
                Some(Name {
                    schema: None,
                    name: crate::name::identifier(text.trim()),
                }),
                schema.if_not_exists().is_some(),
            )
        }
        ast::Stmt::AlterSchema(schema) => alter(Kind::Schema, name(&schema.schema_ref()?)),
        ast::Stmt::DropSchema(drop) => drop_all(
            Kind::Schema,
            drop.schema_refs().map(|schema| name(&schema)),
            drop.if_exists().is_some(),
            drop.drop_behavior(),
        ),
        ast::Stmt::CreateExtension(extension) => create(Kind::Extension, name(&extension.extension()?), extension.if_not_exists().is_some()),
        ast::Stmt::AlterExtension(extension) => alter(Kind::Extension, name(&extension.extension_ref()?)),
        ast::Stmt::DropExtension(drop) => drop_all(
            Kind::Extension,
            drop.extension_refs().map(|extension| name(&extension)),
            drop.if_exists().is_some(),
            drop.drop_behavior(),
        ),
        // Overloads make it impossible to tell by the name whether one is there.
        ast::Stmt::CreateFunction(function) => create(Kind::Function, name(&function.name()?), true),
        ast::Stmt::AlterFunction(function) => alter(Kind::Function, name(&function.function_sig()?.function_name_ref()?)),
        ast::Stmt::DropFunction(drop) => drop_all(
            Kind::Function,
            drop.function_sig_list()?.function_sigs().map(|sig| name(&sig.function_name_ref()?)),
            true,
            drop.drop_behavior(),
        ),
        ast::Stmt::CreateTrigger(trigger) => {
            let mut changes = create(Kind::Trigger, name(&trigger.trigger()?), true)?;
            changes.push(Change::AlterTable {
                table: name(&trigger.on_relation()?.relation_name_ref()?)?,
            });
            Some(changes)
        }
        ast::Stmt::DropTrigger(trigger) => Some(vec![Change::AlterTable {
            table: name(&trigger.on_relation()?.relation_name_ref()?)?,
        }]),
        ast::Stmt::CommentOn(_)
        | ast::Stmt::Set(_)
        | ast::Stmt::SetConstraints(_)
        | ast::Stmt::Reset(_)
        | ast::Stmt::Show(_)
        | ast::Stmt::Lock(_)
        | ast::Stmt::Analyze(_)
        | ast::Stmt::Vacuum(_)
        | ast::Stmt::Reindex(_)
        | ast::Stmt::Cluster(_)
        | ast::Stmt::Grant(_)
        | ast::Stmt::Revoke(_)
        | ast::Stmt::AlterDefaultPrivileges(_)
        | ast::Stmt::Notify(_)
        | ast::Stmt::Checkpoint(_)
        | ast::Stmt::Begin(_)
        | ast::Stmt::Commit(_)
        | ast::Stmt::SavepointCreate(_)
        | ast::Stmt::ReleaseSavepoint(_) => Some(vec![Change::Nothing]),
        // The rest is unknown on purpose: whoever reads on must not believe that nothing happened.
        _ => None,
    }
}

fn create_table(create: &ast::CreateTable) -> Option<Vec<Change>> {
    let (columns, constraints) = create.table_arg_list().map(|list| table_body(&list)).unwrap_or_default();
    let mut changes = vec![Change::CreateTable {
        table: name(&create.table_name()?)?,
        if_not_exists: create.if_not_exists().is_some(),
        temporary: temporary(create.persistence()),
        columns,
        constraints,
    }];
    if let Some(partition) = create.partition_of() {
        let parent = partition.syntax().descendants().find_map(ast::PathRef::cast)?;
        changes.push(Change::AlterTable { table: name(&parent)? });
    }
    Some(changes)
}

fn create_index(create: &ast::CreateIndex) -> Option<Vec<Change>> {
    let items: Vec<_> = create.partition_item_list()?.partition_items().collect();
    let elements: Vec<String> = items.iter().filter_map(|item| item.expr()).map(|expr| text(&expr)).collect();
    let unique = create.unique_token().is_some().then(|| UniqueKey {
        elements: elements.clone(),
        nulls_not_distinct: matches!(create.nulls_distinct_option(), Some(ast::NullsDistinctOption::NullsNotDistinct(_))),
        where_: create.where_clause().and_then(|clause| clause.expr()).map(|expr| text(&expr)),
    });
    let columns = items
        .iter()
        .filter_map(|item| match item.expr()? {
            ast::Expr::NameRef(column) => plain(&column),
            _ => None,
        })
        .collect();
    Some(vec![Change::CreateIndex {
        name: create.index().and_then(|index| name(&index)),
        table: name(&create.table_relation_name()?.table_name_ref()?)?,
        unique,
        columns,
        if_not_exists: create.if_not_exists().is_some(),
    }])
}

fn alter_table(alter: &ast::AlterTable) -> Option<Vec<Change>> {
    let table = name(&alter.table_relation_name()?.table_name_ref()?)?;
    let mut changes = Vec::new();
    for action in alter.actions() {
        match action {
            ast::AlterTableAction::AddColumn(add) => changes.extend(added(&table, &add)?),
            ast::AlterTableAction::AddConstraint(add) => changes.push(Change::AddConstraint {
                table: table.clone(),
                constraint: of_table(&add.constraint()?)?,
            }),
            ast::AlterTableAction::AlterColumn(column) => changes.push(alter_column(&table, &column)?),
            ast::AlterTableAction::DropColumn(drop) => changes.push(Change::DropColumn {
                table: table.clone(),
                column: plain(&drop.column_name_ref()?)?,
                if_exists: drop.if_exists().is_some(),
                cascade: cascades(drop.drop_behavior()),
            }),
            ast::AlterTableAction::DropConstraint(drop) => changes.push(Change::DropConstraint {
                table: table.clone(),
                name: plain(&drop.constraint_name_ref()?)?,
                if_exists: drop.if_exists().is_some(),
                cascade: cascades(drop.drop_behavior()),
            }),
            ast::AlterTableAction::RenameColumn(rename) => changes.push(Change::RenameColumn {
                table: table.clone(),
                column: plain(&rename.column_name_ref()?)?,
                to: plain(&rename.column_name()?)?,
            }),
            ast::AlterTableAction::RenameConstraint(rename) => changes.push(Change::RenameConstraint {
                table: table.clone(),
                name: plain(&rename.constraint_name_ref()?)?,
                to: plain(&rename.constraint_name()?)?,
            }),
            ast::AlterTableAction::ValidateConstraint(validate) => changes.push(Change::ValidateConstraint {
                table: table.clone(),
                name: plain(&validate.constraint_name_ref()?)?,
            }),
            ast::AlterTableAction::TableRenameTo(rename) => changes.push(Change::RenameTable {
                table: table.clone(),
                to: plain(&rename.table_name()?)?,
            }),
            ast::AlterTableAction::SetSchema(set) => changes.push(Change::MoveTable {
                table: table.clone(),
                schema: plain(&set.schema_ref()?)?,
            }),
            // Its rows are looked at, and whether they fit is not known here.
            ast::AlterTableAction::AttachPartition(_) | ast::AlterTableAction::MergePartitions(_) | ast::AlterTableAction::SplitPartition(_) => return None,
            _ => changes.push(Change::AlterTable { table: table.clone() }),
        }
    }
    // A table that may be missing may be missing anything.
    if alter.if_exists().is_some() {
        return None;
    }
    Some(changes)
}

fn alter_column(table: &Name, alter: &ast::AlterColumn) -> Option<Change> {
    let table = table.clone();
    let column = plain(&alter.column_name_ref()?)?;
    Some(match alter.option()? {
        ast::AlterColumnOption::SetType(set) => Change::SetType {
            table,
            column,
            type_: text(&set.ty()?),
            using: set.using_expr().and_then(|using| using.expr()).map(|expr| text(&expr)),
        },
        ast::AlterColumnOption::SetNotNull(_) => Change::SetNotNull { table, column },
        _ => Change::AlterColumn { table, column },
    })
}
