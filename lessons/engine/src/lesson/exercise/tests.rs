use super::*;

const GOOD: &str = r#"---
id = "one"
title = "One"
minutes = 5
version = 2
[variables]
lan = { subnet = "10.0.0.0/8", length = 24 }
---
# One
Connect them by {lan}.

## Rules
None.

```vethlab setup
ip netns add red
```

```vethlab check
[[check]]
id = "address"
say = "The address is there"
address = "{lan.1}/24"
points = 2

[[check]]
say = "It answers"
ping = "{lan.1}"
needs = ["address"]
within = 3
pass = "Well done"
fail = "Look again"

[[check]]
say = "Nothing else was made"
count_of = "namespaces"
exactly = 1
optional = true
hidden = true
```

```vethlab hint 1
Think.
```

```vethlab solution
ip addr add {lan.1}/24 dev lo
```
"#;

fn parse(text: &str) -> Result<Exercise, LessonError> {
    Exercise::parse(text, Edition::default())
}

#[test]
fn an_exercise_is_read() {
    let exercise = parse(GOOD).expect("a good exercise");
    assert_eq!((exercise.id.as_str(), exercise.version, exercise.points()), ("one", 2, 3));
    assert_eq!(exercise.hint_costs(), 1);
    assert_eq!(exercise.setup(), ["ip netns add red"]);
    assert_eq!(exercise.task.checks.iter().map(|check| check.line).collect::<Vec<_>>(), [20, 26, 34]);
    assert!(exercise.varies());
    assert!(matches!(&exercise.blocks()[0], Block::Prose(text) if text.starts_with("Connect them by 10.")));
    assert!(exercise.blocks().contains(&Block::Prose("## Rules\n".to_owned())));
}

/// What an edition is when it is made from the text alone, as where there is only one.
fn from_the_text(text: &str, edition: Edition) -> Result<Step, LessonError> {
    let document = markdown::parse(text)?;
    let FrontMatter { id, variables, handed_out, .. } =
        data::read(FRONT_MATTER_LINE, &document.front_matter)?;
    task(&Written::new(&id, variables, document)?, text, handed_out, edition)
}

/// An exercise with every way to put a value into it, and with words that mean something to Markdown and TOML.
const WAYS: &str = include_str!("editions.md");

#[test]
fn an_edition_made_from_what_was_parsed_is_the_one_of_the_text() {
    let pack = include_str!("../../../../packs/linux-namespaces-exercises/07-large-packets.md");
    let row = include_str!("../../../../../tests/packs/classroom/row.md");
    for text in [GOOD, WAYS, pack, row] {
        let exercise = parse(text).expect("a good exercise");
        for seed in 0..60 {
            for stack in StackChoice::BOTH {
                let edition = Edition { seed, stack };
                let task = exercise.in_edition(edition).map(|exercise| exercise.task);
                assert_eq!(task, from_the_text(text, edition), "{edition:?}");
            }
        }
    }
}

#[test]
fn what_is_wrong_in_some_editions_is_said_in_these_as_of_the_text() {
    for (from, to, line, words) in [
        ("link = \"lo\"\nup", "link = \"{word}\"\nup", 44, "not a valid name"),
        ("in = \"{people.1}\"", "in = \"{word}\"", 46, "'a/b' cannot be the name of a namespace"),
        ("id = \"lo\"", "id = \"{word}\"", 42, "small letters"),
        ("count = 2", "needs = [\"{word}\"]", 54, "no check with the id 'a/b'"),
        ("count = 2", "\"{key}\" = 2", 54, "unknown field `counts`"),
        ("say = \"on sim\"", "say = \"{says}\"", 73, "unexpected key or value"),
        ("text = \"It", "text = \"{says}", 29, ""),
    ] {
        let text = WAYS.replacen(from, to, 1);
        assert_ne!(text, WAYS, "{from}");
        let edition = |seed| Edition { seed, ..Edition::default() };
        let good = (0..100).find_map(|seed| Exercise::parse(&text, edition(seed)).ok());
        let exercise = good.unwrap_or_else(|| panic!("{to}: no edition without a fault"));
        let of = |seed| {
            let made = exercise.in_edition(edition(seed)).map(|exercise| exercise.task);
            assert_eq!(made, from_the_text(&text, edition(seed)), "{to}: {seed}");
            made.err()
        };
        let errors: Vec<LessonError> = (0..100).filter_map(of).collect();
        assert!(!errors.is_empty() && errors.len() < 100, "{to}");
        let is_said = |error: &LessonError| error.line == line && error.problem.contains(words);
        assert!(errors.iter().all(is_said), "{to}: {errors:#?}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (from, to, line, words) in [
        ("version = 2\n", "", 2, "missing field `version`"),
        ("version = 2", "versions = 2", 5, "unknown field `versions`"),
        ("vethlab solution", "vethlab prose", 9, "needs a solution"),
        ("version = 2", "version = 2\nhanded_out = true", 10, "a copy for students has no solution"),
        ("version = 2", "version = 2\nhidden_checks = 1", 6, "is for copies for students"),
        ("id = \"address\"", "id = \"Address\"", 21, "small letters"),
        ("id = \"address\"", "", 29, "'needs' names no check with the id 'address': write 'id = "),
        (
            "needs = [\"address\"]",
            "needs = [\"addres\"]",
            29,
            "no check with the id 'addres': write one of address, or",
        ),
        ("needs = [\"address\"]", "id = \"address\"", 29, "has the id 'address' already"),
        ("id = \"address\"", "id = \"check-3\"", 21, "what a check without an 'id' is called"),
        ("needs = [\"address\"]", "id = \"a\"\nneeds = [\"a\"]", 30, "in the end needs this one"),
        ("points = 2", "points = 2\nhidden = true", 30, "which is hidden"),
        ("points = 2", "points = 0", 24, "one point or more"),
        ("points = 2", "points = 1001", 24, "write a number from 1 to 1000"),
        ("points = 2", "points = 4294967295", 24, "4294967295 points are too many for a check"),
        ("points = 2", "points = 4294967296", 24, "too large for 'points'"),
        (
            "points = 2",
            "points = -5",
            24,
            "-5 is less than 0, and 'points' is not: write a number, 0 or more",
        ),
        (
            "ping = \"{lan.1}\"",
            "ping = \"{lan.1}\"\nsize = 100000",
            29,
            "100000 cannot stand here: write a number from 0 to 65507",
        ),
        ("ping = \"{lan.1}\"", "ping = \"{lan.1}\"\ncount = 101", 29, "write a number from 1 to 100"),
        ("ping = \"{lan.1}\"", "link = \"lo\"\nsysctl = \"a\"", 29, "this one has link and sysctl"),
        (
            "ping = \"{lan.1}\"",
            "link = \"lo\"\nmtu = \"1400\"",
            29,
            "without quotes, a variable's too, as 'mtu = {size}'",
        ),
        ("[[check]]\nid", "said = 1\n[[check]]\nid", 20, "'said' belongs to no check"),
        ("vethlab hint 1", "vethlab hint 1001", 42, "1001 points are too many for a hint"),
        ("points = 2", "optional = true\npoints = 1", 25, "worth nothing"),
        ("within = 3", "within = 601", 30, "600 seconds at most"),
        ("exactly = 1", "", 36, "'exactly', 'at_least' or 'at_most'"),
        ("hint 1", "hint one", 42, "no number of points"),
        ("vethlab hint 1", "vethlab predict", 42, "asks no questions"),
        ("count_of = \"namespaces\"\nexactly = 1", "answered = true", 36, "for lessons"),
        ("ping = \"{lan.1}\"", "seen = \"ic mp\"\non = \"lo\"", 28, "is no filter of tcpdump"),
        ("ping = \"{lan.1}\"", "ping = \"{lan.1}\"\nrefused = \"never\"", 29, "no way to be refused"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let error = parse(&text).expect_err(to);
        assert!(error.problem.contains(words), "{to}: {error}");
        assert_eq!(error.line, line, "{to}: {error}");
    }
    let none = GOOD.replace("vethlab check", "vethlab-check");
    assert!(parse(&none).expect_err("no check").problem.contains("one check or more"));
}
