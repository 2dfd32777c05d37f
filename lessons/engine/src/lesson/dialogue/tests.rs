use super::*;
use vethlab_programs::Transcript;

#[test]
fn help_is_a_list_that_fits_into_a_terminal_of_80_columns() {
    let words = HELP.lines().filter(|line| line.starts_with("  ")).count();
    assert_eq!(words, 11);
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
        ("ip netns add red", "your answer, 1 to 2: ", "The question comes first"),
        ("ip link", "your answer, 1 to 2: ", "1: lo: <"),
        ("two", "host# ", "Not quite: it is 1, \"one\". Only lo."),
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

/// A person before a screen of so many lines.
struct Reader {
    shown: String,
    height: usize,
}

impl vethlab_programs::Console for Reader {
    fn out(&mut self, text: &str) {
        self.shown.push_str(text);
    }
    fn err(&mut self, text: &str) {
        self.shown.push_str(text);
    }
    fn interactive(&self) -> bool {
        true
    }
}

impl Screen for Reader {
    fn height(&self) -> Option<usize> {
        Some(self.height)
    }
}

impl Reader {
    /// Types a line; what is shown then.
    fn types(&mut self, line: &str, dialogue: &mut Dialogue<'_>) -> String {
        self.shown.clear();
        dialogue.take(line, self).expect(line);
        self.shown.clone()
    }
}

#[test]
fn a_step_that_is_done_waits_for_its_reader() {
    let lesson = Lesson::read("one.md", LESSON).expect("a lesson");
    let (mut machines, mut reader) = (machines(), Reader { shown: String::new(), height: 24 });
    let mut dialogue = Dialogue::new(&lesson, &mut machines);
    dialogue.begin(&mut reader).expect("a network");
    reader.types("1", &mut dialogue);
    assert!(reader.types("ip netns add red", &mut dialogue).contains("✓ red is there"));
    assert_eq!((dialogue.number(), dialogue.prompt()), (1, "[Enter goes on] host# ".to_owned()));
    assert!(reader.types("ip netns", &mut dialogue).starts_with("red"));
    assert_eq!(dialogue.number(), 1);
    reader.types("reset", &mut dialogue);
    assert_eq!(dialogue.prompt(), "host# ", "nothing is done any more");
    reader.types("ip netns add red", &mut dialogue);
    assert!(reader.types("", &mut dialogue).contains("Step 2 of 2"));
    assert_eq!(dialogue.prompt(), "[Enter goes on] host# ");
    reader.types("", &mut dialogue);
    assert_eq!(dialogue.ending(), Ending { done: 2, finished: true, agreed: true });
}

#[test]
fn long_text_is_shown_by_the_screenful() {
    let paragraphs: Vec<String> = (1..=20).map(|number| format!("Paragraph {number}.\n")).collect();
    let text = LESSON.replace("That was it.\n", &paragraphs.join("\n"));
    let lesson = Lesson::read("one.md", &text).expect("a lesson");
    let (mut machines, mut reader) = (machines(), Reader { shown: String::new(), height: 12 });
    let mut dialogue = Dialogue::new(&lesson, &mut machines)
        .going_on(Left { step: 2, done: BTreeSet::new(), answers: 0 }, None);
    dialogue.begin(&mut reader).expect("a network");
    let mut seen = reader.shown.clone();
    assert!(seen.contains("Step 2 of 2"), "{seen}");
    let mut pages = 1;
    while dialogue.prompt() == MORE {
        let page = reader.types("", &mut dialogue);
        assert!(page.lines().count() < 12, "{page}");
        seen.push_str(&page);
        pages += 1;
    }
    assert!(pages > 3, "{pages}");
    let wanted: Vec<&str> = paragraphs.iter().map(|paragraph| paragraph.trim()).collect();
    let shown: Vec<&str> = seen.lines().filter(|line| line.starts_with("Paragraph")).collect();
    assert_eq!(shown, wanted);
    // A command shows the rest at once, and is run.
    dialogue.take("back", &mut reader).expect("the step before");
    dialogue.take("skip", &mut reader).expect("the question");
    dialogue.take("skip", &mut reader).expect("the last step");
    assert_eq!(dialogue.prompt(), MORE);
    let rest = reader.types("ip link", &mut dialogue);
    assert!(rest.contains("Paragraph 20.\n") && rest.contains("1: lo: <"), "{rest}");
    // So is a manual page; and whoever has read enough of it is back at the prompt.
    let page = reader.types("man ip", &mut dialogue);
    assert!(page.contains("IP(vethlab)") && page.lines().count() < 12, "{page}");
    assert_eq!((dialogue.prompt().as_str(), dialogue.asks()), (MORE, false));
    assert!(reader.types("", &mut dialogue).lines().count() < 12);
    assert_eq!(reader.types("q", &mut dialogue), "");
    assert_eq!(dialogue.prompt(), "[Enter goes on] host# ");
}

#[test]
fn what_a_command_has_printed_is_not_printed_again() {
    let step = "```text\nred\n```\n\n```text\nblue\n```\n\n```vethlab check\n";
    let text = LESSON
        .replace("```vethlab check\n", step)
        .replace("add red\n```\n\n```text", "add red\nip netns\n```\n\n```text");
    let text =
        text.replace("[[check]]\n", "[[check]]\nsay = \"seen\"\nlooked = [\"ip netns\"]\n\n[[check]]\n");
    let lesson = Lesson::read("one.md", &text).expect("a lesson");
    let (mut machines, mut shown) = (machines(), Transcript::default());
    let mut dialogue = Dialogue::new(&lesson, &mut machines);
    dialogue.begin(&mut shown).expect("a network");
    for line in ["1", "ip netns add red", "ip netns"] {
        shown = Transcript::default();
        dialogue.take(line, &mut shown).expect(line);
    }
    assert!(shown.stdout.contains("    ↑ red\n") && shown.stdout.contains("    blue\n"), "{}", shown.stdout);
}

/// Where an excerpt stands, a mark that points to it above, or the excerpt itself.
#[test]
fn what_has_left_the_screen_is_shown_again() {
    let step = "```text\nred\nred\n```\n\n```vethlab check\n[[check]]\nsay = \"seen\"\nlooked = [\"ip -o link\"]\n\n";
    let text = LESSON
        .replace("```vethlab check\n", step)
        .replace("ip netns add red\n```\n\n```text", "ip -o link\n```\n\n```text");
    let lesson = Lesson::read("one.md", &text).expect("a lesson");
    for (lines, height, is_there) in [
        (&["1", "ip netns add red", "echo red", "echo red", "ip -o link"][..], 24, true),
        (&["1", "echo red", "echo red", "ip netns add red", "help", "ip -o link"], 24, false),
        (&["1", "echo red", "echo red", "ip netns add red", "help", "", "ip -o link"], 60, true),
        (&["1", "echo red", "ip netns add red", "help", "echo red", "ip -o link"], 24, false),
    ] {
        let (mut machines, mut reader) = (machines(), Reader { shown: String::new(), height });
        let mut dialogue = Dialogue::new(&lesson, &mut machines);
        dialogue.begin(&mut reader).expect("a network");
        let mut shown = String::new();
        for line in lines {
            shown = reader.types(line, &mut dialogue);
        }
        assert!(shown.contains("✓ seen"), "{lines:?}: {shown}");
        let (mark, whole) = (shown.contains("    ↑ red …\n"), shown.contains("    red\n    red\n"));
        assert_eq!((mark, whole), (is_there, !is_there), "{lines:?}: {shown}");
    }
}

/// A question that was answered before the lesson was left is answered when it goes on.
#[test]
fn answers_are_kept_where_a_step_is_left() {
    let second = "```vethlab predict\nquestion = \"Is it up?\"\nanswers = [\"no\"]\nwhy = \"Nobody set it up.\"\n```\n\n";
    let text = LESSON.replace("```vethlab try\n", &format!("{second}```vethlab try\n"));
    let lesson = Lesson::read("one.md", &text).expect("a lesson");
    let (mut machines, mut reader) = (machines(), Reader { shown: String::new(), height: 40 });
    let mut dialogue = Dialogue::new(&lesson, &mut machines);
    dialogue.begin(&mut reader).expect("a network");
    let at = |answers| Some(Left { step: 1, done: BTreeSet::new(), answers });
    assert_eq!(dialogue.place(), at(0));
    reader.types("1", &mut dialogue);
    assert_eq!(dialogue.place(), at(1));
    let left = dialogue.place().expect("a place");
    reader.shown.clear();
    let mut dialogue = Dialogue::new(&lesson, &mut machines).going_on(left, None);
    dialogue.begin(&mut reader).expect("a network");
    assert!(reader.shown.contains("You have answered this: it is 1, \"one\". Only lo."), "{}", reader.shown);
    assert_eq!((dialogue.prompt().as_str(), dialogue.place()), ("your answer, in words: ", at(1)));
    reader.types("no", &mut dialogue);
    assert_eq!(dialogue.place(), at(2));
    // The next step, and this one anew, have questions of their own.
    reader.types("back", &mut dialogue);
    assert_eq!((dialogue.prompt().as_str(), dialogue.place()), ("your answer, 1 to 2: ", at(0)));
}

/// Where a learner did more than was asked for, the next step says so, once, and `reset` makes its network.
#[test]
fn a_network_that_a_step_does_not_expect_is_told() {
    let text = LESSON.replace(
        "## The end\n",
        "## More\n\n```vethlab predict\nquestion = \"Is lo up?\"\nanswers = [\"no\"]\nwhy = \"W.\"\n```\n\n\
         ```vethlab check\n[[check]]\nsay = \"answered\"\nanswered = true\n```\n\n## The end\n",
    );
    let lesson = Lesson::read("one.md", &text).expect("a lesson");
    let (mut machines, mut reader) = (machines(), Reader { shown: String::new(), height: 40 });
    let mut dialogue = Dialogue::new(&lesson, &mut machines);
    dialogue.begin(&mut reader).expect("a network");
    for line in ["1", "ip netns add blue", "ip -n blue link set lo up", "ip netns add red"] {
        reader.types(line, &mut dialogue);
    }
    let told = "The network is not the one that this step speaks of: lo in blue is there, too;";
    let shown = reader.types("", &mut dialogue);
    assert!(shown.contains(told) && shown.contains("`reset` makes that one"), "{shown}");
    assert!(reader.types("reset", &mut dialogue).contains("Is lo up?"));
    assert_eq!(reader.types("ip netns", &mut dialogue).lines().next(), Some("red"));
    reader.types("no", &mut dialogue);
    assert!(!reader.types("", &mut dialogue).contains("The network is not"));
}

/// A clock that goes on by a minute whenever it is looked at.
struct Minutes;

impl crate::platform::Platform for Minutes {
    fn open(
        &mut self,
        choice: crate::stacks::StackChoice,
        seed: u64,
    ) -> Result<Machine, crate::stacks::Unavailable> {
        crate::platform::SimulatorOnly.open(choice, seed)
    }
    fn idle(&mut self) -> vethlab_shared::time::Duration {
        vethlab_shared::time::Duration::from_secs(60)
    }
    fn stops_setup(&self) -> crate::platform::Stops {
        Box::new(|| None)
    }
    fn stops_answer(&self) -> crate::platform::Stops {
        Box::new(|| None)
    }
}

#[test]
fn time_stands_still_unless_a_step_says_otherwise() {
    for (block, passes) in [("", false), ("```vethlab clock\ngoes on\n```\n\n", true)] {
        let text = LESSON.replace("```vethlab try\n", &format!("{block}```vethlab try\n"));
        let lesson = Lesson::read("one.md", &text).expect("a lesson");
        let mut machines =
            Machines::open(&[crate::stacks::StackChoice::Sim], 0, Box::new(Minutes)).expect("one");
        let mut reader = Reader { shown: String::new(), height: 24 };
        let mut dialogue = Dialogue::new(&lesson, &mut machines);
        dialogue.begin(&mut reader).expect("a network");
        for line in ["ip link", "1", "ip link"] {
            reader.types(line, &mut dialogue);
        }
        let waited = dialogue.now().since(Instant::START);
        assert_eq!(waited >= vethlab_shared::time::Duration::from_secs(60), passes, "{waited:?}");
        reader.types("sleep 5", &mut dialogue);
        let slept = dialogue.now().since(Instant::START);
        assert!(slept >= waited + vethlab_shared::time::Duration::from_secs(5), "{slept:?}");
    }
}
