//! Answers that mean harm, or went wrong: each becomes that student's result, within bounds, and the others are graded
//! as if it were not there.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use vethlab::classroom::grade::collect;
use vethlab_engine::classroom::Assignment;
use vethlab_engine::classroom::{Answer, Assessment, Head, StudentId};
use vethlab_engine::classroom::{Grade, Graded, Submission};
use vethlab_engine::lesson::{Edition, Exercise, Pack};
use vethlab_engine::limits;
use vethlab_engine::script;
use vethlab_engine::stacks::StackChoice;
use vethlab_sim::World;
use vethlab_tests::classroom::graded;

/// More than any of these takes, so that one that does not end is found.
const PATIENCE: Duration = Duration::from_secs(240);

const PACK: &str = r#"
format = 1
id = "p"
title = "P"
about = "A."
exercises = ["cable.md"]
"#;

const EXERCISE: &str = r#"---
id = "cable"
title = "A cable"
minutes = 1
version = 2
[variables]
lan = { subnet = "10.0.0.0/8", length = 24 }
---
Give `lo` the address {lan.1}.

```vethlab setup
ip netns add red
```

```vethlab check
[[check]]
id = "address"
say = "lo has {lan.1}"
address = "{lan.1}/24"

[[check]]
id = "red"
say = "red is there"
namespace = "red"
guard = true
```

```vethlab hint 1
It is {lan.1}.
```

```vethlab solution
ip addr add {lan.1}/24 dev lo
```
"#;

fn assignment() -> Assignment {
    let file = |name: &str| match name {
        "pack.toml" => Some(PACK),
        "cable.md" => Some(EXERCISE),
        _ => None,
    };
    let pack = Pack::load("p", file).expect("a good pack");
    Assignment { name: "p/cable".to_owned(), exercise: pack.exercises[0].clone() }
}

fn ann() -> StudentId {
    "ann".parse().expect("an id")
}

fn edition(student: &StudentId) -> Exercise {
    let exercise = assignment().exercise;
    let edition = Edition { seed: student.seed(&exercise.id), stack: StackChoice::Sim };
    exercise.in_edition(edition).expect("an edition")
}

fn submission(name: &str, bytes: impl Into<Vec<u8>>) -> Submission {
    Submission { file: name.to_owned(), bytes: Ok(bytes.into()), student: Some(ann()) }
}

/// What a good student hands in.
fn good(student: &StudentId) -> Answer {
    let head = Head {
        exercise: "p/cable".to_owned(),
        version: 2,
        student: Some(student.clone()),
        hints: 0,
        tool: "vethlab on sim".to_owned(),
    };
    Answer { head: Some(head), commands: edition(student).task.solution, edited: false }
}

fn grades(submissions: &[Submission]) -> Vec<Grade> {
    graded(&assignment(), submissions, 2).expect("grades").grades
}

fn only(submission: Submission) -> Grade {
    grades(&[submission]).remove(0)
}

fn problem(grade: &Grade) -> &str {
    match &grade.result {
        Graded::Refused { problem } => problem,
        other => panic!("it was not refused: {other:?}"),
    }
}

#[test]
fn what_has_no_end_or_no_measure_is_stopped_or_bounded() {
    let lines = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let repeated = |count: usize, line: &str| format!("{line}\n").repeat(count);
    let veths = |i: usize| {
        format!("ip link add v{i} type veth peer name w{i}\nip link set v{i} up\nip link set w{i} up\n")
    };
    for (name, text, words) in [
        ("lines", repeated(10_000, "ip link"), Some("it has 10000 commands, more than 2000")),
        ("large", repeated(100_000, "# nothing"), Some("larger than 256 KiB")),
        ("long", format!("echo {}", "a".repeat(5000)), Some("command 1 is longer than 4096 bytes")),
        ("ping", repeated(1, "ping -c 100000000 -i 0.001 127.0.0.1"), Some("(--max-work)")),
        ("pings", repeated(2000, "ping -q -c 1000 -i 0.01 127.0.0.1"), Some("(--max-work)")),
        ("sleep", repeated(2000, "sleep 1e18"), None),
        ("sleeps", repeated(2000, "sleep 300d"), None),
        ("links", lines(660, &veths), None),
        ("listed", lines(600, &veths) + &repeated(200, "ip link"), None),
        ("printed", lines(600, &veths) + &repeated(1400 - 1200, "ip -s -s -d link"), None),
        ("spaces", lines(1990, &|i| format!("ip netns add n{i}\n")) + "ip -all netns exec ip link\n", None),
        ("deep", format!("ip netns add a\n{} true", "ip netns exec a ".repeat(250)), None),
        ("shells", format!("ip netns add a\n{}", repeated(1990, "ip netns exec a bash")), None),
        ("jobs", repeated(1990, "tcpdump -i lo &") + "ping -c 100 -i 0.01 127.0.0.1\nwait\n", None),
        (
            "all",
            format!(
                "{}{} true",
                lines(20, &|i| format!("ip netns add n{i}\n")),
                "ip -all netns exec ".repeat(9)
            ),
            None,
        ),
        ("nan", repeated(1, "traceroute 127.0.0.1 -w nan"), None),
        (
            "fragments",
            "ip link add x mtu 68 type veth peer name y mtu 68 netns red\nip addr add 10.1.1.1/24 dev x\n\
            ip link set x up\nip -n red addr add 10.1.1.2/24 dev y\nip -n red link set y up\n"
                .to_owned()
                + &repeated(64, "tcpdump -i x &")
                + "ping -c 10 -i 0.01 -s 65000 10.1.1.2 -q\n",
            None,
        ),
        ("filter", format!("tcpdump -c 1 '{}'", "(".repeat(4000)), None),
        ("trace", repeated(2000, "traceroute -m 255 -q 10 10.9.9.9"), None),
    ] {
        let begun = Instant::now();
        let grade = only(submission(name, text));
        assert!(begun.elapsed() < PATIENCE, "{name}: {:?}", begun.elapsed());
        match (words, &grade.result) {
            (Some(words), _) => assert!(problem(&grade).contains(words), "{name}: {}", problem(&grade)),
            (None, Graded::Refused { problem }) => {
                let known = ["commands", "print more", "(--max-"].iter().any(|words| problem.contains(words));
                assert!(known, "{name}: {problem}");
            }
            (None, Graded::Graded(verdict)) => {
                assert_eq!(verdict.checks[0].points, 0, "{name}");
            }
            (None, Graded::Missing) => panic!("{name}: it was handed in"),
        }
        assert!(!grade.is_full());
    }
}

/// What is written so that reading it calls itself, or looks at everything again and again.
#[test]
fn what_is_long_or_deep_is_refused_or_read_once() {
    let exec = |count: usize| format!("ip netns add a\n{}true\n", "ip netns exec a ".repeat(count));
    for (text, said) in [
        (exec(100), ""),
        (exec(5000), "vethlab: 'more than 100 times 'ip netns exec' in one command' is not modelled\n"),
        (exec(10_000), "vethlab: a command has 131072 bytes at most, and this one has 160004\n"),
        (format!("{}ip link\n", "echo \\\n".repeat(100_000)), "at most, and this one has 500007\n"),
        (format!("tcpdump -c 1 '{}icmp'\n", "icmp or ".repeat(500_000)), "this one has 4000019\n"),
        (
            format!("tcpdump -c 1 'icmp {}'\n", "-".repeat(120_000)),
            "more than 16384 bytes, 1000 words, or 50 parentheses",
        ),
        (
            format!("tcpdump -c 1 '{}'\n", ".".repeat(120_000)),
            "more than 16384 bytes, 1000 words, or 50 parentheses",
        ),
        (
            format!("tcpdump -c 1 '{}'\n", ". ".repeat(1001)),
            "more than 16384 bytes, 1000 words, or 50 parentheses",
        ),
    ] {
        let commands = script::commands(text.as_bytes()).expect("text");
        let entries = script::play(&commands, &mut World::new(1));
        let last = entries.last().expect("a command");
        assert!(last.stderr.contains(said), "{said}: {:.300}", last.stderr);
        assert_eq!(last.status == 0, said.is_empty());
        // A script is looked at before it runs, too.
        script::hindsight(&commands);
    }
    let one = commands_of(&format!("{}#\\\nip addr\n", "ip link \\\n".repeat(20_000)));
    assert_eq!(
        (one.len(), one.first().map(String::len)),
        (2, Some(20_000 * 8 + 2)),
        "a comment goes on nowhere"
    );
}

fn commands_of(text: &str) -> Vec<String> {
    script::commands(text.as_bytes()).expect("text")
}

/// A pack with this exercise and nothing else.
fn read(exercise: &str) -> Result<Pack, String> {
    let file = |name: &str| match name {
        "pack.toml" => Some(PACK),
        "cable.md" => Some(exercise),
        _ => None,
    };
    Pack::load("p", file).map_err(|error| error.to_string())
}

/// A check of a chain, of layers, or of a circle.
fn check_that_needs(place: usize, needs: impl Iterator<Item = usize>) -> String {
    let needs: Vec<String> = needs.map(|need| format!("\"c{need}\"")).collect();
    format!("[[check]]\nid = \"c{place}\"\nsay = \"x\"\nnamespace = \"red\"\nneeds = [{}]\n", needs.join(","))
}

#[test]
fn a_pack_is_read_without_recursion_and_each_line_once() {
    let exercise = |checks: String| {
        format!(
            "---\nid = \"cable\"\ntitle = \"A\"\nminutes = 1\nversion = 2\n---\nText.\n\n\
             ```vethlab check\n{checks}```\n\n```vethlab solution\nip netns add red\n```\n"
        )
    };
    const LONG: usize = 13_000;
    let chain = |last: usize| {
        (0..=LONG)
            .map(|n| check_that_needs(n, if n < LONG { n + 1..n + 2 } else { last..LONG }))
            .collect::<String>()
    };
    let long = read(&exercise(chain(LONG))).expect("a good pack");
    assert_eq!(long.exercises[0].task.checks.len(), LONG + 1);
    let round = read(&exercise(chain(0))).expect_err("a circle");
    assert!(round.starts_with("p/cable.md:14: it needs 'c1', which in the end needs this one"), "{round}");
    let layers = (0..300)
        .map(|n| check_that_needs(n, (10 * (n / 10 + 1)..10 * (n / 10 + 2)).take_while(|n| *n < 300)));
    let diamond = read(&exercise(layers.collect())).expect("a good pack").exercises.remove(0);
    let answer = Answer { head: None, commands: diamond.task.solution.clone(), edited: false };
    let assessed = Assessment::on_sim(&diamond, &answer, limits::ANSWER, &|| None).expect("an assessment");
    assert_eq!(assessed.verdict.points, 300);
    for (front, said) in [
        ("x = ".to_owned() + &"[".repeat(300_000), "p/cable.md:6: "),
        ("x = ".to_owned() + &"{a=".repeat(200_000), "p/cable.md:6: "),
        (format!("a{} = 1", ".a".repeat(300_000)), "p/cable.md:"),
        (
            "[variables]\nlan = { subnet = \"0.0.0.0/0\", length = 0 }".to_owned(),
            "p/cable.md:7: variable 'lan'",
        ),
        (
            "[variables]\n".to_owned()
                + &(0..1001).map(|n| format!("v{n} = {{ mac = true }}\n")).collect::<String>(),
            "p/cable.md:1007: there are more than 1000 variables",
        ),
    ] {
        let text = exercise(check_that_needs(0, 0..0)).replacen("\n---\n", &format!("\n{front}\n---\n"), 1);
        let error = read(&text).expect_err("no pack");
        assert!(error.starts_with(said), "{}", error.get(..300).unwrap_or(&error));
    }
}

/// A loop of cables: what is sent into it comes to an end by its time to live.
#[test]
fn a_loop_of_cables_ends() {
    let names = ["red", "b", "c"];
    let mut text = "ip netns add b\nip netns add c\n".to_owned();
    for (place, name) in names.iter().enumerate() {
        let next = names[(place + 1) % names.len()];
        text += &format!(
            "ip -n {name} link add out type veth peer name in netns {next}\n\
             ip -n {name} addr add 10.{place}.0.1/24 dev out\nip -n {name} link set out up\n\
             ip -n {next} addr add 10.{place}.0.2/24 dev in\nip -n {next} link set in up\n\
             ip -n {name} route add default via 10.{place}.0.2\n\
             ip netns exec {name} sysctl -w net.ipv4.ip_forward=1\n"
        );
    }
    text += &"ip netns exec red ping -c 1 -t 255 -W 1 192.0.2.1\n".repeat(500);
    let grade = only(submission("loop", text));
    let verdict = grade.verdict().expect("graded");
    assert_eq!((verdict.points, grade.failed_commands), (0, 500), "a guard alone gives nothing");
}

#[test]
fn no_command_of_an_answer_writes_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("map.svg");
    let text = format!("map --svg {0}\nmap --dot {0}\ntcpdump -c 1 -w {0}\n", place.display());
    let grade = only(submission("files", text));
    assert_eq!((grade.commands, grade.failed_commands), (3, 3));
    assert!(!place.exists());
}

#[test]
fn names_and_bytes_that_mean_something_elsewhere_do_no_harm() {
    let escapes = "ip netns add '\u{1b}[31mred'\nip link add '\u{1b}]0;x\u{7}' type veth peer name b\n";
    let grade = only(submission("escapes", escapes));
    assert!(grade.verdict().is_some());
    for (bytes, words) in [
        (&b"ip link\nip netns add r\xe9d\n"[..], "line 2 is not UTF-8"),
        (b"\xff\xfei\0p\0 \0l\0i\0n\0k\0", "line 1 is not UTF-8"),
        (b"ip link\0", "line 1 is not UTF-8"),
        (b"# vethlab answer, format 2\n", "another version wrote it"),
    ] {
        let grade = only(submission("bytes", bytes));
        assert!(problem(&grade).contains(words), "{}", problem(&grade));
    }
    let text = good(&ann()).to_string();
    for (from, to, words) in [
        ("student: ann", "student: ../../etc", "line 3: \"../../etc\" is no student's id"),
        ("student: ann", "student: =cmd()", "is no student's id"),
        ("p/cable, version 2", "p/cable, version 1", "version 1 of the exercise, not 2"),
        ("p/cable", "../cable", "another exercise: ../cable"),
        ("p/cable", "p/\u{1b}[31m", "another exercise: p/\\u{1b}[31m"),
    ] {
        let grade = only(submission("head", text.replacen(from, to, 1)));
        assert!(problem(&grade).contains(words), "{}", problem(&grade));
    }
}

#[test]
fn an_edited_answer_counts_for_what_it_does_and_is_marked() {
    let bob: StudentId = "bob".parse().expect("an id");
    let full = only(submission("ann", good(&ann()).to_string()));
    assert!(full.is_full() && full.notes.is_empty());
    // Ann's own work under Bob's name does not fit Bob's network.
    let stolen =
        only(submission("bob", good(&ann()).to_string().replacen("student: ann", "student: bob", 1)));
    assert_eq!((stolen.student.as_ref(), stolen.points), (Some(&bob), 0));
    assert_eq!(stolen.notes, ["it was edited after vethlab wrote it", "its file is named after ann"]);
    // A hint that is no longer told of costs nothing, but the change shows.
    let mut opened = good(&ann());
    opened.head = opened.head.map(|head| Head { hints: 1, ..head });
    assert_eq!(only(submission("ann", opened.to_string())).points, 1);
    let denied = only(submission("ann", opened.to_string().replacen("opened: 1", "opened: 0", 1)));
    assert_eq!((denied.points, denied.notes.len()), (2, 1));
    // More hints than there are cost what all cost.
    let many = opened.to_string().replacen("opened: 1", "opened: 18446744073709551615", 1);
    assert_eq!(only(submission("ann", many)).points, 1);
}

#[test]
fn one_bad_answer_changes_nothing_for_the_others() {
    let students: Vec<StudentId> = (0..20).map(|n| format!("s{n}").parse().expect("an id")).collect();
    let mut submissions: Vec<Submission> =
        students.iter().map(|student| submission(student.as_str(), good(student).to_string())).collect();
    let alone = grades(&submissions);
    assert!(alone.iter().all(Grade::is_full));
    submissions.insert(7, submission("endless", "ping -c 100000000 -i 0.001 127.0.0.1\n"));
    submissions.insert(3, submission("bytes", vec![0xff; 300_000]));
    let unreadable = Submission { bytes: Err("it cannot be read".to_owned()), ..submission("gone", "") };
    submissions.insert(0, unreadable);
    let mixed = grades(&submissions);
    let others: Vec<Grade> = mixed.into_iter().filter(|grade| grade.student != Some(ann())).collect();
    assert_eq!(others, alone);
    submissions.reverse();
    let reversed = graded(&assignment(), &submissions, 1).expect("grades").grades;
    let others: Vec<Grade> = reversed.into_iter().filter(|grade| grade.student != Some(ann())).collect();
    assert_eq!(others, alone);
}

/// Answers that would not end, or take all memory, and the limit that each of them runs into.
#[test]
fn what_an_answer_may_use_has_limits_with_names() {
    const NETWORK: &str = "ip netns add lb
ip link add v0 mtu 68 type veth peer name v1 mtu 68 netns lb
ip addr add 10.250.0.1/24 dev v0
ip link set v0 up
ip -n lb addr add 10.250.0.2/24 dev v1
ip -n lb link set v1 up
";
    let flood = format!("{NETWORK}ping -q -l 65536 -c 65536 -s 65507 10.250.0.2\n");
    // Nobody reads meanwhile.
    let taps = format!(
        "{}{}ping -q -l 400 -c 400 -s 65507 10.250.0.2\n",
        NETWORK.replace("mtu 68", "mtu 1500"),
        "tcpdump -i v0 &\n".repeat(10)
    );
    for (name, text, limit) in [
        ("flood", flood.as_str(), "(--max-work)"),
        ("taps", taps.as_str(), "(--max-memory)"),
        ("endless", "ping -q -i 0.002 -c 100000000 127.0.0.1\n", "(--max-work)"),
        ("end-of-the-clock", "sleep 18446744073\n", "(--max-time)"),
        ("years", "ping -c 10000 -i 2147483 127.0.0.1\n", "(--max-time)"),
    ] {
        let grade = only(submission(name, text.to_owned()));
        let Graded::Refused { problem } = &grade.result else { panic!("{name}: {grade:?}") };
        assert!(problem.contains(" takes more than ") && problem.ends_with(limit), "{name}: {problem}");
    }
    let stars = format!("ip addr show label '{}x'\n", "*".repeat(60));
    assert!(matches!(only(submission("stars", stars)).result, Graded::Graded(_)), "it ends at once");
}

/// A long word, named again and again, would make a text of gigabytes in each edition.
#[test]
fn a_variable_does_not_blow_up() {
    let (word, uses) = ("a".repeat(60_000), "{lan.1} {word}\n".repeat(80));
    let exercise = EXERCISE
        .replace("[variables]", &format!("[variables]\nword = {{ pick = [\"b\", \"{word}\"] }}"))
        .replace("Give `lo`", &format!("{uses}Give `lo`"));
    let file = |name: &str| match name {
        "pack.toml" => Some(PACK),
        "cable.md" => Some(exercise.as_str()),
        _ => None,
    };
    let error = Pack::load("p", file).expect_err("it is too large").to_string();
    assert!(error.contains("cable.md:") && error.contains("can be larger than 4 MiB"), "{error}");
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn two_answers_of_one_student_are_noted() {
    let text = good(&ann()).to_string();
    let both = grades(&[submission("a", text.clone()), submission("b", text)]);
    assert!(both.iter().all(|grade| grade.notes == ["2 answers name this student"]), "{both:?}");
}

#[test]
fn an_id_that_another_one_begins_with_is_another_one() {
    let s1: StudentId = "s1".parse().expect("an id");
    let named = |name: &str| Submission {
        student: Some(name.parse().expect("an id")),
        ..submission(name, good(&s1).to_string())
    };
    for name in ["s10", "as1"] {
        assert_eq!(only(named(name)).notes, [format!("its file is named after {name}")]);
    }
    for name in ["s1", "smith_s1_late", "router.s1-2"] {
        assert!(only(named(name)).notes.is_empty(), "{name}");
    }
}

#[test]
fn folders_are_searched_for_answers_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    put("ann.answer", "ip link\n");
    put("repo-bob/answer.txt", "ip link\n");
    put("repo-bob/README.md", "no answer\n");
    put("repo-bob/.git/config.txt", "no answer\n");
    put("cid/cable.answer", "ip link\n");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("passwd.txt")).expect("a link");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).expect("a link");
    let found = collect(&[folder.path().to_owned()], "p/cable").expect("a folder");
    let students: Vec<&str> =
        found.answers.iter().map(|one| one.student.as_ref().map_or("", StudentId::as_str)).collect();
    assert_eq!(students, ["ann", "cid", "repo-bob"]);
    assert_eq!(found.left_aside.len(), 3, "the page, and two links: {:?}", found.left_aside);
    collect(&[folder.path().join("nobody")], "p/cable").expect_err("there is none");
}
