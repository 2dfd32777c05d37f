//! From the tree to steps.

use crate::code::{Code, ForHead, LoopPlaces, Simple, Step};
use crate::syntax::Problem;
use brush_parser::ast::{
    AndOr, AndOrList, CaseItemPostAction, Command, CommandPrefixOrSuffixItem, CompoundCommand, CompoundList,
    ForClauseCommand, IoFileRedirectTarget, IoRedirect, Pipeline, Program, RedirectList, SeparatorOperator,
    SimpleCommand, SourceLocation, UnexpandedArithmeticExpr,
};
use std::sync::Arc;

type Compiled = Result<(), Problem>;

/// A whole script.
pub(crate) fn script(program: &Program, text: &str) -> Result<Code, Problem> {
    let mut code = Code { source: text.chars().collect(), ..Code::default() };
    for list in &program.complete_commands {
        code.push(Step::Unit);
        code.list(list)?;
    }
    Ok(code)
}

fn not_modelled(what: &str) -> Problem {
    Problem::NotModelled(what.to_owned())
}

impl Code {
    /// Steps of a shell within this one.
    fn within(&self) -> Code {
        Code { source: self.source.clone(), ..Code::default() }
    }

    /// A stage of a pipeline: a shell of its own.
    fn stage(&self, command: &Command) -> Result<Arc<Code>, Problem> {
        let mut code = self.within();
        code.command(command)?;
        Ok(Arc::new(code))
    }

    fn place(&self) -> usize {
        self.steps.len()
    }

    fn push(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// A jump whose aim is set later.
    fn aim(&mut self, at: usize) {
        let here = self.place();
        match &mut self.steps[at] {
            Step::Jump(aim) | Step::JumpIfFailed(aim) | Step::JumpIfGood(aim) => *aim = here,
            Step::BeginLoop(places) | Step::BeginFor { places, .. } => places.exit = here,
            Step::Case { otherwise, .. } => *otherwise = here,
            Step::Redirect { behind, .. } => *behind = here,
            _ => {}
        }
    }

    fn list(&mut self, list: &CompoundList) -> Compiled {
        for item in &list.0 {
            match item.1 {
                SeparatorOperator::Sequence => self.and_or(&item.0)?,
                SeparatorOperator::Async => {
                    let mut code = self.within();
                    code.and_or(&item.0)?;
                    self.push(Step::Background { code: Arc::new(code), text: item.0.to_string() });
                }
            }
        }
        Ok(())
    }

    /// Each link of a chain is left out where the status before it says so: then the next link looks at the same status.
    fn and_or(&mut self, list: &AndOrList) -> Compiled {
        let first = std::iter::once((None, &list.first));
        let others = list.additional.iter().map(|next| match next {
            AndOr::And(pipeline) => (Some(Step::JumpIfFailed(0)), pipeline),
            AndOr::Or(pipeline) => (Some(Step::JumpIfGood(0)), pipeline),
        });
        let last = list.additional.len();
        for (number, (jump, pipeline)) in first.chain(others).enumerate() {
            let jump = jump.map(|jump| self.push(jump));
            if number < last {
                self.push(Step::BeginCondition);
                self.pipeline(pipeline, false)?;
                self.push(Step::EndCondition);
            } else {
                self.pipeline(pipeline, true)?;
            }
            if let Some(jump) = jump {
                self.aim(jump);
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, checked: bool) -> Compiled {
        if pipeline.timed.is_some() {
            return Err(not_modelled("time"));
        }
        if pipeline.bang {
            self.push(Step::BeginCondition);
        }
        let is_compound = match &pipeline.seq[..] {
            [command] => {
                self.command(command)?;
                matches!(command, Command::Compound(compound, _) if !matches!(compound,
                    CompoundCommand::Subshell(_) | CompoundCommand::Arithmetic(_)))
                    || matches!(command, Command::Function(_))
            }
            commands => {
                let stages: Result<Vec<_>, Problem> =
                    commands.iter().map(|command| self.stage(command)).collect();
                self.push(Step::Pipeline(Arc::new(stages?)));
                false
            }
        };
        if pipeline.bang {
            self.push(Step::EndCondition);
            self.push(Step::Invert);
        } else if checked && !is_compound {
            self.push(Step::Check);
        }
        Ok(())
    }

    fn command(&mut self, command: &Command) -> Compiled {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound, redirects) => {
                self.redirected(redirects.as_ref(), |code| code.compound(compound))
            }
            Command::Function(function) => {
                let mut body = self.within();
                let redirects = function.body.1.as_ref();
                body.redirected(redirects, |code| code.compound(&function.body.0))?;
                self.push(Step::Define { name: function.fname.value.clone(), code: Arc::new(body) });
                Ok(())
            }
            Command::ExtendedTest(test, redirects) => self.redirected(redirects.as_ref(), |code| {
                code.push(Step::Condition(test.expr.clone()));
                Ok(())
            }),
        }
    }

    fn redirected(
        &mut self,
        redirects: Option<&RedirectList>,
        inner: impl FnOnce(&mut Code) -> Compiled,
    ) -> Compiled {
        let Some(RedirectList(redirects)) = redirects else { return inner(self) };
        redirects.iter().try_for_each(taken)?;
        let begin = self.push(Step::Redirect { redirects: redirects.clone(), behind: 0 });
        inner(self)?;
        self.push(Step::Restore);
        self.aim(begin);
        Ok(())
    }

    fn simple(&mut self, simple: &SimpleCommand) -> Compiled {
        let line = simple.location().map_or(0, |span| span.start.line);
        let mut compiled = Simple { line, ..Simple::default() };
        for item in simple.prefix.iter().flat_map(|prefix| &prefix.0) {
            match item {
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => {
                    compiled.assignments.push(assignment.clone());
                }
                item => compiled.take(item)?,
            }
        }
        compiled.words.extend(simple.word_or_name.iter().map(|word| word.value.clone()));
        simple.suffix.iter().flat_map(|suffix| &suffix.0).try_for_each(|item| compiled.take(item))?;
        self.push(Step::Run(compiled));
        Ok(())
    }

    fn compound(&mut self, compound: &CompoundCommand) -> Compiled {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list),
            CompoundCommand::Subshell(subshell) => {
                let mut code = self.within();
                code.list(&subshell.list)?;
                self.push(Step::Subshell(Arc::new(code)));
                Ok(())
            }
            CompoundCommand::Arithmetic(arithmetic) => {
                self.arithmetic(Some(&arithmetic.expr));
                Ok(())
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                self.arithmetic(clause.initializer.as_ref());
                let begin = self.push(Step::BeginLoop(LoopPlaces { exit: 0, again: 0 }));
                let skip = self.push(Step::Jump(0));
                let again = self.place();
                self.arithmetic(clause.updater.as_ref());
                self.aim(skip);
                self.push(Step::BeginCondition);
                self.push(Step::Status(0));
                self.arithmetic(clause.condition.as_ref());
                self.push(Step::EndCondition);
                let out = self.push(Step::JumpIfFailed(0));
                self.list(&clause.body.list)?;
                self.finish_loop(begin, again, Some(out));
                Ok(())
            }
            CompoundCommand::ForClause(clause) => {
                let words =
                    clause.values.as_ref().map(|words| words.iter().map(|word| word.value.clone()).collect());
                // The parser does not tell `for a in; do` from `for a; do`.
                let words = words.or_else(|| self.has_in(clause).then(Vec::new));
                let places = LoopPlaces { exit: 0, again: 0 };
                let head = ForHead { name: clause.variable_name.clone(), words };
                let begin = self.push(Step::BeginFor { head: Arc::new(head), places });
                let again = self.push(Step::Next);
                self.list(&clause.body.list)?;
                self.finish_loop(begin, again, None);
                Ok(())
            }
            CompoundCommand::WhileClause(clause) => self.conditional_loop(&clause.0, &clause.1.list, false),
            CompoundCommand::UntilClause(clause) => self.conditional_loop(&clause.0, &clause.1.list, true),
            CompoundCommand::IfClause(clause) => {
                let mut ends = Vec::new();
                let mut branches = vec![(Some(&clause.condition), &clause.then)];
                branches.extend(
                    clause.elses.iter().flatten().map(|branch| (branch.condition.as_ref(), &branch.body)),
                );
                let mut has_else = false;
                for (condition, body) in branches {
                    has_else = condition.is_none();
                    let skip = condition.map(|condition| self.condition(condition)).transpose()?;
                    self.list(body)?;
                    ends.push(self.push(Step::Jump(0)));
                    if let Some(skip) = skip {
                        self.aim(skip);
                    }
                }
                if !has_else {
                    self.push(Step::Status(0));
                }
                ends.into_iter().for_each(|end| self.aim(end));
                Ok(())
            }
            CompoundCommand::CaseClause(clause) => self.case(clause),
            CompoundCommand::Coprocess(_) => Err(not_modelled("coproc")),
        }
    }

    fn arithmetic(&mut self, expression: Option<&UnexpandedArithmeticExpr>) {
        if let Some(expression) = expression {
            self.push(Step::Arithmetic(expression.value.clone()));
        }
    }

    /// Whether `in` stands behind the name of a `for`.
    fn has_in(&self, clause: &ForClauseCommand) -> bool {
        let begin = clause.loc.start.index + "for".len();
        let text: String = self.source.iter().skip(begin).take(clause.loc.length()).collect();
        let behind = text.trim_start().strip_prefix(clause.variable_name.as_str()).unwrap_or_default();
        behind
            .trim_start()
            .strip_prefix("in")
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    }

    /// A condition, and the jump that is taken where it does not hold.
    fn condition(&mut self, condition: &CompoundList) -> Result<usize, Problem> {
        self.push(Step::BeginCondition);
        self.list(condition)?;
        self.push(Step::EndCondition);
        Ok(self.push(Step::JumpIfFailed(0)))
    }

    fn conditional_loop(&mut self, condition: &CompoundList, body: &CompoundList, until: bool) -> Compiled {
        let begin = self.push(Step::BeginLoop(LoopPlaces { exit: 0, again: 0 }));
        let again = self.place();
        self.push(Step::BeginCondition);
        self.list(condition)?;
        self.push(Step::EndCondition);
        let out = self.push(if until { Step::JumpIfGood(0) } else { Step::JumpIfFailed(0) });
        self.list(body)?;
        self.finish_loop(begin, again, Some(out));
        Ok(())
    }

    /// The body of a loop has ended: another round, or the end, which the jump `out` goes to as well.
    fn finish_loop(&mut self, begin: usize, again: usize, out: Option<usize>) {
        self.push(Step::Remember);
        self.push(Step::Jump(again));
        if let Some(out) = out {
            self.aim(out);
        }
        self.push(Step::EndLoop);
        self.aim(begin);
        if let Step::BeginLoop(places) | Step::BeginFor { places, .. } = &mut self.steps[begin] {
            places.again = again;
        }
    }

    fn case(&mut self, clause: &brush_parser::ast::CaseClauseCommand) -> Compiled {
        let begin =
            self.push(Step::Case { word: clause.value.value.clone(), arms: Vec::new(), otherwise: 0 });
        let (mut arms, mut ends) = (Vec::new(), Vec::new());
        for item in &clause.cases {
            if !matches!(item.post_action, CaseItemPostAction::ExitCase) {
                return Err(not_modelled(";& in case"));
            }
            arms.push((item.patterns.iter().map(|word| word.value.clone()).collect(), self.place()));
            match &item.cmd {
                Some(list) => self.list(list)?,
                None => drop(self.push(Step::Status(0))),
            }
            ends.push(self.push(Step::Jump(0)));
        }
        self.aim(begin);
        ends.into_iter().for_each(|end| self.aim(end));
        if let Step::Case { arms: empty, .. } = &mut self.steps[begin] {
            *empty = arms;
        }
        Ok(())
    }
}

impl Simple {
    /// Takes in a word or a redirection. Behind the command's name, what reads as an assignment is a word.
    fn take(&mut self, item: &CommandPrefixOrSuffixItem) -> Compiled {
        match item {
            CommandPrefixOrSuffixItem::IoRedirect(redirect) => {
                taken(redirect)?;
                self.redirects.push(redirect.clone());
            }
            CommandPrefixOrSuffixItem::AssignmentWord(_, word) | CommandPrefixOrSuffixItem::Word(word) => {
                self.words.push(word.value.clone());
            }
            CommandPrefixOrSuffixItem::ProcessSubstitution(..) => return Err(not_modelled("<( … )")),
        }
        Ok(())
    }
}

/// Whether a redirection is modelled.
fn taken(redirect: &IoRedirect) -> Compiled {
    match redirect {
        IoRedirect::File(_, _, IoFileRedirectTarget::ProcessSubstitution(..)) => {
            Err(not_modelled("< <( … )"))
        }
        _ => Ok(()),
    }
}
