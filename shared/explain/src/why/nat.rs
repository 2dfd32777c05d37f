//! Address translation that is missing, or that leads to where nobody is.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::{Evidence, Fact};
use super::fault::Fault;
use super::judge::link_fact;
use super::listeners::Knocked;
use super::mend::{Fix, Mend};
use super::rules::{Translator, translators};
use super::trail::{Hop, Life, Translation};
use std::net::IpAddr;
use vethlab_shared::event::{DropReason, EventKind, Hook, NatEnd};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::netfilter::TableId;
use vethlab_shared::view::{LinkFlags, SocketProtocol};
use vethlab_shared::wire::ipv4::protocol;

/// A rule that has translated a packet: where, and which number it has.
struct By {
    table: TableId,
    chain: String,
    number: u32,
}

/// The word of `iptables` for a protocol.
pub(super) fn protocol_word(protocol: SocketProtocol) -> &'static str {
    match protocol {
        SocketProtocol::Tcp => "tcp",
        SocketProtocol::Udp => "udp",
    }
}

/// Whether an address is for private networks (RFC 1918), or for those between a provider and its customers (RFC 6598).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || (address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64)
        }
        IpAddr::V6(_) => false,
    }
}

impl<'e> Life<'e> {
    /// Where its destination was translated, and how.
    fn redirected(&self) -> Option<(&Hop<'e>, Translation)> {
        self.translation(NatEnd::Destination)
    }

    fn translation(&self, end: NatEnd) -> Option<(&Hop<'e>, Translation)> {
        self.hops.iter().find_map(|hop| {
            let found = hop
                .translated
                .iter()
                .find(|it| it.end == end && (it.from != it.to || it.ports.0 != it.ports.1));
            found.map(|found| (hop, *found))
        })
    }

    /// Whether a namespace took it in and routed it; a bridge there may pass on what its IP never sees.
    pub(super) fn was_routed_in(&self, place: &NamespaceName) -> bool {
        self.hops.iter().any(|hop| hop.namespace == place && hop.way.is_some())
    }
}

/// An address with its port, as `iptables` takes it.
fn with_port(address: IpAddr, port: Option<u16>) -> String {
    port.map_or_else(|| address.to_string(), |port| format!("{address}:{port}"))
}

/// What a rule gives packets as their destination; the identifier of an ICMP message is no port.
fn target(leg: &Leg<'_>, how: Translation) -> String {
    with_port(how.to, how.ports.1.filter(|_| leg.protocol() != Some(protocol::ICMP)))
}

impl<'e> Case<'e, '_> {
    /// Puts the blame on address translation where a packet was lost because of what that made of it, or did not.
    pub(super) fn through_nat(&mut self, leg: &Leg<'e>, fault: Fault) -> Fault {
        if leg.back {
            let forth =
                self.trails.parent(leg.life.packet).and_then(|(parent, _)| self.trails.life(parent, None));
            return match forth {
                Some(forth) => self.answer_through_nat(&forth, leg, fault),
                None => fault,
            };
        }
        let causes = [
            Cause::NeighbourFailed,
            Cause::NoRoute,
            Cause::NoListener,
            Cause::BoundElsewhere,
            Cause::ForwardingOff,
            Cause::WrongGateway,
            Cause::BlackholeRoute,
            Cause::UnreachableRoute,
        ];
        match leg.life.redirected() {
            Some((hop, how)) if causes.contains(&fault.cause) => self.leads_nowhere(leg, hop, how, fault),
            _ => fault,
        }
    }

    /// A rule has given a packet a destination that does not take it in.
    fn leads_nowhere(&mut self, leg: &Leg<'e>, hop: &Hop<'e>, how: Translation, fault: Fault) -> Fault {
        let here = hop.namespace;
        let owners = self.network.owners(how.to);
        // The way to an address that somebody has may be broken for itself.
        if !owners.is_empty() && !matches!(fault.cause, Cause::NoListener | Cause::BoundElsewhere) {
            return fault;
        }
        let by = self.rule_of(leg, hop, NatEnd::Destination);
        let told_as = format!("DNAT to {}", target(leg, how));
        let mut wrong =
            Fault::new(Cause::NatWrong, here).seen_all(by.as_ref().map(|by| by.fact(here, &told_as)));
        wrong.evidence.extend(fault.evidence);
        let told = match &by {
            Some(By { table, chain, number }) => {
                format!("Rule {number} of the chain {chain} in the table {} of {here} did that.", table.name)
            }
            None => format!("A rule of {here} did that."),
        };
        let mut wrong = wrong.told(told);
        let near = match self.protocol_of(leg) {
            Some(protocol) if owners.is_empty() => {
                wrong = wrong.told(format!("Nobody in this laboratory has the address {}.", how.to));
                let port = how.ports.1.unwrap_or_default();
                self.listener_elsewhere(here, &Knocked { protocol, address: how.to, port })
                    .map(|(place, address, _)| (place, address, Some(port)))
            }
            Some(protocol) => {
                wrong.sentences.extend(fault.sentences);
                let place = owners.first().map(|(place, ..)| place.clone());
                place.and_then(|place| {
                    let all = self.listeners(&place, protocol);
                    let fits = |own: IpAddr| own.is_unspecified() || own == how.to;
                    let other = all.iter().find(|socket| fits(socket.local.ip()))?.local.port();
                    Some((place, how.to, Some(other)))
                })
            }
            None => {
                wrong = wrong.told(format!("Nobody in this laboratory has the address {}.", how.to));
                None
            }
        };
        let mut mends: Vec<Mend> = Vec::new();
        if let (Some((place, address, port)), Some(by)) = (near, &by) {
            if owners.is_empty() {
                wrong = wrong.told(format!(
                    "A program in {place} listens at port {}, and {address} is an address of {place}: is that the one that \
                     was meant?",
                    port.unwrap_or_default()
                ));
            }
            mends.push(vec![Fix::new(
                here,
                by.replaced(how, &with_port(address, port), self.protocol_of(leg)),
            )]);
        }
        wrong = wrong.or_by_all(mends).or_by_all(fault.mends.into_iter().filter(|_| !owners.is_empty()));
        match &by {
            Some(by) if owners.is_empty() => {
                let delete = format!("iptables -t {} -D {} {}", by.table.name, by.chain, by.number);
                wrong.or_by(vec![Fix::new(here, delete)])
            }
            _ => wrong,
        }
    }

    fn protocol_of(&self, leg: &Leg<'e>) -> Option<SocketProtocol> {
        self.knocked_at(leg).map(|knocked| knocked.protocol)
    }

    /// The rule that translated one end of a packet in a namespace.
    fn rule_of(&self, leg: &Leg<'e>, hop: &Hop<'e>, end: NatEnd) -> Option<By> {
        let mut last = None;
        for event in self.trails.events_of(leg.life.packet) {
            match &event.kind {
                _ if event.namespace != *hop.namespace => {}
                EventKind::NftTrace { table, chain, rule: Some(number), .. } => {
                    last = Some(By { table: table.clone(), chain: chain.clone(), number: *number });
                }
                EventKind::NfNatManipPkt { end: of, .. } if *of == end => {
                    return last.filter(|by: &By| by.table.name == "nat");
                }
                _ => {}
            }
        }
        None
    }

    /// A rule gives packets a loopback address as destination, and they came in by a link: a martian, unless
    /// `route_localnet` is set there (`ip_route_input_slow`).
    pub(super) fn translated_to_loopback(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Option<Fault> {
        let made = |it: &&Translation| it.end == NatEnd::Destination && it.to.is_loopback();
        let how = *hop.translated.iter().find(made)?;
        let (here, link) = (hop.namespace, hop.input.as_ref()?.0);
        let name = format!("net.ipv4.conf.{link}.route_localnet");
        let value = self.network.sysctl(here, &name)?;
        if value != 0
            || self.network.sysctl(here, "net.ipv4.conf.all.route_localnet").is_some_and(|all| all != 0)
        {
            return self.nothing_leads_to_loopback(leg, here, how);
        }
        let by = self.rule_of(leg, hop, NatEnd::Destination);
        let told_as = format!("DNAT to {}", target(leg, how));
        let fault = Fault::new(Cause::NatWrong, here)
            .seen_all(by.map(|by| by.fact(here, &told_as)))
            .seen(here, Fact::Sysctl { name: name.clone(), value: value.to_string() })
            .told(format!(
                "In {here} a rule gave the {} the destination {}. A loopback address means the machine itself, and the \
                 kernel takes nothing for one that came in by a link: a martian destination. {here} dropped it and sent \
                 no answer (ip_route_input_slow).",
                leg.name(),
                target(leg, how)
            ))
            .told(format!("{name} = 1 allows it for what comes in by {link}."));
        Some(fault.mended_by(here, format!("sysctl -w {name}=1")))
    }

    /// It may go to a loopback address, but there is no way to one: the loopback link was never set up.
    fn nothing_leads_to_loopback(
        &mut self,
        leg: &Leg<'e>,
        here: &NamespaceName,
        how: Translation,
    ) -> Option<Fault> {
        let links = &self.network.place(here)?.links;
        let lo = links.iter().find(|link| link.has(LinkFlags::LOOPBACK) && !link.has(LinkFlags::UP))?.clone();
        let fault = Fault::new(Cause::LinkDown, here).seen_all([link_fact(here, &lo)]).told(format!(
            "A rule gave the {} the destination {}, a loopback address. What is for one needs {link}, and {link} is down in \
             {here}: its address 127.0.0.1/8 and the route to it come when it is set up.",
            leg.name(),
            target(leg, how),
            link = lo.name,
        ));
        Some(fault.mended_by(here, format!("ip link set {} up", lo.name)))
    }

    /// A rule that is meant for such packets stands in a chain that this one does not pass: what is sent here does not pass
    /// PREROUTING, and what comes in does not pass OUTPUT.
    pub(super) fn translated_elsewhere(
        &mut self,
        leg: &Leg<'e>,
        here: &NamespaceName,
        knocked: &Knocked,
    ) -> Option<Fault> {
        if leg.life.redirected().is_some() {
            return None;
        }
        let is_local = leg.life.hops[0].namespace == here;
        let (hook, right) =
            if is_local { (Hook::PreRouting, "OUTPUT") } else { (Hook::LocalOut, "PREROUTING") };
        let ruleset = self.network.ruleset(here);
        let found = translators(&ruleset, hook, NatEnd::Destination);
        let Translator { table, chain, number, target, .. } =
            found.into_iter().find(|it| it.fits(knocked))?;
        let who = if is_local {
            "a packet that the machine itself sends"
        } else {
            "a packet that comes in by a link"
        };
        let fact = Fact::NatRule { table, chain: chain.clone(), number, target: target.clone() };
        let Knocked { protocol, address, port } = *knocked;
        let rule = format!(
            "iptables -t nat -A {right} -d {address} -p {} --dport {port} -j {target}",
            protocol_word(protocol)
        );
        Some(
            Fault::new(Cause::NatWrong, here)
                .seen(here, fact)
                .seen(here, Fact::NoListener { protocol, port })
                .told(format!(
                    "In {here} rule {number} of the chain {chain} in the table nat is for port {port}: {target}. But {who} \
                     does not pass {chain}: it passes {right}. So the {} kept its destination, and no program in {here} \
                     listens at port {port} itself.",
                    leg.name()
                ))
                .mended_by(here, rule),
        )
    }

    /// The answer came from another address than the one that was asked: a rule gave the request another destination, and
    /// the answer did not come back by the router that has to undo it.
    pub(super) fn answer_from_elsewhere(&mut self, leg: &Leg<'e>) -> Option<Fault> {
        let (parent, _) = self.trails.parent(leg.life.packet)?;
        let forth = self.trails.life(parent, None)?;
        let (hop, how) = forth.redirected()?;
        let router = hop.namespace.clone();
        if leg.life.was_routed_in(&router) {
            return None;
        }
        let client = leg.life.place().namespace;
        let asked = Leg { life: forth.clone(), back: false };
        let source = self.ends_of(&asked)?[0].0;
        let by = self.rule_of(&asked, hop, NatEnd::Destination);
        let told_as = format!("DNAT to {}", target(&asked, how));
        let protocol = self.protocol_of(&asked).map_or_else(String::new, |protocol| {
            let port = how.ports.1.map_or_else(String::new, |port| format!(" --dport {port}"));
            format!(" -p {}{port}", protocol_word(protocol))
        });
        let network = self.network.network_of(source);
        let rule =
            format!("iptables -t nat -A POSTROUTING -s {network} -d {}{protocol} -j MASQUERADE", how.to);
        Some(
            Fault::new(Cause::NatWrong, &router)
                .seen_all(by.map(|by| by.fact(&router, &told_as)))
                .told(format!(
                    "{router} gave the {} the destination {} in place of {}. The answer came from {}, straight to \
                     {client} and not by {router}, which would have put {} back. {client} asked {} and knows of no \
                     connection with {}, so it refused the answer with a RST.",
                    asked.name(),
                    how.to,
                    how.from,
                    how.to,
                    how.from,
                    how.from,
                    how.to
                ))
                .told(format!(
                    "Where {router} gives such packets its own source address too, the answer comes back by {router}."
                ))
                .mended_by(&router, rule),
        )
    }

    /// An answer was lost on its way back to an address that translation has made up, or should have hidden.
    pub(super) fn answer_through_nat(&mut self, forth: &Life<'e>, lost: &Leg<'e>, fault: Fault) -> Fault {
        let lost_at = lost.life.place().namespace;
        let found = match forth.translation(NatEnd::Source) {
            Some((hop, how)) => self.source_of_nobody(forth, hop, how, &fault),
            None => self.not_hidden(forth, lost_at, &fault),
        };
        found.unwrap_or(fault)
    }

    /// A rule gives packets a source address that nobody has, so that no answer comes back.
    fn source_of_nobody(
        &mut self,
        forth: &Life<'e>,
        hop: &Hop<'e>,
        how: Translation,
        fault: &Fault,
    ) -> Option<Fault> {
        if how.from == how.to || !self.network.owners(how.to).is_empty() {
            return None;
        }
        let here = hop.namespace;
        let asked = Leg { life: forth.clone(), back: false };
        let by = self.rule_of(&asked, hop, NatEnd::Source)?;
        let told_as = format!("SNAT to {}", how.to);
        let link = hop.output_link()?;
        let mut wrong = Fault::new(Cause::NatWrong, here).seen_all([by.fact(here, &told_as)]);
        wrong.evidence.extend(fault.evidence.iter().cloned());
        let network = self.network.network_of(how.from);
        let rule =
            format!("iptables -t nat -R {} {} -s {network} -o {link} -j MASQUERADE", by.chain, by.number);
        Some(
            wrong
                .told(format!(
                    "In {here} rule {} of the chain {} in the table nat gives what comes from {} the source {}. Nobody in \
                     this laboratory has that address, so no answer can come back to it.",
                    by.number, by.chain, how.from, how.to
                ))
                .mended_by(here, rule),
        )
    }

    /// A private source address went out by a router that could have put its own in its place, and beyond there is no way
    /// back to it.
    fn not_hidden(&mut self, forth: &Life<'e>, lost_at: &NamespaceName, fault: &Fault) -> Option<Fault> {
        if !matches!(fault.cause, Cause::NoReturnRoute | Cause::WrongGateway | Cause::RoutingLoop) {
            return None;
        }
        let asked = Leg { life: forth.clone(), back: false };
        let source = asked.source().filter(|source| is_private(*source))?;
        let sender = forth.hops[0].namespace;
        let has_public = |case: &Self, place: &NamespaceName| {
            let place = case.network.place(place);
            place.is_some_and(|place| {
                place.addresses.iter().any(|own| !own.local.is_loopback() && !is_private(own.local))
            })
        };
        if has_public(self, sender) {
            return None;
        }
        let answerer = forth.place().namespace;
        let is_public = has_public(self, lost_at) || has_public(self, answerer);
        for hop in &forth.hops[1..] {
            let (router, Some(link)) = (hop.namespace, hop.output_link()) else { continue };
            let Some(view) = self.network.link(router, link) else { continue };
            let own = self.network.addresses(router, view.index).first().map(|own| own.local);
            let Some(own) = own.filter(|_| hop.output.is_some()) else { continue };
            let ruleset = self.network.ruleset(router);
            let others = translators(&ruleset, Hook::PostRouting, NatEnd::Source);
            if (!is_public && others.is_empty()) || !self.network.leads(lost_at, own) {
                continue;
            }
            let network = self.network.network_of(source);
            let rule = format!("iptables -t nat -A POSTROUTING -s {network} -o {link} -j MASQUERADE");
            let mut missing = Fault::new(Cause::NatMissing, router);
            missing.evidence.extend(fault.evidence.iter().cloned());
            let rules = match others.first() {
                None => format!("no rule of {router} gives it another one"),
                Some(other) => {
                    missing = missing.seen(router, other.fact());
                    format!(
                        "{router} has rules that translate sources, but none of them is for this {} ('iptables -t nat -S \
                         POSTROUTING' in {router} shows them)",
                        asked.name()
                    )
                }
            };
            return Some(
                missing
                    .told(format!(
                        "{router} passed the {} on by {link} with the source {source}: {rules}. {source} is a private \
                         address (RFC 1918), and {lost_at} has no way back to it. It has one to {own}, which is the \
                         address of {router} on {link}: with that as its source the answer would come back, and {router} \
                         would pass it on.",
                        asked.name()
                    ))
                    .mended_by(router, rule)
                    .or_by_all(fault.mends.clone()),
            );
        }
        None
    }

    /// A packet for a loopback address that came in from outside, after a rule made it one.
    pub(super) fn is_made_loopback(&self, leg: &Leg<'e>, reason: &DropReason) -> bool {
        let to = self.ends_of(leg).map(|[_, (to, _)]| to);
        let translated = leg.life.place().translated.iter().any(|it| it.end == NatEnd::Destination);
        translated && to.is_some_and(|to| to.is_loopback()) && *reason != DropReason::NetfilterDrop
    }
}

impl By {
    fn fact(&self, here: &NamespaceName, target: &str) -> Evidence {
        let (table, chain, target) = (self.table.clone(), self.chain.clone(), target.to_owned());
        let fact = Fact::NatRule { table, chain, number: self.number, target };
        Evidence { namespace: here.clone(), fact }
    }

    /// The rule with another destination, for such packets.
    fn replaced(&self, how: Translation, to: &str, protocol: Option<SocketProtocol>) -> String {
        let spoken = protocol.map_or_else(String::new, |protocol| {
            let port = how.ports.0.map_or_else(String::new, |port| format!(" --dport {port}"));
            format!(" -p {}{port}", protocol_word(protocol))
        });
        format!(
            "iptables -t {} -R {} {} -d {}{spoken} -j DNAT --to-destination {to}",
            self.table.name, self.chain, self.number, how.from
        )
    }
}
