//! `vethlab grade` as a program: its exit codes, where reports go, and that nothing but the answers matters for them.

use libtest_mimic::Failed;
use std::fmt::Debug;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use vethlab_engine::classroom::StudentId;
use vethlab_tests::trial::{Trial, equal};
use vethlab_tests::{binary, classroom, tools};

/// What the program does within this, or it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let test =
        |name: &str, test: fn(&Class) -> Result<(), Failed>| Trial::new(name, move || test(&Class::new()?));
    let on_kernel = |name: &str, test: fn(&Class) -> Result<(), Failed>| {
        Trial::on_kernel(name, missing, move || test(&Class::new()?))
    };
    let mut trials = vec![
        test("each_exit_code", each_exit_code),
        test("wrong_usage_is_2", wrong_usage_is_2),
        test("a_report_on_standard_output_stands_alone", a_report_on_standard_output_stands_alone),
        test("each_student_gets_a_file", each_student_gets_a_file),
        test("an_old_report_stays_when_writing_fails", an_old_report_stays_when_writing_fails),
        test("a_reader_who_has_gone_changes_no_exit_code", a_reader_who_has_gone_changes_no_exit_code),
        test("no_report_goes_over_what_is_read", no_report_goes_over_what_is_read),
        test("a_link_stays_and_a_device_is_written_to", a_link_stays_and_a_device_is_written_to),
        test("what_answers_another_exercise", what_answers_another_exercise),
        test("who_handed_in_nothing", who_handed_in_nothing),
        test("only_the_answers_matter", only_the_answers_matter),
        test("a_file_that_is_named_twice_is_one", a_file_that_is_named_twice_is_one),
        test("what_is_no_file_is_refused", what_is_no_file_is_refused),
        test("a_folder_that_cannot_be_read_stops_nothing", a_folder_that_cannot_be_read_stops_nothing),
        test("an_interrupt_stops_it", an_interrupt_stops_it),
        test("verbose_tells_why", verbose_tells_why),
        on_kernel("both_stacks_give_the_same_grades", both_stacks_give_the_same_grades),
    ];
    // In the user namespace of an ordinary user there is nothing to take away.
    if tools::is_root()? {
        trials.push(on_kernel("without_namespaces_it_is_4", without_namespaces_it_is_4));
    }
    Ok(trials)
}

/// A folder with the answers of a class, and the program.
pub(crate) struct Class {
    program: &'static Path,
    folder: TempDir,
}

impl Class {
    /// `all` has an answer of everybody: `ann` and `bob` whole, `cleo` with a warning, `dan` in part, `eve` not at all.
    pub(crate) fn new() -> Result<Class, Failed> {
        let class = Class { program: binary::path()?, folder: tempfile::tempdir()? };
        fs::create_dir(class.path("all"))?;
        for (student, left_out, more) in [
            ("ann", 0, ""),
            ("bob", 0, ""),
            ("cleo", 0, "ip netns add more\n"),
            ("dan", 2, ""),
            ("eve", 9, ""),
        ] {
            let answer = answer("cable", student, left_out)? + more;
            fs::write(class.path(&format!("all/{student}.answer")), answer)?;
        }
        Ok(class)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program in the class's folder, with these words behind `grade`.
    fn grade(&self, words: &[&str]) -> Command {
        self.command(&[&["grade"], words].concat())
    }

    /// The program in the class's folder, with the class's pack.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.args(words).arg("--pack").arg(classroom::pack());
        command.current_dir(self.folder.path()).env("VETHLAB_DATA_DIR", self.path("nothing"));
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Result<Run, Failed> {
        Run::new(&self.grade(words).output()?)
    }
}

/// What came of running the program.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn new(output: &Output) -> Result<Run, Failed> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec());
        Ok(Run { code: output.status.code(), out: text(&output.stdout)?, err: text(&output.stderr)? })
    }
}

/// An answer as vethlab writes it, without the last few of its commands.
fn answer(exercise: &str, student: &str, left_out: usize) -> Result<String, Failed> {
    let student: StudentId = student.parse()?;
    Ok(classroom::answer(&classroom::assignment(exercise)?, &student, left_out)?.to_string())
}

fn each_exit_code(class: &Class) -> Result<(), Failed> {
    for (words, code, last) in [
        (&["cable", "all/ann.answer", "all/bob.answer"][..], 0, "2 grades: 2 full, 0 partly"),
        (&["cable", "all/ann.answer", "all/cleo.answer"], 0, "2 grades: 2 full, 0 partly, 1 with warnings"),
        (&["cable", "all/cleo.answer", "--strict"], 3, "1 grade: 1 full, 0 partly, 1 with warnings"),
        (&["cable", "all/ann.answer", "--strict"], 0, "1 grade: 1 full, 0 partly"),
        (
            &["cable", "all/dan.answer", "--strict"],
            1,
            "1 grade: 0 full, 1 partly; most often unmet: reach (1 answer)",
        ),
        (
            &["cable", "all"],
            1,
            "5 grades: 3 full, 2 partly, 1 with warnings; most often unmet: check-4 (2 answers)",
        ),
        (
            &["classroom/cable", "all/dan.answer", "--exit-zero"],
            0,
            "1 grade: 0 full, 1 partly; most often unmet: reach (1 answer)",
        ),
        (&["cable", "all/cleo.answer", "--exit-zero"], 0, "1 grade: 1 full, 0 partly, 1 with warnings"),
    ] {
        let run = class.run(words)?;
        equal(&format!("{words:?}: {run:?}"), &run.code, &Some(code))?;
        equal("standard error", &run.err, &String::new())?;
        equal("the last line", &run.out.lines().last(), &Some(last))?;
    }
    Ok(())
}

fn wrong_usage_is_2(class: &Class) -> Result<(), Failed> {
    fs::create_dir(class.path("empty"))?;
    fs::write(class.path("bad.csv"), "student\nann smith\n")?;
    fs::write(class.path("class.csv"), "student\nann\n")?;
    for (words, said) in [
        (&["nonsense", "all"][..], "there is no exercise 'nonsense'"),
        (&["cable"], "required"),
        (&["cable", "nowhere"], "cannot read 'nowhere': No such file"),
        (&["cable", "empty"], "there is nothing to grade"),
        (&["cable", "all", "--report", "xls"], "there is no format 'xls'"),
        (&["cable", "all", "--report", "csv="], "stands behind '='"),
        (
            &["cable", "all", "--report", "csv", "--report", "json"],
            "only one report can go to standard output",
        ),
        (&["cable", "all", "--report", "gradescope"], "name a folder for many"),
        (&["cable", "all", "--report", "gradescope=results.json"], "name a folder for many"),
        (
            &["cable", "all", "--report", "json=a/", "--report", "gradescope=a/"],
            "two reports would be written to",
        ),
        (
            &["cable", "all", "--report", "json=a/", "--report", "gradescope=all/../a/"],
            "two reports would be written to",
        ),
        (
            &["cable", "all", "--report", "csv=a", "--report", "json=./a"],
            "two reports would be written to './a'",
        ),
        (&["cable", "all", "--report", "csv=nowhere/a.csv"], "cannot write 'nowhere/a.csv': No such file"),
        (&["cable", "all", "--roster", "bad.csv"], "row 2"),
        (&["cable", "all", "--roster", "class.csv", "--report", "csv=class.csv"], "which is read here"),
        (&["cable", "all", "--jobs", "0"], "--jobs"),
        (&["cable", "all", "--strict", "--exit-zero"], "cannot be used with"),
    ] {
        let run = class.run(words)?;
        equal(&format!("{words:?}: {run:?}"), &(run.code, run.out.as_str()), &(Some(2), ""))?;
        equal(&format!("{words:?}: {}", run.err), &run.err.contains(said), &true)?;
    }
    Ok(())
}

fn a_report_on_standard_output_stands_alone(class: &Class) -> Result<(), Failed> {
    let run =
        class.run(&["cable", "all/dan.answer", "--report", "gradescope", "--report", "csv=grades.csv"])?;
    equal("exit code", &run.code, &Some(1))?;
    let results: serde_json::Value = serde_json::from_str(&run.out)?;
    equal("score", &results["score"], &3.into())?;
    let mut rows = csv::Reader::from_path(class.path("grades.csv"))?;
    let points: Vec<String> =
        rows.records().map(|row| Ok(row?[1].to_owned())).collect::<Result<_, csv::Error>>()?;
    equal("points", &points, &vec!["3".to_owned()])
}

fn each_student_gets_a_file(class: &Class) -> Result<(), Failed> {
    fs::create_dir(class.path("all/again"))?;
    fs::write(class.path("all/again/dan.answer"), answer("cable", "dan", 0)?)?;
    fs::write(class.path("all/no body.txt"), "ip link\n")?;
    fs::create_dir(class.path("there"))?;
    let reports =
        ["--report", "json=new/deep/", "--report", "markdown=there", "--report", "gradescope=results/"];
    let words = [&["cable", "all"][..], &reports].concat();
    let run = class.run(&words)?;
    equal(&format!("{run:?}"), &run.code, &Some(1))?;
    equal(
        &run.err,
        &run.err.contains("answers that name no student, and so have no file of their own: 1"),
        &true,
    )?;
    for (folder, ending) in [("new/deep", "json"), ("there", "md"), ("results", "json")] {
        let expected: Vec<String> =
            ["ann", "bob", "cleo", "dan", "dan~2", "eve"].map(|name| format!("{name}.{ending}")).into();
        equal(folder, &names(&class.path(folder))?, &expected)?;
    }
    // The first of two answers is the first by its file.
    for (name, points) in [("dan.md", "8 of 8"), ("dan~2.md", "3 of 8")] {
        let text = fs::read_to_string(class.path("there").join(name))?;
        equal(&text, &text.contains(points), &true)?;
        equal("hidden checks", &text.contains("SECRET"), &false)?;
    }
    Ok(())
}

fn an_old_report_stays_when_writing_fails(class: &Class) -> Result<(), Failed> {
    let report = class.path("grades.csv");
    fs::write(&report, "old\n")?;
    // No file may grow beyond nothing, and that is an error rather than an end.
    let words = ["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""];
    let grade = class.grade(&["cable", "all", "--report", "csv=grades.csv"]);
    let mut limited = Command::new("sh");
    limited.args(words).arg(grade.get_program()).args(grade.get_args()).current_dir(class.folder.path());
    let run = Run::new(&limited.env("VETHLAB_DATA_DIR", class.path("nothing")).output()?)?;
    equal(&format!("{run:?}"), &run.code, &Some(2))?;
    equal(&run.err, &run.err.contains("cannot write 'grades.csv': File too large"), &true)?;
    equal("the table is told", &run.out.contains("5 grades: 3 full"), &true)?;
    equal("the report", &fs::read_to_string(&report)?, &"old\n".to_owned())?;
    equal("what is left", &names(class.folder.path())?, &vec!["all".to_owned(), "grades.csv".to_owned()])?;
    let run = class.run(&["cable", "all", "--report", "csv=grades.csv"])?;
    equal(&format!("{run:?}"), &run.code, &Some(1))?;
    equal("the new one", &fs::read_to_string(&report)?.starts_with("student,points,"), &true)
}

fn a_reader_who_has_gone_changes_no_exit_code(class: &Class) -> Result<(), Failed> {
    for words in [&["cable", "all"][..], &["cable", "all", "--report", "csv"]] {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let output = class.grade(words).stdout(writer).output()?;
        equal(&format!("{words:?}: {output:?}"), &output.status.code(), &Some(1))?;
        equal("standard error", &output.stderr, &Vec::new())?;
    }
    Ok(())
}

/// The files of a folder of reports get their names from students, and so may be those of answers.
fn no_report_goes_over_what_is_read(class: &Class) -> Result<(), Failed> {
    let answer = answer("cable", "ann", 0)?;
    fs::create_dir(class.path("pack"))?;
    for part in fs::read_dir(classroom::pack())? {
        let part = part?;
        fs::copy(part.path(), class.path("pack").join(part.file_name()))?;
    }
    fs::write(class.path("ann.csv"), &answer)?;
    fs::write(class.path("ann.md"), "student\nann\n")?;
    let exercise = fs::read_to_string(class.path("pack/cable.md"))?;
    for words in [
        &["cable", "ann.csv", "--report", "csv=./"][..],
        &["cable", "all/ann.answer", "--roster", "ann.md", "--report", "markdown=all/../"],
        &["cable", "all/ann.answer", "--report", "json=pack/cable.md"],
    ] {
        // With a pack that is the test's own.
        let grade = class.grade(words);
        let mut own = Command::new(grade.get_program());
        own.args(grade.get_args().take(1 + words.len())).args(["--pack", "pack"]);
        own.current_dir(class.folder.path()).env("VETHLAB_DATA_DIR", class.path("nothing"));
        let run = Run::new(&own.output()?)?;
        equal(&format!("{words:?}: {run:?}"), &(run.code, run.out.as_str()), &(Some(2), ""))?;
        equal(&run.err, &run.err.contains("which is read here"), &true)?;
    }
    equal("the answer", &fs::read_to_string(class.path("ann.csv"))?, &answer)?;
    equal("the roster", &fs::read_to_string(class.path("ann.md"))?, &"student\nann\n".to_owned())?;
    equal("the exercise", &fs::read_to_string(class.path("pack/cable.md"))?, &exercise)
}

fn a_link_stays_and_a_device_is_written_to(class: &Class) -> Result<(), Failed> {
    fs::write(class.path("real.csv"), "old")?;
    symlink("real.csv", class.path("link.csv"))?;
    let run = class.run(&["cable", "all", "--report", "csv=link.csv", "--report", "json=/dev/null"])?;
    equal(&format!("{run:?}"), &run.code, &Some(1))?;
    equal("a link", &fs::symlink_metadata(class.path("link.csv"))?.is_symlink(), &true)?;
    equal("the file", &fs::read_to_string(class.path("real.csv"))?.starts_with("student,"), &true)?;
    equal("a device", &fs::metadata("/dev/null")?.is_file(), &false)
}

fn what_answers_another_exercise(class: &Class) -> Result<(), Failed> {
    fs::write(class.path("all/ann.row.answer"), answer("row", "ann", 0)?)?;
    fs::write(class.path("all/notes.md"), "No answer.\n")?;
    let run = class.run(&["cable", "all"])?;
    equal("rows", &run.out.lines().count(), &7)?;
    let said = "vethlab: left aside, because they answer another exercise: all/ann.row.answer\n\
                vethlab: left aside, because they are no files that end with .answer, .sh or .txt \
                (links are not followed): all/notes.md\n";
    equal("left aside", &run.err, &said.to_owned())?;
    // Who names it wants to know of it.
    let run = class.run(&["cable", "all/ann.row.answer", "all/ann.answer"])?;
    equal("exit code", &run.code, &Some(1))?;
    let said = "not graded: it answers another exercise: classroom/row";
    equal(&run.out, &run.out.contains(said), &true)
}

fn who_handed_in_nothing(class: &Class) -> Result<(), Failed> {
    fs::write(class.path("class.csv"), "identifier,name\nann,Ann\nzoe,\"Zoe, the last\"\n")?;
    let words = ["cable", "all/ann.answer", "all/bob.answer", "--roster", "class.csv", "--report", "csv"];
    let run = class.run(&words)?;
    equal("exit code", &run.code, &Some(1))?;
    let rows: Vec<&str> = run.out.lines().collect();
    equal("rows", &rows.len(), &4)?;
    equal(rows[2], &rows[2].ends_with(",not in the roster"), &true)?;
    equal(rows[3], &rows[3].starts_with("zoe,0,8,0.0,missing,nothing was handed in,"), &true)
}

/// The same bytes with any number of threads, in any order of the arguments, in any environment and from any folder.
fn only_the_answers_matter(class: &Class) -> Result<(), Failed> {
    let all = class.path("all").display().to_string();
    let files: Vec<String> = names(Path::new(&all))?.iter().map(|name| format!("{all}/{name}")).collect();
    let run = |words: &[String], change: &dyn Fn(&mut Command)| -> Result<Vec<String>, Failed> {
        let mut results = Vec::new();
        for report in ["json", "csv", "junit", "markdown", "table"] {
            let mut command = class.grade(&["cable"]);
            command.args(words);
            match report {
                "table" => command.arg("--verbose"),
                format => command.args(["--report", format]),
            };
            change(&mut command);
            let run = Run::new(&command.output()?)?;
            equal(&run.err, &run.code, &Some(1))?;
            results.push(run.out);
        }
        Ok(results)
    };
    let expected = run(&files, &|_| {})?;
    let backwards: Vec<String> = files.iter().rev().cloned().collect();
    equal("the order of arguments", &run(&backwards, &|_| {})?, &expected)?;
    equal("a folder", &run(&[all], &|_| {})?, &expected)?;
    for jobs in ["1", "2", "7"] {
        let with_jobs = |command: &mut Command| {
            command.args(["--jobs", jobs]);
        };
        equal("jobs", &run(&files, &with_jobs)?, &expected)?;
    }
    let elsewhere = |command: &mut Command| {
        command.env_clear().current_dir("/").envs([
            ("HOME", "/nowhere"),
            ("TZ", "Asia/Kathmandu"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("COLUMNS", "20"),
            ("TERM", "dumb"),
        ]);
    };
    equal("the environment", &run(&files, &elsewhere)?, &expected)
}

fn a_file_that_is_named_twice_is_one(class: &Class) -> Result<(), Failed> {
    let expected = class.run(&["cable", "all"])?;
    let full = class.path("all/ann.answer").display().to_string();
    for words in
        [&["cable", "all", "all"][..], &["cable", "./all/../all/ann.answer", "all"], &["cable", "all", &full]]
    {
        let run = class.run(words)?;
        equal("rows", &run.out.lines().count(), &expected.out.lines().count())?;
        equal("doubles", &run.out.contains("answers name"), &false)?;
    }
    Ok(())
}

fn what_is_no_file_is_refused(class: &Class) -> Result<(), Failed> {
    let pipe = class.path("pipe.sh");
    equal("mkfifo", &Command::new("mkfifo").arg(&pipe).status()?.success(), &true)?;
    let run = class.run(&["cable", "pipe.sh", "all"])?;
    equal("exit code", &run.code, &Some(1))?;
    equal(&run.out, &run.out.contains("not graded: it cannot be read: it is not a regular file"), &true)
}

fn a_folder_that_cannot_be_read_stops_nothing(class: &Class) -> Result<(), Failed> {
    let closed = class.path("all/finn");
    fs::create_dir(&closed)?;
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000))?;
    let grade = class.grade(&["cable", "all"]);
    let mut command = Command::new(grade.get_program());
    if tools::is_root()? {
        // Root may look into every folder, unless that is taken away.
        command = Command::new("setpriv");
        let less = "-dac_override,-dac_read_search";
        command
            .args([format!("--inh-caps={less}"), format!("--bounding-set={less}")])
            .arg(grade.get_program());
    }
    command.args(grade.get_args()).current_dir(class.folder.path());
    let output = command.env("VETHLAB_DATA_DIR", class.path("nothing")).output();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700))?;
    let run = Run::new(&output?)?;
    equal(&format!("{run:?}"), &run.code, &Some(1))?;
    let line = run.out.lines().find(|line| line.starts_with("finn")).unwrap_or_default();
    equal(&run.out, &line.contains("not graded: it cannot be read: Permission denied"), &true)?;
    equal(&run.out, &run.out.contains("6 grades: 3 full"), &true)
}

fn an_interrupt_stops_it(class: &Class) -> Result<(), Failed> {
    // Each of these goes on until it is stopped for doing too much.
    let endless = "ping -q -i 0.002 -c 1000000 127.0.0.1\n".to_owned();
    for number in 0..200 {
        fs::write(class.path(&format!("all/endless-{number}.sh")), &endless)?;
    }
    let run = interrupted(class, &["cable", "all", "--jobs", "2", "--report", "csv=grades.csv"])?;
    equal(&format!("{run:?}"), &(run.code, run.out.as_str()), &(Some(130), ""))?;
    let said = run.err.starts_with("vethlab: stopped: ") && run.err.ends_with("and nothing was written\n");
    equal(&run.err, &said, &true)?;
    equal("a report", &class.path("grades.csv").exists(), &false)?;
    // One that was being graded is not done.
    let spaces: String = (0..990).map(|number| format!("ip netns add n{number}\n")).collect();
    fs::write(class.path("slow.sh"), spaces + &"ip -all netns exec ip link add type veth\n".repeat(900))?;
    let run = interrupted(class, &["cable", "slow.sh"])?;
    equal(&run.err, &run.err.starts_with("vethlab: stopped: 0 of 1 answers were graded"), &true)
}

/// What comes of a Ctrl-C as soon as grading has begun.
fn interrupted(class: &Class, words: &[&str]) -> Result<Run, Failed> {
    let mut command = class.grade(words);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let began = Instant::now();
    // Grading has begun when there are threads for it.
    let threads = format!("/proc/{}/task", child.id());
    while fs::read_dir(&threads)?.count() < 2 && began.elapsed() < PATIENCE {
        thread::yield_now();
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    equal("kill", &sent.success(), &true)?;
    while child.try_wait()?.is_none() {
        if began.elapsed() > PATIENCE {
            child.kill()?;
            return Err("it goes on".into());
        }
        thread::yield_now();
    }
    Run::new(&child.wait_with_output()?)
}

fn verbose_tells_why(class: &Class) -> Result<(), Failed> {
    let short = class.run(&["cable", "all/dan.answer"])?;
    let full = class.run(&["cable", "all/dan.answer", "--verbose"])?;
    for words in
        ["Follow the packet", "expected: a ping from red to ", "found: ", "cause: link-down", "(hidden)"]
    {
        equal(words, &(short.out.contains(words), full.out.contains(words)), &(false, true))?;
    }
    Ok(())
}

fn both_stacks_give_the_same_grades(class: &Class) -> Result<(), Failed> {
    let grades = |stack: &str| class.run(&["cable", "all", "--report", "csv", "--stack", stack]);
    let (sim, real) = (grades("sim")?, grades("real")?);
    equal(&real.err, &real.code, &Some(1))?;
    equal("grades", &real, &sim)
}

fn without_namespaces_it_is_4(class: &Class) -> Result<(), Failed> {
    let none = "echo 0 >/proc/sys/user/max_user_namespaces && \
                exec setpriv --inh-caps=-all --bounding-set=-all \"$0\" \"$@\"";
    let grade = class.grade(&["cable", "all", "--stack", "real"]);
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", none]).arg(grade.get_program());
    let output = command.args(grade.get_args()).current_dir(class.folder.path()).output()?;
    let run = Run::new(&output)?;
    equal(&format!("{run:?}"), &(run.code, run.out.as_str()), &(Some(4), ""))?;
    equal(&run.err, &run.err.lines().count(), &1)
}

/// The names of what is in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>, Failed> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
