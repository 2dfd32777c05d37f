//! Both stacks against the installed tools: every script of `tests/scripts` prints the same, to the letter,
//! on standard output and standard error, with the same exit statuses.

use libtest_mimic::Failed;
use vethlab_engine::compare::{Entry, differences, side_by_side};
use vethlab_engine::script;
use vethlab_tests::files::{self, NamedFile};
use vethlab_tests::trial::Trial;
use vethlab_tests::{stacks, tools};

/// How wide a difference is shown.
const WIDTH: usize = 180;

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let missing = missing.map(str::to_owned).or_else(missing_tools);
    let scripts = files::read_all("scripts", "sh")?.into_iter();
    Ok(scripts
        .map(|file| Trial::on_kernel(file.name.clone(), missing.as_deref(), move || check(&file)).timed())
        .collect())
}

fn missing_tools() -> Option<String> {
    let missing = tools::missing();
    if missing.is_empty() { None } else { Some(format!("not installed: {}", missing.join(", "))) }
}

fn check(file: &NamedFile) -> Result<(), Failed> {
    let commands = script::commands(file.text.as_bytes())?;
    let found = differ(file, &commands)?;
    if found.is_empty() { Ok(()) } else { Err(found.into()) }
}

/// Plays a script three times, and shows where what came of it differs.
fn differ(file: &NamedFile, commands: &[String]) -> Result<String, Failed> {
    // tcpdump gives up being root, which the namespace of an ordinary user does not allow: there the kernel alone
    // is what sim is held against.
    let uses_tcpdump = commands.iter().any(|command| command.contains("tcpdump"));
    let expected = if uses_tcpdump && !tools::can_change_user()? {
        script::play(commands, &mut *stacks::real()?)
    } else {
        tools::play(commands)?
    };
    let expected = tools::gathered(expected);
    let sim = tools::gathered(script::play(commands, &mut *stacks::sim(1)?));
    let real = tools::gathered(script::play(commands, &mut *stacks::real()?));
    Ok(show(file, &expected, "sim", &sim) + &show(file, &expected, "real", &real))
}

/// Shows where a stack differs from the tools, each place with its script and line.
fn show(file: &NamedFile, expected: &[Entry], stack: &str, entries: &[Entry]) -> String {
    differences(expected, entries)
        .iter()
        .map(|difference| {
            let line = line_of(file, difference.number);
            let table = side_by_side(difference, ["tools", stack], WIDTH);
            format!(
                "tests/scripts/{}.sh:{line}: the tools and {stack} differ in command {table}\n",
                file.name
            )
        })
        .collect()
}

/// The line of a script's command, both counted from 1.
fn line_of(file: &NamedFile, number: usize) -> usize {
    let is_command = |line: &str| !line.trim().is_empty() && !line.trim().starts_with('#');
    let mut lines = file.text.lines().enumerate().filter(|(_, line)| is_command(line));
    lines.nth(number - 1).map_or(0, |(index, _)| index + 1)
}
