//! `ip route show` and `ip route flush`: which routes (`iproute_list_flush_or_save`, `filter_nlmsg`).

use super::super::Options;
use super::super::args::{
    FAILED, How, Keywords, REFUSED, Words, invalid, keyword, matches, not_modelled, number,
};
use super::super::inet::{self, GivenPrefix};
use super::super::links::Links;
use super::super::names;
use super::super::printer::Printer;
use super::super::{dump_refused, flush};
use super::render::{self, Hidden};
use super::{Command, Preferred, refused};
use crate::{Context, Failure, Status};
use std::net::IpAddr;
use vethlab_shared::change::{Change, RouteSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{Protocol, RouteFlags, RouteKind, RouteView, Scope, table};

/// How often a flush looks again before it gives up. The real program goes on for thirty seconds.
const FLUSH_ROUNDS: u32 = 10;

#[derive(Clone, Copy)]
enum Keyword {
    Table,
    Cached,
    Tos,
    Protocol,
    Scope,
    Type,
    Device,
    Input,
    Metric,
    Gateway,
    Source,
    NotModelled,
}

const KEYWORDS: &Keywords<Keyword> = &[
    (How::Prefix, "table", Keyword::Table),
    (How::Prefix, "vrf", Keyword::NotModelled),
    (How::Prefix, "cached", Keyword::Cached),
    (How::Prefix, "cloned", Keyword::Cached),
    (How::Exact, "tos", Keyword::Tos),
    (How::Prefix, "dsfield", Keyword::Tos),
    (How::Prefix, "protocol", Keyword::Protocol),
    (How::Prefix, "scope", Keyword::Scope),
    (How::Prefix, "type", Keyword::Type),
    (How::Exact, "dev", Keyword::Device),
    (How::Exact, "oif", Keyword::Device),
    (How::Exact, "iif", Keyword::Input),
    (How::Exact, "mark", Keyword::NotModelled),
    (How::Prefix, "metric", Keyword::Metric),
    (How::Prefix, "priority", Keyword::Metric),
    (How::Exact, "preference", Keyword::Metric),
    (How::Exact, "via", Keyword::Gateway),
    (How::Exact, "src", Keyword::Source),
    (How::Prefix, "realms", Keyword::NotModelled),
    (How::Prefix, "from", Keyword::NotModelled),
];

/// The words that completion offers.
pub(in crate::ip) fn keywords() -> Vec<&'static str> {
    super::super::args::modelled(KEYWORDS, |keyword| !matches!(keyword, Keyword::NotModelled))
}

/// Which routes are meant.
#[derive(Clone, Debug, Default, PartialEq)]
struct Selection {
    /// `None` means all tables.
    table: Option<u32>,
    cached: bool,
    tos: Option<u8>,
    protocol: Option<Protocol>,
    scope: Option<Scope>,
    kind: Option<RouteKind>,
    device: Option<String>,
    input: Option<String>,
    metric: Option<u32>,
    gateway: Option<GivenPrefix>,
    source: Option<GivenPrefix>,
    /// Only routes within this prefix.
    within: Option<GivenPrefix>,
    /// Only routes around this prefix.
    around: Option<GivenPrefix>,
}

/// Runs `ip route show`.
pub(super) fn show(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context } = command;
    let selection = Selection::parse("ip route show", options.family, &mut words)?;
    if selection.cached {
        return Err(not_modelled("ip route show", "cached"));
    }
    let links = Links::read(context)?;
    let output = selection.output(&links)?;
    require_link(output, &links, "Dump terminated")?;
    selection.require_table("Dump terminated", options.family.or_inet(), context)?;
    let routes = context.stack.routes(&context.namespace, options.family.or_inet()).map_err(refused)?;
    let hidden = selection.hidden();
    let mut printer = Printer::new(&options);
    for route in routes.iter().filter(|route| selection.takes(route, output)) {
        render::route(route, hidden, &links, &mut printer);
    }
    context.console.out(&printer.finish());
    Ok(0)
}

/// Runs `ip route flush`.
pub(super) fn flush_routes(command: Command<'_, '_>) -> Result<Status, Failure> {
    let Command { options, mut words, context } = command;
    if words.rest().is_empty() {
        return Err(Failure::exit(FAILED, "\"ip route flush\" requires arguments."));
    }
    let selection = Selection::parse("ip route flush", options.family, &mut words)?;
    let links = Links::read(context)?;
    let output = selection.output(&links)?;
    if selection.cached {
        return flush_cache(&selection, &options, context);
    }
    require_link(output, &links, "Flush terminated")?;
    selection.require_table("Flush terminated", options.family.or_inet(), context)?;
    for round in 0..FLUSH_ROUNDS {
        let mut routes =
            context.stack.routes(&context.namespace, options.family.or_inet()).map_err(refused)?;
        routes.retain(|route| selection.takes(route, output));
        if routes.is_empty() {
            flush::say_done(&options, round, context);
            return Ok(0);
        }
        if options.statistics > 1 {
            let mut printer = Printer::new(&Options { json: false, ..options.clone() });
            routes.iter().for_each(|route| render::route(route, selection.hidden(), &links, &mut printer));
            context.console.out(&printer.finish());
        }
        flush_round(&routes, context)?;
        flush::say_round(&options, round + 1, routes.len(), "entries", context);
    }
    Err(Failure::exit(FAILED, format_args!("*** Flush not completed after {FLUSH_ROUNDS} rounds ***")))
}

/// `ip route flush cache`: forgets what was learned from redirects and from "fragmentation needed".
fn flush_cache(
    selection: &Selection,
    options: &Options,
    context: &mut Context<'_>,
) -> Result<Status, Failure> {
    if selection.table.is_none() {
        return Err(not_modelled("ip route flush", "table all cached"));
    }
    let change = Change::SetSysctl { name: "net.ipv4.route.flush".to_owned(), value: "-1".to_owned() };
    context.stack.apply(&context.namespace, &change).map_err(|error| {
        crate::refused(error, FAILED, |errno| {
            format!("Cannot open \"/proc/sys/net/ipv4/route/flush\": {errno}")
        })
    })?;
    if options.statistics > 0 {
        context.console.out("*** IPv4 routing cache is flushed.\n");
    }
    Ok(0)
}

/// Deletes all of them; the first refusal counts.
fn flush_round(routes: &[RouteView], context: &mut Context<'_>) -> Result<(), Failure> {
    let deletions = routes.iter().map(|route| {
        Change::DeleteRoute(RouteSpec {
            metric: Some(route.metric).filter(|&metric| metric != 0),
            flags: RouteFlags::empty(),
            ..RouteSpec::from(route)
        })
    });
    flush::delete(deletions, context).map_err(|error| flush::round_refused(error, REFUSED))
}

/// What the kernel says to a dump for a link that is not there, by a number such as `if9`.
fn require_link(link: Option<IfIndex>, links: &Links, after: &str) -> Result<(), Failure> {
    match link {
        Some(index) if links.get(index).is_none() => Err(dump_refused(Errno::ENODEV.into(), after)),
        _ => Ok(()),
    }
}

impl Selection {
    fn parse(name: &str, family: Preferred, words: &mut Words<'_>) -> Result<Selection, Failure> {
        let mut selection = Selection { table: Some(table::MAIN), ..Selection::default() };
        while let Some(word) = words.next() {
            match keyword(KEYWORDS, word) {
                Some((full, Keyword::NotModelled)) => return Err(not_modelled(name, full)),
                Some((_, Keyword::Cached)) => selection.cached = true,
                Some((_, keyword)) => selection.take(name, keyword, family, words)?,
                None => selection.take_destination(word, family, words)?,
            }
        }
        Ok(selection)
    }

    fn take(
        &mut self,
        name: &str,
        keyword: Keyword,
        family: Preferred,
        words: &mut Words<'_>,
    ) -> Result<(), Failure> {
        let word = words.value()?;
        match keyword {
            Keyword::Table => match (names::table_number(word), word) {
                (Some(number), _) => self.table = Some(number).filter(|&number| number != 0),
                (None, "all") => self.table = None,
                (None, "cache") => self.cached = true,
                (None, "help") => return Err(not_modelled("ip route", "help")),
                (None, _) => return Err(invalid("table id value is invalid\n", word)),
            },
            Keyword::Tos => {
                self.tos = Some(names::tos(word).ok_or_else(|| invalid("TOS value is invalid\n", word))?);
            }
            Keyword::Protocol => {
                self.protocol = or_all(word, names::protocol(word), "invalid \"protocol\"\n")?;
            }
            Keyword::Scope => self.scope = or_all(word, names::scope(word), "invalid \"scope\"\n")?,
            Keyword::Type => {
                if names::is_unbuilt_kind(word) {
                    return Err(not_modelled(name, "type xresolve"));
                }
                let kind = names::kind(word).ok_or_else(|| invalid("node type value is invalid\n", word))?;
                self.kind = Some(kind);
            }
            Keyword::Device => self.device = Some(word.to_owned()),
            Keyword::Input => self.input = Some(word.to_owned()),
            Keyword::Metric => {
                let metric = number(word).ok_or_else(|| invalid("\"metric\" value is invalid\n", word))?;
                self.metric = Some(metric);
            }
            Keyword::Gateway => {
                let word = match word {
                    "inet" => words.value()?,
                    "inet6" | "link" | "mpls" | "bridge" => {
                        return Err(not_modelled(name, &format!("via {word}")));
                    }
                    word => word,
                };
                self.gateway = Some(inet::prefix(word, family)?);
            }
            Keyword::Source => self.source = Some(inet::prefix(word, family)?),
            Keyword::Cached | Keyword::NotModelled => {}
        }
        Ok(())
    }

    fn take_destination(
        &mut self,
        word: &str,
        family: Preferred,
        words: &mut Words<'_>,
    ) -> Result<(), Failure> {
        let word = if matches(word, "to") { words.value()? } else { word };
        if matches(word, "root") {
            self.within = Some(inet::prefix(words.value()?, family)?);
        } else if matches(word, "match") {
            self.around = Some(inet::prefix(words.value()?, family)?);
        } else {
            let word = if matches(word, "exact") { words.value()? } else { word };
            self.around = Some(inet::prefix(word, family)?);
            self.within = self.around;
        }
        Ok(())
    }

    /// The link that routes must leave by. No entry of a table has a link that it comes in by.
    fn output(&self, links: &Links) -> Result<Option<IfIndex>, Failure> {
        if let Some(name) = &self.input {
            links.require(name)?;
        }
        self.device.as_deref().map(|name| links.require(name)).transpose()
    }

    /// What the kernel says to a dump of a table that is not there. The main table may be missing in peace.
    fn require_table(&self, after: &str, family: Family, context: &mut Context<'_>) -> Result<(), Failure> {
        let Some(wanted) = self.table.filter(|&wanted| wanted != table::MAIN) else { return Ok(()) };
        if context.stack.has_route_table(&context.namespace, family, wanted).map_err(refused)? {
            return Ok(());
        }
        Err(dump_refused(StackError::with_extack(Errno::ENOENT, "ipv4: FIB table does not exist"), after))
    }

    fn takes(&self, route: &RouteView, output: Option<IfIndex>) -> bool {
        let none = route.destination.family().unspecified();
        let is = |given: Option<GivenPrefix>, address: Option<IpAddr>| {
            given.is_none_or(|given| given.takes(address.unwrap_or(none)))
        };
        self.input.is_none()
            && self.table.is_none_or(|table| route.table == table)
            && self.tos.is_none_or(|tos| route.tos == tos)
            && self.protocol.is_none_or(|protocol| route.protocol == protocol)
            && self.scope.is_none_or(|scope| route.scope == scope)
            && self.kind.is_none_or(|kind| route.kind == kind)
            && self.metric.is_none_or(|metric| route.metric == metric)
            && output.is_none_or(|output| route.output == Some(output))
            && is(self.gateway, route.gateway)
            && is(self.source, route.preferred_source)
            && self.within.is_none_or(|within| is_within(within, route))
            && self.around.is_none_or(|around| is_around(around, route))
    }

    /// What is the same for all, and so not shown.
    fn hidden(&self) -> Hidden {
        let whole = |given: Option<GivenPrefix>| given.is_some_and(|given| given.is_host());
        Hidden {
            table: self.table.is_some(),
            tos: self.tos.is_some(),
            gateway: whole(self.gateway),
            device: self.device.is_some(),
            protocol: self.protocol.is_some(),
            scope: self.scope.is_some(),
            source: whole(self.source),
            metric: self.metric.is_some(),
        }
    }
}

/// A value, or `all` for none in particular.
fn or_all<T>(word: &str, value: Option<T>, text: &str) -> Result<Option<T>, Failure> {
    if value.is_none() && word != "all" { Err(invalid(text, word)) } else { Ok(value) }
}

fn is_within(given: GivenPrefix, route: &RouteView) -> bool {
    let asked = given.family.is_some() || given.length_given;
    !asked
        || (given.length <= route.destination.length()
            && given.prefix().contains(route.destination.address()))
}

fn is_around(given: GivenPrefix, route: &RouteView) -> bool {
    let asked = given.family.is_some() || given.length_given;
    !asked || (given.length >= route.destination.length() && route.destination.contains(given.address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use vethlab_shared::prefix::Prefix;

    fn selection(line: &str) -> Selection {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Selection::parse("ip route show", Preferred::Any, &mut Words::new(&words)).expect("a selection")
    }

    fn route(address: [u8; 4], length: u8) -> RouteView {
        RouteView {
            destination: Prefix::new(Ipv4Addr::from(address), length),
            tos: 0,
            table: table::MAIN,
            kind: RouteKind::Unicast,
            protocol: Protocol::BOOT,
            scope: Scope::LINK,
            metric: 0,
            gateway: None,
            output: None,
            preferred_source: None,
            mtu: None,
            flags: RouteFlags::empty(),
        }
    }

    #[test]
    fn prefixes_select_what_is_within_around_or_equal() {
        let routes = [route([0; 4], 0), route([10, 0, 0, 0], 8), route([10, 1, 0, 0], 16)];
        let taken = |line: &str| -> Vec<u8> {
            let selection = selection(line);
            let taken = routes.iter().filter(|route| selection.takes(route, None));
            taken.map(|route| route.destination.length()).collect()
        };
        assert_eq!(taken("root 10.0.0.0/8"), [8, 16]);
        assert_eq!(taken("match 10.1.2.3"), [0, 8, 16]);
        assert_eq!(taken("match 10.0.0.0/8"), [0, 8]);
        assert_eq!(taken("10.1.0.0/16"), [16]);
        assert_eq!(taken("default"), [0]);
        assert_eq!(taken("all"), [0, 8, 16]);
        assert!(taken("exact 10.0.0.0/8 via 10.0.0.1").is_empty());
    }
}
