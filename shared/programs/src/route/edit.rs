//! `route add` and `route del`: the words, and the ioctl that they become.

use super::usage::INET_USAGE;
use crate::nettools::{resolve, split_mask};
use crate::numbers::strtol;
use crate::{Context, Failure, Status, refused};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::change::{Change, Modify, RouteSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{Protocol, RouteFlags, RouteKind, Scope, table};

/// What to do with the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Add,
    Delete,
}

/// `struct rtentry`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    destination: Ipv4Addr,
    /// Unspecified where none was given.
    mask: Ipv4Addr,
    /// For this address alone (`RTF_HOST`).
    host: bool,
    gateway: Option<Ipv4Addr>,
    /// One more than the metric; 0 where none was given.
    metric: i16,
    device: Option<String>,
    /// Turn packets away (`RTF_REJECT`).
    reject: bool,
}

/// Runs `route add` or `route del`.
pub(super) fn run(action: Action, words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if words.is_empty() {
        context.console.out(INET_USAGE);
        return Ok(0);
    }
    let entry = Entry::parse(words)?;
    let call = match action {
        Action::Add => "SIOCADDRT",
        Action::Delete => "SIOCDELRT",
    };
    let result = entry.route(action, context).and_then(|route| {
        let change = match action {
            Action::Add => Change::AddRoute { how: Modify::CREATE, route },
            Action::Delete => Change::DeleteRoute(route),
        };
        context.stack.apply(&context.namespace, &change)
    });
    result.map(|()| 0).map_err(|error| refused(error, 7, |errno| format!("{call}: {errno}")))
}

/// What net-tools says to a wrong word, with the line before it.
fn usage(first: &str) -> Failure {
    Failure::Exit { message: format!("{first}{INET_USAGE}"), status: 3 }
}

fn look_up(text: &str) -> Result<Ipv4Addr, Failure> {
    resolve(text).map_err(|why| Failure::exit(6, format_args!("{text}: {why}")))
}

impl Entry {
    /// `INET_setroute`.
    fn parse(words: &[String]) -> Result<Entry, Failure> {
        let mut words = words.iter().map(String::as_str).peekable();
        let kind = words.next_if(|word| matches!(*word, "#net" | "#host"));
        let target = words.next().ok_or_else(|| usage(""))?;
        let (target, mask) = split_mask(target).ok_or_else(|| usage(""))?;
        let mut mask_text = String::new();
        let mut entry = Entry {
            destination: look_up(target)?,
            mask: mask.unwrap_or(Ipv4Addr::UNSPECIFIED),
            host: kind.map_or(target != "default", |kind| kind == "#host"),
            gateway: None,
            metric: 0,
            device: None,
            reject: false,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| usage(""));
            match word {
                "metric" => {
                    let text = value()?;
                    if !text.starts_with(|c: char| c.is_ascii_digit()) {
                        return Err(usage(""));
                    }
                    entry.metric = (strtol(text, 10).value as i32).wrapping_add(1) as i16;
                }
                "netmask" => {
                    let text = value()?;
                    if !entry.mask.is_unspecified() {
                        return Err(usage(""));
                    }
                    entry.mask = look_up(text)?;
                    mask_text = text.to_owned();
                }
                "gw" | "gateway" => {
                    let text = value()?;
                    if entry.gateway.is_some() {
                        return Err(usage(""));
                    }
                    entry.gateway = Some(look_up(text)?);
                    if text == "default" {
                        return Err(usage(&format!("route: {text}: cannot use a NETWORK as gateway!\n")));
                    }
                }
                "mss" | "mtu" | "window" | "irtt" => {
                    return Err(Failure::NotModelled(format!("route add … {word}")));
                }
                "reject" => entry.reject = true,
                // The kernel takes no notice of these flags.
                "mod" | "dyn" | "reinstate" => {}
                "dev" | "device" => {
                    let text = value()?;
                    if entry.device.replace(text.to_owned()).is_some() {
                        return Err(usage(""));
                    }
                }
                // A device may also stand alone, as the last word.
                other if entry.device.is_none() && words.peek().is_none() => {
                    entry.device = Some(other.to_owned());
                }
                _ => return Err(usage("")),
            }
        }
        entry.check(&mask_text)?;
        Ok(entry)
    }

    /// The checks that net-tools makes itself.
    fn check(&self, mask_text: &str) -> Result<(), Failure> {
        let mask = self.mask.to_bits();
        if mask == 0 {
            return Ok(());
        }
        if self.host && mask != u32::MAX {
            let rest = !mask;
            return Err(usage(&format!("route: netmask {rest:08x} doesn't make sense with host route\n")));
        }
        if !is_mask(mask) {
            return Err(usage(&format!("route: bogus netmask {mask_text}\n")));
        }
        if self.destination.to_bits() & !mask != 0 {
            return Err(usage("route: netmask doesn't match route address\n"));
        }
        Ok(())
    }

    /// `rtentry_to_fib_config`.
    fn route(&self, action: Action, context: &mut Context<'_>) -> Result<RouteSpec, StackError> {
        let mask = if self.host { u32::MAX } else { self.mask.to_bits() };
        if self.destination.to_bits() & !mask != 0 {
            return Err(Errno::EINVAL.into());
        }
        let adding = action == Action::Add;
        let mut route = RouteSpec {
            destination: Prefix::new(self.destination, mask.leading_ones() as u8),
            tos: 0,
            table: table::MAIN,
            kind: RouteKind::Unicast,
            protocol: if adding { Protocol::BOOT } else { Protocol::UNSPECIFIED },
            scope: if adding { Scope::LINK } else { Scope::NOWHERE },
            metric: (self.metric != 0).then(|| (i32::from(self.metric) - 1) as u32),
            gateway: None,
            output: None,
            preferred_source: None,
            mtu: None,
            flags: RouteFlags::empty(),
        };
        if self.reject {
            route.kind = RouteKind::Unreachable;
            route.scope = Scope::HOST;
            return Ok(route);
        }
        if let Some(device) = &self.device {
            self.leave_by(device, &mut route, context)?;
        }
        if let Some(gateway) = self.gateway.filter(|gateway| !gateway.is_unspecified()) {
            route.gateway = Some(gateway.into());
            if is_unicast(gateway, context)? {
                route.scope = Scope::UNIVERSE;
            }
        } else if self.gateway.is_some() && adding {
            return Err(Errno::EINVAL.into());
        }
        Ok(route)
    }

    /// The device; a label such as `veth0:1` also gives the source address.
    fn leave_by(
        &self,
        device: &str,
        route: &mut RouteSpec,
        context: &mut Context<'_>,
    ) -> Result<(), StackError> {
        let name = device.split(':').next().unwrap_or_default();
        let links = context.stack.links(&context.namespace)?;
        let link = links.iter().find(|link| link.name.as_str() == name).ok_or(Errno::ENODEV)?;
        route.output = Some(link.index);
        if device.contains(':') {
            let addresses = context.stack.addresses(&context.namespace, Family::Inet)?;
            let own = addresses.iter().find(|own| own.link == link.index && own.label == device);
            route.preferred_source = Some(own.ok_or(Errno::ENODEV)?.local);
        }
        Ok(())
    }
}

/// Whether the bits that are set come first (`bad_mask`).
fn is_mask(mask: u32) -> bool {
    mask.leading_ones() + mask.trailing_zeros() >= 32
}

/// Whether the address is neither an own one nor a broadcast nor a group (`inet_addr_type_table`).
fn is_unicast(address: Ipv4Addr, context: &mut Context<'_>) -> Result<bool, StackError> {
    let special = address.is_broadcast() || address.is_multicast() || address.octets()[0] == 0;
    let routes = context.stack.routes(&context.namespace, Family::Inet)?;
    let address = IpAddr::V4(address);
    let local = routes.iter().any(|route| route.table == table::LOCAL && route.destination.contains(address));
    Ok(!special && !local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Entry, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Entry::parse(&words)
    }

    fn first_line(line: &str) -> (String, Status) {
        match parse(line) {
            Err(Failure::Exit { message, status }) => {
                (message.lines().next().unwrap_or_default().to_owned(), status)
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn words_become_an_entry() {
        let entry = parse("#net 10.51.0.0/16 gw 10.0.0.2 metric 5 veth0").expect("a route");
        let expected = Entry {
            destination: Ipv4Addr::new(10, 51, 0, 0),
            mask: Ipv4Addr::new(255, 255, 0, 0),
            host: false,
            gateway: Some(Ipv4Addr::new(10, 0, 0, 2)),
            metric: 6,
            device: Some("veth0".to_owned()),
            reject: false,
        };
        assert_eq!(entry, expected);
        assert!(parse("10.53.0.1 gw 10.0.0.2").expect("a route").host);
        assert!(!parse("default gw 10.0.0.2").expect("a route").host);
    }

    #[test]
    fn mistakes_read_as_net_tools_writes_them() {
        let usage = INET_USAGE.lines().next().unwrap_or_default();
        for (line, message, status) in [
            ("10.54.0.0/16 gw 10.0.0.2", "route: netmask 0000ffff doesn't make sense with host route", 3),
            ("#net 10.63.0.0 netmask 255.0.255.0", "route: bogus netmask 255.0.255.0", 3),
            ("#net 10.63.0.1/16 dev x", "route: netmask doesn't match route address", 3),
            ("#net foo dev x", "foo: Host name lookup failure", 6),
            ("#net 10.63.0.0/16 foo bar", usage, 3),
            ("#net 10.63.0.0/16 gw", usage, 3),
            ("default dev x metric y", usage, 3),
        ] {
            assert_eq!(first_line(line), (message.to_owned(), status), "{line}");
        }
    }
}
