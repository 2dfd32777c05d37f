//! `vethlab doctor`: what each stack needs, and what this machine has.

use super::{Failure, terminal_width};
use vethlab::output;
use vethlab_engine::page;
use vethlab_engine::paint::Paint;
use vethlab_real::Requirement;

/// The simulator works, the real stack does not.
const SIMULATOR_ONLY: u8 = 3;

/// Say what each stack needs, what this machine has, and what to do about the rest.
///
/// The exit code is 0 when both stacks are available and 3 when only the simulator is. The real stack does without
/// drop reasons where the kernel does not let them out.
#[derive(clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> Result<u8, Failure> {
    let mut requirements = vethlab_real::probe();
    let drop_reasons = vethlab_real::probe_drop_reasons();
    if requirements.iter().all(|requirement| requirement.met) {
        requirements.push(vethlab_real::try_stack());
    }
    let available = requirements.iter().all(|requirement| requirement.met);
    let paint = output::paint();
    let mut text = format!("sim   {}\n  It needs nothing of the machine.\n\n", paint.good("available"));
    let state = if available { paint.good("available") } else { paint.strong("not available here") };
    text.push_str(&format!("real  {state}\n"));
    for requirement in &requirements {
        text.push_str(&line(requirement, paint.strong("missing"), paint));
    }
    if available {
        text.push_str(&line(&drop_reasons, "without", paint));
    }
    output::tell(&text)?;
    Ok(if available { 0 } else { SIMULATOR_ONLY })
}

/// One thing, and how it is marked where it is not there.
fn line(requirement: &Requirement, absent: impl std::fmt::Display, paint: Paint) -> String {
    const INDENT: usize = 11;
    let Requirement { name, met, found, remedy } = requirement;
    let mark = if *met { paint.good("ok     ").to_string() } else { absent.to_string() };
    let remedy =
        page::prose(remedy.as_deref().unwrap_or_default(), terminal_width().saturating_sub(INDENT), paint);
    let remedy: String = remedy.lines().map(|line| format!("{:INDENT$}{line}\n", "")).collect();
    format!("  {mark}  {name}: {found}\n{remedy}")
}
