//! Why a command was refused: what the kernel checked, what it found, and which command it would take.

mod route;

use super::cause::Cause;
use super::evidence::{Evidence, Fact};
use super::fault::Fault;
use super::judge::link_fact;
use super::mend::{Fix, Mend};
use super::network::Network;
use super::{Case, Diagnosis, trail};
use crate::journal::{Command, Refused, Results, Slip};
use std::net::IpAddr;
use strsim::levenshtein;
use vethlab_shared::change::{AddressSpec, Change, LinkSettings};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::{IfIndex, LinkName, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::stack::NetworkStack;

/// Explains why a command was refused, by the tables as they are; `None` where it was not.
///
/// # Errors
/// The stack cannot be read.
pub fn explain_refusal(
    command: &Command,
    stack: &mut dyn NetworkStack,
) -> Result<Option<Diagnosis>, StackError> {
    let network = Network::read(stack)?;
    let trails = trail::Trails::new(&[]);
    let invocation = Some(&command.invocation);
    let mut refusal = Refusal { case: Case { network, trails, invocation, unfinished: false }, command };
    let results = &command.results;
    let fault = match results {
        Results { not_modelled: Some(what), .. } => Some(refusal.not_modelled(what)),
        Results { refused: Some(refused), .. } => Some(refusal.by_stack(refused)),
        Results { no_way: Some(no_way), .. } => Some(refusal.no_way(no_way)),
        Results { message: Some(message), .. } => Some(refusal.by_program(message)),
        _ => None,
    };
    Ok(fault.map(|fault| {
        let story = fault.sentences.clone();
        Diagnosis::of(fault, story)
    }))
}

/// Explains why a command ended before it sent anything.
///
/// # Errors
/// The stack cannot be read.
pub fn explain_nothing_sent(
    command: &Command,
    stack: &mut dyn NetworkStack,
) -> Result<Diagnosis, StackError> {
    let network = Network::read(stack)?;
    let trails = trail::Trails::new(&[]);
    let case = Case { network, trails, invocation: Some(&command.invocation), unfinished: false };
    let fault = Fault::new(Cause::NothingSent, command.place()).told(format!(
        "'{}' ended before anything was sent. Its message says which word is wrong.",
        command.line
    ));
    let fault = Refusal { case, command }.mistyped(fault);
    let story = fault.sentences.clone();
    Ok(Diagnosis::of(fault, story))
}

/// A command that was refused.
struct Refusal<'e, 's> {
    case: Case<'e, 's>,
    command: &'e Command,
}

impl<'e, 's> Refusal<'e, 's> {
    fn network(&mut self) -> &mut Network<'s> {
        &mut self.case.network
    }

    /// The same command once more.
    fn again(&self) -> Fix {
        Fix::new(&self.command.namespace, self.command.line.clone())
    }

    /// These commands, and then the same once more.
    fn after(&self, here: &NamespaceName, commands: impl IntoIterator<Item = String>) -> Mend {
        let before = commands.into_iter().map(|command| Fix::new(here, command));
        before.chain([self.again()]).collect()
    }

    /// The same command with another word in place of one.
    fn with(&self, word: &str, other: &str) -> Option<Mend> {
        let line = &self.command.line;
        let mut words: Vec<&str> = line.split(' ').collect();
        let place = words.iter().rposition(|known| *known == word)?;
        words[place] = other;
        Some(vec![Fix::new(&self.command.namespace, words.join(" "))])
    }

    fn not_modelled(&mut self, what: &str) -> Fault {
        let fault = Fault::new(Cause::Refused, self.command.place()).told(format!(
            "vethlab itself refused it, as '{what}' is not modelled: nothing was done. Linux may well take it. Its \
             effect is missing here."
        ));
        self.mistyped(fault)
    }

    fn by_stack(&mut self, refused: &Refused) -> Fault {
        let Refused { namespace: here, change, error } = refused;
        let StackError::Refused { errno, extack, .. } = error else {
            return Fault::new(Cause::Refused, here).told(error.to_string());
        };
        let said = match extack {
            Some(text) => format!("'{text}' ({errno})"),
            None => format!("'{errno}'"),
        };
        let fault = Fault::new(Cause::Refused, here).told(format!("{here} refused it: {said}."));
        match change {
            Change::AddRoute { how, route } => self.route(fault, *how, route, *errno, extack.as_deref()),
            Change::DeleteRoute(route) => self.no_such_route(fault, route),
            Change::AddAddress { address, .. } if *errno == Errno::EEXIST => self.has_address(fault, address),
            Change::DeleteAddress(address) if *errno == Errno::EADDRNOTAVAIL => {
                self.no_such_address(fault, address)
            }
            Change::AddLink(new) => {
                let ends: Vec<_> = std::iter::once(&new.end).chain(new.kind.peer()).collect();
                self.new_link(fault, *errno, &ends)
            }
            Change::SetLink { link, settings } => self.link(fault, *link, settings, *errno),
            Change::DeleteLink(link) if *errno == Errno::EOPNOTSUPP => {
                let Some(name) = self.case.link_name(here, Some(*link)) else { return fault };
                fault.told(format!(
                    "A link is deleted by its kind (rtnl_delete_link), and the kind of {name} cannot be: it comes and \
                     goes with its namespace. To set it down, or to flush its addresses, is possible."
                ))
            }
            Change::AddNamespace(name) if *errno == Errno::EEXIST => fault.told(format!(
                "'ip netns add' makes the file /run/netns/{name}, and it is there already: the namespace {name} exists. \
                 There is nothing left to do."
            )),
            Change::AddNeighbour { neighbour, .. } => {
                let to = neighbour.destination;
                let Some(link) = self.case.link_name(here, Some(neighbour.link)) else { return fault };
                match errno {
                    &Errno::EEXIST => {
                        let replaced = self.with("add", "replace");
                        fault
                            .seen_all([self.case.neighbour_fact(here, &link, to)])
                            .told(format!(
                                "There is an entry for {to} on {link} already, and 'add' wants a new one (neigh_add): \
                                 'replace' alters it."
                            ))
                            .or_by_all(replaced)
                    }
                    _ => fault.told(format!("The kernel's function neigh_add did not take the entry for {to}.")),
                }
            }
            Change::DeleteNeighbour { link, destination } => {
                let Some(link) = self.case.link_name(here, Some(*link)) else { return fault };
                let fault = fault.seen_all([self.case.neighbour_fact(here, &link, *destination)]);
                fault.told(format!(
                    "The neighbour table of {here} has no entry for {destination} on {link} (neigh_delete)."
                ))
            }
            Change::SetSysctl { name, value } => self.sysctl(fault, name, value, *errno),
            Change::AddFdb { .. } if *errno == Errno::EEXIST => {
                let replaced = self.with("add", "replace");
                fault
                    .told(
                        "There is a row for that station already, and 'add' wants a new one (fdb_add_entry): 'replace' \
                         alters it.",
                    )
                    .or_by_all(replaced)
            }
            Change::DeleteFdb(_) if *errno == Errno::ENOENT => {
                fault.told("A row is deleted where station and port are the same (br_fdb_delete), and there is none such.")
            }
            Change::SetBridgePort { link, .. } if *errno == Errno::EOPNOTSUPP => {
                let Some(name) = self.case.link_name(here, Some(*link)) else { return fault };
                fault.told(format!("{name} is not the port of a bridge (rtnl_bridge_setlink)."))
            }
            Change::AddFdb { .. }
            | Change::DeleteFdb(_)
            | Change::FlushFdb(_)
            | Change::SetBridge { .. }
            | Change::SetBridgePort { .. }
            | Change::AddAddress { .. }
            | Change::DeleteAddress(_)
            | Change::DeleteLink(_)
            | Change::AddNamespace(_)
            | Change::DeleteNamespace(_)
            | Change::DeleteConnection(_)
            | Change::Ruleset(_) => fault,
        }
    }

    /// The link has the address already (`inet_rtm_newaddr`).
    fn has_address(&mut self, fault: Fault, spec: &AddressSpec) -> Fault {
        let here = fault.namespace.clone();
        let link = self.case.link_name(&here, Some(spec.link));
        let (Some(local), Some(link)) = (spec.local, link) else { return fault };
        let address = Prefix::new(local, spec.prefix_length);
        fault.seen(&here, Fact::Address { link: link.clone(), address }).told(format!(
            "A link has each address once in a subnet (inet_rtm_newaddr, find_matching_ifa), and {link} has {address} \
             already: there is nothing left to do. Another prefix length would make another address of it."
        ))
    }

    /// No address matches (`inet_rtm_deladdr`).
    fn no_such_address(&mut self, fault: Fault, spec: &AddressSpec) -> Fault {
        let here = fault.namespace.clone();
        let link = self.case.link_name(&here, Some(spec.link));
        let (Some(local), Some(link)) = (spec.local, link) else { return fault };
        let wanted = Prefix::new(local, spec.prefix_length);
        let fault = fault.told(format!(
            "An address is deleted where local address and prefix length are the same (inet_rtm_deladdr), and {link} has \
             no {wanted}."
        ));
        let owners: Vec<_> =
            self.network().owners(local).into_iter().filter(|(owner, ..)| *owner == here).collect();
        let fault = owners.iter().fold(fault, |fault, (_, link, view)| {
            let address = Prefix::new(view.local, view.prefix_length);
            let command = format!("ip addr del {address} dev {link}");
            fault
                .seen(&here, Fact::Address { link: link.clone(), address })
                .told(format!("{link} has {address}."))
                .or_by(vec![Fix::new(&here, command)])
        });
        if owners.is_empty() { fault.told(format!("No link of {here} has {local} at all.")) } else { fault }
    }

    /// A new link with its two ends (`rtnl_newlink`, `register_netdevice`).
    fn new_link(&mut self, fault: Fault, errno: Errno, ends: &[&LinkSettings]) -> Fault {
        let known = matches!(errno, Errno::EEXIST | Errno::EBUSY);
        let named = self.taken_name(&fault, ends).filter(|_| errno == Errno::EEXIST);
        let found = named.or_else(|| self.taken_indexes(&fault, ends).filter(|_| known));
        found.unwrap_or(fault)
    }

    /// One of the ends is to have a name that is taken (`register_netdevice`).
    fn taken_name(&mut self, fault: &Fault, ends: &[&LinkSettings]) -> Option<Fault> {
        let here = fault.namespace.clone();
        for (place, end) in ends.iter().enumerate() {
            let there = end.namespace.as_ref().unwrap_or(&here).clone();
            let Some(name) = end.name.as_ref() else { continue };
            // Both ends in one namespace, of one name.
            let twin =
                place == 1 && ends[0].name.as_ref() == Some(name) && ends[0].namespace == end.namespace;
            let taken = self.network().link(&there, name);
            if taken.is_none() && !twin {
                continue;
            }
            let seen = taken.iter().map(|link| link_fact(&there, link));
            let fault = fault.clone().seen_all(seen).told(format!(
                "A name is given once in a namespace (register_netdevice, __dev_get_by_name), and {there} {} a link {name}.",
                if twin && taken.is_none() { "would get twice" } else { "has" }
            ));
            let stem = name.as_str().trim_end_matches(|letter: char| letter.is_ascii_digit());
            let free = (1..1000).map(|number| format!("{stem}{number}")).find(|free| {
                free.parse::<LinkName>().is_ok_and(|free| {
                    let used = ends.iter().any(|end| end.name.as_ref() == Some(&free));
                    !used && self.case.network.link(&there, &free).is_none()
                })
            });
            let renamed = free.and_then(|free| self.with(name.as_str(), &free));
            return Some(fault.or_by_all(renamed));
        }
        None
    }

    /// One of the ends is to have an index that is taken.
    fn taken_indexes(&mut self, fault: &Fault, ends: &[&LinkSettings]) -> Option<Fault> {
        let here = fault.namespace.clone();
        let there = |end: &LinkSettings| end.namespace.clone().unwrap_or_else(|| here.clone());
        let found = ends.iter().find_map(|end| self.taken_index(fault, &there(end), end.index?));
        found.or_else(|| {
            let &[near, far] = ends else { return None };
            let index = near.index.filter(|index| far.index == Some(*index))?;
            let twice = there(near) == there(far);
            twice.then(|| {
                let told = format!("{ONE_INDEX}, and here two links would have {index}.");
                fault.clone().told(told).or_by_all(self.with_free_index(index))
            })
        })
    }

    /// A link has that index already (`dev_index_reserve`; `__dev_get_by_index` where the near end of a pair is to have
    /// it).
    fn taken_index(&mut self, fault: &Fault, there: &NamespaceName, index: IfIndex) -> Option<Fault> {
        let place = self.case.network.place(there)?;
        let owner = place.links.iter().find(|link| link.index == index)?.clone();
        let told = format!("{ONE_INDEX}, and in {there} {} has {index}.", owner.name);
        let fault = fault.clone().seen_all([link_fact(there, &owner)]).told(told);
        Some(fault.or_by_all(self.with_free_index(index)))
    }

    /// The same command with an index that no link has.
    fn with_free_index(&self, index: IfIndex) -> Option<Mend> {
        let used = |index: u32| {
            let mut links = self.case.network.places.iter().flat_map(|place| &place.links);
            links.any(|link| link.index == IfIndex(index))
        };
        let free = (index.0.checked_add(1)?..).find(|free| !used(*free))?;
        self.with(&index.to_string(), &free.to_string())
    }

    /// A link that is altered (`do_setlink`).
    fn link(&mut self, fault: Fault, index: IfIndex, settings: &LinkSettings, errno: Errno) -> Fault {
        let here = fault.namespace.clone();
        let Some(name) = self.case.link_name(&here, Some(index)) else { return fault };
        match (errno, settings) {
            (Errno::EEXIST, LinkSettings { namespace: Some(there), .. }) => {
                let wanted = settings.name.clone().unwrap_or_else(|| name.clone());
                let taken = self.network().link(there, &wanted);
                fault.seen_all(taken.iter().map(|link| link_fact(there, link))).told(format!(
                    "A name is given once in a namespace (__dev_change_net_namespace), and {there} has a link {wanted} \
                     already: give this one another name first."
                ))
            }
            (Errno::EEXIST, LinkSettings { name: Some(wanted), .. }) => fault.told(format!(
                "A name is given once in a namespace (dev_change_name), and {here} has a link {wanted} already."
            )),
            (Errno::EADDRNOTAVAIL, LinkSettings { address: Some(address), .. }) => fault.told(format!(
                "An Ethernet address of a link means one station (eth_mac_addr, is_valid_ether_addr): {address} is a \
                 group's, or all zeros. The last bit of its first byte must be 0."
            )),
            (Errno::EINVAL, LinkSettings { mtu: Some(mtu), .. }) => {
                let fits = if *mtu < 1280 { "68" } else { "65535" };
                fault
                    .told(format!(
                        "The driver of {name} has a least and a greatest MTU (dev_validate_mtu), and {mtu} is outside of \
                         them."
                    ))
                    .or_by(vec![Fix::new(&here, format!("ip link set {name} mtu {fits}"))])
            }
            (Errno::EINVAL, LinkSettings { namespace: Some(_), .. }) => fault.told(format!(
                "{name} belongs to its namespace and cannot be moved (netns_immutable, __dev_change_net_namespace): each \
                 namespace has one of its own."
            )),
            (Errno::EBUSY, LinkSettings { namespace: Some(there), index: Some(index), .. }) => {
                self.taken_index(&fault, there, *index).unwrap_or(fault)
            }
            _ => fault,
        }
    }

    fn sysctl(&mut self, fault: Fault, name: &str, value: &str, errno: Errno) -> Fault {
        let here = fault.namespace.clone();
        match errno {
            Errno::ENOENT => {
                let parts: Vec<&str> = name.split('.').collect();
                let link = match parts.as_slice() {
                    ["net", "ipv4", "conf" | "neigh", link, ..] => Some(*link),
                    _ => None,
                };
                let missing = link.filter(|link| {
                    !matches!(*link, "all" | "default")
                        && link.parse().is_ok_and(|link: LinkName| self.case.network.link(&here, &link).is_none())
                });
                match missing {
                    Some(link) => fault.told(format!(
                        "Settings of a link are there as long as the link is, and {here} has no link {link}."
                    )),
                    None => fault.told(format!("{here} has no file /proc/sys/{}.", name.replace('.', "/"))),
                }
            }
            Errno::EINVAL => fault.told(format!(
                "'{value}' is nothing that {name} takes (proc_dointvec): it wants a whole number, in its bounds."
            )),
            _ => fault,
        }
    }

    /// The program itself ended, and the kernel was not asked, or only whether a thing is there.
    fn by_program(&mut self, message: &str) -> Fault {
        let here = self.command.place().clone();
        let first = message.lines().next().unwrap_or_default();
        let program = &self.command.invocation.program;
        let fault = Fault::new(Cause::Refused, &here);
        let named = |start: &str| Some(first.strip_prefix(start)?.split('"').next()?.to_owned());
        if let Some(name) = named("Cannot find device \"").or_else(|| named("Device \"")) {
            return self.no_such_link(fault, &name);
        }
        if let Some(name) = named("Cannot open network namespace \"") {
            return self.no_such_namespace(fault, &name);
        }
        // What the kernel answers, `ip` prints behind these words (`rtnl_talk_error`).
        if let Some(answer) = first.strip_prefix("RTNETLINK answers: ") {
            return fault.told(format!("{here} refused it: '{answer}'."));
        }
        self.mistyped(
            fault.told(format!("{program} itself refused it, before the kernel was asked: '{first}'")),
        )
    }

    /// The word that was mistyped, and the command with the one that was meant.
    fn mistyped(&self, fault: Fault) -> Fault {
        let Some(Slip { typed, meant }) = &self.command.results.slip else { return fault };
        let told = format!("No such word may stand there: '{typed}'. The nearest one that may is '{meant}'.");
        fault.told(told).or_by_all(self.with(typed, meant))
    }

    fn no_such_link(&mut self, fault: Fault, wanted: &str) -> Fault {
        let here = fault.namespace.clone();
        let places = &self.case.network.places;
        let names = |place: &super::network::Place| -> Vec<LinkName> {
            place.links.iter().map(|link| link.name.clone()).collect()
        };
        let own = places.iter().find(|place| place.name == here).map(names).unwrap_or_default();
        let elsewhere: Vec<NamespaceName> = places
            .iter()
            .filter(|place| place.name != here && names(place).iter().any(|name| name.as_str() == wanted))
            .map(|place| place.name.clone())
            .collect();
        let list: Vec<&str> = own.iter().map(LinkName::as_str).collect();
        let mut fault = fault.told(format!(
            "A link is looked up by its name in one namespace (ll_name_to_index, __dev_get_by_name). The links of {here} \
             are {}: {wanted} is none of them.",
            list.join(", ")
        ));
        for there in &elsewhere {
            fault = fault.told(format!("{there} has a link {wanted}."));
            if self.command.invocation.namespace.is_none() {
                fault = fault.or_by(vec![Fix::new(there, self.command.line.clone())]);
            }
        }
        let mut near: Vec<(usize, &LinkName)> =
            own.iter().map(|name| (levenshtein(wanted, name.as_str()), name)).collect();
        near.sort();
        let near = near.into_iter().filter(|(distance, _)| *distance <= 2);
        let mends: Vec<Mend> = near.filter_map(|(_, name)| self.with(wanted, name.as_str())).collect();
        fault.or_by_all(mends)
    }

    fn no_such_namespace(&mut self, fault: Fault, wanted: &str) -> Fault {
        let names: Vec<NamespaceName> = self
            .case
            .network
            .places
            .iter()
            .map(|place| place.name.clone())
            .filter(|name| !name.is_host())
            .collect();
        let list: Vec<&str> = names.iter().map(NamespaceName::as_str).collect();
        let there = if list.is_empty() {
            "there is none so far".to_owned()
        } else {
            format!("there are {}", list.join(", "))
        };
        let fault = Fault { namespace: self.command.namespace.clone(), ..fault }.told(format!(
            "A named namespace is a file in /run/netns (setns), and none there has the name '{wanted}': {there}."
        ));
        let mut near: Vec<(usize, &NamespaceName)> =
            names.iter().map(|name| (levenshtein(wanted, name.as_str()), name)).collect();
        near.sort();
        let near: Vec<Mend> = near
            .into_iter()
            .filter(|(distance, _)| *distance <= 2)
            .filter_map(|(_, name)| self.with(wanted, name.as_str()))
            .collect();
        let place = self.command.namespace.clone();
        let made =
            NamespaceName::new(wanted).ok().map(|_| self.after(&place, [format!("ip netns add {wanted}")]));
        fault.or_by_all(near).or_by_all(made)
    }
}

/// The rule about indexes, and where the kernel keeps it.
const ONE_INDEX: &str = "An index is given once in a namespace (dev_index_reserve)";

/// An entry of a routing table, as evidence.
fn entry_fact(here: &NamespaceName, route: String) -> Evidence {
    Evidence { namespace: here.clone(), fact: Fact::Entry { route } }
}

/// Whether an address is of one of these.
fn is_in(prefix: Prefix, address: IpAddr) -> bool {
    prefix.contains(address) && !address.is_loopback()
}
