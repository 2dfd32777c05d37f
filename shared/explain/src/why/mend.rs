//! What may mend a fault: commands, and where they run.

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
