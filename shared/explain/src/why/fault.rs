//! One fault: what is wrong, where, and what mends it.

use super::cause::Cause;
use super::evidence::{Evidence, Fact};
use vethlab_shared::name::NamespaceName;

/// A fault that a packet met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) cause: Cause,
    pub(super) namespace: NamespaceName,
    pub(super) evidence: Vec<Evidence>,
    /// What happened there and because of what.
    pub(super) sentences: Vec<String>,
    pub(super) fixes: Vec<Fix>,
}

/// A command, and the namespace that it has to run in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fix {
    pub(super) namespace: NamespaceName,
    pub(super) command: String,
}

impl Fault {
    pub(super) fn new(cause: Cause, namespace: &NamespaceName) -> Fault {
        let (evidence, sentences, fixes) = (Vec::new(), Vec::new(), Vec::new());
        Fault { cause, namespace: namespace.clone(), evidence, sentences, fixes }
    }

    pub(super) fn seen(mut self, namespace: &NamespaceName, fact: Fact) -> Fault {
        self.evidence.push(Evidence { namespace: namespace.clone(), fact });
        self
    }

    pub(super) fn seen_all(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Fault {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn told(mut self, sentence: impl Into<String>) -> Fault {
        self.sentences.push(sentence.into());
        self
    }

    pub(super) fn mended_by(mut self, namespace: &NamespaceName, command: impl Into<String>) -> Fault {
        self.fixes.push(Fix { namespace: namespace.clone(), command: command.into() });
        self
    }
}

/// The commands as they are typed at a prompt within these shells: `ip netns exec` goes before what belongs
/// elsewhere. The machine itself has no name that could stand there, so its shell has to be gone back to.
pub(super) fn typed(fixes: &[Fix], shells: &[NamespaceName]) -> Vec<String> {
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

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.:@%+,".contains(c);
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
