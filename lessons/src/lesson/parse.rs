//! A lesson's file -> a lesson.

use super::markdown::{self, Content, FRONT_MATTER_LINE, Piece};
use super::{Block, Check, Lesson, LessonError, Predict, Step};
use crate::script;
use crate::stacks::StackChoice;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    id: String,
    title: String,
    minutes: u32,
    #[serde(default = "both")]
    stacks: Vec<StackChoice>,
}

fn both() -> Vec<StackChoice> {
    StackChoice::BOTH.to_vec()
}

/// Reads a lesson; errors do not name the file yet.
pub(super) fn lesson(text: &str) -> Result<Lesson, LessonError> {
    let document = markdown::parse(text)?;
    let FrontMatter { id, title, minutes, stacks } = toml::from_str(&document.front_matter)
        .map_err(|error| LessonError::toml(FRONT_MATTER_LINE, &document.front_matter, &error))?;
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err(LessonError::at(FRONT_MATTER_LINE, "'id' is made of small letters, digits and '-'"));
    }
    let mut sections =
        document.pieces.chunk_by(|_, next| !matches!(next.content, Content::Heading(_))).peekable();
    let opening = sections.next_if(|pieces| !matches!(pieces[0].content, Content::Heading(_)));
    let (setup, opening) = parse_opening(opening.unwrap_or_default())?;
    let steps = sections.map(parse_step).collect::<Result<Vec<_>, _>>()?;
    if steps.is_empty() {
        return Err(LessonError::at(1, "a lesson has a step or more: begin each with a '## ' heading"));
    }
    Ok(Lesson { id, title, minutes, stacks, setup, opening, steps })
}

/// What stands before the first step: prose, and the commands that prepare the network.
fn parse_opening(pieces: &[Piece]) -> Result<(Vec<String>, Vec<Block>), LessonError> {
    let (mut setup, mut blocks) = (None, Vec::new());
    for Piece { line, content } in pieces {
        match content {
            Content::Heading(_) => {}
            Content::Prose(text) => blocks.push(Block::Prose(without_title(text).to_owned())),
            Content::Fence { info, body } => match kind_of(info) {
                None => blocks.push(Block::Verbatim(body.clone())),
                Some("setup") if setup.is_none() => setup = Some(commands(*line, body)?),
                Some("setup") => {
                    return Err(LessonError::at(*line, "a lesson has one setup block: join them"));
                }
                Some(kind @ ("try" | "predict" | "check" | "hint" | "solution")) => {
                    let problem = format!("a '{kind}' block belongs to a step: put it below a '## ' heading");
                    return Err(LessonError::at(*line, problem));
                }
                Some(kind) => return Err(unknown_kind(*line, kind)),
            },
        }
    }
    Ok((setup.unwrap_or_default(), blocks))
}

/// The opening without a `# ` heading at its top: that is for other viewers, here the front matter has it.
fn without_title(text: &str) -> &str {
    match text.strip_prefix("# ").and_then(|rest| rest.split_once('\n')) {
        Some((_, below)) => below.trim_start_matches('\n'),
        None => text,
    }
}

/// A `## ` heading and what stands below it.
fn parse_step(pieces: &[Piece]) -> Result<Step, LessonError> {
    let mut step = Step::default();
    for Piece { line, content } in pieces {
        match content {
            Content::Heading(title) => step.title.clone_from(title),
            Content::Prose(text) => step.blocks.push(Block::Prose(text.clone())),
            Content::Fence { info, body } => match kind_of(info) {
                None => step.blocks.push(Block::Verbatim(body.clone())),
                Some("try") => step.blocks.push(Block::Try(commands(*line, body)?)),
                Some("predict") => step.blocks.push(Block::Predict(Predict::parse(*line, body)?)),
                Some("check") => step.checks.extend(Check::parse(*line, body)?),
                Some("hint") => step.hints.push(body.clone()),
                Some("solution") => step.solution.extend(commands(*line, body)?),
                Some("setup") => {
                    let problem =
                        "the setup block is for the whole lesson: put it above the first '## ' heading";
                    return Err(LessonError::at(*line, problem));
                }
                Some(kind) => return Err(unknown_kind(*line, kind)),
            },
        }
    }
    match pieces.first() {
        Some(heading) => complete(heading.line, step),
        None => Ok(step),
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

/// The word behind `vethlab` in an info string; `None` for a block that is only shown.
fn kind_of(info: &str) -> Option<&str> {
    let mut words = info.split_whitespace();
    (words.next() == Some("vethlab")).then(|| words.next().unwrap_or(""))
}

fn unknown_kind(line: usize, kind: &str) -> LessonError {
    let problem =
        format!("'vethlab {kind}' is no kind of block: use setup, try, predict, check, hint or solution");
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
        let lesson = lesson(GOOD).expect("a good lesson");
        assert_eq!((lesson.id.as_str(), lesson.minutes), ("one", 3));
        assert_eq!(lesson.stacks, StackChoice::BOTH);
        assert_eq!(lesson.opening, [Block::Prose("Hello.\n".to_owned())]);
        assert_eq!(lesson.setup, ["ip netns add red"]);
        let [first, second] = &lesson.steps[..] else { panic!("two steps") };
        assert_eq!(first.title, "First step");
        assert!(matches!(&first.blocks[1], Block::Try(commands) if commands == &["ip link   # all of them"]));
        assert!(first.blocks.contains(&Block::Verbatim("## not a heading\n".to_owned())));
        assert_eq!(first.checks.len(), 2);
        assert!(first.checks[0].is_answer() && !first.checks[1].is_answer());
        assert_eq!(first.hints, ["Think.\n"]);
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
            ("vethlab try", "vethlab setup", 16, "above the first"),
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
            let error = lesson(&GOOD.replacen(from, to, 1)).expect_err(to);
            assert!(error.problem.contains(words), "{to}: {error}");
            assert_eq!(error.line, line, "{to}: {error}");
        }
    }
}
