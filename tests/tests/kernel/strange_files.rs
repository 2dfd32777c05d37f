//! Files that a stranger made: whatever they are called and whatever they are, nothing of them reaches a terminal, and
//! nothing waits for them.

use libtest_mimic::Failed;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use vethlab::folder::{Item, items};
use vethlab_tests::trial::{Trial, equal};
use vethlab_tests::{binary, classroom, tools};

/// What the program does within this, or it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The exit status where it did not.
const KILLED: i32 = 137;

/// What a terminal acts on: a colour, a title, bytes that are no UTF-8, a line of its own.
const NAME: &[u8] = b"\x1b[31mred\x1b]0;title\x07\xc2\x9b2J\xff\nvethlab: all is well";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::new("a_pipe_in_a_pack_is_refused", a_pipe_in_a_pack_is_refused),
        Trial::new("a_device_in_a_pack_is_refused", a_device_in_a_pack_is_refused),
        Trial::new("names_of_files_do_nothing_to_a_terminal", names_of_files_do_nothing_to_a_terminal),
        Trial::new("limits_can_be_set_wherever_they_are_named", limits_can_be_set_wherever_they_are_named),
    ]
}

/// What the program says, and its exit code. It has ended before it is lost patience with.
fn vethlab(folder: &Path, words: &[&OsStr]) -> Result<(Option<i32>, String), Failed> {
    let mut command = tools::within(PATIENCE, binary::path()?);
    command.args(words).current_dir(folder).env("VETHLAB_DATA_DIR", folder.join("data"));
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.code() == Some(KILLED) {
        return Err(format!("{words:?} hangs").into());
    }
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8(said)?))
}

fn words<'a>(words: &[&'a str]) -> Vec<&'a OsStr> {
    words.iter().map(|word| OsStr::new(*word)).collect()
}

/// A pack of one exercise of the class in this folder.
fn copy_of_pack(folder: &Path) -> Result<PathBuf, Failed> {
    let pack = folder.join("classroom");
    fs::create_dir_all(&pack)?;
    fs::copy(classroom::pack().join("cable.md"), pack.join("cable.md"))?;
    let about = "format = 1\nid = \"classroom\"\ntitle = \"A class\"\nabout = \"For tests.\"\nexercises = [\"cable.md\"]\n";
    fs::write(pack.join("pack.toml"), about)?;
    Ok(pack)
}

fn a_pipe_in_a_pack_is_refused() -> Result<(), Failed> {
    for (name, listed) in [("pack.toml", true), ("cable.md", true), ("more.md", false), ("notes", false)] {
        let folder = tempfile::tempdir()?;
        let pack = copy_of_pack(folder.path())?;
        if listed {
            fs::remove_file(pack.join(name))?;
        }
        mkfifo(&pack.join(name), Mode::S_IRWXU)?;
        let said = format!("classroom/{name}: error: it is a named pipe, not a regular file");
        let (code, text) =
            vethlab(folder.path(), &words(&["dev", "check", "classroom", "--stack", "sim", "--seeds", "1"]))?;
        equal(&text, &(code, text.contains(&said)), &(Some(1), true))?;
        let said = format!("classroom/{name}: it is a named pipe, not a regular file");
        for command in [&["list"][..], &["grade", "cable", "classroom"], &["start", "cable", "--auto"]] {
            let (code, text) = vethlab(folder.path(), &words(&[command, &["--pack", "classroom"]].concat()))?;
            equal(&text, &(code, text.contains(&said)), &(Some(2), true))?;
        }
    }
    let folder = tempfile::tempdir()?;
    let _socket = UnixListener::bind(copy_of_pack(folder.path())?.join("socket.md"))?;
    let (code, text) = vethlab(folder.path(), &words(&["list", "--pack", "classroom"]))?;
    equal(&text, &(code, text.contains("socket.md: it is a socket")), &(Some(2), true))
}

fn a_device_in_a_pack_is_refused() -> Result<(), Failed> {
    match items(Path::new("/dev"))?.get("null") {
        Some(Item::Unusable(error)) if error.problem.starts_with("it is a device") => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

fn names_of_files_do_nothing_to_a_terminal() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (name, here) = (OsStr::from_bytes(NAME), folder.path());
    let with_ending = |ending: &str| OsStr::from_bytes(&[NAME, ending.as_bytes()].concat()).to_owned();
    // A pack of that name, with a file of that name that is none of its parts, and a text that is no text.
    let pack = copy_of_pack(here)?;
    fs::rename(&pack, here.join(name))?;
    fs::write(here.join(name).join(with_ending(".txt")), "")?;
    fs::write(here.join(name).join("\u{1b}[32mgreen.md"), b"\xff")?;
    // Answers, and what is none.
    let answers = here.join("answers");
    fs::create_dir_all(answers.join(name))?;
    let answer = classroom::answer(&classroom::assignment("cable")?, &"ann".parse()?, 0)?.to_string();
    let answer_name = with_ending(".answer");
    fs::write(answers.join(name).join(&answer_name), &answer)?;
    fs::write(answers.join(&answer_name), answer.replacen("classroom/cable", "\u{1b}[33mx/y", 1))?;
    fs::write(answers.join(with_ending(".md")), "")?;
    let good = classroom::pack();
    let (good, answers) = (good.as_os_str(), answers.as_os_str());
    let file = Path::new(answers).join(name).join(&answer_name);
    let (file, missing) = (file.as_os_str(), with_ending("-missing"));
    let with = |first: &[&'static str], rest: &[&'_ OsStr]| {
        let first: Vec<_> = first.iter().map(|word| OsStr::new(*word).to_owned()).collect();
        first.into_iter().chain(rest.iter().map(|word| (*word).to_owned())).collect::<Vec<_>>()
    };
    let (pack, sim) = (OsStr::new("--pack"), ["--stack", "sim"].map(OsStr::new));
    for line in [
        with(&["dev", "check", "--seeds", "1"], &[sim[0], sim[1], name]),
        with(&["dev", "check"], &[sim[0], sim[1], &missing]),
        with(&["dev", "hand-out"], &[name, OsStr::new("copy")]),
        with(&["dev", "hand-out"], &[good, name]),
        with(&["dev", "new"], &[name]),
        with(&["list", "--pack"], &[name]),
        with(&["list", "--pack"], &[&missing]),
        with(&["start", "cable", "--pack"], &[name]),
        with(&["start", "cable", "--save"], &[file, pack, good]),
        with(&["start"], &[name, pack, good]),
        with(&["run"], &[name]),
        with(&["run"], &[&missing]),
        with(&["run"], &[file, OsStr::new("--pcap"), file]),
        with(&["run", "-", "--events"], &[answers]),
        with(&["run"], &[name, name]),
        with(&["run"], &[OsStr::from_bytes(&[b"--", NAME].concat())]),
        with(&[], &[name]),
        with(&["grade", "cable"], &[answers, pack, good]),
        with(&["grade", "cable", "--verbose"], &[file, pack, good]),
        with(&["grade", "cable"], &[&missing, pack, good]),
        with(&["grade", "cable", "--roster"], &[name, file, pack, good]),
        with(&["grade", "cable", "--report"], &[&with_prefix("csv=", file), file, pack, good]),
        with(&["check", "cable"], &[file, pack, good]),
        with(&["check", "cable", "--student", "bob"], &[file, pack, good]),
        with(&["check", "cable"], &[answers, pack, good]),
        with(&["submit", "cable", "--student", "ann"], &[&missing, pack, good]),
        with(&["submit", "cable", "--student", "ann", "--output"], &[name, file, pack, good]),
    ] {
        let (_, text) = vethlab(here, &line.iter().map(OsString::as_os_str).collect::<Vec<_>>())?;
        if let Some(character) = text.chars().find(|c| c.is_control() && *c != '\n') {
            return Err(format!("{line:?}: {character:?} is told: {text:?}").into());
        }
        if text.lines().any(|line| line.starts_with("vethlab: all is well")) {
            return Err(format!("{line:?}: a name has a line of its own: {text}").into());
        }
    }
    Ok(())
}

fn with_prefix(prefix: &str, name: &OsStr) -> OsString {
    [OsStr::new(prefix), name].iter().copied().collect()
}

/// Whoever is told of a limit by its option finds that option there.
fn limits_can_be_set_wherever_they_are_named() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    fs::write(here.join("ann.txt"), "ping -q -c 1000 -i 0.002 127.0.0.1\n")?;
    let pack = copy_of_pack(here)?.display().to_string();
    let limit = "(--max-work)";
    for (line, code) in [
        (&["dev", "check", "classroom", "--stack", "sim", "--seeds", "1"][..], 1),
        (&["start", "cable", "--auto", "--pack", &pack], 1),
        (&["check", "cable", "ann.txt", "--pack", &pack], 2),
        (&["submit", "cable", "ann.txt", "--student", "ann", "--pack", &pack], 2),
        (&["run", "ann.txt"], 1),
    ] {
        let (found, text) = vethlab(here, &words(&[line, &["--max-work", "10"]].concat()))?;
        equal(&format!("{line:?}: {text}"), &(found, text.contains(limit)), &(Some(code), true))?;
    }
    let program = binary::path()?;
    for command in ["run", "shell", "start", "grade", "check", "submit", "compare", "dev check"] {
        let output = Command::new(program).args(command.split(' ')).arg("--help").output()?;
        let help = String::from_utf8(output.stdout)?;
        for option in ["--max-work", "--max-time", "--max-memory"] {
            equal(&format!("{command} has {option}"), &help.contains(option), &true)?;
        }
    }
    Ok(())
}
