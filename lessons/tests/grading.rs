//! A class that is graded line by line, by `vethlab grade --report jsonl`.

mod process;

use process::{Folder, code, finish, text, vethlab};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const EXERCISE: &str = "two-namespaces";
const STUDENTS: usize = 12;

/// Answers of a class, the third of one student that has two, and a folder for reports.
fn class(name: &str) -> (Folder, String) {
    let folder = Folder::new(name);
    let answers = folder.0.join("answers");
    fs::create_dir_all(answers.join("late")).expect("a folder");
    for number in 0..STUDENTS {
        let made = "ip netns add more\n".repeat(number % 3);
        fs::write(answers.join(format!("s{number:02}.sh")), format!("ip link\n{made}")).expect("an answer");
    }
    fs::write(answers.join("late/s02.sh"), "ip addr\n").expect("an answer");
    fs::write(answers.join("s05.sh"), b"\xff").expect("no text");
    let answers = answers.display().to_string();
    (folder, answers)
}

fn grade(answers: &str, more: &[&str]) -> std::process::Output {
    finish(vethlab(&[&["grade", EXERCISE, answers], more].concat()), "")
}

/// The report in a file; what stands there already is resumed.
fn report(answers: &str, file: &Path, more: &[&str]) -> String {
    let to = format!("jsonl={}", file.display());
    let output = grade(answers, &[&["--report", &to], more].concat());
    assert_eq!(code(&output), 1, "{output:?}");
    assert!(text(&output.stdout).starts_with("13 grades: 0 full, 12 partly, 1 not graded"), "{output:?}");
    assert_eq!(text(&output.stdout).lines().count(), 1, "{output:?}");
    fs::read_to_string(file).expect("a report")
}

#[test]
fn a_line_is_what_the_json_report_has_of_an_answer() {
    let (folder, answers) = class("lines");
    let whole = report(&answers, &folder.0.join("one"), &["--jobs", "1"]);
    assert_eq!(report(&answers, &folder.0.join("many"), &["--jobs", "5"]), whole);
    assert_eq!(text(&grade(&answers, &["--report", "jsonl"]).stdout), whole);
    let lines: Vec<serde_json::Value> =
        whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let json = grade(&answers, &["--report", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!((lines.len(), lines[0]["report"].as_str()), (STUDENTS + 3, Some("vethlab-grades")));
    for key in ["format", "exercise", "title", "version", "tool", "stack", "maximum", "checks"] {
        assert_eq!(lines[0][key], json[key], "{key}");
    }
    let grades = json["grades"].as_array().expect("grades");
    for line in &lines[1..=STUDENTS + 1] {
        let same = grades.iter().find(|grade| grade["file"] == line["file"]).expect("the same answer");
        let mut line = line.as_object().expect("an object").clone();
        assert_eq!(line.remove("sha256").and_then(|digest| Some(digest.as_str()?.len())), Some(64));
        assert_eq!(Some(&line), same.as_object());
    }
    assert_eq!(lines[STUDENTS + 2]["summary"], json["summary"]);
    let doubles = whole.matches("2 answers name this student").count();
    assert_eq!(doubles, 2, "{whole}");
}

#[test]
fn a_broken_run_is_resumed_behind_the_last_whole_line() {
    let (folder, answers) = class("broken");
    let whole = report(&answers, &folder.0.join("whole"), &[]);
    // What was graded is not graded again: a number that no run gives stays there.
    let marked = whole.replacen("\"commands\":", "\"commands\":4711", 1);
    let ends: Vec<usize> = marked.match_indices('\n').map(|(place, _)| place + 1).collect();
    let file = folder.0.join("broken");
    for (length, expected) in [
        (10, &whole),
        (ends[0], &whole),
        (ends[0] + 20, &whole),
        (ends[1], &marked),
        (ends[3] + 1, &marked),
        (ends[STUDENTS + 1], &marked),
        (marked.len() - 1, &marked),
        (marked.len(), &marked),
    ] {
        fs::write(&file, &marked[..length]).expect("a broken report");
        assert_eq!(report(&answers, &file, &[]), *expected, "after {length} bytes");
    }
    // An answer that has changed is graded again, and those behind it.
    fs::write(Path::new(&answers).join("s07.sh"), "ip netns del red\n").expect("an answer");
    let changed = report(&answers, &file, &[]);
    let same = marked.lines().zip(changed.lines()).take_while(|(old, new)| old == new).count();
    assert!(same >= 7 && changed.lines().count() == STUDENTS + 3, "{same} lines are the same");
    assert_eq!(
        changed.replacen("\"commands\":4711", "\"commands\":", 1),
        report(&answers, &folder.0.join("anew"), &[])
    );
}

/// A run that writes a report of answers which take long, and that has written this many lines of it.
fn slow_run(answers: &str, file: &Path, lines: usize, more: &[&str]) -> Child {
    for number in 4..STUDENTS {
        let slow = "ping -q -c 400 -i 0.002 127.0.0.1\n".repeat(10);
        fs::write(Path::new(answers).join(format!("s{number:02}.sh")), slow).expect("an answer");
    }
    fs::write(Path::new(answers).join("s05.sh"), b"\xff").expect("no text");
    let to = format!("jsonl={}", file.display());
    let mut command =
        vethlab(&[&["grade", EXERCISE, answers, "--jobs", "1", "--report", &to], more].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let written = || fs::read_to_string(file).map_or(0, |text| text.lines().count());
    let deadline = Instant::now() + Duration::from_secs(120);
    while written() < lines && child.try_wait().expect("its state").is_none() && Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert!(written() >= lines && child.try_wait().expect("its state").is_none(), "it is still at work");
    child
}

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
}

#[test]
fn a_second_run_is_refused_by_whatever_name_it_would_write_to_the_report() {
    let (folder, answers) = class("two-runs");
    let file = folder.0.join("grades");
    let mut first = slow_run(&answers, &file, 3, &[]);
    signal(&first, "-STOP");
    let before = fs::read(&file).expect("a report");
    fs::hard_link(&file, folder.0.join("hard")).expect("a link");
    std::os::unix::fs::symlink("grades", folder.0.join("soft")).expect("a link");
    for name in ["grades", "hard", "soft"] {
        let to = format!("jsonl={}", folder.0.join(name).display());
        let second = grade(&answers, &["--report", &to]);
        assert_eq!((code(&second), text(&second.stdout)), (2, ""), "{name}: {second:?}");
        assert!(text(&second.stderr).contains("another run writes to"), "{name}: {second:?}");
    }
    assert_eq!(fs::read(&file).expect("a report"), before);
    first.kill().expect("killed");
    first.wait().expect("its end");
    // Nothing is left that refuses the next run.
    report(&answers, &folder.0.join("hard"), &[]);
}

/// Where only the report of lines is wanted it is resumed; another one needs all grades, and so all are made again.
#[test]
fn after_an_interrupt_the_same_command_does_what_was_said() {
    for (other, said) in [
        (&[][..], "run the same command again to grade the rest"),
        (&["--report", "csv"], "run the same command again to grade all of them"),
        (&["--verbose"], "run the same command again to grade all of them"),
    ] {
        let (folder, answers) = class(&format!("interrupt-{}", other.concat()));
        let file = folder.0.join("grades");
        let child = slow_run(&answers, &file, 3, other);
        signal(&child, "-INT");
        let stopped = child.wait_with_output().expect("its end");
        assert_eq!((code(&stopped), text(&stopped.stdout)), (130, ""), "{stopped:?}");
        let error = text(&stopped.stderr);
        assert!(error.contains("stopped: ") && error.contains(said), "{error}");
        // What was graded is not graded again: a number that no run gives stays there.
        let marked =
            fs::read_to_string(&file).expect("a report").replacen("\"commands\":", "\"commands\":4711", 1);
        fs::write(&file, marked).expect("a report");
        let again = grade(&answers, &[&["--report", &format!("jsonl={}", file.display())], other].concat());
        assert_eq!(code(&again), 1, "{again:?}");
        let whole = fs::read_to_string(&file).expect("a report");
        assert_eq!(whole.contains("4711"), other.is_empty(), "{whole}");
        let new = report(&answers, &folder.0.join("new"), &[]);
        assert_eq!(whole.replacen("\"commands\":4711", "\"commands\":", 1), new);
    }
}

#[test]
fn a_killed_run_loses_no_whole_line() {
    let (folder, answers) = class("killed-run");
    let file = folder.0.join("killed");
    let mut child = slow_run(&answers, &file, 4, &[]);
    child.kill().expect("killed");
    child.wait().expect("its end");
    let before = fs::read_to_string(&file).expect("a report");
    let whole = report(&answers, &file, &[]);
    assert!(whole.starts_with(&before[..=before.rfind('\n').expect("a line")]));
    assert_eq!(whole, report(&answers, &folder.0.join("whole"), &[]));
    let names: Vec<_> =
        fs::read_dir(&folder.0).expect("the folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 3, "the answers and two reports: {names:?}");
}

#[test]
fn what_is_no_such_report_is_left_as_it_is() {
    let (folder, answers) = class("others");
    let file = folder.0.join("grades.jsonl");
    let to = format!("jsonl={}", file.display());
    let whole = report(&answers, &file, &[]);
    let refused = |old: &str, more: &[&str], words: &str| {
        fs::write(&file, old).expect("a file");
        let output = grade(&answers, &[&["--report", &to], more].concat());
        assert_eq!(code(&output), 2, "{output:?}");
        let said = text(&output.stderr);
        assert!(said.contains(words) && said.lines().count() == 1, "{said}");
        assert_eq!(fs::read_to_string(&file).expect("the file"), old);
    };
    refused("student,points\nann,3\n", &[], "is no report of this exercise");
    refused(&whole, &["--max-work", "77777"], "is no report of this exercise");
    let others = whole.replace("late/", "later/");
    refused(&others, &["--verbose"], "which is not graded now");
    refused(&others, &["--report", "csv"], "which is not graded now");
    refused(&others, &[], "begins with the grade of another answer");
    let second = format!("jsonl={}", folder.0.join("second").display());
    refused(&whole, &["--report", &second], "is enough");
}

#[test]
fn a_grade_of_another_answer_is_not_cut_off() {
    let (folder, answers) = class("fewer");
    let file = folder.0.join("report");
    let whole = report(&answers, &file, &[]);
    fs::remove_file(Path::new(&answers).join("s11.sh")).expect("an answer");
    let one = grade(&answers, &["--report", &format!("jsonl={}", file.display())]);
    assert_eq!(code(&one), 2, "{one:?}");
    assert!(text(&one.stderr).contains("which is not graded now"), "{one:?}");
    assert_eq!(fs::read_to_string(&file).expect("a report"), whole);
}

#[test]
fn who_has_handed_in_nothing_has_a_line_at_the_end() {
    let (folder, answers) = class("roster");
    let roster = folder.file("roster", b"s00\ns01\nivy\n");
    let output = grade(&answers, &["--report", "jsonl", "--roster", &roster]);
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), STUDENTS + 4);
    assert!(lines[STUDENTS + 2].contains("\"ivy\"") && lines[STUDENTS + 2].contains("\"missing\""));
    assert!(lines[STUDENTS + 3].contains("\"missing\":1"), "{}", lines[STUDENTS + 3]);
    let strangers = lines.iter().filter(|line| line.contains("not in the roster")).count();
    assert_eq!(strangers, STUDENTS - 1);
}
