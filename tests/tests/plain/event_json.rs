//! The JSON form of events: it is what `EVENTS.md` says, it loses nothing, and it takes nothing else.

use serde::de::DeserializeOwned;
use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};
use std::{fs, iter};
use vethlab_engine::script;
use vethlab_programs::Transcript;
use vethlab_programs::session::Session;
use vethlab_shared::event::json;
use vethlab_shared::event::{
    ArpOperation, ArpOutcome, Consumer, DropReason, Event, EventKind, Hook, Lost, NeighbourCause,
    SourceChoice, Syscall, Verdict,
};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::RouteKind;
use vethlab_sim::World;
use vethlab_tests::{binary, files};

const PAGE: &str = include_str!("../../../shared/EVENTS.md");

/// What the page says of each kind of event: its name, and the text up to the next one.
fn sections() -> BTreeMap<&'static str, &'static str> {
    let sections = PAGE.split("\n### `").skip(1);
    sections.map(|section| section.split_once("`\n").expect("a name in backticks")).collect()
}

/// The JSON lines between fences of a text.
fn examples(text: &str) -> Vec<&str> {
    let fenced = text.split("```json\n").skip(1);
    fenced.map(|rest| rest.split_once("\n```").expect("the end of the fence").0).collect()
}

/// All words that an enumeration has in JSON: `serde` counts them up when it meets another one.
fn words<T: DeserializeOwned>(unknown: &str) -> BTreeSet<String> {
    let error = serde_json::from_str::<T>(unknown).err().expect("there is no such word").to_string();
    let (_, expected) = error.split_once("expected ").unwrap_or_else(|| panic!("it counts up: {error}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The page's example of a kind, read and written by the program.
fn example(name: &str, section: &str) -> (String, Event) {
    let [line] = examples(section)[..] else { panic!("one example of {name}") };
    let text = format!("{}{line}\n", json::header().expect("plain data"));
    let events = json::read(&text).unwrap_or_else(|error| panic!("the example of {name}: {error}"));
    let [event] = &events[..] else { panic!("one event: {events:?}") };
    (line.to_owned(), event.clone())
}

#[test]
fn every_kind_and_every_field_is_documented() {
    let documented: BTreeSet<String> = sections().into_keys().map(str::to_owned).collect();
    assert_eq!(documented, words::<EventKind>(r#"{"event":"?"}"#));
    for (name, section) in sections() {
        let (line, _) = example(name, section);
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).expect("JSON");
        let common = ["number", "time", "namespace", "packet", "event"];
        let own: BTreeSet<&str> =
            fields.keys().map(String::as_str).filter(|field| !common.contains(field)).collect();
        assert_eq!(own.len() + common.len(), fields.len(), "{line}");
        let rows = section.lines().filter_map(|row| row.strip_prefix("| `"));
        let described: BTreeSet<&str> = rows.filter_map(|row| row.split('`').next()).collect();
        assert_eq!(described, own, "the fields of {name}");
        assert!(section.contains("Kernel: "), "{name} names its place in the kernel");
        assert_eq!(fields["event"], name);
    }
}

#[test]
fn examples_are_what_is_written() {
    let header = json::header().expect("plain data");
    assert_eq!(examples(PAGE).first().copied(), header.strip_suffix('\n'));
    for (name, section) in sections() {
        let (line, event) = example(name, section);
        assert_eq!(json::lines(&[event]).expect("plain data"), line + "\n");
    }
}

/// All words of an enumeration stand in the section of this kind.
fn documents<T: DeserializeOwned>(kind: &str) {
    let section = sections()[kind];
    for word in words::<T>("\"?\"") {
        assert!(section.contains(&format!("`{word}`")), "'{word}' of {} under {kind}", type_name::<T>());
    }
}

#[test]
fn every_word_is_documented() {
    documents::<Syscall>("sys_exit");
    documents::<Consumer>("consume_skb");
    documents::<DropReason>("kfree_skb");
    documents::<RouteKind>("fib_table_lookup");
    documents::<SourceChoice>("fib_table_lookup");
    documents::<ArpOperation>("arp_process");
    documents::<ArpOutcome>("arp_process");
    documents::<NeighbourCause>("neigh_update");
    documents::<Hook>("nf_hook");
    documents::<Lost>("events_lost");
    for word in words::<Verdict>("\"?\"") {
        assert!(PAGE.contains(&format!("`{word}`")), "the verdict '{word}'");
    }
}

#[test]
fn what_happens_in_scripts_is_told_without_a_loss() {
    let mut kinds = BTreeSet::new();
    for file in files::read_all("scripts", "sh").expect("scripts") {
        let mut world = World::new(1);
        world.observe(true);
        let mut session = Session::new();
        for line in script::commands(file.text.as_bytes()).expect("text") {
            session.execute(&line, &mut world, &mut Transcript::default());
        }
        let events = session.journal().events();
        let text = json::header().expect("plain data") + &json::lines(events).expect("plain data");
        let read = json::read(&text).unwrap_or_else(|error| panic!("{}: {error}", file.name));
        assert_eq!(read, events, "{}", file.name);
        for line in text.lines().skip(1) {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            kinds.insert(value["event"].as_str().expect("a name").to_owned());
        }
    }
    assert!(kinds.len() > 20, "the scripts make nearly every kind happen: {kinds:?}");
}

#[test]
fn anything_else_is_refused_with_its_line() {
    const HEADER: &str = r#"{"format":"vethlab-events","version":1}"#;
    const EVENT: &str =
        r#"{"number":1,"time":2,"namespace":"","packet":3,"event":"packet_created","parent":null}"#;
    let whole = format!("{HEADER}\n{EVENT}\n");
    assert_eq!(json::read(&whole).expect("all is well").len(), 1);
    let with = |from: &str, to: &str| whole.replacen(from, to, 1);
    let cases = [
        (String::new(), "line 1: it is empty"),
        ("\n".to_owned(), r#"line 1: it does not begin with the format "vethlab-events""#),
        (with("vethlab-events", "pcap"), r#"line 1: it does not begin with the format "vethlab-events""#),
        (
            with("\"version\":1", "\"version\":2,\"more\":0"),
            "line 1: it has version 2 of the form, and only version 1 is understood",
        ),
        (with(",\"version\":1", ""), "line 1: missing field `version`"),
        (with("\"version\":1", "\"version\":1,\"x\":1"), "line 1: unknown field `x`"),
        (with("}\n{", "}\n\n{"), "line 2: EOF while parsing a value"),
        (with("\"time\":2,", ""), "line 2: missing field `time`"),
        (with("packet_created", "packet_made"), "line 2: unknown variant `packet_made`"),
        (with("packet_created", "\\u001b[31mred"), "line 2: unknown variant `\\u{1b}[31mred`"),
        (
            with("\"parent\"", "\"a\\u001bb\":1,\"parent\""),
            "line 2: an event of this kind has no such 'a\\u{1b}b'",
        ),
        (with("\"version\":1", "\"version\":\"\u{7f}\""), "line 1: it has version \"\\u{7f}\" of the form"),
        (with("\"parent\"", "\"colour\":1,\"parent\""), "line 2: an event of this kind has no such 'colour'"),
        (with(",\"parent\":null", ""), "line 2: an event of this kind has no such 'parent'"),
        (with("\"packet\":3", "\"packet\":-3"), "line 2: invalid value"),
        (with("\"namespace\":\"\"", "\"namespace\":\"a/b\""), "line 2: not a valid name"),
        (whole.trim_end().to_owned(), "line 2: the line is cut off: what wrote it was ended"),
        (with("null}", "null"), "line 2: EOF while parsing an object"),
        (whole.clone() + "[]\n", "line 3: invalid type"),
    ];
    for (text, expected) in cases {
        let error = json::read(&text).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
        assert_eq!(error.lines().count(), 1);
    }
}

#[test]
fn bytes_are_two_small_digits_each() {
    let frame = |digits: &str| {
        let event = r#"{"number":1,"time":2,"namespace":"","packet":null,"event":"net_dev_xmit","link":"lo","frame":"#;
        json::read(&format!("{}{event}\"{digits}\"}}\n", json::header().expect("plain data")))
    };
    assert!(frame("00ff").is_ok());
    for digits in ["0", "00f", "0g", "+f", "FF", "é"] {
        let error = frame(digits).expect_err(digits);
        assert_eq!(error.line, 2, "{error}");
    }
}

/// Runs commands with `--events` and gives what became of it.
fn run(folder: &Path, file: &Path, commands: &str) -> Output {
    let script = folder.join("script");
    fs::write(&script, commands).expect("a script");
    let mut command = Command::new(binary::path().expect("the program"));
    command.arg("run").arg("--events").arg(file).arg(&script).output().expect("it runs")
}

#[test]
fn run_writes_what_happened() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("events");
    let commands = "ip link set lo up\nping -c 1 127.0.0.1\nping -c 1 127.0.0.2\n";
    let output = run(folder.path(), &file, commands);
    assert!(output.status.success(), "{output:?}");
    let events = json::read(&fs::read_to_string(&file).expect("the file")).expect("it is well-formed");
    assert!(events.len() > 16, "two pings are told in full: {events:#?}");
    assert!(iter::zip(&events, 1..).all(|(event, number)| event.number == number), "{events:#?}");

    // What is undone did not happen, and who looks at the past changes nothing.
    let again = format!("{commands}undo\nping -c 2 127.0.0.3\nundo\ngoto 5\ncontinue\nping -c 1 127.0.0.2\n");
    let other = folder.path().join("other");
    let output = run(folder.path(), &other, &again);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = json::read(&fs::read_to_string(&other).expect("the file")).expect("it is well-formed");
    assert_eq!(read, events);
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &folder.path().join("nosuch/events"), "ip link\n");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(
        said.starts_with("vethlab: cannot write the file of events '")
            && said.ends_with("No such file or directory\n"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1);
}
