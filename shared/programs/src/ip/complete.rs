//! What may stand next in a command line of `ip`.

use super::OBJECTS;
use crate::Next;

/// What may stand behind these words, themselves behind `ip`.
pub(crate) fn next(words: &[&str]) -> Vec<Next> {
    let mut words = words;
    // A loop: so many words call nothing so many times.
    while let ["-n" | "-netns", _, rest @ ..] | ["netns", "exec", _, "ip", rest @ ..] = words {
        words = rest;
    }
    match words {
        ["netns", "exec" | "delete" | "del"] => vec![Next::Namespace],
        ["netns", "exec", _] => vec![Next::Program, Next::Word("bash")],
        ["netns", "exec", _, inner @ ..] => crate::next(inner),
        ["-n" | "-netns"] => vec![Next::Namespace],
        [] => OBJECTS.offered().map(Next::Word).collect(),
        [object] => match OBJECTS.find(object) {
            Some((_, Some(object))) => object.offered().into_iter().map(Next::Word).collect(),
            _ => Vec::new(),
        },
        [_, .., "netns"] => vec![Next::Namespace],
        [_, .., "dev" | "oif" | "iif"] => vec![Next::Link],
        [_, .., "via" | "src" | "from" | "get"] => vec![Next::Address],
        [_, .., "type"] => vec![Next::Word("veth")],
        [object, verb, ..] => {
            let words = match OBJECTS.find(object) {
                Some((_, Some(object))) => object.keywords(verb),
                _ => Vec::new(),
            };
            std::iter::once(Next::Link).chain(words.into_iter().map(Next::Word)).collect()
        }
    }
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
