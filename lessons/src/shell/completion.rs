//! What can be typed next.

use vethlab_engine::machines::Names;
use vethlab_programs::{self as programs, Next, TIME};

/// Where the word before the cursor begins, and what it can become.
pub fn complete(before_cursor: &str, names: &Names) -> (usize, Vec<String>) {
    let start = before_cursor.rfind([' ', '\t']).map_or(0, |space| space + 1);
    let (before, begun) = before_cursor.split_at(start);
    let words: Vec<&str> = before.split_whitespace().collect();
    let mut candidates = next_words(&words, names);
    // There are many options: who wants one begins it.
    let is_wanted = |candidate: &String| begun.starts_with('-') || !candidate.starts_with('-');
    candidates.retain(|candidate| candidate.starts_with(begun) && is_wanted(candidate));
    (start, candidates)
}

fn next_words(words: &[&str], names: &Names) -> Vec<String> {
    match words {
        [] => {
            let others = TIME.iter().map(|page| page.command).chain(["exit", "help"]);
            names_of_programs().chain(others).map(str::to_owned).collect()
        }
        ["step", "back"] => vec!["frame".to_owned()],
        ["step"] => names_of_programs().chain(["back", "frame"]).map(str::to_owned).collect(),
        ["step", inner @ ..] => next_words(inner, names),
        ["goto"] => ["end", "start"].map(str::to_owned).to_vec(),
        ["timeline"] => vec!["all".to_owned()],
        ["continue" | "undo" | "redo", ..] => Vec::new(),
        words => programs::next(words).into_iter().flat_map(|next| named(next, names)).collect(),
    }
}

/// The words that may stand there.
fn named(next: Next, names: &Names) -> Vec<String> {
    match next {
        Next::Word(word) => vec![word.to_owned()],
        Next::Program => names_of_programs().map(str::to_owned).collect(),
        Next::Namespace => names.namespaces.clone(),
        Next::Link => names.links.clone(),
        Next::Address => names.addresses.clone(),
    }
}

fn names_of_programs() -> impl Iterator<Item = &'static str> {
    programs::table().iter().map(|program| program.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(line: &str) -> Vec<String> {
        let names = Names {
            namespaces: vec!["red".to_owned(), "blue".to_owned()],
            links: vec!["lo".to_owned(), "veth-red".to_owned()],
            addresses: vec!["10.0.0.1".to_owned(), "10.0.0.2".to_owned()],
        };
        complete(line, &names).1
    }

    #[test]
    fn programs_objects_and_names_are_completed() {
        assert!(candidates("").contains(&"ping".to_owned()));
        assert_eq!(candidates("pi"), ["ping"]);
        assert_eq!(candidates("ip li"), ["link"]);
        assert_eq!(candidates("ip l s"), ["set", "show"]);
        assert_eq!(candidates("ip link set v"), ["veth-red"]);
        assert_eq!(candidates("ip netns exec r"), ["red"]);
        assert_eq!(candidates("ip netns exec red pi"), ["ping"]);
        assert_eq!(candidates("ip netns exec red ip l"), ["link"]);
        assert_eq!(candidates("ip -n b"), ["blue"]);
        assert_eq!(candidates("ip -n red addr a"), ["add"]);
        assert_eq!(candidates("ip link set veth-red netns "), ["red", "blue"]);
        assert_eq!(candidates("ping 10"), ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(candidates("ping -c 1 10.0.0.2"), ["10.0.0.2"]);
        assert_eq!(candidates("ip netns exec red ping -"), candidates("ping -"));
        assert!(candidates("ping -").contains(&"-c".to_owned()));
        assert_eq!(candidates("ip route add 10.1.0.0/16 via "), ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(candidates("ip route add 10.1.0.0/16 vi"), ["via"]);
        assert_eq!(candidates("ip link set veth-red u"), ["up"]);
        assert_eq!(candidates("ip addr add 10.0.0.3/24 dev "), ["lo", "veth-red"]);
        assert_eq!(candidates("sudo ip li"), ["link"]);
        assert_eq!(candidates("man ip li"), ["link"]);
        assert_eq!(candidates("help mo"), ["modelled"]);
    }
}
