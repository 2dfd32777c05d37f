//! What a learner has done that leaves no trace in the network: answered, and looked.

use std::sync::Arc;
use vethlab_explain::journal::{Command, Invocation};
use vethlab_programs as programs;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::status::Status;

/// What a learner did within one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learner {
    answered: bool,
    seen: Vec<Seen>,
}

/// A command that was typed, and what it printed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    namespace: NamespaceName,
    invocation: Invocation,
    status: Status,
    printed: Arc<str>,
}

impl Learner {
    /// Somebody who has done nothing yet.
    pub fn new() -> Learner {
        Learner::default()
    }

    /// The step's question was answered, rightly or not.
    pub fn answer(&mut self) {
        self.answered = true;
    }

    /// Whether the step's question was answered.
    pub fn has_answered(&self) -> bool {
        self.answered
    }

    /// A command was typed, and printed this.
    pub fn typed(&mut self, command: &Command, printed: &str) {
        let (namespace, invocation) = (command.place().clone(), command.invocation.clone());
        self.seen.push(Seen {
            namespace,
            invocation,
            status: command.status,
            printed: spaced(printed).into(),
        });
    }

    /// Whether what this command shows was looked at in that namespace, however it was abbreviated: a command that
    /// printed this text, in whatever columns and lines, or where no text is named one that did not fail.
    pub fn has_looked(&self, namespace: &NamespaceName, command: &str, shows: Option<&str>) -> bool {
        let Some(wanted) = programs::invocation(command) else { return true };
        let namespace = wanted.namespace.as_ref().unwrap_or(namespace);
        let shows = shows.map(spaced);
        self.seen.iter().any(|seen| {
            let told = match &shows {
                Some(text) => seen.printed.contains(text),
                None => seen.status == 0,
            };
            told && seen.namespace == *namespace && seen.invocation.covers(&wanted)
        })
    }
}

/// A text with one blank between its words: how wide the columns are, and where a line ends, says nothing.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::time::Instant;

    fn command(line: &str, status: Status) -> Command {
        Command {
            line: line.to_owned(),
            invocation: programs::invocation(line).expect("a command"),
            namespace: NamespaceName::HOST,
            status,
            began: Instant::START,
            ended: Instant::START,
        }
    }

    fn learner(lines: &[&str]) -> Learner {
        let mut learner = Learner::new();
        for line in lines {
            learner.typed(&command(line, 0), "");
        }
        learner
    }

    fn has_looked(learner: &Learner, command: &str) -> bool {
        learner.has_looked(&NamespaceName::HOST, command, None)
    }

    fn red() -> NamespaceName {
        NamespaceName::new("red").expect("a name")
    }

    #[test]
    fn any_way_to_look_counts() {
        for line in ["ip link", "ip l", "ip li sh", "ip link show lo", "ip -br link", "ip -4 l list"] {
            assert!(has_looked(&learner(&[line]), "ip link"), "{line}");
        }
        for line in ["ip addr", "ip link add a type veth peer b", "ip link s lo up", "ip", "ifconfig"] {
            assert!(!has_looked(&learner(&[line]), "ip link"), "{line}");
        }
        assert!(has_looked(&learner(&["ip r g 1.2.3.4"]), "ip route get 1.2.3.4"));
        assert!(has_looked(&learner(&["ip n"]), "ip neighbour"));
        assert!(has_looked(&learner(&["iptables -n -L"]), "iptables -L"));
        assert!(!has_looked(&learner(&["ip r"]), "ip route show table local"));
    }

    #[test]
    fn an_option_of_ping_goes_with_its_value() {
        for line in ["ping -c 1 -t 1 10.0.0.1", "ping -t1 -c1 10.0.0.1", "ping 10.0.0.1 -nt 1"] {
            assert!(has_looked(&learner(&[line]), "ping -t 1 10.0.0.1"), "{line}");
        }
        for line in ["ping -c 1 -t 64 10.0.0.1", "ping -c 1 10.0.0.1", "ping -t 1 10.0.0.2"] {
            assert!(!has_looked(&learner(&[line]), "ping -t 1 10.0.0.1"), "{line}");
        }
    }

    #[test]
    fn where_it_was_looked_at_counts() {
        for line in ["ip netns exec red ip link", "ip -n red link", "ip netns e red ip l"] {
            assert!(learner(&[line]).has_looked(&red(), "ip link", None), "{line}");
            assert!(!has_looked(&learner(&[line]), "ip link"), "{line}");
        }
    }

    #[test]
    fn what_failed_showed_nothing() {
        let mut learner = Learner::new();
        learner.typed(&command("ip link", 1), "");
        assert!(!has_looked(&learner, "ip link"));
    }

    #[test]
    fn what_was_to_be_seen_stood_there() {
        let shows = |learner: &Learner, command: &str, text: &str| {
            learner.has_looked(&NamespaceName::HOST, command, Some(text))
        };
        let mut learner = Learner::new();
        learner.typed(&command("ip neigh", 0), "10.0.0.77 dev eth0 INCOMPLETE \n");
        assert!(!shows(&learner, "ip neigh", "FAILED"));
        learner.typed(&command("ip n", 0), "10.0.0.77 dev eth0 FAILED \n");
        assert!(shows(&learner, "ip neigh", "10.0.0.77 dev eth0 FAILED"));
        // It has to be this command that said so; and one that failed may have been meant to.
        assert!(!shows(&learner, "packets", "FAILED"));
        learner.typed(
            &command("ping 10.0.0.77", 1),
            "From 10.0.0.1 icmp_seq=1\n  Destination Host Unreachable\n",
        );
        assert!(shows(&learner, "ping 10.0.0.77", "icmp_seq=1 Destination Host"));
        assert!(!has_looked(&learner, "ping 10.0.0.77"));
    }
}
