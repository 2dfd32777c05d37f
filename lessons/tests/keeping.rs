//! What is kept stays kept: whoever else works at the same time, whatever ends a process, and whatever a file is called.

mod process;

use process::{Folder, code, finish, text, vethlab};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A process that has begun: it has printed its first line, and waits for input.
struct Begun {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Begun {
    fn new(mut command: Command) -> Begun {
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = streams.spawn().expect("the program");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        output.read_line(&mut String::new()).expect("a line");
        Begun { child, output }
    }

    fn type_in(&mut self, input: &str) {
        self.child.stdin.as_mut().expect("its input").write_all(input.as_bytes()).expect("to be read");
    }

    /// Lets it end by itself.
    fn end(mut self) -> String {
        drop(self.child.stdin.take());
        let mut said = String::new();
        self.output.read_to_string(&mut said).expect("the rest");
        assert!(self.child.wait().expect("its end").success(), "{said}");
        said
    }
}

/// What lies in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn lessons_that_are_learned_at_the_same_time_are_all_kept() {
    const LESSONS: [&str; 8] =
        ["interfaces", "loopback", "routes", "firewall", "namespace", "veth", "carrier", "ping"];
    let folder = Folder::new("at-once");
    for round in 0..6 {
        let data = folder.0.join(round.to_string());
        let mut sessions = LESSONS.map(|lesson| {
            let mut command = vethlab(&["start", lesson]);
            command.env("VETHLAB_DATA_DIR", &data);
            Begun::new(command)
        });
        sessions.iter_mut().for_each(|session| session.type_in("skip\nskip\nskip\nskip\n"));
        sessions.into_iter().for_each(|session| drop(session.end()));
        let kept = fs::read_to_string(data.join("progress.json")).expect("progress");
        for lesson in LESSONS {
            assert!(kept.contains(&format!("/{lesson}\"")), "{lesson} is lost: {kept}");
        }
        assert_eq!(names(&data), ["progress.json"]);
    }
}

#[test]
fn progress_that_cannot_be_read_is_told_once_and_left_as_it_is() {
    let folder = Folder::new("unreadable");
    fs::create_dir(folder.0.join("progress.json")).expect("a folder in its place");
    let mut command = vethlab(&["start", "interfaces"]);
    command.env("VETHLAB_DATA_DIR", &folder.0);
    let output = finish(command, "skip\nskip\nquit\n");
    let said = text(&output.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("is left as it is") && said.contains("move it away"), "{said}");
    assert_eq!(names(&folder.0), ["progress.json"]);
}

/// The same student works on the same exercise in two places.
#[test]
fn a_second_session_does_not_write_over_the_answer_of_the_first() {
    let folder = Folder::new("two-sessions");
    let start = || {
        let mut command = vethlab(&["start", "two-namespaces", "--student", "ann"]);
        command.env("VETHLAB_DATA_DIR", &folder.0);
        command
    };
    let place = folder.0.join("answers/linux-namespaces-exercises/two-namespaces");
    let mut first = Begun::new(start());
    let second = finish(start(), "ip route\n");
    assert_eq!(code(&second), 2, "{second:?}");
    let said = text(&second.stderr);
    assert!(said.contains("another session works on") && said.lines().count() == 1, "{said}");
    first.type_in("ip link\n");
    first.end();
    let kept = fs::read_to_string(place.join("ann.answer")).expect("an answer");
    assert!(kept.contains("\nip link\n") && !kept.contains("ip route"), "{kept}");
    assert_eq!(names(&place), ["ann.answer"]);

    // One that is killed holds up nobody, and what it leaves is removed.
    let mut killed = Begun::new(start());
    killed.child.kill().expect("killed");
    killed.child.wait().expect("its end");
    assert_eq!(code(&finish(start(), "ip addr\n")), 0);
    assert_eq!(names(&place), ["ann.answer"]);
}

/// The name of an answer may be a link, to a file that is there or not.
#[test]
fn a_second_session_by_a_link_does_not_write_over_the_answer_either() {
    let folder = Folder::new("linked-answer");
    let (file, link) = (folder.0.join("a.answer"), folder.0.join("b.answer"));
    symlink("a.answer", &link).expect("a link");
    let start = |place: &Path| vethlab(&["start", "two-namespaces", "--save", &place.display().to_string()]);
    for (first, second) in [(&link, &file), (&file, &link)] {
        let mut first = Begun::new(start(first));
        first.type_in("ip link\n");
        let refused = finish(start(second), "ip route\n");
        assert_eq!(code(&refused), 2, "{refused:?}");
        assert!(text(&refused.stderr).contains("another session works on"), "{refused:?}");
        first.end();
        let kept = fs::read_to_string(&file).expect("an answer");
        assert!(kept.contains("\nip link\n") && !kept.contains("ip route"), "{kept}");
        assert!(link.is_symlink());
        assert_eq!(names(&folder.0), ["a.answer", "b.answer"]);
    }
}

#[test]
fn what_a_killed_process_leaves_of_a_file_is_gone_after_the_next() {
    let folder = Folder::new("killed");
    let answer = folder.file("ann.answer", b"ip link\n");
    let report = folder.0.join("report.json");
    let arguments = ["grade", "two-namespaces", &answer, "--exit-zero", "--report"];
    let to_report = format!("json={}", report.display());
    fs::write(&report, "the old one").expect("a file");
    fs::set_permissions(&report, fs::Permissions::from_mode(0o600)).expect("a private file");
    // A limit on the size of files kills it in the middle of writing one.
    let limited = r#"ulimit -c 0; ulimit -f 1; exec "$0" "$@""#;
    let mut command = Command::new("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_vethlab")]).args(arguments).arg(&to_report);
    let killed = finish(command, "");
    assert_eq!(killed.status.code(), None, "a signal ended it: {killed:?}");
    assert_eq!(fs::read_to_string(&report).expect("the old one"), "the old one");
    // What is private is so from the beginning.
    let left = fs::metadata(folder.0.join(".report.json.vethlab-new")).expect("what it left");
    assert_eq!((left.permissions().mode() & 0o777, left.len() > 0), (0o600, true));
    assert_eq!(code(&finish(vethlab(&[&arguments[..], &[&to_report]].concat()), "")), 0);
    assert!(fs::read_to_string(&report).expect("a report").starts_with("{\n"));
    assert_eq!(names(&folder.0), ["ann.answer", "report.json"]);
}

#[test]
fn no_output_is_written_over_what_is_read_by_whatever_name() {
    let folder = Folder::new("names");
    let script = folder.file("script.txt", b"ip link\n");
    let link = folder.0.join("link").display().to_string();
    fs::hard_link(&script, &link).expect("a link");
    let to = |report: &str| format!("{report}={link}");
    let answers = ["grade", "two-namespaces", &script, "--report"];
    for arguments in [
        &["run", &script, "--pcap", &link][..],
        &["run", &script, "--events", &link],
        &["start", "two-namespaces", "--save", &script, "--pcap", &link],
        &[&answers[..], &[&to("csv")]].concat(),
        &[&answers[..], &[&to("json")]].concat(),
    ] {
        let output = finish(vethlab(arguments), "");
        assert_eq!(code(&output), 2, "{arguments:?}: {output:?}");
        assert_eq!(fs::read_to_string(&script).expect("the script"), "ip link\n", "{arguments:?}");
    }
    // Standard input is a file, too.
    let mut command = vethlab(&["run", "-", "--events", &link]);
    command.stdin(fs::File::open(&script).expect("the script"));
    let output = command.output().expect("its end");
    assert_eq!(code(&output), 2, "{output:?}");
    assert!(text(&output.stderr).contains("which is the file of commands"), "{output:?}");
    assert_eq!(fs::read_to_string(&script).expect("the script"), "ip link\n");
    // Two outputs would write into each other, also where the file is not there yet.
    let (new, to_new) = (folder.0.join("new").display().to_string(), folder.0.join("to-new"));
    symlink("new", &to_new).expect("a link");
    for (one, other) in [(&script, &link), (&new, &to_new.display().to_string())] {
        let output = finish(vethlab(&["run", "-", "--pcap", one, "--events", other]), "ip link\n");
        assert_eq!(code(&output), 2, "{output:?}");
    }
    assert!(!to_new.exists());
}

#[test]
fn a_report_to_a_link_is_written_where_that_leads() {
    let folder = Folder::new("linked-report");
    let answer = folder.file("ann.answer", b"ip link\n");
    let link = folder.0.join("link");
    symlink("grades.csv", &link).expect("a link");
    let to = format!("csv={}", link.display());
    for _ in ["the file is not there", "it is there"] {
        let output =
            finish(vethlab(&["grade", "two-namespaces", &answer, "--exit-zero", "--report", &to]), "");
        assert_eq!(code(&output), 0, "{output:?}");
        assert!(link.is_symlink());
        let report = fs::read_to_string(folder.0.join("grades.csv")).expect("a report");
        assert!(report.starts_with("student,"), "{report}");
    }
    assert_eq!(names(&folder.0), ["ann.answer", "grades.csv", "link"]);
}

#[test]
fn no_command_of_a_script_writes_over_it() {
    let folder = Folder::new("map");
    let (script, events) = (folder.0.join("script.txt"), folder.0.join("events.jsonl"));
    let commands = format!("map --svg {}\nmap --dot {}\n", script.display(), events.display());
    fs::write(&script, &commands).expect("a script");
    let (script, events) = (script.display().to_string(), events.display().to_string());
    let output = finish(vethlab(&["run", &script, "--events", &events]), "");
    assert_eq!(code(&output), 1);
    assert_eq!(text(&output.stderr).matches("name another file").count(), 2, "{output:?}");
    assert_eq!(fs::read_to_string(&script).expect("the script"), commands);
    assert!(fs::read_to_string(&events).expect("events").starts_with("{\"format\""));
}

#[test]
fn no_line_of_a_session_writes_over_its_files() {
    let folder = Folder::new("map-in-shell");
    let path = |name: &str| folder.0.join(name).display().to_string();
    let forms = [path("frames"), path("events")];
    for (start, answer) in
        [(&["shell"][..], None), (&["start", "two-namespaces", "--save"], Some(path("answer")))]
    {
        let words =
            [start, answer.as_deref().as_slice(), &["--pcap", &forms[0], "--events", &forms[1]]].concat();
        let own: Vec<&String> = forms.iter().chain(&answer).collect();
        let lines: String = own.iter().map(|file| format!("map --svg {file}\n")).collect();
        let lines = format!("ip netns add red\n{lines}map --svg {}\n", path("map"));
        let output = finish(vethlab(&words), &lines);
        let refused = text(&output.stderr).matches("reads or writes it already: name another file").count();
        assert_eq!(refused, own.len(), "{output:?}");
        for file in own {
            assert!(!fs::read_to_string(file).is_ok_and(|text| text.contains("<svg")), "{file}");
        }
        assert!(fs::read_to_string(path("map")).expect("a map").contains("<svg"), "{output:?}");
    }
    // What is typed may come from a file.
    let typed = folder.file("typed", format!("map --svg {}\n", path("typed")).as_bytes());
    let mut shell = vethlab(&["shell"]);
    let output = shell.stdin(fs::File::open(&typed).expect("a file")).output().expect("its end");
    assert!(text(&output.stderr).contains("name another file"), "{output:?}");
    assert!(fs::read_to_string(&typed).expect("the lines").starts_with("map"));
}
