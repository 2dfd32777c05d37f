//! A lesson's file -> a lesson.

use super::check::Use;
use super::markdown::{self, Content, FRONT_MATTER_LINE, Piece};
use super::section::Reader;
use super::written::{Written, titleless};
use super::{Check, Edition, Lesson, LessonError, Source, Step, data};
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
    #[serde(default = "yes")]
    show_commands: bool,
    #[serde(default = "both")]
    stacks: Vec<StackChoice>,
    #[serde(default)]
    variables: BTreeMap<String, Spanned<toml::Table>>,
}

fn yes() -> bool {
    true
}

pub(super) fn both() -> Vec<StackChoice> {
    StackChoice::BOTH.to_vec()
}

/// Reads a lesson in one edition; errors do not name the file yet.
pub(super) fn lesson(text: &str, edition: Edition) -> Result<Lesson, LessonError> {
    let document = markdown::parse(text)?;
    let FrontMatter { id, title, minutes, show_commands, stacks, variables } =
        data::read(FRONT_MATTER_LINE, &document.front_matter)?;
    let written = Written::new(&id, variables, document)?;
    let drawn = written.draw(text, edition)?;
    let reader = drawn.reader();
    let mut sections =
        drawn.pieces.chunk_by(|_, next| !matches!(next.content, Content::Heading(_))).peekable();
    let opening = sections.next_if(|pieces| !matches!(pieces[0].content, Content::Heading(_)));
    let opening = opening_of(&reader, opening.unwrap_or_default())?;
    let (setup, opening) = (opening.setup.unwrap_or_default(), opening.blocks);
    let steps = sections.map(|pieces| step(&reader, pieces)).collect::<Result<Vec<_>, _>>()?;
    if steps.is_empty() {
        return Err(LessonError::at(1, "a lesson has a step or more: begin each with a '## ' heading"));
    }
    let source = Source { file: String::new(), text: text.into(), varies: !written.variables.is_empty() };
    let shows_commands = show_commands;
    Ok(Lesson { id, title, minutes, stacks, shows_commands, setup, opening, steps, edition, source })
}

/// What stands above the first step: prose, and the commands that prepare the network.
fn opening_of(reader: &Reader<'_>, pieces: &[Piece]) -> Result<Step, LessonError> {
    let line = pieces.first().map_or(1, |piece| piece.line);
    reader.section(line, &titleless(pieces), Use::Opening)
}

/// A `## ` heading and what stands below it.
fn step(reader: &Reader<'_>, pieces: &[Piece]) -> Result<Step, LessonError> {
    let line = pieces.first().map_or(1, |piece| piece.line);
    let (title, pieces) = match pieces {
        [Piece { content: Content::Heading(heading), .. }, rest @ ..] => (heading.clone(), rest),
        _ => (String::new(), pieces),
    };
    let step = Step { title, ..reader.section(line, pieces, Use::Step)? };
    complete(line, step)
}

/// A step that can be played: its checks can be met.
fn complete(line: usize, step: Step) -> Result<Step, LessonError> {
    let asks_for_answer = step.checks.iter().any(Check::is_answer);
    if asks_for_answer && !step.has_question() {
        return Err(LessonError::at(
            line,
            "a check wants an answer, but this step asks nothing: add a 'vethlab predict' block",
        ));
    }
    if step.solution.is_empty() && step.checks.iter().any(|check| !check.is_answer()) {
        return Err(LessonError::at(
            line,
            "this step has checks but no solution: add a 'vethlab solution' block",
        ));
    }
    Ok(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Block;

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
            ("minutes = 3", "minutes = \"x\"", 4, "'minutes' is to be a number"),
            ("minutes = 3", "minute = 3", 4, "unknown field `minute`"),
            ("id = \"one\"", "id = \"One\"", 2, "small letters"),
            ("vethlab setup", "vethlab set", 8, "no kind of block"),
            ("ip netns add red", "# nothing", 8, "holds no command"),
            ("vethlab setup", "vethlab try", 8, "belongs to a step"),
            ("vethlab try", "vethlab try red", 16, "'red' means nothing behind 'vethlab try'"),
            ("```vethlab check", "```vethlab case fault link", 31, "is no variable with 'pick'"),
            ("answer = 2", "answer = 3", 24, "1 to 2"),
            ("why = ", "because = ", 28, "unknown field `because`"),
            ("up = true", "ups = true", 40, "unknown field `ups`"),
            ("up = true", "up = 1", 40, "'up' is to be true or false, and 1 is a number"),
            ("link = \"blue\"", "", 36, "add one of namespace, link"),
            ("say = \"blue is there\"", "", 36, "needs 'say'"),
            ("in = \"red\"", "in = \"a/b\"", 38, "cannot be the name"),
            ("vethlab solution", "vethlab hint", 12, "no solution"),
            ("ip link add blue type veth peer name b\n```", "", 48, "never closed"),
            ("vethlab hint\nThink.", "vethlab clock\nThink.", 44, "says 'goes on'"),
            ("minutes = 3", "minutes = 3\nshow_commands = 1", 5, "true or false"),
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
            (
                "say = \"{lan.1}",
                "say = \"{wan.1}",
                31,
                "there is no variable 'wan' among fault, lan: write one of these",
            ),
            ("```vethlab setup", "```vethlab hint", 11, "no 'vethlab setup' block"),
        ] {
            let error = lesson(&DRAWN.replacen(from, to, 1), Edition::default()).expect_err(to);
            assert!(error.problem.contains(words), "{to}: {error}");
            assert_eq!(error.line, line, "{to}: {error}");
        }
    }
}
