//! Comments of tables and columns. An empty comment is none.

use super::columns::Pair;
use super::tables::Both;
use super::{COMMENTS, Comparison};
use crate::{Alteration, TableChange};
use limbeck_dialect::DialectName;

fn has_comments(dialect: DialectName) -> bool {
    dialect != DialectName::Sqlite
}

fn given(comment: Option<&String>) -> Option<String> {
    comment.filter(|text| !text.is_empty()).cloned()
}

/// A column's comment.
pub(super) fn of_column(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) {
    let (have, wanted) = (given(pair.have.comment.as_ref()), given(pair.wanted.comment.as_ref()));
    if !has_comments(at.options.dialect) || have.is_none() && wanted.is_none() {
        return;
    }
    out.existing_comment.clone_from(&have);
    if have != wanted {
        out.comment = Some(wanted);
        at.log(COMMENTS, format!("Detected column comment '{}'", pair.label()));
    }
}

/// A table's comment.
pub(super) fn of_table(at: &Comparison<'_>, both: &Both<'_>, changes: &mut Vec<TableChange>) {
    let (have, wanted) = (given(both.have.comment.as_ref()), given(both.wanted.settled.table.comment.as_ref()));
    if !has_comments(at.options.dialect) || have == wanted {
        return;
    }
    changes.push(match wanted {
        None => TableChange::DropComment { existing: have },
        comment => TableChange::SetComment { comment, existing: have },
    });
}
