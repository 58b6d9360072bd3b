//! Which columns an expression speaks of: naming conventions and batch mode ask.

use limbeck_expr::{Expr, Ident};

/// The columns an expression speaks of, each once, in order.
pub(crate) fn expression_columns(expr: &Expr) -> Vec<Ident> {
    let mut out = Vec::new();
    collect_columns(expr, &mut out);
    out
}

fn collect_columns(expr: &Expr, out: &mut Vec<Ident>) {
    match expr {
        Expr::Column { name, .. } => {
            if !out.iter().any(|other: &Ident| other.text == name.text) {
                out.push(name.clone());
            }
        }
        Expr::Prefix { expr, .. }
        | Expr::Postfix { expr, .. }
        | Expr::Grouping(expr)
        | Expr::Cast { expr, .. }
        | Expr::Extract { expr, .. }
        | Expr::Collate { expr, .. }
        | Expr::Label { expr, .. } => collect_columns(expr, out),
        Expr::Binary { left, right, .. } => {
            collect_columns(left, out);
            collect_columns(right, out);
        }
        Expr::Index { expr, index } => {
            collect_columns(expr, out);
            collect_columns(index, out);
        }
        Expr::Joined { clauses: many, .. } | Expr::Tuple(many) | Expr::Array(many) | Expr::Func { args: many, .. } => {
            for item in many {
                collect_columns(item, out);
            }
        }
        Expr::Case { value, whens, else_ } => {
            for item in value.iter().chain(else_.iter()) {
                collect_columns(item, out);
            }
            for (when, then) in whens {
                collect_columns(when, out);
                collect_columns(then, out);
            }
        }
        Expr::Bind(_)
        | Expr::Text { .. }
        | Expr::LiteralColumn(_)
        | Expr::Star { .. }
        | Expr::Null
        | Expr::True
        | Expr::False
        | Expr::Exists(_)
        | Expr::Scalar(_)
        | Expr::NextValue { .. } => {}
    }
}
