//! Copies for students: the same network and the same visible checks for each student, and nothing of the solution.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use vethlab::authoring::{Contents, hand_out, hand_out_pack, new_pack};
use vethlab::packs::packs;
use vethlab_engine::classroom::StudentId;
use vethlab_engine::lesson::{Check, Edition, Exercise};
use vethlab_engine::stacks::StackChoice;

/// An exercise with all that a copy does not have: solutions for each stack, in cases and in comments; hidden checks at
/// the beginning, in the middle and at the end of a block, and a block of nothing else.
const EXERCISE: &str = r#"---
# A comment that stays.
id = "one"
title = "One"
minutes = 5
version = 1  # of the task
handed_out = false
[variables]
lan = { subnet = "10.0.0.0/8", length = 24 }
size = { number = [1200, 1400] }
fault = { pick = ["link", "route", "none"] }
---
# One
Repair it: `{lan.1}`.

```vethlab setup
ip link set lo up
ip addr add {lan.1}/24 dev lo
```

```vethlab case fault link
setup = ["ip link set lo down"]
text = "The link."
# SECRET: the link is off
solution = [
    "ip link set lo up",
]  # SECRET
hints = ["Look at the link."]
```

```vethlab case fault route
# A comment of the case.

solution = ["ip route add blackhole 192.0.2.0/24"]
```

```vethlab case fault none
hints = ["It is in order."]
```

```vethlab check
# SECRET: of the first check
[[check]]
say = "SECRET first"
sysctl = "net.ipv4.ip_forward"
value = "0"
hidden = true
guard = true

# Of the second check.
[[check]]
id = "seen"
say = "The MTU is {size}"
link = "lo"
mtu = {size}

# SECRET: of the third check
[[check]]
say = "SECRET third"
count_of = "links"
exactly = 1
hidden = true
needs = ["seen"]
# SECRET: at the end of the third

[[check]]
say = "The address stays"
address = "{lan.1}/24"
guard = true

[[check]]
say = "SECRET last"
namespace = "SECRET"
exists = false
hidden = true
guard = true
```

```vethlab check
[[check]]
say = "SECRET alone"
namespace = "SECRET"
exists = false
hidden = true
guard = true
```

```vethlab hint 1
`ip link set lo mtu`
```

```vethlab solution sim
# SECRET
ip link set lo mtu {size}
```

```vethlab solution real
ip link set lo mtu {size}  # SECRET
```
The end.
"#;

/// The checks that students see, wherever they stand in their file.
fn visible(exercise: &Exercise) -> Vec<Check> {
    let checks = exercise.task.checks.iter().filter(|check| !check.grading.hidden).cloned();
    checks.map(Check::without_line).collect()
}

fn same_for_students(exercise: &Exercise, copy: &Exercise) {
    let mut networks = BTreeSet::new();
    for number in 0..40 {
        let student: StudentId = format!("student{number}").parse().expect("an id");
        for stack in StackChoice::BOTH {
            let edition = Edition { seed: student.seed(&exercise.id), stack };
            let original = exercise.in_edition(edition).expect("the exercise");
            let copy = copy.in_edition(edition).expect("the copy");
            assert_eq!(original.setup(), copy.setup(), "{}", exercise.id);
            assert_eq!(original.blocks(), copy.blocks(), "{}", exercise.id);
            assert_eq!(visible(&original), visible(&copy), "{}", exercise.id);
            assert_eq!(visible(&copy).len(), copy.task.checks.len(), "{}", exercise.id);
            assert_eq!(copy.task.solution, Vec::<String>::new(), "{}", exercise.id);
            networks.insert(original.setup().to_vec());
        }
    }
    assert_eq!(networks.len() > 1, exercise.varies(), "{}", exercise.id);
}

#[test]
fn a_copy_is_the_same_but_for_what_gives_it_away() {
    let exercise = Exercise::read("one.md", EXERCISE).expect("an exercise");
    let handed = hand_out(&exercise).expect("a copy");
    let copy = Exercise::read("one.md", &handed.text).expect("the copy");
    assert!(copy.handed_out && !exercise.handed_out);
    assert_eq!(handed.hidden, 4);
    // Students are told that there are more, and how many.
    assert!(
        handed.text.contains("version = 1  # of the task\nhanded_out = true\nhidden_checks = 4\n"),
        "{}",
        handed.text
    );
    assert_eq!((copy.hidden_checks, copy.unseen_checks(), exercise.unseen_checks()), (4, 4, 4));
    same_for_students(&exercise, &copy);
    assert!(!handed.text.contains("SECRET"), "{}", handed.text);
    for line in ["lo mtu {size}", "blackhole", "solution"] {
        assert!(!handed.text.contains(line), "{line}: {}", handed.text);
    }
    // What is kept is kept as it was, line by line and in its order.
    let mut original = EXERCISE.lines();
    let added = ["handed_out = true", "hidden_checks = 4", "setup = []"];
    for line in handed.text.lines().filter(|line| !added.contains(line)) {
        assert!(original.any(|other| other == line), "{line}");
    }
    for line in [
        "# A comment that stays.",
        "version = 1  # of the task",
        "# A comment of the case.",
        "# Of the second check.",
    ] {
        assert!(handed.text.lines().any(|kept| kept == line), "{line}");
    }
}

#[test]
fn line_ends_stay() {
    let windows = EXERCISE.replace('\n', "\r\n");
    let exercise = Exercise::read("one.md", &windows).expect("an exercise");
    let handed = hand_out(&exercise).expect("a copy");
    assert!(handed.text.contains("Repair it: `{lan.1}`.\r\n"));
}

#[test]
fn what_cannot_be_copied_is_said_with_its_line() {
    let read = |text: &str| Exercise::read("one.md", text).expect("an exercise");
    let refused =
        |text: &str| hand_out(&read(text)).map_err(|error| (error.line, error.problem)).expect_err(text);
    let copy = hand_out(&read(EXERCISE)).expect("a copy").text;
    assert_eq!(refused(&copy), (2, "it is a copy for students already".to_owned()));
    let inline = "```vethlab check
check = [{{ say = \"a\", link = \"lo\", hidden = true }}, {{ say = \"b\", link = \"lo\" }}]
```

```vethlab hint 1";
    let text = EXERCISE.replace("```vethlab hint 1", inline);
    let line = 1 + text.lines().position(|line| line.starts_with("check = [")).expect("the line");
    let problem = "begin each check with [[check]], so that a hidden one can be left out";
    assert_eq!(refused(&text), (line, problem.to_owned()));
    // A class that sees no check has nothing to aim at.
    let hidden = EXERCISE.replace("hidden = true\n", "").replace("[[check]]", "[[check]]\nhidden = true");
    let (_, problem) = refused(&hidden);
    assert!(problem.contains("one check or more"), "{problem}");
}

#[test]
fn every_exercise_of_this_program_can_be_handed_out() {
    for exercise in packs().expect("packs").iter().flat_map(|pack| &pack.exercises) {
        let handed = hand_out(exercise).expect("a copy");
        let copy = Exercise::read(exercise.file(), &handed.text).expect("the copy");
        same_for_students(exercise, &copy);
        assert_eq!(handed.text.contains("\nhidden_checks = "), handed.hidden > 0, "{}", exercise.id);
        assert_eq!(copy.hidden_checks, handed.hidden, "{}", exercise.id);
        // No line of a solution is left that does not stand elsewhere too.
        let (mut inside, mut elsewhere, mut solution) = (false, BTreeSet::new(), BTreeSet::new());
        for line in exercise.text().lines() {
            match line.starts_with("```") {
                true => inside = line.starts_with("```vethlab solution"),
                false if inside => drop(solution.insert(line)),
                false => drop(elsewhere.insert(line)),
            }
        }
        for line in handed.text.lines() {
            assert!(elsewhere.contains(line) || !solution.contains(line), "{}: {line}", exercise.id);
        }
    }
}

#[test]
fn a_pack_is_copied_with_what_it_lists_and_links_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let pack = folder.path().join("my-pack");
    fs::create_dir(&pack).expect("a folder");
    for (name, text) in new_pack("my-pack", Contents { lesson: true, exercise: true }).expect("a pack") {
        write(
            &pack,
            name,
            &text.replace("There are two machines", "[More](more.md). There are two machines"),
        );
    }
    write(&pack, "more.md", "More.\n");
    write(&pack, "answers.md", "The teacher's own.\n");
    let copy = hand_out_pack(&pack).expect("a copy");
    let names: BTreeSet<&str> = copy.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["first-exercise.md", "first-lesson.md", "more.md", "pack.toml"]));
    assert_eq!(copy.left_out, ["answers.md"]);
    let students = folder.path().join("students");
    fs::create_dir(&students).expect("a folder");
    for (name, text) in &copy.files {
        write(&students, name, text);
    }
    let students = vethlab::packs::read(&students).expect("the copy");
    assert!(students.exercises.iter().all(|exercise| exercise.handed_out));
    same_for_students(&vethlab::packs::read(&pack).expect("the pack").exercises[0], &students.exercises[0]);
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file");
}
