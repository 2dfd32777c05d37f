//! What may stand next in a command line of `iptables`.

use super::tables::{self, TABLES};
use super::{matches, targets};
use crate::Next;

/// Protocols that are often wanted.
const PROTOCOLS: [&str; 4] = ["tcp", "udp", "icmp", "all"];

/// What may stand behind these words; `None` where it is an option.
pub(crate) fn next(words: &[&str]) -> Option<Vec<Next>> {
    let named = |names: &mut dyn Iterator<Item = &'static str>| Some(names.map(Next::Word).collect());
    match words.last().copied()? {
        "-t" | "--table" => named(&mut TABLES.iter().map(|table| table.name)),
        "-j" | "--jump" => named(&mut targets::names()),
        "-m" | "--match" => named(&mut matches::names()),
        "-p" | "--protocol" => named(&mut PROTOCOLS.into_iter()),
        "-i" | "-o" | "--in-interface" | "--out-interface" => Some(vec![Next::Link]),
        "-s" | "-d" | "--source" | "--destination" => Some(vec![Next::Address]),
        word if is_about_chains(word) => {
            let place = words.iter().position(|word| matches!(*word, "-t" | "--table"));
            let table = place.and_then(|place| words.get(place + 1)).copied().unwrap_or("filter");
            named(&mut tables::find(table).into_iter().flat_map(|table| table.chains).map(|chain| chain.name))
        }
        _ => None,
    }
}

/// Whether a chain stands behind this word.
fn is_about_chains(word: &str) -> bool {
    const LONGS: [&str; 10] = [
        "--append",
        "--insert",
        "--delete",
        "--replace",
        "--check",
        "--list",
        "--list-rules",
        "--flush",
        "--zero",
        "--policy",
    ];
    let is_letter = |letter: char| "AIDRCLSFZP".contains(letter);
    LONGS.contains(&word)
        || (word.starts_with('-')
            && !word.starts_with("--")
            && word.chars().next_back().is_some_and(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_an_option_is_named() {
        let chains = ["PREROUTING", "OUTPUT"].map(Next::Word).to_vec();
        assert_eq!(next(&["-t", "raw", "-nL"]), Some(chains));
        assert!(next(&["-A", "INPUT", "-j"]).is_some_and(|next| next.contains(&Next::Word("MASQUERADE"))));
        assert_eq!(next(&["-A", "INPUT"]), None);
    }
}
