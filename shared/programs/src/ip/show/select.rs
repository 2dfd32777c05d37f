//! Which links and addresses a listing or a flush is about.

use crate::Failure;
use crate::fnmatch;
use crate::ip::Preferred;
use crate::ip::args::{FAILED, Words, garbage, invalid, matches, not_modelled};
use crate::ip::inet::{GivenPrefix, prefix};
use crate::ip::links::Links;
use crate::ip::names;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{AddressView, LinkFlags, LinkKind, LinkView, Scope};

/// `IFA_F_*`: the flags that can be asked for, by the words for them (`ifa_flag_data`).
pub(in crate::ip) const FLAGS: &[(&str, u32)] = &[
    ("secondary", 0x01),
    ("temporary", 0x01),
    ("nodad", 0x02),
    ("optimistic", 0x04),
    ("dadfailed", 0x08),
    ("home", 0x10),
    ("deprecated", 0x20),
    ("tentative", 0x40),
    ("permanent", 0x80),
    ("mngtmpaddr", 0x100),
    ("noprefixroute", 0x200),
    ("autojoin", 0x400),
    ("stable-privacy", 0x800),
];

/// `IFA_F_SECONDARY`.
const SECONDARY: u32 = 0x01;

/// What a listing or a flush selects (`struct link_filter`).
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::ip) struct Selection {
    /// Which addresses.
    pub(in crate::ip) family: Preferred,
    /// Only this link.
    device: Option<String>,
    /// Only links that are up.
    pub(super) up: bool,
    /// Only addresses of this scope.
    scope: Option<Scope>,
    /// The values of the flags in `flags_mask`.
    flags: u32,
    flags_mask: u32,
    /// Only addresses whose label fits this pattern.
    pub(super) label: Option<String>,
    group: Option<u32>,
    /// Only the ports of this link.
    master: Option<String>,
    kind: Option<String>,
    prefix: Option<GivenPrefix>,
}

impl Selection {
    /// Reads the words of a listing or a flush.
    pub(in crate::ip) fn parse(
        command: &str,
        family: Preferred,
        words: &mut Words<'_>,
    ) -> Result<Selection, Failure> {
        let mut selection = Selection { family, ..Selection::default() };
        while let Some(word) = words.next() {
            match word {
                "to" => {
                    let prefix = prefix(words.value()?, selection.family)?;
                    selection.family.learn(prefix);
                    selection.prefix = Some(prefix);
                }
                "scope" => {
                    let word = words.value()?;
                    selection.scope = names::scope(word);
                    if selection.scope.is_none() && word != "all" {
                        return Err(invalid("invalid \"scope\"\n", word));
                    }
                }
                "up" => selection.up = true,
                _ if selection.take_flag(word) => {}
                "label" => selection.label = Some(words.value()?.to_owned()),
                "group" => {
                    let word = words.value()?;
                    let group =
                        names::group(word).ok_or_else(|| invalid("Invalid \"group\" value\n", word))?;
                    selection.group = Some(group);
                }
                "master" => selection.master = Some(words.value()?.to_owned()),
                "vrf" | "nomaster" => return Err(not_modelled(command, word)),
                "type" => {
                    let kind = words.value()?;
                    if kind.ends_with("_slave") {
                        return Err(not_modelled(command, &format!("type {kind}")));
                    }
                    selection.kind = Some(kind.to_owned());
                }
                _ if word != "dev" && matches(word, "help") => return Err(not_modelled(command, "help")),
                _ => {
                    let name = if word == "dev" { words.value()? } else { word };
                    if selection.device.is_some() {
                        return Err(garbage("dev", name));
                    }
                    selection.device = Some(name.to_owned());
                }
            }
        }
        Ok(selection)
    }

    /// Takes a word for a flag, with a minus sign for one that must not be set (`get_filter`).
    fn take_flag(&mut self, word: &str) -> bool {
        let (clear, name) = match word.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, word),
        };
        let (clear, name) = match name {
            "dynamic" => (!clear, "permanent"),
            "primary" => (!clear, "secondary"),
            name => (clear, name),
        };
        let Some((_, flag)) = FLAGS.iter().find(|(known, _)| *known == name) else { return false };
        self.flags_mask |= flag;
        self.flags = if clear { self.flags & !flag } else { self.flags | flag };
        true
    }

    /// The number of the link that was named.
    pub(in crate::ip) fn index(&self, links: &Links) -> Result<Option<IfIndex>, Failure> {
        let Some(name) = &self.device else { return Ok(None) };
        let missing = || Failure::exit(FAILED, format_args!("Device \"{name}\" does not exist."));
        links.index_of(name).ok_or_else(missing).map(Some)
    }

    /// The number of the link whose ports are asked for.
    pub(super) fn master(&self, links: &Links) -> Result<Option<IfIndex>, Failure> {
        let Some(name) = &self.master else { return Ok(None) };
        links.index_of(name).ok_or_else(|| invalid("Device does not exist\n", name)).map(Some)
    }

    /// Whether only addresses are asked for that are the first of their prefix.
    pub(in crate::ip) fn primary_only(&self) -> bool {
        self.flags_mask & SECONDARY != 0 && self.flags & SECONDARY == 0
    }

    /// Whether the kernel would report the link, given its kind.
    pub(super) fn takes_kind(&self, link: &LinkView) -> bool {
        let kind = match &link.kind {
            LinkKind::Loopback => None,
            LinkKind::Veth => Some("veth"),
            LinkKind::Bridge => Some("bridge"),
            LinkKind::Other(kind) => Some(kind.as_str()),
        };
        self.kind.as_deref().is_none_or(|wanted| kind == Some(wanted))
    }

    /// Whether the link is to be shown (`print_linkinfo`).
    pub(super) fn takes_link(&self, link: &LinkView) -> bool {
        if self.up && !link.has(LinkFlags::UP) {
            return false;
        }
        // With a label only addresses are shown, and the filters behind it are not reached.
        self.label.is_some() || (self.group.is_none_or(|group| link.group == group) && self.takes_kind(link))
    }

    /// Whether an address is to be shown (`print_addrinfo`).
    pub(in crate::ip) fn takes_address(&self, address: &AddressView) -> bool {
        self.scope.is_none_or(|scope| address.scope == scope)
            && (self.flags ^ address.flags.bits()) & self.flags_mask == 0
            && self.label.as_deref().is_none_or(|pattern| fnmatch::fits(pattern, &address.label))
            && self.prefix.is_none_or(|prefix| prefix.takes(address.local))
    }

    /// Whether a link has an address to show, or has none at all where any family will do
    /// (`ipaddr_filter`).
    pub(super) fn takes_link_for_addresses(&self, link: &LinkView, addresses: &[AddressView]) -> bool {
        let mut own = addresses.iter().filter(|address| address.link == link.index).peekable();
        match own.peek() {
            None => self.family == Preferred::Any,
            Some(_) => own.any(|address| self.takes_address(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_can_be_asked_for_or_ruled_out() {
        let mut selection = Selection::default();
        assert!(selection.take_flag("primary"));
        assert!(selection.primary_only());
        assert!(selection.take_flag("-primary"));
        assert!(!selection.primary_only());
        assert!(!selection.take_flag("-lo"));
    }
}
