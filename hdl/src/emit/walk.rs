//! Visiting the typed tree: which names are read, which are written, and renaming.

use super::ir::*;

impl Expr {
    /// Every direct part of this expression.
    fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Literal(_)
            | Node::Constant(..)
            | Node::Name(_)
            | Node::Part(..)
            | Node::Text(_) => Vec::new(),
            Node::PartAt(_, e) | Node::Index(_, e) => vec![e],
            Node::Not(e) | Node::Negate(e) | Node::Reduce(_, e) => vec![e],
            Node::ZeroExtend(e) | Node::SignExtend(e) | Node::Truncate(e) => vec![e],
            Node::Binary(_, a, b) | Node::Shift(_, a, b) => vec![a, b],
            Node::Compare(_, _, a, b) | Node::Logic(_, a, b) => vec![a, b],
            Node::Choose(c, a, b) => vec![c, a, b],
            Node::Concat(parts) => parts.iter().collect(),
        }
    }

    /// Calls `f` with the expression and everything inside it.
    pub fn each<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        f(self);
        for child in self.children() {
            child.each(f);
        }
    }

    /// Calls `f` with every name in the expression, constants included.
    pub fn names<'a>(&'a self, f: &mut dyn FnMut(&'a str)) {
        self.each(&mut |e| match &e.node {
            Node::Constant(name, ..) | Node::Name(name) | Node::Part(name, _) => f(name),
            Node::PartAt(name, _) | Node::Index(name, _) => f(name),
            _ => {}
        });
    }

    pub fn rename(&mut self, f: &dyn Fn(&mut String)) {
        match &mut self.node {
            Node::Literal(_) | Node::Text(_) => {}
            Node::Constant(name, ..) | Node::Name(name) | Node::Part(name, _) => f(name),
            Node::PartAt(name, e) | Node::Index(name, e) => {
                f(name);
                e.rename(f);
            }
            Node::Not(e) | Node::Negate(e) | Node::Reduce(_, e) => e.rename(f),
            Node::ZeroExtend(e) | Node::SignExtend(e) | Node::Truncate(e) => e.rename(f),
            Node::Binary(_, a, b) | Node::Shift(_, a, b) => {
                [a, b].into_iter().for_each(|e| e.rename(f))
            }
            Node::Compare(_, _, a, b) | Node::Logic(_, a, b) => {
                [a, b].into_iter().for_each(|e| e.rename(f))
            }
            Node::Choose(c, a, b) => [c, a, b].into_iter().for_each(|e| e.rename(f)),
            Node::Concat(parts) => parts.iter_mut().for_each(|e| e.rename(f)),
        }
    }

    /// The signal, if the expression is nothing but one.
    pub fn as_name(&self) -> Option<&str> {
        match &self.node {
            Node::Name(name) => Some(name),
            _ => None,
        }
    }
}

impl Target {
    pub fn writes<'a>(&'a self, f: &mut dyn FnMut(&'a str)) {
        match self {
            Target::Whole(name) | Target::Part(name, ..) => f(name),
            Target::PartAt(name, ..) | Target::Index(name, _) => f(name),
            Target::Concat(parts) => parts.iter().for_each(|p| p.writes(f)),
        }
    }

    fn expressions<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        match self {
            Target::Whole(_) | Target::Part(..) => {}
            Target::PartAt(_, e, _) | Target::Index(_, e) => f(e),
            Target::Concat(parts) => parts.iter().for_each(|p| p.expressions(f)),
        }
    }

    fn rename(&mut self, f: &dyn Fn(&mut String)) {
        match self {
            Target::Whole(name) | Target::Part(name, ..) => f(name),
            Target::PartAt(name, e, _) | Target::Index(name, e) => {
                f(name);
                e.rename(f);
            }
            Target::Concat(parts) => parts.iter_mut().for_each(|p| p.rename(f)),
        }
    }
}

impl Stmt {
    /// Statement lists inside this one.
    fn bodies(&self) -> Vec<&Vec<Stmt>> {
        match self {
            Stmt::Assign { .. } | Stmt::System(..) => Vec::new(),
            Stmt::If(_, then, otherwise) => vec![then, otherwise],
            Stmt::Case { arms, default, .. } => arms.iter().map(|a| &a.1).chain(default).collect(),
            Stmt::For { body, .. } => vec![body],
        }
    }

    /// Calls `f` with every expression that the statement evaluates.
    fn expressions<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        match self {
            Stmt::Assign { target, value, .. } => {
                target.expressions(f);
                f(value);
            }
            Stmt::If(condition, ..) => f(condition),
            Stmt::Case { subject, arms, .. } => {
                f(subject);
                arms.iter().flat_map(|a| &a.0).for_each(&mut *f);
            }
            Stmt::For {
                from,
                condition,
                step,
                ..
            } => [from, condition, step].into_iter().for_each(&mut *f),
            Stmt::System(_, arguments) => arguments.iter().for_each(&mut *f),
        }
        for body in self.bodies() {
            body.iter().for_each(|s| s.expressions(f));
        }
    }

    pub fn reads<'a>(&'a self, f: &mut dyn FnMut(&'a str)) {
        self.expressions(&mut |e| e.names(f));
    }

    pub fn writes<'a>(&'a self, f: &mut dyn FnMut(&'a str)) {
        match self {
            Stmt::Assign { target, .. } => target.writes(f),
            Stmt::For { variable, .. } => f(variable),
            Stmt::System(_, arguments) => arguments.iter().for_each(|a| a.names(f)),
            _ => {}
        }
        for body in self.bodies() {
            body.iter().for_each(|s| s.writes(f));
        }
    }

    fn rename(&mut self, f: &dyn Fn(&mut String)) {
        let all = |body: &mut Vec<Stmt>| body.iter_mut().for_each(|s| s.rename(f));
        match self {
            Stmt::Assign { target, value, .. } => {
                target.rename(f);
                value.rename(f);
            }
            Stmt::If(condition, then, otherwise) => {
                condition.rename(f);
                all(then);
                all(otherwise);
            }
            Stmt::Case {
                subject,
                arms,
                default,
            } => {
                subject.rename(f);
                for (labels, body) in arms {
                    labels.iter_mut().for_each(|l| l.rename(f));
                    all(body);
                }
                default.iter_mut().for_each(all);
            }
            Stmt::For {
                variable,
                from,
                condition,
                step,
                body,
            } => {
                f(variable);
                [from, condition, step]
                    .into_iter()
                    .for_each(|e| e.rename(f));
                all(body);
            }
            Stmt::System(_, arguments) => arguments.iter_mut().for_each(|a| a.rename(f)),
        }
    }
}

impl Item {
    /// Calls `f` with every expression of the item except an instance's connections, whose role
    /// depends on the instantiated module.
    pub fn expressions<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        match self {
            Item::Assign(target, value) => {
                target.expressions(f);
                f(value);
            }
            Item::Combinational(body) | Item::Initial(body) | Item::Clocked(_, body) => {
                body.iter().for_each(|s| s.expressions(f))
            }
            Item::Instance(instance) => instance.parameters.iter().for_each(|(_, value)| f(value)),
            Item::Register(register) => {
                f(&register.clock);
                f(&register.next);
            }
        }
    }

    /// Names read here, an instance's connections not counted.
    pub fn reads<'a>(&'a self, f: &mut dyn FnMut(&'a str)) {
        self.expressions(&mut |e| e.names(f));
        if let Item::Clocked(edges, _) = self {
            edges.iter().for_each(|(_, name)| f(name));
        }
    }

    /// Names that a process or an assignment writes.
    pub fn writes<'a>(&'a self, f: &mut dyn FnMut(&'a str)) {
        match self {
            Item::Assign(target, _) => target.writes(f),
            Item::Combinational(body) | Item::Initial(body) | Item::Clocked(_, body) => {
                body.iter().for_each(|s| s.writes(f))
            }
            Item::Instance(_) => {}
            Item::Register(register) => f(&register.name),
        }
    }
}

impl Module {
    /// Renames signals and constants everywhere, declarations included.
    pub fn rename(&mut self, f: &dyn Fn(&mut String)) {
        self.ports.iter_mut().for_each(f);
        self.signals.iter_mut().for_each(|s| f(&mut s.name));
        self.constants.iter_mut().for_each(|c| f(&mut c.name));
        self.rename_uses(f);
    }

    /// Renames signals and constants where they are used, not where they are declared.
    pub fn rename_uses(&mut self, f: &dyn Fn(&mut String)) {
        for item in &mut self.items {
            match item {
                Item::Assign(target, value) => {
                    target.rename(f);
                    value.rename(f);
                }
                Item::Combinational(body) | Item::Initial(body) => {
                    body.iter_mut().for_each(|s| s.rename(f))
                }
                Item::Clocked(edges, body) => {
                    edges.iter_mut().for_each(|(_, name)| f(name));
                    body.iter_mut().for_each(|s| s.rename(f));
                }
                Item::Instance(instance) => {
                    instance
                        .ports
                        .iter_mut()
                        .filter_map(|p| p.1.as_mut())
                        .for_each(|e| e.rename(f));
                    instance
                        .parameters
                        .iter_mut()
                        .for_each(|(_, value)| value.rename(f));
                }
                Item::Register(register) => {
                    f(&mut register.name);
                    register.clock.rename(f);
                    register.next.rename(f);
                }
            }
        }
    }
}
