//! Which columns an expression speaks of: naming conventions and batch mode ask.

use limbeck_expr::{Expr, Ident};

/// The columns an expression speaks of, each once, in order.
pub(crate) fn expression_columns(expr: &Expr) -> Vec<Ident> {
    let mut out = Vec::new();
    collect_columns(expr, &mut out);
    out
}

fn collect_columns(expr: &Expr, out: &mut Vec<Ident>) {
    if let Expr::Column { name, .. } = expr
        && !out.iter().any(|other| other.text == name.text)
    {
        out.push(name.clone());
    }
    for operand in expr.operands() {
        collect_columns(operand, out);
    }
}
