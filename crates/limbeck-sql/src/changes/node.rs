//! Names, types and expressions of syntax tree nodes.

use crate::Name;
use squawk_syntax::ast::AstNode;
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

/// The dotted name a node stands for.
pub(super) fn name(node: &impl AstNode) -> Option<Name> {
    let mut parts = parts(node.syntax());
    let name = parts.pop()?;
    Some(Name { schema: parts.pop(), name })
}

/// The name of a thing that has no schema.
pub(super) fn plain(node: &impl AstNode) -> Option<String> {
    parts(node.syntax()).pop()
}

/// The text of a node, without comments and white space around it.
pub(super) fn text(node: &impl AstNode) -> String {
    node.syntax().to_string().trim().to_owned()
}

/// Whether a node has the keyword as a token of its own, at whatever depth.
pub(super) fn has_word(node: &SyntaxNode, word: &str) -> bool {
    tokens(node).any(|token| token.eq_ignore_ascii_case(word))
}

fn tokens(node: &SyntaxNode) -> impl Iterator<Item = String> {
    node.descendants_with_tokens()
        .filter_map(SyntaxElement::into_token)
        .filter(|token| {
            !matches!(
                token.kind(),
                SyntaxKind::WHITESPACE | SyntaxKind::COMMENT | SyntaxKind::DOT | SyntaxKind::STAR | SyntaxKind::L_PAREN | SyntaxKind::R_PAREN
            )
        })
        .map(|token| token.text().to_owned())
}

fn parts(node: &SyntaxNode) -> Vec<String> {
    tokens(node)
        .filter(|token| !token.eq_ignore_ascii_case("only"))
        .map(|token| crate::name::identifier(&token))
        .collect()
}
