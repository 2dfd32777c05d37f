//! A lesson's file -> a lesson.

use super::case::{self, Case};
use super::check::Use;
use super::error::line_breaks;
use super::markdown::{self, Content, Document, FRONT_MATTER_LINE, Piece};
use super::variables::{Values, Variables};
use super::{Block, Check, Edition, Hint, Lesson, LessonError, Predict, Source, Step};
use crate::script;
use crate::stacks::StackChoice;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    id: String,
    title: String,
    minutes: u32,
    #[serde(default = "both")]
    stacks: Vec<StackChoice>,
    #[serde(default)]
    variables: BTreeMap<String, Spanned<toml::Table>>,
}

pub(super) fn both() -> Vec<StackChoice> {
    StackChoice::BOTH.to_vec()
}

/// Reads a lesson in one edition; errors do not name the file yet.
pub(super) fn lesson(text: &str, edition: Edition) -> Result<Lesson, LessonError> {
    let document = markdown::parse(text)?;
    let front_matter = &document.front_matter;
    let FrontMatter { id, title, minutes, stacks, variables } = toml::from_str(front_matter)
        .map_err(|error| LessonError::toml(FRONT_MATTER_LINE, front_matter, &error))?;
    let drawn = Drawn::new(&id, variables, text, document, edition)?;
    let reader = drawn.reader();
    let mut sections =
        drawn.pieces.chunk_by(|_, next| !matches!(next.content, Content::Heading(_))).peekable();
    let opening = sections.next_if(|pieces| !matches!(pieces[0].content, Content::Heading(_)));
    let (setup, opening) = reader.opening(opening.unwrap_or_default())?;
    let steps = sections.map(|pieces| reader.step(pieces)).collect::<Result<Vec<_>, _>>()?;
    if steps.is_empty() {
        return Err(LessonError::at(1, "a lesson has a step or more: begin each with a '## ' heading"));
    }
    let source = Source { file: String::new(), text: text.into(), varies: !drawn.variables.is_empty() };
    Ok(Lesson { id, title, minutes, stacks, setup, opening, steps, edition, source })
}

/// A file with the values of one edition in their places.
pub(super) struct Drawn {
    pub(super) variables: Variables,
    values: Values,
    pub(super) pieces: Vec<Piece>,
    edition: Edition,
}

impl Drawn {
    /// Draws the variables that the front matter declares, and puts their values into the text below it.
    pub(super) fn new(
        id: &str,
        variables: BTreeMap<String, Spanned<toml::Table>>,
        text: &str,
        document: Document,
        edition: Edition,
    ) -> Result<Drawn, LessonError> {
        let front_matter = &document.front_matter;
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return Err(LessonError::at(FRONT_MATTER_LINE, "'id' is made of small letters, digits and '-'"));
        }
        let line = |place| FRONT_MATTER_LINE + line_breaks(front_matter, place);
        let variables = Variables::read(variables, line)?;
        let values = variables
            .draw(id, edition.seed)
            .map_err(|problem| LessonError::at(FRONT_MATTER_LINE, problem))?;
        let pieces = match variables.is_empty() {
            true => document.pieces,
            false => markdown::parse(&filled(text, front_matter, &values)?)?.pieces,
        };
        Ok(Drawn { variables, values, pieces, edition })
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { edition: self.edition, variables: &self.variables, values: &self.values }
    }
}

/// The text with values in the place of what stands for them, every line where it was.
fn filled(text: &str, front_matter: &str, values: &Values) -> Result<String, LessonError> {
    let above = FRONT_MATTER_LINE + front_matter.lines().count();
    let fill = |(number, line): (usize, &str)| match number <= above {
        true => Ok(format!("{line}\n")),
        false => {
            values.fill(line).map(|line| line + "\n").map_err(|problem| LessonError::at(number, problem))
        }
    };
    (1..).zip(text.lines()).map(fill).collect()
}

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
    edition: Edition,
    variables: &'a Variables,
    values: &'a Values,
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

    /// What stands before the first step: prose, and the commands that prepare the network.
    fn opening(&self, pieces: &[Piece]) -> Result<(Vec<String>, Vec<Block>), LessonError> {
        let (mut setup, mut blocks, mut cases, mut behind) = (None, Vec::new(), Vec::new(), Vec::new());
        for Piece { line, content } in pieces {
            let (info, body) = match content {
                Content::Heading(_) => continue,
                Content::Prose(text) => {
                    blocks.push(Block::Prose(without_title(text).to_owned()));
                    continue;
                }
                Content::Fence { info, body } => (info, body),
            };
            let (kind, words) = match self.mark(info) {
                Mark::Elsewhere => continue,
                Mark::Text => {
                    blocks.push(verbatim(info, body));
                    continue;
                }
                Mark::Kind(kind, words) => (kind, words),
            };
            match kind {
                "case" => {
                    let name = case::name(*line, &words, self.variables)?;
                    let case = case::parse(*line, body)?;
                    if !case.hints.is_empty() || !case.solution.is_empty() {
                        let problem = "a case above the first '## ' heading has setup and text only";
                        return Err(LessonError::at(*line, problem));
                    }
                    cases.push(name);
                    if case::is_drawn(name, self.values) {
                        behind.extend(case.setup);
                        blocks.extend(case.text.map(Block::Prose));
                    }
                }
                _ if !words.is_empty() => return Err(too_many_words(*line, kind, &words)),
                "prose" => blocks.push(Block::Prose(body.clone())),
                "setup" if setup.is_none() => setup = Some(commands(*line, body)?),
                "setup" => {
                    return Err(LessonError::at(*line, "there is a setup block already: join them"));
                }
                "try" | "predict" | "check" | "hint" | "solution" => {
                    let problem = format!("a '{kind}' block belongs to a step: put it below a '## ' heading");
                    return Err(LessonError::at(*line, problem));
                }
                kind => return Err(unknown_kind(*line, kind)),
            }
        }
        case::complete(pieces.first().map_or(1, |piece| piece.line), &cases, self.variables)?;
        let mut setup = setup.unwrap_or_default();
        setup.extend(behind);
        Ok((setup, blocks))
    }

    /// A `## ` heading and what stands below it.
    fn step(&self, pieces: &[Piece]) -> Result<Step, LessonError> {
        let line = pieces.first().map_or(1, |piece| piece.line);
        let mut pieces = pieces;
        let mut title = String::new();
        if let [Piece { content: Content::Heading(heading), .. }, rest @ ..] = pieces {
            (title, pieces) = (heading.clone(), rest);
        }
        let step = Step { title, ..self.section(line, pieces, Use::Lesson)? };
        complete(line, step)
    }

    /// Prose, and the blocks between: of a step, or of a whole exercise.
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
                    let case = case::parse(*line, body)?;
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
                ("prose", _) => step.blocks.push(Block::Prose(body.clone())),
                ("try", _) => step.blocks.push(Block::Try(commands(*line, body)?)),
                ("predict", Use::Lesson) => step.blocks.push(Block::Predict(Predict::parse(*line, body)?)),
                ("predict", Use::Exercise) => {
                    return Err(LessonError::at(*line, "an exercise asks no questions: use a check"));
                }
                ("check", _) => step.checks.extend(Check::parse(*line, body, place)?),
                ("hint", Use::Lesson) => step.hints.push(Hint { text: body.clone(), cost: 0, line: *line }),
                ("solution", _) => step.solution.extend(commands(*line, body)?),
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
        [cost] => cost.parse().map_err(|_| {
            LessonError::at(line, format!("'{cost}' is no number of points: write 'vethlab hint 2'"))
        }),
        _ => Err(LessonError::at(line, "behind 'vethlab hint' stands what it costs, in points, or nothing")),
    }
}

/// A block that is shown as it is; of kind `text` it is what the commands of the step print.
fn verbatim(info: &str, body: &str) -> Block {
    match info.split_whitespace().next() {
        Some("text") => Block::Output(body.to_owned()),
        _ => Block::Verbatim(body.to_owned()),
    }
}

/// The opening without a `# ` heading at its top: that is for other viewers, here the front matter has it.
pub(super) fn without_title(text: &str) -> &str {
    match text.strip_prefix("# ").and_then(|rest| rest.split_once('\n')) {
        Some((_, below)) => below.trim_start_matches('\n'),
        None => text,
    }
}

/// A step that can be played: its checks can be met.
fn complete(line: usize, step: Step) -> Result<Step, LessonError> {
    let asks_for_answer = step.checks.iter().any(Check::is_answer);
    if asks_for_answer && !step.has_question() {
        return Err(LessonError::at(line, "a check wants an answer, but this step has no predict block"));
    }
    if step.solution.is_empty() && step.checks.iter().any(|check| !check.is_answer()) {
        return Err(LessonError::at(
            line,
            "this step has checks but no solution: add a 'vethlab solution' block",
        ));
    }
    Ok(step)
}

fn unknown_kind(line: usize, kind: &str) -> LessonError {
    let problem = format!(
        "'vethlab {kind}' is no kind of block: use setup, prose, try, predict, check, hint, solution or case"
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

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"---
id = "one"
title = "One"
minutes = 3
---
# One
Hello.
```vethlab setup
ip netns add red
```

## First step

Look:

```vethlab try
ip link   # all of them
```

```text
## not a heading
```

```vethlab predict
question = "How many?"
choices = ["one", "two"]
answer = 2
why = "Because."
```

```vethlab check
[[check]]
say = "you answered"
answered = true

[[check]]
say = "blue is there"
in = "red"
link = "blue"
up = true
hint = "make it"
```

```vethlab hint
Think.
```

```vethlab solution
ip link add blue type veth peer name b
```

## Second step
The end.
"#;

    #[test]
    fn a_lesson_is_read() {
        let lesson = lesson(GOOD, Edition::default()).expect("a good lesson");
        assert_eq!((lesson.id.as_str(), lesson.minutes), ("one", 3));
        assert_eq!(lesson.stacks, StackChoice::BOTH);
        assert_eq!(lesson.opening, [Block::Prose("Hello.\n".to_owned())]);
        assert_eq!(lesson.setup, ["ip netns add red"]);
        let [first, second] = &lesson.steps[..] else { panic!("two steps") };
        assert_eq!(first.title, "First step");
        assert!(matches!(&first.blocks[1], Block::Try(commands) if commands == &["ip link   # all of them"]));
        assert!(first.blocks.contains(&Block::Output("## not a heading\n".to_owned())));
        assert_eq!(first.checks.len(), 2);
        assert!(first.checks[0].is_answer() && !first.checks[1].is_answer());
        assert_eq!(first.hints.iter().map(|hint| hint.text.as_str()).collect::<Vec<_>>(), ["Think.\n"]);
        assert_eq!(second.checks, []);
        let (_, after) = first.before_and_after();
        assert_eq!(after, [], "the question comes last");
        assert_eq!(second.before_and_after().0, second.blocks);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (from, to, line, words) in [
            ("---\nid", "id", 1, "begins with a line '---'"),
            ("minutes = 3\n---", "minutes = 3\n", 1, "never closed"),
            ("minutes = 3", "minutes = \"x\"", 4, "expected u32"),
            ("minutes = 3", "minute = 3", 4, "unknown field `minute`"),
            ("id = \"one\"", "id = \"One\"", 2, "small letters"),
            ("vethlab setup", "vethlab set", 8, "no kind of block"),
            ("ip netns add red", "# nothing", 8, "holds no command"),
            ("vethlab setup", "vethlab try", 8, "belongs to a step"),
            ("vethlab try", "vethlab try red", 16, "'red' means nothing behind 'vethlab try'"),
            ("```vethlab check", "```vethlab case fault link", 31, "is no variable with 'pick'"),
            ("answer = 2", "answer = 3", 24, "1 to 2"),
            ("why = ", "because = ", 28, "unknown field `because`"),
            ("up = true", "ups = true", 36, "unknown field `ups`"),
            ("up = true", "up = 1", 36, "expected a boolean"),
            ("link = \"blue\"", "", 36, "a check needs one of namespace, link"),
            ("say = \"blue is there\"", "", 36, "needs 'say'"),
            ("in = \"red\"", "in = \"a/b\"", 36, "cannot be the name"),
            ("vethlab solution", "vethlab hint", 12, "no solution"),
            ("ip link add blue type veth peer name b\n```", "", 48, "never closed"),
        ] {
            let error = lesson(&GOOD.replacen(from, to, 1), Edition::default()).expect_err(to);
            assert!(error.problem.contains(words), "{to}: {error}");
            assert_eq!(error.line, line, "{to}: {error}");
        }
    }

    const DRAWN: &str = r#"---
id = "drawn"
title = "Drawn"
minutes = 3
[variables]
fault = { pick = ["link", "route"] }
lan = { subnet = "10.0.0.0/8", length = 24 }
---
The network is {lan}.

## Repair it

```vethlab setup
ip addr add {lan.1}/{lan.length} dev lo
```

```vethlab case fault link
setup = ["ip link set lo down"]
text = "The link was off ({lan.1})."
solution = ["ip link set lo up"]
```

```vethlab case fault route
setup = ["ip route add blackhole {lan}"]
hints = ["Routes."]
solution = ["ip route del {lan}"]
```

```vethlab check
[[check]]
say = "{lan.1} answers"
ping = "{lan.1}"
```

```vethlab try sim
step ping {lan.1}
```

```vethlab prose real
The kernel cannot be stopped.
```
"#;

    #[test]
    fn a_seed_fills_the_text_and_chooses_the_case() {
        let drawn = |seed| lesson(DRAWN, Edition { seed, ..Edition::default() }).expect("a good lesson");
        let faults: Vec<bool> = (0..20).map(|seed| drawn(seed).steps[0].hints.is_empty()).collect();
        assert!(faults.contains(&true) && faults.contains(&false));
        for seed in 0..20 {
            let lesson = drawn(seed);
            assert_eq!(lesson, drawn(seed));
            let step = &lesson.steps[0];
            let setup = step.setup.as_deref().expect("a machine of its own");
            assert!(
                setup[0].starts_with("ip addr add 10.") && setup[0].ends_with(".1/24 dev lo"),
                "{setup:?}"
            );
            assert_eq!(setup.len(), 2);
            assert_eq!(step.solution.len(), 1);
            assert_eq!(setup[1].contains("link"), step.solution[0].contains("link"));
            assert_eq!(step.hints.is_empty(), setup[1].contains("link"));
        }
    }

    #[test]
    fn a_block_for_one_stack_is_not_in_the_other_ones_edition() {
        let blocks = |stack| {
            let lesson = lesson(DRAWN, Edition { seed: 0, stack }).expect("a good lesson");
            let is_try = |block: &&Block| matches!(block, Block::Try(_));
            let says = |block: &&Block| matches!(block, Block::Prose(text) if text.contains("kernel"));
            let blocks = &lesson.steps[0].blocks;
            (blocks.iter().filter(is_try).count(), blocks.iter().filter(says).count())
        };
        assert_eq!(blocks(StackChoice::Sim), (1, 0));
        assert_eq!(blocks(StackChoice::Real), (0, 1));
    }

    #[test]
    fn what_is_wrong_with_what_is_drawn_is_said_with_its_line() {
        for (from, to, line, words) in [
            ("pick = [\"link\", \"route\"]", "pick = [\"link\"]", 6, "two words or more"),
            ("case fault link", "case fault cable", 17, "never 'cable': it is one of link, route"),
            ("case fault link", "case faults link", 17, "no variable with 'pick'"),
            ("case fault link", "case fault route", 11, "stands twice"),
            ("case fault link", "hint", 11, "'fault' can be 'link' too"),
            ("text = ", "texts = ", 19, "unknown field `texts`"),
            ("say = \"{lan.1}", "say = \"{wan.1}", 31, "there is no variable 'wan'; there are: fault, lan"),
            ("```vethlab setup", "```vethlab hint", 11, "no 'vethlab setup' block"),
        ] {
            let error = lesson(&DRAWN.replacen(from, to, 1), Edition::default()).expect_err(to);
            assert!(error.problem.contains(words), "{to}: {error}");
            assert_eq!(error.line, line, "{to}: {error}");
        }
    }
}
