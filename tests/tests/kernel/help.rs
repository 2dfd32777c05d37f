//! Whoever asks a program for help gets it as the installed tool gives it, but for the words: with its exit status, and
//! on its stream.

use libtest_mimic::Failed;
use std::process::{Command, Stdio};
use vethlab_engine::script;
use vethlab_programs::{Page, table};
use vethlab_sim::World;
use vethlab_tests::tools::{self, PATH};
use vethlab_tests::trial::{Trial, equal};

/// The tools of which both are asked.
const TOOLS: [&str; 13] = [
    "arp",
    "bridge",
    "cat",
    "date",
    "hostname",
    "ifconfig",
    "ip",
    "iptables",
    "ping",
    "route",
    "sysctl",
    "tcpdump",
    "traceroute",
];

pub(crate) fn trials() -> Vec<Trial> {
    let missing: Vec<&str> = TOOLS.into_iter().filter(|tool| !tools::is_installed(tool)).collect();
    let missing = (!missing.is_empty()).then(|| format!("not installed: {}", missing.join(", ")));
    vec![Trial::with_tool("help_is_given_as_the_tools_give_it", missing.as_deref(), || {
        let programs = table().iter().filter(|program| TOOLS.contains(&program.name));
        let mut pages =
            programs.flat_map(|program| std::iter::once(program.page).chain(program.page.objects));
        pages.try_for_each(check)
    })]
}

fn check(page: &Page) -> Result<(), Failed> {
    for word in page.help.words {
        let line = format!("{} {word}", page.command);
        let mut words = line.split(' ');
        let mut tool = Command::new(words.next().unwrap_or_default());
        let output = tool.args(words).env("PATH", PATH).stdin(Stdio::null()).output()?;
        let entry =
            script::play(std::slice::from_ref(&line), &mut World::new(0)).pop().ok_or("nothing ran")?;
        equal(&line, &Some(i32::from(entry.status)), &output.status.code())?;
        // net-tools write a part of theirs to the other stream.
        let spoke = if page.help.to_stdout {
            (&entry.stdout, &output.stdout)
        } else {
            (&entry.stderr, &output.stderr)
        };
        if spoke.0.is_empty() || spoke.1.is_empty() {
            return Err(format!("{line}: it says nothing on that stream").into());
        }
    }
    Ok(())
}
