//! `sudo`: whoever types here is root already, so the command behind it runs as it is.

use crate::manual::pages;
use crate::process::Fails;
use crate::{Failure, Parsed, SHOWS};
use vethlab_explain::journal::Invocation;
use vethlab_shared::words::WordList;

/// What is said the first time.
pub(crate) const REMARK: &str = "vethlab: you are root here, so 'sudo' can be left out\n";

/// Options of sudo(8) that change nothing for root, and those of them that have a value.
const LETTERS: &str = "nEHSAkPBb";
const LONG: &[&str] = &[
    "--non-interactive",
    "--preserve-env",
    "--set-home",
    "--stdin",
    "--askpass",
    "--bell",
    "--reset-timestamp",
    "--preserve-groups",
];
const VALUED: &[&str] = &["-p", "-C", "-D", "--prompt", "--close-from"];

/// The command behind `sudo` and its options.
///
/// # Errors
/// What becomes of the line where there is none.
pub(crate) fn command(words: &WordList) -> Result<WordList, Box<Parsed>> {
    let mut rest = &words[..];
    loop {
        rest = match rest {
            [option, behind @ ..] if changes_nothing(option) => behind,
            [option, _, behind @ ..] if VALUED.contains(&option.as_str()) => behind,
            [option, user, behind @ ..] if matches!(option.as_str(), "-u" | "--user") && user == "root" => {
                behind
            }
            [option, behind @ ..] if matches!(option.as_str(), "--" | "sudo") => behind,
            _ => break,
        };
    }
    let ends = |failure| {
        Err(Box::new(Parsed::new(Invocation::new("sudo", words.clone(), SHOWS), Err::<Fails, _>(failure))))
    };
    match rest {
        // A shell as root: that is the one that this is typed in.
        [shell] if matches!(shell.as_str(), "-i" | "-s" | "--login" | "--shell" | "su") => {
            Err(Box::new(Parsed::once("sudo", words, SHOWS, |_, _| Ok(0))))
        }
        [help] if help == "-h" || help == "--help" => Err(Box::new(pages::SUDO.answer(words))),
        [option] if option == "-u" || VALUED.contains(&option.as_str()) => ends(Failure::exit(
            1,
            format_args!("sudo: option requires an argument -- '{}'", option.trim_matches('-')),
        )),
        [option, ..] if option.starts_with('-') => ends(Failure::NotModelled(format!("sudo {option}"))),
        [] => ends(Failure::exit(1, "usage: sudo [-nEH] [-u root] COMMAND")),
        command => Ok(words.behind(words.len() - command.len())),
    }
}

fn changes_nothing(option: &str) -> bool {
    let are_plain =
        |letters: &str| !letters.is_empty() && letters.chars().all(|letter| LETTERS.contains(letter));
    LONG.contains(&option)
        || option.starts_with("--preserve-env=")
        || option.strip_prefix('-').is_some_and(are_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(line: &str) -> Option<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        command(&words.into()).ok().map(|words| words.join(" "))
    }

    #[test]
    fn options_that_change_nothing_for_root_are_passed_over() {
        for line in [
            "ip link",
            "-n ip link",
            "-nEH ip link",
            "-E -H -u root -- ip link",
            "sudo -p x ip link",
            "--preserve-env=A ip link",
        ] {
            assert_eq!(behind(line).as_deref(), Some("ip link"), "{line}");
        }
        for line in ["-u ann ip link", "-l", "-i", "-s", "--help", "-n"] {
            assert_eq!(behind(line), None, "{line}");
        }
        assert_eq!(behind("sudo ".repeat(100_000).trim_end()), None);
    }
}
