//! What may stand next in a command line of `ip`.

use crate::Next;

/// The objects, each with what can be done with it.
const OBJECTS: [(&str, &[&str]); 5] = [
    ("address", &["add", "delete", "flush", "show"]),
    ("link", &["add", "delete", "set", "show"]),
    ("neighbour", &["add", "delete", "flush", "replace", "show"]),
    ("netns", &["add", "delete", "exec", "list"]),
    ("route", &["add", "delete", "get", "replace", "show"]),
];

/// What may stand behind these words, themselves behind `ip`.
pub(crate) fn next(words: &[&str]) -> Vec<Next> {
    match words {
        ["netns", "exec" | "delete" | "del"] => vec![Next::Namespace],
        ["netns", "exec", _] => vec![Next::Program, Next::Word("bash")],
        ["netns", "exec", _, inner @ ..] => crate::next(inner),
        ["-n" | "-netns"] => vec![Next::Namespace],
        ["-n" | "-netns", _, rest @ ..] => next(rest),
        [] => OBJECTS.iter().map(|(object, _)| Next::Word(object)).collect(),
        [object] => {
            let known = OBJECTS.iter().find(|(name, _)| name.starts_with(object));
            known.map_or_else(Vec::new, |(_, actions)| {
                actions.iter().map(|action| Next::Word(action)).collect()
            })
        }
        [_, .., "netns"] => vec![Next::Namespace],
        _ => vec![Next::Link],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip;

    #[test]
    fn what_is_offered_is_what_ip_understands() {
        for (object, actions) in OBJECTS {
            for action in actions {
                let line = [object.to_owned(), (*action).to_owned(), "x".to_owned(), "true".to_owned()];
                let understood = ip::parse(&line).invocation;
                let runs = understood.program == "true" && *action == "exec";
                let shows = understood.verb.is_none() && matches!(*action, "show" | "list");
                assert!(runs || shows || understood.verb.as_deref() == Some(*action), "{object} {action}");
            }
        }
    }
}
