//! Branches that a configuration never takes, or always.
//!
//! A process in which only constants are left has nothing to wait for: an event-driven simulator
//! would never run it, and its outputs would stay unknown. With the branches gone, `split` makes
//! an assignment of it.

use super::ir::*;

/// Takes out every `if` with a constant condition.
pub fn fold(module: &mut Module) {
    for item in &mut module.items {
        if let Item::Combinational(body) | Item::Clocked(_, body) = item {
            *body = folded(std::mem::take(body));
        }
    }
}

fn folded(body: Vec<Stmt>) -> Vec<Stmt> {
    let fold = |statement| match statement {
        Stmt::If(condition, then, otherwise) => match truth(&condition) {
            Some(true) => folded(then),
            Some(false) => folded(otherwise),
            None => vec![Stmt::If(condition, folded(then), folded(otherwise))],
        },
        Stmt::Case {
            subject,
            arms,
            default,
        } => vec![Stmt::Case {
            subject,
            arms: arms
                .into_iter()
                .map(|(of, body)| (of, folded(body)))
                .collect(),
            default: default.map(folded),
        }],
        other => vec![other],
    };
    body.into_iter().flat_map(fold).collect()
}

/// Whether a condition of one bit holds, if its constants decide that.
fn truth(condition: &Expr) -> Option<bool> {
    let both = |a: &Expr, b: &Expr| (truth(a), truth(b));
    match &condition.node {
        Node::Literal(bits) | Node::Constant(_, bits, _) => Some(bits.value()? != 0),
        Node::Not(inner) if condition.width == 1 => Some(!truth(inner)?),
        Node::Reduce(Reduction::Or, inner) => truth(inner),
        Node::Logic(Logic::And, a, b) => match both(a, b) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (a, b) => Some(a? && b?),
        },
        Node::Logic(Logic::Or, a, b) => match both(a, b) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (a, b) => Some(a? || b?),
        },
        _ => None,
    }
}
