use super::*;
use vethlab_programs::Transcript;

#[test]
fn help_is_a_list_that_fits_into_a_terminal_of_80_columns() {
    let words = HELP.lines().filter(|line| line.starts_with("  ")).count();
    assert_eq!(words, 10);
    assert!(HELP.lines().all(|line| line.chars().count() < 80), "{HELP}");
}

/// A lesson with a question and a check, and one step that wants nothing.
const LESSON: &str = "\
---
id = \"one\"
title = \"One\"
minutes = 1
---
Welcome.

## Make it

```vethlab predict
question = \"How many links are there?\"
choices = [\"one\", \"two\"]
answer = 1
why = \"Only lo.\"
```

```vethlab try
ip netns add red
```

```vethlab check
[[check]]
say = \"red is there\"
namespace = \"red\"
```

```vethlab solution
ip netns add red
```

## The end

That was it.
";

fn machines() -> Machines {
    Machines::open(&[crate::stacks::StackChoice::Sim], 0, Box::new(crate::platform::SimulatorOnly))
        .expect("the simulator")
}

#[test]
fn a_lesson_is_a_dialogue_of_lines_and_text() {
    let lesson = Lesson::read("one.md", LESSON).expect("a lesson");
    let (mut machines, mut shown) = (machines(), Transcript::default());
    let mut dialogue = Dialogue::new(&lesson, &mut machines);
    dialogue.begin(&mut shown).expect("a network");
    assert_eq!(dialogue.prompt(), "your answer, 1 to 2: ");
    for (line, prompt, words) in [
        ("ip link", "your answer, 1 to 2: ", "The question comes first"),
        ("2", "host# ", "Not quite: it is 1. Only lo."),
        ("check", "host# ", "- not yet: red is there"),
        ("ip netns add red", "host# ", "✓ red is there"),
    ] {
        shown = Transcript::default();
        dialogue.take(line, &mut shown).expect(line);
        assert_eq!(dialogue.prompt(), prompt, "after {line}");
        assert!(shown.stdout.contains(words), "{line}: {}", shown.stdout);
    }
    assert_eq!((dialogue.number(), dialogue.waits()), (2, true));
    dialogue.take("", &mut shown).expect("an empty line");
    assert!(!dialogue.waits());
    assert_eq!(dialogue.ending(), Ending { done: 2, finished: true, agreed: true });
}

#[test]
fn a_lesson_plays_its_solutions() {
    let lesson = Lesson::read("one.md", LESSON).expect("a lesson");
    let (mut machines, mut shown) = (machines(), Transcript::default());
    let mut dialogue = Dialogue::solved(&lesson, &mut machines);
    dialogue.begin(&mut shown).expect("a network");
    while dialogue.waits() {
        dialogue.solve(&mut shown).expect("a step");
    }
    assert!(dialogue.ending().finished);
    assert!(shown.stdout.contains("host# ip netns add red\n"), "{}", shown.stdout);
}
