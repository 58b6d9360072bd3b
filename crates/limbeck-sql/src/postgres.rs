//! PostgreSQL's statements, read from the syntax tree of their head.
//!
//! Source of what cannot run in a transaction: the callers of `PreventInTransactionBlock` as the manual names them page by page;
//! `tests/postgresql.rs` tries every one on a server.

use crate::classify::Look;
use crate::name::{identifier, string};
use crate::token::head;
use crate::words::{Words, mentions};
use crate::{Flavour, Kind, Name, Outside, Reindex, TransactionControl};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SourceFile, SyntaxElement, SyntaxKind, SyntaxNode};

/// How many tokens are parsed. What tells statements apart stands among the first dozen, options and lists of names a little later; expressions, which
/// nest and make trees deep, come after that.
const HEAD: usize = 64;

/// As long as a list of publications before the options may get.
const LONG_HEAD: usize = 1000;

pub(crate) fn look(sql: &str, words: &mut Words<'_>) -> Look {
    let first = words.word();
    match first.as_str() {
        "select" | "values" | "table" | "with" | "show" | "explain" => Look::Question,
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release" | "prepare" | "call" | "do" | "vacuum" | "cluster"
        | "reindex" | "discard" | "repack" => Look::Closer,
        "create" | "drop" => match words.word().as_str() {
            "index" | "unique" => {
                let next = [words.word(), words.word()];
                if next.iter().any(|word| word.as_str() == "concurrently") {
                    Look::Closer
                } else {
                    Look::Plain
                }
            }
            "database" | "tablespace" | "subscription" => Look::Closer,
            _ => Look::Plain,
        },
        "alter" => match words.word().as_str() {
            "system" | "database" | "subscription" | "type" => Look::Closer,
            "table" if mentions(sql, b"concurrently") => Look::Closer,
            _ => Look::Plain,
        },
        _ if words.peek() == Some(b'(') => Look::Question,
        _ => Look::Plain,
    }
}

pub(crate) fn classify(server_major: Option<u32>, sql: &str) -> Kind {
    let Some(statement) = first_statement(sql) else { return Kind::Normal };
    if let Some(control) = control(&statement) {
        return Kind::Control(control);
    }
    match statement {
        ast::Stmt::Call(_) | ast::Stmt::Do(_) => Kind::MayCommit,
        ast::Stmt::AlterType(alter) => match enum_value(&alter) {
            Some((type_, value, if_not_exists)) if server_major.is_some_and(|major| major < 12) => {
                Kind::Outside(Outside::AddEnumValue { type_, value, if_not_exists })
            }
            _ => Kind::Normal,
        },
        statement => outside(server_major, &statement).map_or(Kind::Normal, Kind::Outside),
    }
}

/// Returns the type and the value when a statement adds a value to an enum. From PostgreSQL 12 on it runs in a transaction, but the value cannot be used
/// before that is committed.
pub fn added_enum_value(sql: &str) -> Option<(Name, String)> {
    let mut words = Words::new(Flavour::Postgresql, sql);
    if words.word().as_str() != "alter" || words.word().as_str() != "type" {
        return None;
    }
    match first_statement(sql)? {
        ast::Stmt::AlterType(alter) => enum_value(&alter).map(|(type_, value, _)| (type_, value)),
        _ => None,
    }
}

fn first_statement(sql: &str) -> Option<ast::Stmt> {
    let mut words = Words::new(Flavour::Postgresql, sql);
    words.word();
    let limit = if words.word().as_str() == "subscription" { LONG_HEAD } else { HEAD };
    let tokens = head(Flavour::Postgresql, sql, limit);
    let text = &sql[tokens.first()?.start..tokens.last()?.end];
    // The parser has assertions and a step limit of its own. None was ever seen to fail on a head, but a text must not bring the run down.
    let tree = std::panic::catch_unwind(|| SourceFile::parse(text).tree()).ok()?;
    tree.stmts().find(|statement| !matches!(statement, ast::Stmt::EmptyStmt(_)))
}

fn control(statement: &ast::Stmt) -> Option<TransactionControl> {
    Some(match statement {
        ast::Stmt::Begin(_) => TransactionControl::Begin,
        ast::Stmt::Commit(ast::Commit::CommitTransaction(_)) => TransactionControl::Commit,
        ast::Stmt::Rollback(ast::Rollback::RollbackTransaction(_)) => TransactionControl::Rollback,
        ast::Stmt::Rollback(ast::Rollback::RollbackToSavepoint(_)) => TransactionControl::RollbackTo,
        ast::Stmt::SavepointCreate(_) => TransactionControl::Savepoint,
        ast::Stmt::ReleaseSavepoint(_) => TransactionControl::Release,
        ast::Stmt::PrepareTransaction(_) | ast::Stmt::Commit(ast::Commit::CommitPrepared(_)) | ast::Stmt::Rollback(ast::Rollback::RollbackPrepared(_)) => {
            TransactionControl::Other
        }
        _ => return None,
    })
}

fn outside(server_major: Option<u32>, statement: &ast::Stmt) -> Option<Outside> {
    match statement {
        ast::Stmt::CreateIndex(create) => {
            create.concurrently_token()?;
            let table = name(&create.table_relation_name()?.table_name_ref()?)?;
            let schema = table.schema.clone();
            Some(Outside::CreateIndexConcurrently {
                name: create.index().and_then(|index| name(&index)).map(|index| Name { schema, name: index.name }),
                table,
                if_not_exists: create.if_not_exists().is_some(),
                unique: create.unique_token().is_some(),
            })
        }
        ast::Stmt::DropIndex(drop) => {
            drop.concurrently_token()?;
            Some(Outside::DropIndexConcurrently {
                names: drop.index_refs().filter_map(|index| name(&index)).collect(),
                if_exists: drop.if_exists().is_some(),
            })
        }
        ast::Stmt::Reindex(reindex) => self::reindex(reindex),
        ast::Stmt::AlterTable(alter) => alter.actions().find_map(|action| match action {
            ast::AlterTableAction::DetachPartition(detach) => match detach.detach_partition_option()? {
                ast::DetachPartitionOption::DetachConcurrently(_) => Some(Outside::DetachConcurrently {
                    parent: name(&alter.table_relation_name()?.table_name_ref()?)?,
                    partition: name(&detach.table_name_ref()?)?,
                }),
                ast::DetachPartitionOption::DetachFinalize(_) => None,
            },
            _ => None,
        }),
        ast::Stmt::CreateDatabase(create) => Some(Outside::CreateDatabase {
            name: plain(&create.database()?)?,
        }),
        ast::Stmt::DropDatabase(drop) => Some(Outside::DropDatabase {
            name: plain(&drop.database_ref()?)?,
            if_exists: drop.if_exists().is_some(),
        }),
        ast::Stmt::CreateTablespace(create) => Some(Outside::CreateTablespace {
            name: plain(&create.tablespace()?)?,
        }),
        ast::Stmt::DropTablespace(drop) => Some(Outside::DropTablespace {
            name: plain(&drop.tablespace_ref()?)?,
            if_exists: drop.if_exists().is_some(),
        }),
        ast::Stmt::AlterSystem(_) => Some(Outside::AlterSystem),
        ast::Stmt::AlterDatabase(alter) => matches!(alter.action()?, ast::AlterDatabaseAction::SetTablespace(_))
            .then(|| plain(&alter.database_ref()?))
            .flatten()
            .map(|name| Outside::AlterDatabaseTablespace { name }),
        ast::Stmt::Vacuum(_) => Some(Outside::Vacuum),
        ast::Stmt::Cluster(cluster) => (cluster.table_name_ref().is_none() && cluster.cluster_legacy().is_none()).then_some(Outside::Cluster),
        ast::Stmt::Discard(discard) => matches!(discard.discard_target()?, ast::DiscardTarget::DiscardAll(_)).then(|| Outside::Other("DISCARD ALL".to_owned())),
        ast::Stmt::Repack(repack) => {
            let concurrently = repack
                .option_item_list()
                .is_some_and(|list| list.syntax().to_string().to_ascii_lowercase().contains("concurrently"));
            (concurrently || repack.table_and_columns_list().is_none()).then(|| Outside::Other("REPACK".to_owned()))
        }
        ast::Stmt::CreateSubscription(create) => {
            let with = create.with_params();
            // Nothing is created on the other side without a connection.
            let creates = option(with.as_ref(), "create_slot").unwrap_or_else(|| option(with.as_ref(), "connect").unwrap_or(true));
            let name = plain(&create.subscription()?)?;
            creates.then_some(Outside::SubscriptionWithSlot { name })
        }
        ast::Stmt::AlterSubscription(alter) => {
            let name = plain(&alter.subscription_ref()?)?;
            refreshes(server_major, alter).then_some(Outside::SubscriptionWithSlot { name })
        }
        // It drops its slot if it has one, which only the catalogue knows.
        ast::Stmt::DropSubscription(drop) => Some(Outside::SubscriptionWithSlot {
            name: plain(&drop.subscription_ref()?)?,
        }),
        _ => None,
    }
}

/// With CONCURRENTLY as a word or an option, or of everything in a schema, a database or the system.
fn reindex(reindex: &ast::Reindex) -> Option<Outside> {
    let (what, name, word) = match reindex.reindex_target()? {
        ast::ReindexTarget::ReindexTargetIndex(target) => (
            Reindex::Index,
            target.index_ref().and_then(|node| name(&node)),
            target.concurrently_token().is_some(),
        ),
        ast::ReindexTarget::ReindexTargetTable(target) => (
            Reindex::Table,
            target.table_name_ref().and_then(|node| name(&node)),
            target.concurrently_token().is_some(),
        ),
        ast::ReindexTarget::ReindexTargetSchema(target) => (
            Reindex::Schema,
            target.schema_ref().and_then(|node| name(&node)),
            target.concurrently_token().is_some(),
        ),
        ast::ReindexTarget::ReindexTargetDatabase(target) => (
            Reindex::Database,
            target.database_ref().and_then(|node| name(&node)),
            target.concurrently_token().is_some(),
        ),
        ast::ReindexTarget::ReindexTargetSystem(target) => (Reindex::System, None, target.concurrently_token().is_some()),
    };
    let mut option = false;
    for item in reindex.reindex_option_list().into_iter().flat_map(|list| list.reindex_options()) {
        if let ast::ReindexOption::ReindexOptionConcurrently(item) = item {
            option = truth(&item.syntax().to_string());
        }
    }
    match what {
        _ if word || option => Some(Outside::ReindexConcurrently { what, name }),
        Reindex::Schema => Some(Outside::Other("REINDEX SCHEMA".to_owned())),
        Reindex::Database => Some(Outside::Other("REINDEX DATABASE".to_owned())),
        Reindex::System => Some(Outside::Other("REINDEX SYSTEM".to_owned())),
        Reindex::Index | Reindex::Table => None,
    }
}

/// Whether an ALTER SUBSCRIPTION looks at the other side again, which no transaction may since PostgreSQL 14.
fn refreshes(server_major: Option<u32>, alter: &ast::AlterSubscription) -> bool {
    let with = match alter.action() {
        Some(ast::AlterSubscriptionAction::RefreshPublication(_)) => None,
        Some(ast::AlterSubscriptionAction::SetPublication(action)) => action.with_params(),
        Some(ast::AlterSubscriptionAction::AddPublication(action)) => action.with_params(),
        Some(ast::AlterSubscriptionAction::DropSubscriptionPublication(action)) => action.with_params(),
        Some(ast::AlterSubscriptionAction::SetOptions(set)) => return changes_slot(server_major, &set),
        _ => return false,
    };
    server_major.is_none_or(|major| major >= 14) && option(with.as_ref(), "refresh").unwrap_or(true)
}

/// Whether options change the slot on the other side: `failover` since PostgreSQL 17, `two_phase` switched off since 18.
fn changes_slot(server_major: Option<u32>, set: &ast::SetOptions) -> bool {
    let since = |major| server_major.is_none_or(|server| server >= major);
    set.attribute_list()
        .is_some_and(|list| (since(17) && option_in(&list, "failover").is_some()) || (since(18) && option_in(&list, "two_phase") == Some(false)))
}

/// The truth of an option of `WITH (…)`.
fn option(with: Option<&ast::WithParams>, wanted: &str) -> Option<bool> {
    option_in(&with?.attribute_list()?, wanted)
}

fn option_in(list: &ast::AttributeList, wanted: &str) -> Option<bool> {
    list.attribute_options()
        .filter(|option| option.name().is_some_and(|name| identifier(&name.syntax().to_string()) == wanted))
        .map(|option| truth(&option.syntax().to_string()))
        .last()
}

/// The truth of `name`, `name = value` or `name value`: what is not said to be false is true.
fn truth(text: &str) -> bool {
    let tokens = head(Flavour::Postgresql, text, HEAD);
    let Some(value) = tokens.get(1..).and_then(<[_]>::last) else { return true };
    let value = value.text(text);
    let value = if value.contains('\'') { string(value) } else { value.to_owned() };
    !matches!(value.to_ascii_lowercase().as_str(), "false" | "off" | "0" | "no" | "f" | "n")
}

fn enum_value(alter: &ast::AlterType) -> Option<(Name, String, bool)> {
    match alter.action()? {
        ast::AlterTypeAction::AddValue(add) => Some((
            name(&alter.type_name_ref()?)?,
            string(&add.literal()?.syntax().to_string()),
            add.if_not_exists().is_some(),
        )),
        _ => None,
    }
}

/// The dotted name a node stands for.
fn name(node: &impl AstNode) -> Option<Name> {
    Name::from_parts(&parts(node.syntax()))
}

/// The name of a thing that has no schema.
fn plain(node: &impl AstNode) -> Option<String> {
    parts(node.syntax()).pop()
}

fn parts(node: &SyntaxNode) -> Vec<String> {
    node.descendants_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT | SyntaxKind::DOT))
        .map(|token| identifier(token.text()))
        .collect()
}
