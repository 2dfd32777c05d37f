//! Which command was refused last, and which vethlab itself refused: what builds on those is missing.

use vethlab_explain::journal::{Command, Effect, Journal};
use vethlab_shared::change::Change;
use vethlab_shared::event::Event;

/// Programs that vethlab has not, and that alter a network where they are.
const ELSEWHERE: [&str; 18] = [
    "arptables",
    "brctl",
    "bridge",
    "dhclient",
    "ebtables",
    "ethtool",
    "ip6tables",
    "ipset",
    "iptables-nft",
    "iptables-restore",
    "modprobe",
    "netplan",
    "nft",
    "nmcli",
    "ovs-vsctl",
    "tc",
    "vconfig",
    "wg",
];

/// The program with which each `RTNETLINK answers` begins, and its older kin.
const CONFIGURES: [&str; 6] = ["arp", "ifconfig", "ip", "iptables", "route", "sysctl"];

/// Whether a command is one of those that set a network up, be it that vethlab does not have it.
fn configures(command: &Command) -> bool {
    let program = command.invocation.program.as_str();
    CONFIGURES.contains(&program) || ELSEWHERE.contains(&program)
}

/// Whether a command was refused before it did anything: by the stack, by its program, or by vethlab.
fn was_refused(command: &Command) -> bool {
    let results = &command.results;
    // Such a program never began.
    let nowhere = |message: &str| message.starts_with("Cannot open network namespace");
    let said = results.message.as_deref();
    let told = results.refused.is_some() || results.not_modelled.is_some() || said.is_some();
    command.status != 0 && ((configures(command) && told) || said.is_some_and(nowhere))
}

/// The command that was refused last, where nothing was sent since, and nothing altered. `sends` says whether a command
/// sent something, or should have.
pub(super) fn last(journal: &Journal, sends: impl Fn(&Command, &[Event]) -> bool) -> Option<&Command> {
    for (command, events) in journal.commands().rev() {
        if was_refused(command) {
            return Some(command);
        }
        let alters = command.status == 0 && !command.invocation.only_shows();
        if alters || sends(command, events) {
            return None;
        }
    }
    None
}

/// Whether it was to take something away: then it is no harm that it is gone.
pub(super) fn takes_away(command: &Command) -> bool {
    command.results.refused.as_ref().is_some_and(|refused| {
        matches!(
            refused.change,
            Change::DeleteAddress(_)
                | Change::DeleteRoute(_)
                | Change::DeleteLink(_)
                | Change::DeleteNeighbour { .. }
                | Change::DeleteFdb(_)
                | Change::DeleteNamespace(_)
        )
    })
}

/// The lines that would have altered the network, and that vethlab refused, as it does not model them.
pub(super) fn by_vethlab(journal: &Journal) -> Vec<String> {
    let missed = journal.commands().map(|(command, _)| command).filter(|command| {
        let alters = command.invocation.effect == Effect::Alters;
        command.results.not_modelled.is_some() && alters && configures(command)
    });
    missed.map(|command| command.line.clone()).collect()
}
