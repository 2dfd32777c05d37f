//! What can be typed next.

use vethlab_engine::history::WORDS;
use vethlab_engine::machines::Names;
use vethlab_programs::{self as programs, Next};

/// Where the word before the cursor begins, and what it can become.
pub fn complete(before_cursor: &str, names: &Names) -> (usize, Vec<String>) {
    let start = before_cursor.rfind([' ', '\t']).map_or(0, |space| space + 1);
    let (before, begun) = before_cursor.split_at(start);
    let words: Vec<&str> = before.split_whitespace().collect();
    let mut candidates = next_words(&words, names);
    candidates.retain(|candidate| candidate.starts_with(begun));
    (start, candidates)
}

fn next_words(words: &[&str], names: &Names) -> Vec<String> {
    match words {
        [] => {
            let others = WORDS.iter().map(|(word, _)| *word).chain(["exit", "help"]);
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
    }
}
