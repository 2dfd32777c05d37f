//! A part of a file, piece by piece: the blocks that are shown, and those that prepare, check and help.

use super::case::{self, Case};
use super::check::{MOST_POINTS, Use, WrittenCheck};
use super::markdown::{Content, Piece};
use super::template::{Names, Texts};
use super::variables::{Values, Variables};
use super::{Block, Check, Edition, Hint, LessonError, Predict, Step, data};
use crate::script;
use crate::stacks::StackChoice;
use std::collections::BTreeMap;

/// What an info string says of a block.
enum Mark<'a> {
    /// It is shown as it is.
    Text,
    /// It is for another stack than this edition's.
    Elsewhere,
    /// It is of this kind; behind it stand further words.
    Kind(&'a str, Vec<&'a str>),
}

/// Reads the sections of a lesson in one edition.
pub(super) struct Reader<'a> {
    pub(super) edition: Edition,
    pub(super) variables: &'a Variables,
    pub(super) values: &'a Values,
    /// What was parsed for all editions, where that is enough for this one.
    pub(super) parsed: Option<Parsed<'a>>,
}

/// What was parsed for all editions, and what stands for the names in it in one of them.
#[derive(Clone, Copy)]
pub(super) struct Parsed<'a> {
    pub(super) blocks: &'a WrittenBlocks,
    pub(super) texts: &'a Texts,
}

/// Blocks of TOML that need only be filled for an edition, by the line that they begin in.
pub(super) type WrittenBlocks = BTreeMap<usize, WrittenBlock>;

/// A block of TOML that was parsed as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum WrittenBlock {
    Case(data::Written),
    Checks(Vec<WrittenCheck>),
}

impl WrittenBlock {
    /// Parses a block of an exercise that holds TOML; `None` for any other, and where it takes an edition's values to
    /// parse it.
    pub(super) fn parse(line: usize, info: &str, body: &str, names: &mut Names) -> Option<WrittenBlock> {
        let mut words = info.split_whitespace();
        match (words.next()?, words.next()?) {
            ("vethlab", "case") => data::Written::parse(body, names).map(WrittenBlock::Case),
            ("vethlab", "check") => WrittenCheck::all(line, body, names).map(WrittenBlock::Checks),
            _ => None,
        }
    }
}

impl Reader<'_> {
    /// A block that ends with `sim` or `real` is for that stack only.
    fn mark<'b>(&self, info: &'b str) -> Mark<'b> {
        let mut words: Vec<&str> = info.split_whitespace().collect();
        for stack in StackChoice::BOTH {
            if words.len() > 1 && words.last() == Some(&stack.name()) {
                if stack != self.edition.stack {
                    return Mark::Elsewhere;
                }
                words.pop();
                break;
            }
        }
        match words.split_first() {
            Some((&"vethlab", [])) => Mark::Kind("", Vec::new()),
            Some((&"vethlab", [kind, others @ ..])) => Mark::Kind(kind, others.to_vec()),
            _ => Mark::Text,
        }
    }

    /// Reads a case. What is wrong is told of the text of this edition.
    fn case(&self, line: usize, body: &str) -> Result<Case, LessonError> {
        let filled = self.parsed.and_then(|Parsed { blocks, texts }| match blocks.get(&line)? {
            WrittenBlock::Case(written) => Case::filled(written, texts),
            WrittenBlock::Checks(_) => None,
        });
        filled.map_or_else(|| case::parse(line, body), Ok)
    }

    /// Reads the checks of a block. What is wrong is told of the text of this edition.
    fn checks(&self, line: usize, body: &str, place: Use) -> Result<Vec<Check>, LessonError> {
        let filled = self.parsed.and_then(|Parsed { blocks, texts }| match blocks.get(&line)? {
            WrittenBlock::Checks(checks) => checks.iter().map(|check| check.fill(texts)).collect(),
            WrittenBlock::Case(_) => None,
        });
        filled.map_or_else(|| Check::parse(line, body, place), Ok)
    }

    /// Prose, and the blocks between: of what stands above a lesson's steps, of a step, or of a whole exercise.
    pub(super) fn section(&self, line: usize, pieces: &[Piece], place: Use) -> Result<Step, LessonError> {
        let mut step = Step::default();
        let (mut cases, mut behind) = (Vec::new(), Case::default());
        for Piece { line, content } in pieces {
            let (info, body) = match content {
                Content::Heading(title) => {
                    step.blocks.push(Block::Prose(format!("## {title}\n")));
                    continue;
                }
                Content::Prose(text) => {
                    step.blocks.push(Block::Prose(text.clone()));
                    continue;
                }
                Content::Fence { info, body } => (info, body),
            };
            let (kind, words) = match self.mark(info) {
                Mark::Elsewhere => continue,
                Mark::Text => {
                    step.blocks.push(verbatim(info, body));
                    continue;
                }
                Mark::Kind(kind, words) => (kind, words),
            };
            match (kind, place) {
                ("case", _) => {
                    let name = case::name(*line, &words, self.variables)?;
                    let case = self.case(*line, body)?;
                    if place == Use::Opening && !(case.hints.is_empty() && case.solution.is_empty()) {
                        let problem = "a case above the first '## ' heading has setup and text only: leave the other keys out";
                        return Err(LessonError::at(*line, problem));
                    }
                    cases.push(name);
                    if case::is_drawn(name, self.values) {
                        step.blocks.extend(case.text.map(Block::Prose));
                        behind.setup.extend(case.setup);
                        let hint = |text| Hint { text, cost: 0, line: *line };
                        step.hints.extend(case.hints.into_iter().map(hint));
                        behind.solution.extend(case.solution);
                    }
                }
                ("hint", Use::Exercise) => {
                    step.hints.push(Hint {
                        text: body.clone(),
                        cost: hint_cost(*line, &words)?,
                        line: *line,
                    });
                }
                _ if !words.is_empty() => return Err(too_many_words(*line, kind, &words)),
                ("try" | "predict" | "check" | "hint" | "solution" | "clock", Use::Opening) => {
                    let problem = format!("a '{kind}' block belongs to a step: put it below a '## ' heading");
                    return Err(LessonError::at(*line, problem));
                }
                ("prose", _) => step.blocks.push(Block::Prose(body.clone())),
                ("try", _) => step.blocks.push(Block::Try(commands(*line, body)?)),
                ("predict", Use::Step) => step.blocks.push(Block::Predict(Predict::parse(*line, body)?)),
                ("clock", Use::Exercise) => {
                    return Err(LessonError::at(*line, "an exercise has no clock block: it is for lessons"));
                }
                ("predict", _) => {
                    return Err(LessonError::at(*line, "an exercise asks no questions: use a check"));
                }
                ("check", _) => step.checks.extend(self.checks(*line, body, place)?),
                ("hint", _) => step.hints.push(Hint { text: body.clone(), cost: 0, line: *line }),
                ("solution", _) => step.solution.extend(commands(*line, body)?),
                ("clock", Use::Step) if body.trim() == "goes on" => step.time_passes = true,
                ("clock", Use::Step) => {
                    let problem =
                        "a clock block says 'goes on': time passes while the learner reads and types";
                    return Err(LessonError::at(*line, problem));
                }
                ("setup", _) if step.setup.is_none() => step.setup = Some(commands(*line, body)?),
                ("setup", _) => {
                    return Err(LessonError::at(*line, "there is a setup block here already: join them"));
                }
                (kind, _) => return Err(unknown_kind(*line, kind)),
            }
        }
        case::complete(line, &cases, self.variables)?;
        match &mut step.setup {
            Some(setup) => setup.extend(behind.setup),
            None if behind.setup.is_empty() => {}
            // The machine that a lesson begins on is fresh anyhow.
            None if place == Use::Opening => step.setup = Some(behind.setup),
            None => {
                let problem =
                    "a case prepares something, but there is no 'vethlab setup' block here: add one";
                return Err(LessonError::at(line, problem));
            }
        }
        step.solution.extend(behind.solution);
        Ok(step)
    }
}

/// What a hint costs: the number behind `vethlab hint`, if there is one.
fn hint_cost(line: usize, words: &[&str]) -> Result<u32, LessonError> {
    match words {
        [] => Ok(0),
        [cost] => match cost.parse() {
            Ok(cost) if cost <= MOST_POINTS => Ok(cost),
            Ok(_) => {
                let problem =
                    format!("{cost} points are too many for a hint: write a number from 0 to {MOST_POINTS}");
                Err(LessonError::at(line, problem))
            }
            Err(_) => {
                let problem = format!("'{cost}' is no number of points: write 'vethlab hint 2'");
                Err(LessonError::at(line, problem))
            }
        },
        _ => Err(LessonError::at(
            line,
            "behind 'vethlab hint' stands what it costs, in points, or nothing: write 'vethlab hint 2'",
        )),
    }
}

/// A block that is shown as it is; of kind `text` it is what the commands of the step print.
fn verbatim(info: &str, body: &str) -> Block {
    match info.split_whitespace().next() {
        Some("text") => Block::Output(body.to_owned()),
        _ => Block::Verbatim(body.to_owned()),
    }
}

fn unknown_kind(line: usize, kind: &str) -> LessonError {
    let problem = format!(
        "'vethlab {kind}' is no kind of block: use setup, prose, try, predict, check, hint, solution, clock or case"
    );
    LessonError::at(line, problem)
}

fn too_many_words(line: usize, kind: &str, words: &[&str]) -> LessonError {
    let words = words.join(" ");
    let problem = format!("'{words}' means nothing behind 'vethlab {kind}': 'sim' or 'real' may stand there");
    LessonError::at(line, problem)
}

fn commands(line: usize, body: &str) -> Result<Vec<String>, LessonError> {
    match script::commands(body.as_bytes()) {
        Ok(commands) if commands.is_empty() => {
            Err(LessonError::at(line, "the block holds no command: write one a line"))
        }
        Ok(commands) => Ok(commands),
        Err(error) => Err(LessonError::at(line, error)),
    }
}
