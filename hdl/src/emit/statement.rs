//! Procedural statements.

use super::error::Problem;
use super::ir::*;
use super::lexer::Kind;
use super::parser::Parser;
use super::syntax::Syntax;

impl Parser<'_> {
    /// What follows `always`.
    pub fn always(&mut self) -> Result<Item, Problem> {
        self.expect("@")?;
        if self.accept("*") {
            return Ok(Item::Combinational(self.statement()?));
        }
        self.expect("(")?;
        if self.accept("*)") {
            return Ok(Item::Combinational(self.statement()?));
        }
        let mut edges = Vec::new();
        loop {
            let rising = self.accept_word("posedge");
            if !rising && !self.accept_word("negedge") {
                return Err(Problem::Unsupported(
                    "a sensitivity list without edges".into(),
                ));
            }
            edges.push((rising, self.word()?));
            if self.accept(")") {
                return Ok(Item::Clocked(edges, self.statement()?));
            }
            if !self.accept(",") && !self.accept_word("or") {
                self.expect(")")?;
            }
        }
    }

    /// One statement; a block is the list of its statements.
    pub fn statement(&mut self) -> Result<Vec<Stmt>, Problem> {
        if self.accept(";") {
            return Ok(Vec::new());
        }
        if self.accept_word("begin") {
            let mut body = Vec::new();
            while !self.accept_word("end") {
                body.extend(self.statement()?);
            }
            return Ok(body);
        }
        let statement = if self.accept_word("if") {
            let condition = self.condition()?;
            let then = self.statement()?;
            let otherwise = if self.accept_word("else") {
                self.statement()?
            } else {
                Vec::new()
            };
            Stmt::If(condition, then, otherwise)
        } else if self.accept_word("case") {
            self.case()?
        } else if self.accept_word("for") {
            self.for_loop()?
        } else {
            self.simple()?
        };
        Ok(vec![statement])
    }

    fn condition(&mut self) -> Result<Expr, Problem> {
        self.expect("(")?;
        let condition = self.syntax()?;
        self.expect(")")?;
        Ok(self.scope.alone(&condition)?.truth())
    }

    fn simple(&mut self) -> Result<Stmt, Problem> {
        if let Some(task) = self.system_task() {
            self.expect("(")?;
            let mut arguments = Vec::new();
            while !self.accept(")") {
                let argument = self.syntax()?;
                arguments.push(self.scope.alone(&argument)?);
                self.accept(",");
            }
            self.expect(";")?;
            return Ok(Stmt::System(task, arguments));
        }
        let target = self.destination()?;
        let blocking = !self.accept("<=");
        if blocking {
            self.expect("=")?;
        }
        let value = self.syntax()?;
        self.expect(";")?;
        let (target, width) = self.scope.target(&target)?;
        let value = self.scope.assigned(&value, width)?;
        Ok(Stmt::Assign {
            target,
            value,
            blocking,
        })
    }

    fn system_task(&mut self) -> Option<String> {
        let memory_files = ["$readmemh", "$readmemb"];
        let task = memory_files
            .into_iter()
            .find(|t| self.peek(&Kind::System(t.to_string())))?;
        self.next();
        Some(task.to_owned())
    }

    /// A name, a part of one or a concatenation: `a <= b` must not be read as a comparison.
    fn destination(&mut self) -> Result<Syntax, Problem> {
        if !self.accept("{") {
            let name = self.word()?;
            if [
                "casez", "casex", "while", "repeat", "forever", "wait", "fork",
            ]
            .contains(&name.as_str())
            {
                return Err(Problem::Unsupported(format!("`{name}`")));
            }
            return self.selected(name);
        }
        let mut parts = vec![self.destination()?];
        while self.accept(",") {
            parts.push(self.destination()?);
        }
        self.expect("}")?;
        Ok(Syntax::Concat(parts))
    }

    fn case(&mut self) -> Result<Stmt, Problem> {
        self.expect("(")?;
        let subject = self.syntax()?;
        self.expect(")")?;
        let mut labels: Vec<Vec<Syntax>> = Vec::new();
        let mut bodies = Vec::new();
        let mut default = None;
        while !self.accept_word("endcase") {
            if self.accept_word("default") {
                self.accept(":");
                default = Some(self.statement()?);
                continue;
            }
            let mut arm = vec![self.syntax()?];
            while self.accept(",") {
                arm.push(self.syntax()?);
            }
            self.expect(":")?;
            labels.push(arm);
            bodies.push(self.statement()?);
        }
        let all: Vec<&Syntax> = [&subject]
            .into_iter()
            .chain(labels.iter().flatten())
            .collect();
        let mut built = self.scope.together(&all)?.into_iter();
        let subject = built.next().expect("the subject is the first");
        let arms = labels
            .iter()
            .map(|arm| built.by_ref().take(arm.len()).collect())
            .zip(bodies)
            .collect();
        Ok(Stmt::Case {
            subject,
            arms,
            default,
        })
    }

    fn for_loop(&mut self) -> Result<Stmt, Problem> {
        self.expect("(")?;
        let (variable, from) = self.step()?;
        self.expect(";")?;
        let condition = self.syntax()?;
        let condition = self.scope.alone(&condition)?.truth();
        self.expect(";")?;
        let (stepped, step) = self.step()?;
        self.expect(")")?;
        if stepped != variable {
            return Err(Problem::Unsupported(format!(
                "a loop over `{variable}` that steps `{stepped}`"
            )));
        }
        let body = self.statement()?;
        Ok(Stmt::For {
            variable,
            from,
            condition,
            step,
            body,
        })
    }

    /// `i = i + 1`.
    fn step(&mut self) -> Result<(String, Expr), Problem> {
        let name = self.word()?;
        self.expect("=")?;
        let value = self.syntax()?;
        let (_, width) = self.scope.target(&Syntax::Name(name.clone()))?;
        Ok((name, self.scope.assigned(&value, width)?))
    }
}
