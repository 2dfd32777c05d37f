//! How `arp` shows the neighbour table.

use crate::nettools::resolve;
use crate::{Context, Failure, Status, refused};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::family::Family;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{LinkView, NeighbourState, NeighbourView};

const HEADER: &str = "Address                  HWtype  HWaddress           Flags Mask            Iface\n";

/// What to show, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selection<'a> {
    /// Only this host.
    pub(super) host: Option<&'a str>,
    /// Only on this link.
    pub(super) device: Option<&'a str>,
    /// Only Ethernet: that is all there are.
    pub(super) ethernet: bool,
    /// In columns.
    pub(super) columns: bool,
    /// Asked for with `-a`.
    pub(super) sentences: bool,
    pub(super) numeric: bool,
    pub(super) verbose: bool,
}

/// States in which the hardware address is known (`NUD_VALID`).
const VALID: NeighbourState = NeighbourState::PERMANENT
    .union(NeighbourState::REACHABLE)
    .union(NeighbourState::PROBE)
    .union(NeighbourState::STALE)
    .union(NeighbourState::DELAY);

/// One line of `/proc/net/arp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    address: IpAddr,
    /// Where it is known.
    hardware: Option<String>,
    permanent: bool,
    link: String,
}

impl Entry {
    /// `arp_seq_show`: entries without ARP, or without any state, are left out.
    pub(super) fn new(neighbour: &NeighbourView, links: &[LinkView]) -> Option<Entry> {
        let state = neighbour.state;
        let of = |index: IfIndex| links.iter().find(|link| link.index == index);
        (!(state - NeighbourState::NO_ARP).is_empty()).then(|| Entry {
            address: neighbour.destination,
            hardware: state.intersects(VALID).then(|| neighbour.address.unwrap_or_default().to_string()),
            permanent: state.contains(NeighbourState::PERMANENT),
            link: of(neighbour.link).map_or_else(|| neighbour.link.to_string(), |link| link.name.to_string()),
        })
    }

    fn columns(&self, numeric: bool) -> String {
        let flags = match (&self.hardware, self.permanent) {
            (None, _) => "",
            (Some(_), false) => "C",
            (Some(_), true) => "CM",
        };
        let kind = if self.hardware.is_some() { "ether" } else { "" };
        let hardware = self.hardware.as_deref().unwrap_or("(incomplete)");
        let name = self.name(numeric).unwrap_or_else(|| self.address.to_string());
        format!("{name:<23}  {kind:<8}{hardware:<20}{flags:<6}{:<15} {}\n", "", self.link)
    }

    /// The line of the file. Its flags are `ATF_COM` and `ATF_PERM` (`arp_state_to_flags`).
    pub(super) fn in_file(&self) -> String {
        let flags = match (&self.hardware, self.permanent) {
            (None, _) => 0,
            (Some(_), false) => 2,
            (Some(_), true) => 6,
        };
        let hardware = self.hardware.as_deref().unwrap_or("00:00:00:00:00:00");
        let address = self.address.to_string();
        format!("{address:<16} 0x{:<10x}0x{flags:<10x}{hardware:<17}     *        {}\n", 1, self.link)
    }

    fn sentence(&self, numeric: bool) -> String {
        let name = self.name(numeric).unwrap_or_else(|| "?".to_owned());
        let hardware = match &self.hardware {
            Some(hardware) => format!("{hardware} [ether]"),
            None => "<incomplete>".to_owned(),
        };
        let permanent = if self.permanent { "PERM " } else { "" };
        format!("{name} ({}) at {hardware} {permanent}on {}\n", self.address, self.link)
    }

    /// The host's name; without a resolver only this machine has one.
    fn name(&self, numeric: bool) -> Option<String> {
        (self.address == Ipv4Addr::LOCALHOST && !numeric).then(|| "localhost".to_owned())
    }
}

/// Shows the table (`arp_show`).
pub(super) fn run(selection: Selection<'_>, context: &mut Context<'_>) -> Result<Status, Failure> {
    let host = match selection.host {
        None => None,
        Some(text) => Some(resolve(text).map_err(|why| Failure::exit(255, format_args!("{text}: {why}")))?),
    };
    let failed = |error| refused(error, 255, |errno| format!("/proc/net/arp: {errno}"));
    let links = context.stack.links(&context.namespace).map_err(failed)?;
    let neighbours = context.stack.neighbours(&context.namespace, Family::Inet).map_err(failed)?;
    let entries: Vec<Entry> =
        neighbours.iter().filter_map(|neighbour| Entry::new(neighbour, &links)).collect();
    let shown: Vec<&Entry> = entries
        .iter()
        .filter(|entry| host.is_none_or(|host| entry.address == host))
        .filter(|entry| selection.device.is_none_or(|device| entry.link == device))
        .collect();
    let mut text = String::new();
    if selection.columns && !shown.is_empty() {
        text += HEADER;
    }
    for entry in &shown {
        let numeric = selection.numeric;
        text += &if selection.columns { entry.columns(numeric) } else { entry.sentence(numeric) };
    }
    let (all, found) = (entries.len(), shown.len());
    if selection.verbose {
        text += &format!("Entries: {all}\tSkipped: {}\tFound: {found}\n", all - found);
    }
    if found == 0 {
        match (selection.host, host) {
            (Some(typed), Some(host)) if !selection.sentences => {
                text += &format!("{typed} ({host}) -- no entry\n");
            }
            (None, _) if selection.device.is_none() && !selection.ethernet => {}
            _ => text += &format!("arp: in {all} entries no match found.\n"),
        }
    }
    context.console.out(&text);
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(hardware: Option<&str>, permanent: bool) -> Entry {
        let hardware = hardware.map(str::to_owned);
        Entry { address: Ipv4Addr::new(10, 0, 0, 5).into(), hardware, permanent, link: "v0".to_owned() }
    }

    #[test]
    fn entries_read_as_net_tools_writes_them() {
        let known = entry(Some("02:00:00:00:00:05"), true);
        let line = "10.0.0.5                 ether   02:00:00:00:00:05   CM                    v0\n";
        assert_eq!(known.columns(false), line);
        assert_eq!(known.sentence(false), "? (10.0.0.5) at 02:00:00:00:00:05 [ether] PERM on v0\n");
        let unknown = entry(None, false);
        let line = "10.0.0.5                         (incomplete)                              v0\n";
        assert_eq!(unknown.columns(true), line);
        assert_eq!(unknown.sentence(true), "? (10.0.0.5) at <incomplete> on v0\n");
    }
}
