//! What may stand next in a command line of `ip`.

use super::choices::Deed;
use super::link::BRIDGE_WORDS;
use super::{OBJECTS, Object};
use crate::Next;

/// What may stand behind these words, themselves behind `ip`.
pub(crate) fn next(words: &[&str]) -> Vec<Next> {
    let mut words = words;
    // A loop: so many words call nothing so many times.
    loop {
        words = match words {
            ["-n" | "-netns" | "-f" | "-family", _, rest @ ..] | ["netns", "exec", _, "ip", rest @ ..] => {
                rest
            }
            [option, rest @ ..] if is_other_option(option) => rest,
            _ => break,
        }
    }
    match words {
        ["netns", "exec" | "delete" | "del"] | ["-n" | "-netns"] => vec![Next::Namespace],
        ["netns", "exec", _] => vec![Next::Program, Next::Word("bash")],
        ["netns", "exec", _, inner @ ..] => crate::next(inner),
        ["-f" | "-family"] => all(&["inet", "link"]),
        [] => OBJECTS.offered().map(Next::Word).collect(),
        [object, rest @ ..] => match OBJECTS.find(object) {
            Some((_, Some(object))) => behind(object, rest),
            _ => Vec::new(),
        },
    }
}

/// Whether this is an option without a value.
fn is_other_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-') && !matches!(word, "-n" | "-netns" | "-f" | "-family")
}

/// What may stand behind an object and these words.
fn behind(object: Object, words: &[&str]) -> Vec<Next> {
    match (object, words) {
        (_, []) => object.offered().into_iter().map(Next::Word).collect(),
        (_, [.., "netns"]) => vec![Next::Namespace],
        (_, [.., "dev" | "oif" | "iif"]) => vec![Next::Link],
        (_, [.., "via" | "src" | "from" | "get"]) => vec![Next::Address],
        (_, [.., "scope"]) => all(&["global", "site", "link", "host", "nowhere"]),
        (_, [.., "nud"]) => all(&["permanent", "noarp", "reachable", "stale"]),
        (_, [.., "proto" | "protocol"]) => all(&["kernel", "boot", "static"]),
        (_, [.., "table"]) => all(&["main", "local", "default"]),
        (Object::Link, [.., "type"]) => all(&["veth", "bridge"]),
        (Object::Link, [.., "type", "veth"]) => vec![Next::Word("peer")],
        (Object::Link, [.., "type", "bridge"]) => all(&BRIDGE_WORDS),
        (Object::Link, [.., "master"]) => vec![Next::Link],
        (Object::Link, [.., "arp" | "multicast" | "promisc" | "allmulticast"]) => all(&["on", "off"]),
        // Numbers, and names that nothing has yet.
        (
            _,
            [.., "mtu" | "metric" | "index" | "name" | "lladdr" | "label" | "txqueuelen" | "qlen" | "type"],
        ) => Vec::new(),
        (Object::Namespace, _) => Vec::new(),
        (_, [verb, rest @ ..]) => {
            let alters = matches!(object.verb(verb), Some((_, Deed::Other)));
            let first: &[_] = if alters && rest.is_empty() { object.first_words() } else { &[] };
            let words = object.keywords(verb).into_iter().chain(first.iter().copied());
            std::iter::once(Next::Link).chain(words.map(Next::Word)).collect()
        }
    }
}

fn all(words: &[&'static str]) -> Vec<Next> {
    words.iter().copied().map(Next::Word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_words_call_nothing_so_many_times() {
        let deep = ["netns", "exec", "a", "ip"].repeat(100_000);
        let words = |last: &[&'static str]| [&deep[..], last].concat();
        assert_eq!(next(&words(&["netns", "exec"])), [Next::Namespace]);
        assert!(next(&words(&["netns", "exec", "a", "ping"])).contains(&Next::Link));
        assert_eq!(next(&["-n", "a"].repeat(100_000)), next(&[]));
    }
}
