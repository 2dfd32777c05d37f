//! What may stand next in a command line of `ip`.

use super::OBJECTS;
use crate::Next;

/// What may stand behind these words, themselves behind `ip`.
pub(crate) fn next(words: &[&str]) -> Vec<Next> {
    match words {
        ["netns", "exec" | "delete" | "del"] => vec![Next::Namespace],
        ["netns", "exec", _] => vec![Next::Program, Next::Word("bash")],
        ["netns", "exec", _, inner @ ..] => crate::next(inner),
        ["-n" | "-netns"] => vec![Next::Namespace],
        ["-n" | "-netns", _, rest @ ..] => next(rest),
        [] => OBJECTS.offered().map(Next::Word).collect(),
        [object] => match OBJECTS.find(object) {
            Some((_, Some(object))) => object.offered().into_iter().map(Next::Word).collect(),
            _ => Vec::new(),
        },
        [_, .., "netns"] => vec![Next::Namespace],
        _ => vec![Next::Link],
    }
}
