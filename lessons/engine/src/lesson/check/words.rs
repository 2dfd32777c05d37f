//! What a fact wants, in words.

use super::fact::{
    ConnectsFact, CountFact, Fact, LinkFact, ListensFact, PingFact, RouteToFact, SeenFact, Thing,
};
use super::network::shown;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::view::SocketProtocol;

/// What should be so, in one phrase that names the namespace.
pub(super) fn expected(fact: &Fact, namespace: &NamespaceName) -> String {
    let here = format!("in {namespace}");
    match fact {
        Fact::Namespace(fact) => there(format!("a namespace '{}'", fact.namespace), fact.exists),
        Fact::Link(fact) => there(link(fact, &here), fact.exists),
        Fact::Address(fact) => {
            let on = fact.dev.as_ref().map_or_else(String::new, |dev| format!(" on {dev}"));
            there(format!("{}{on} {here}", fact.address), fact.exists)
        }
        Fact::Route(fact) => {
            let via = fact.via.map_or_else(String::new, |via| format!(" via {via}"));
            let dev = fact.dev.as_ref().map_or_else(String::new, |dev| format!(" by {dev}"));
            there(format!("a route to {}{via}{dev} {here}", shown(fact.route)), fact.exists)
        }
        Fact::RouteTo(fact) => route_to(fact, &here),
        Fact::Neighbour(fact) => {
            let mut what = format!("a neighbour entry for {} {here}", fact.neighbour);
            if let Some(mac) = fact.mac {
                what.push_str(&format!(" with {mac}"));
            }
            if let Some(states) = fact.state {
                let names: Vec<&str> = states.iter_names().map(|(name, _)| name).collect();
                what.push_str(&format!(" in state {}", names.join(" or ")));
            }
            there(what, fact.exists)
        }
        Fact::Fdb(fact) => {
            let of = fact.bridge.as_ref().map_or_else(|| "a bridge".to_owned(), ToString::to_string);
            let behind = fact.port.as_ref().map_or_else(String::new, |port| format!(" behind {port}"));
            there(format!("a row of {of} for {}{behind} {here}", fact.fdb), fact.exists)
        }
        Fact::Rule(fact) => {
            let number = fact.number.map_or_else(String::new, |number| format!(" as number {number}"));
            let chain = format!("chain {} of table {}", fact.chain, fact.table);
            there(format!("a rule '{}' in {chain}{number} {here}", fact.rule), fact.exists)
        }
        Fact::Connection(fact) => there(fact.words(&here), fact.exists),
        Fact::Path(fact) => {
            let names: Vec<String> = fact.through.iter().map(ToString::to_string).collect();
            let through = if names.is_empty() { "no router".to_owned() } else { names.join(", then ") };
            let end = fact.ends_in.as_ref().map_or_else(String::new, |end| format!(", and ends in {end}"));
            format!("a ping from {namespace} to {} passes {through}{end}", fact.path_to)
        }
        Fact::Seen(fact) => seen(fact, &here),
        Fact::Ping(fact) => ping(fact, namespace),
        Fact::Connects(fact) => connects(fact, namespace),
        Fact::Http(fact) => fact.words(namespace),
        Fact::Filtered(fact) => fact.words(namespace),
        Fact::Nat(fact) => fact.words(namespace),
        Fact::Listens(fact) => listens(fact, &here),
        Fact::Sysctl(fact) => format!("{} = {} {here}", fact.sysctl, fact.value),
        Fact::Count(fact) => count(fact, &here),
        Fact::Answered(_) => "an answer to the question".to_owned(),
        Fact::Looked(fact) => format!("a look at '{}' {here}", fact.looked.join("', '")),
    }
}

fn there(what: String, exists: bool) -> String {
    if exists { what } else { format!("no {}", what.trim_start_matches("a ")) }
}

fn link(fact: &LinkFact, here: &str) -> String {
    let mut what = format!("a link '{}' {here}", fact.link);
    let mut add = |words: String| what.push_str(&format!(", {words}"));
    if let Some(up) = fact.up {
        add(if up { "up" } else { "down" }.to_owned());
    }
    if let Some(carrier) = fact.carrier {
        add(if carrier { "with carrier" } else { "without carrier" }.to_owned());
    }
    if let Some(mtu) = fact.mtu {
        add(format!("mtu {mtu}"));
    }
    if let Some(peer) = &fact.peer_in {
        add(format!("its other end in {peer}"));
    }
    what
}

fn route_to(fact: &RouteToFact, here: &str) -> String {
    if fact.unreachable {
        return format!("no way to {} {here}", fact.route_to);
    }
    let mut what = format!("a packet to {} leaves", fact.route_to);
    if let Some(dev) = &fact.dev {
        what.push_str(&format!(" by {dev}"));
    }
    if let Some(via) = fact.via {
        what.push_str(&format!(" via {via}"));
    }
    if let Some(prefix) = fact.prefix {
        what.push_str(&format!(" because of {}", shown(prefix)));
    }
    if let Some(source) = fact.source {
        what.push_str(&format!(" from {source}"));
    }
    format!("{what} {here}")
}

fn seen(fact: &SeenFact, here: &str) -> String {
    let frames = match fact.seen.text.trim() {
        "" => "frames".to_owned(),
        filter => format!("frames '{filter}'"),
    };
    let mut what = format!("{frames} on {} {here}", fact.on);
    if let Some(to) = fact.while_pinging {
        let from = fact.from.as_ref().map_or_else(String::new, |from| format!("{from} "));
        what.push_str(&format!(" while {from}pings {to}"));
    }
    if fact.exists { what } else { format!("no {what}") }
}

fn ping(fact: &PingFact, namespace: &NamespaceName) -> String {
    let times = match fact.count {
        None | Some(1) => "a ping".to_owned(),
        Some(count) => format!("{count} pings"),
    };
    let size = fact.size.map_or_else(String::new, |size| format!(" of {size} bytes"));
    let what = format!("{times}{size} from {namespace} to {}", fact.ping);
    match (fact.refused, fact.succeed) {
        (Some(refusal), _) => format!("{what}: {refusal}"),
        (None, true) => match &fact.answered_by {
            Some(by) => format!("{what}: answered by {by}"),
            None => format!("{what}: answered"),
        },
        (None, false) => format!("{what}: not answered"),
    }
}

fn connects(fact: &ConnectsFact, namespace: &NamespaceName) -> String {
    let what = format!("a connection from {namespace} to {}", fact.connects);
    match (fact.refused, fact.succeed) {
        (true, _) => format!("{what}: refused"),
        (false, true) => what,
        (false, false) => format!("no {}", what.trim_start_matches("a ")),
    }
}

fn listens(fact: &ListensFact, here: &str) -> String {
    let address = fact.at.map(|address| format!("{address}:")).unwrap_or_default();
    let protocol = protocol(fact.protocol);
    there(format!("a socket that listens at {protocol} port {address}{} {here}", fact.listens), fact.exists)
}

/// A protocol by its name.
pub(super) fn protocol(protocol: SocketProtocol) -> &'static str {
    match protocol {
        SocketProtocol::Tcp => "TCP",
        SocketProtocol::Udp => "UDP",
    }
}

fn count(fact: &CountFact, here: &str) -> String {
    let (one, many) = match fact.count_of {
        Thing::Namespaces => ("namespace", "namespaces"),
        Thing::Links => ("link", "links"),
        Thing::Addresses => ("address", "addresses"),
        Thing::Routes => ("route", "routes"),
        Thing::Connections => ("connection", "connections"),
        Thing::Neighbours => ("neighbour entry", "neighbour entries"),
    };
    let things = if fact.exactly.or(fact.at_most).or(fact.at_least) == Some(1) { one } else { many };
    let number = match (fact.exactly, fact.at_least, fact.at_most) {
        (Some(number), ..) => format!("exactly {number}"),
        (None, Some(least), Some(most)) => format!("{least} to {most}"),
        (None, Some(least), None) => format!("{least} or more"),
        (None, None, most) => format!("at most {}", most.unwrap_or_default()),
    };
    match fact.count_of {
        Thing::Namespaces => format!("{number} {things}"),
        _ => format!("{number} {things} {here}"),
    }
}
