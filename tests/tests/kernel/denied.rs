//! The real stack where the kernel, or a container around it, denies what it needs: one clear line and exit code 4, and no
//! abort.
//!
//! The test program starts itself, takes a system call away from itself, and becomes `vethlab`.

use libtest_mimic::Failed;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Output, Stdio};
use vethlab_tests::binary;
use vethlab_tests::trial::{Trial, equal};

/// The word that asks this test program to become another one.
const WORD: &str = "--denied";

/// `EPERM`, as a seccomp profile of a container answers.
const EPERM: u32 = 1;

/// Fifty namespaces, and a link that is set up in one of them.
fn script() -> String {
    let namespaces: String = (0..50).map(|number| format!("ip netns add n{number}\n")).collect();
    namespaces + "ip netns exec n1 ip link set lo up\n"
}

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    vec![
        Trial::on_kernel("a_system_call_that_seccomp_denies_is_4", missing, a_denied_system_call_is_4),
        Trial::on_kernel("few_files_are_told_with_the_right_advice", missing, few_files_are_told),
    ]
}

/// Where the words ask for it, takes a system call away and becomes the program behind; `None` where they do not.
pub(crate) fn become_another() -> Option<ExitCode> {
    let mut words = env::args_os().skip(1);
    if words.next()? != WORD {
        return None;
    }
    let failed = |why: &dyn Display| {
        eprintln!("{WORD}: {why}");
        Some(ExitCode::FAILURE)
    };
    let number = words.next().and_then(|word| word.to_str()?.parse().ok());
    let (Some(number), Some(program)) = (number, words.next()) else { return failed(&"words are missing") };
    match deny(number) {
        Ok(()) => failed(&Command::new(program).args(words).exec()),
        Err(error) => failed(&error),
    }
}

/// From here on this system call fails with `EPERM`, also in the program that this one becomes.
fn deny(number: i64) -> Result<(), seccompiler::Error> {
    let denied = BTreeMap::from([(number, Vec::new())]);
    let (others, this) = (SeccompAction::Allow, SeccompAction::Errno(EPERM));
    let filter = SeccompFilter::new(denied, others, this, env::consts::ARCH.try_into()?)?;
    let program: BpfProgram = filter.try_into()?;
    apply_filter(&program)
}

fn run(mut command: Command) -> Result<(Output, String), Failed> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let sent = child.stdin.take().ok_or("no standard input")?.write_all(script().as_bytes());
    let output = child.wait_with_output()?;
    // A program that ends early reads no script.
    sent.or_else(|error| if error.kind() == std::io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })?;
    let said = String::from_utf8(output.stderr.clone())?;
    Ok((output, said))
}

fn a_denied_system_call_is_4() -> Result<(), Failed> {
    for (name, number) in numbers()? {
        let mut command = Command::new(env::current_exe()?);
        command.args([OsString::from(WORD), number.to_string().into(), binary::path()?.into()]);
        command.args(["run", "--stack", "real", "-"]);
        let (output, said) = run(command)?;
        equal(&format!("{name}: {said}"), &output.status.code(), &Some(4))?;
        equal(
            &format!("{name}: {said}"),
            &(said.lines().count(), said.starts_with("vethlab: ")),
            &(1, true),
        )?;
        equal(&said, &said.contains("seccomp=unconfined"), &true)?;
    }
    Ok(())
}

/// The system calls that enter and make namespaces, by their numbers here.
fn numbers() -> Result<[(&'static str, i64); 2], Failed> {
    match env::consts::ARCH {
        "x86_64" => Ok([("setns", 308), ("unshare", 272)]),
        "aarch64" | "riscv64" => Ok([("setns", 268), ("unshare", 97)]),
        other => Err(format!("the numbers of system calls on {other} are not known here").into()),
    }
}

/// A soft limit is raised as far as it goes; a hard one is told, with who can raise it, wherever it is met.
fn few_files_are_told() -> Result<(), Failed> {
    let limited = |limit: &str| -> Result<Command, Failed> {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("ulimit {limit} && exec \"$0\" run --stack real -")])
            .arg(binary::path()?);
        Ok(command)
    };
    let (output, said) = run(limited("-S -n 24")?)?;
    equal(&said, &output.status.code(), &Some(0))?;
    for limit in 5..60 {
        let (output, said) = run(limited(&format!("-n {limit}"))?)?;
        let code = output.status.code();
        equal(&format!("{limit}: {said}"), &code.is_some_and(|code| [1, 2, 4].contains(&code)), &true)?;
        equal(&format!("{limit}: {said}"), &said.contains("ulimit -Hn 65536"), &true)?;
        equal(&format!("{limit}: {said}"), &said.contains("seccomp"), &false)?;
    }
    Ok(())
}
