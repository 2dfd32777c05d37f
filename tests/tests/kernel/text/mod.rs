//! The small tools against those that are installed: random arguments and inputs, by which both must print and say the same,
//! and end with the same status. What is refused by name is counted, and not compared.
//!
//! `VETHLAB_TEXT_CASES` sets how many calls of each tool are tried.

mod calls;
mod patterns;
mod programs;

use calls::Call;
use libtest_mimic::Failed;
use proptest::strategy::BoxedStrategy;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use std::cell::Cell;
use std::env;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use vethlab_tests::trial::Trial;
use vethlab_tests::{randomness, tools};
use vethlab_text::Output;

/// What stands before a message of the shell's own `printf`.
const SHELL: &str = "bash: line 1: ";

/// The calls of a tool: its name, what makes them, and the largest share of them, in percent, that may be refused.
type Tool = (&'static str, fn() -> BoxedStrategy<Call>, u32);

const TOOLS: &[Tool] = &[
    ("awk", programs::awk, 10),
    ("basename", calls::basename, 0),
    ("cat", calls::cat, 0),
    ("column", calls::column, 30),
    ("cut", calls::cut, 5),
    ("dirname", calls::dirname, 0),
    ("expr", calls::expr, 20),
    ("grep", patterns::grep, 20),
    ("egrep", patterns::egrep, 20),
    ("fgrep", patterns::fgrep, 5),
    ("head", calls::head, 0),
    ("nl", calls::nl, 0),
    ("printf", programs::printf, 20),
    ("rev", calls::rev, 0),
    ("sed", patterns::sed, 40),
    ("seq", calls::seq, 5),
    ("sort", calls::sort, 5),
    ("tac", calls::tac, 0),
    ("tail", calls::tail, 0),
    ("tee", calls::tee, 0),
    ("tr", calls::tr, 5),
    ("uniq", calls::uniq, 0),
    ("wc", calls::wc, 0),
];

/// The program that a tool is, where more than one has its name.
const COMMANDS: &[(&str, &str)] = &[("awk", "mawk")];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |(name, make, refused): &Tool| {
        let (name, make, refused) = (*name, *make, *refused);
        let command = COMMANDS.iter().find(|(tool, _)| *tool == name).map_or(name, |(_, command)| *command);
        let missing = (!tools::is_installed(command)).then(|| format!("not installed: {command}"));
        Trial::with_tool(name, missing.as_deref(), move || does_the_same(command, &make(), refused)).waits()
    };
    TOOLS.iter().map(trial).collect()
}

/// The installed tools, and a folder with the files that they read.
struct Installed(TempDir);

impl Installed {
    fn new() -> Result<Installed, Failed> {
        let folder = tempfile::tempdir()?;
        for (name, text) in calls::FILES {
            fs::write(folder.path().join(name), text)?;
        }
        Ok(Installed(folder))
    }

    fn run(&self, tool: &str, call: &Call) -> Result<Output, Failed> {
        let mut command = Command::new(if tool == "printf" { "bash" } else { tool });
        if tool == "printf" {
            command.args(["-c", "printf \"$@\"", "bash"]);
        }
        command.args(&call.arguments).current_dir(self.0.path()).env("LC_ALL", "C").env("PATH", tools::PATH);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // The tool may end before it has read all: then nobody takes the rest.
            let _ = input.write_all(&call.input);
        }
        let output = child.wait_with_output()?;
        let said = match tool {
            "printf" => String::from_utf8_lossy(&output.stderr).replace(SHELL, "").into_bytes(),
            _ => output.stderr,
        };
        let status = output.status.code().and_then(|code| u8::try_from(code).ok());
        let status = status.ok_or_else(|| format!("{tool} was killed"))?;
        // Of a pipe nobody can tell whether it was read.
        Ok(Output { stdout: output.stdout, stderr: said, status, has_read_input: false })
    }
}

fn ours(tool: &str, call: &Call) -> Option<Output> {
    let file = |name: &str| {
        let found = calls::FILES.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| text.as_bytes().to_vec())
    };
    vethlab_text::run(tool, &call.arguments, &call.input, &file)
}

fn does_the_same(tool: &str, calls: &BoxedStrategy<Call>, most_refused: u32) -> Result<(), Failed> {
    let cases = env::var("VETHLAB_TEXT_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let installed = Installed::new()?;
    let mut runner = TestRunner::new(Config { max_shrink_iters: 500, ..randomness::config(cases) });
    let (refused, printed) = (Cell::new(0), Cell::new(0));
    let outcome = runner.run(calls, |call| {
        let found = ours(tool, &call).ok_or_else(|| TestCaseError::fail("it is not known"))?;
        if found.stderr.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"vethlab: ")) {
            refused.set(refused.get() + 1);
            return Ok(());
        }
        let expected = installed
            .run(tool, &call)
            .map_err(|error| TestCaseError::fail(error.message().unwrap_or_default().to_owned()))?;
        printed.set(printed.get() + u32::from(!expected.stdout.is_empty() || expected.stderr.is_empty()));
        if same(tool, &expected, &found) {
            return Ok(());
        }
        Err(TestCaseError::fail(format!("expected {}\nfound    {}", shown(&expected), shown(&found))))
    });
    match outcome {
        Ok(()) if refused.get() * 100 > cases * most_refused.max(1) => {
            Err(format!("{} of {cases} calls are not modelled", refused.get()).into())
        }
        Ok(()) if printed.get() * 5 < cases - refused.get() => {
            Err(format!("{} of {cases} calls were right: this proves little", printed.get()).into())
        }
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, call)) => Err(format!(
            "{tool} {:?}\n<<< {:?}\n{reason}",
            call.arguments,
            String::from_utf8_lossy(&call.input)
        )
        .into()),
        Err(error) => Err(error.to_string().into()),
    }
}

/// Whether two outputs are the same. mawk quotes a program that it cannot read, in words that are its own: that it says so is
/// what counts.
fn same(tool: &str, expected: &Output, found: &Output) -> bool {
    let rough = tool == "mawk" && expected.status == 2 && found.status == 2;
    let printed = |output: &Output| (output.stdout.clone(), output.stderr.clone(), output.status);
    printed(expected) == printed(found)
        || (rough && expected.stdout == found.stdout && !found.stderr.is_empty())
}

fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{:?}, said {:?}, status {}", text(&output.stdout), text(&output.stderr), output.status)
}
