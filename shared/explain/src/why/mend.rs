//! What may mend a fault: commands, and where they run.

use crate::journal::Invocation;
use vethlab_shared::name::NamespaceName;

/// Commands that mend a fault together, in this order.
pub type Mend = Vec<Fix>;

/// A command, and the namespace that it has to run in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The namespace.
    pub namespace: NamespaceName,
    /// The command, as it is typed there.
    pub command: String,
}

impl Fix {
    /// A command in a namespace.
    pub(super) fn new(namespace: &NamespaceName, command: impl Into<String>) -> Fix {
        Fix { namespace: namespace.clone(), command: command.into() }
    }
}

/// The commands as they are typed at a prompt within these shells: `ip netns exec` goes before what belongs
/// elsewhere. The machine itself has no name that could stand there, so its shell has to be gone back to.
pub fn typed(fixes: &[Fix], shells: &[NamespaceName]) -> Vec<String> {
    let mut shells = shells.to_vec();
    let mut lines = Vec::new();
    for Fix { namespace, command } in fixes {
        let prompt = shells.last().cloned().unwrap_or_default();
        if *namespace == prompt {
            lines.push(command.clone());
        } else if namespace.is_host() {
            while shells.last().is_some_and(|shell| !shell.is_host()) {
                lines.push("exit".to_owned());
                shells.pop();
            }
            lines.push(command.clone());
        } else {
            lines.push(within(namespace, command));
        }
    }
    lines
}

/// A command as it is typed from elsewhere.
pub fn within(namespace: &NamespaceName, command: &str) -> String {
    format!("ip netns exec {} {command}", quoted(namespace.as_str()))
}

/// The words of a command, with another text in place of one: it stands alone in a word, or ends one, as a port does in
/// `10.0.0.1:80`. `None` where no word has it.
pub(super) fn words_of(invocation: &Invocation, instead_of: &str, other: &str) -> Option<String> {
    let holds = |word: &&String| part_of(word, instead_of).is_some();
    let place = invocation.words.iter().rposition(|word| holds(&word))?;
    let words = invocation.words.iter().enumerate().map(|(number, word)| {
        let part = part_of(word, instead_of).filter(|_| number == place);
        quoted(&part.map_or_else(
            || word.clone(),
            |part| format!("{}{other}{}", &word[..part.start], &word[part.end..]),
        ))
    });
    Some([invocation.program.clone()].into_iter().chain(words).collect::<Vec<_>>().join(" "))
}

/// Where a port or an address stands in a word, with nothing beside it that would make another one of it.
fn part_of(word: &str, text: &str) -> Option<std::ops::Range<usize>> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    word.match_indices(text).map(|(start, _)| start..start + text.len()).find(|part| {
        let before = word[..part.start].chars().next_back();
        let after = word[part.end..].chars().next();
        !before.is_some_and(belongs) && !after.is_some_and(belongs)
    })
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.:@%+,/=".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> NamespaceName {
        if text == "host" { NamespaceName::HOST } else { NamespaceName::new(text).expect("a name") }
    }

    #[test]
    fn commands_are_written_for_the_prompt_that_they_are_typed_at() {
        let fix = |place| Fix { namespace: name(place), command: "true".to_owned() };
        assert_eq!(typed(&[fix("r")], &[]), ["ip netns exec r true"]);
        assert_eq!(typed(&[fix("r")], &[name("r")]), ["true"]);
        assert_eq!(typed(&[fix("host")], &[]), ["true"]);
        let both = [fix("host"), fix("r"), fix("host")];
        assert_eq!(
            typed(&both, &[name("a"), name("b")]),
            ["exit", "exit", "true", "ip netns exec r true", "true"]
        );
        assert_eq!(within(&name("a b"), "true"), "ip netns exec 'a b' true");
    }
}
