//! What a learner has done that leaves no trace in the network: answered, and looked.

use crate::look::Look;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::programs::Status;

/// What a learner did within one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learner {
    answered: bool,
    looks: Vec<(NamespaceName, Look)>,
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

    /// A line was typed in a namespace and its command ended with this status. What failed showed nothing.
    pub fn typed(&mut self, namespace: &NamespaceName, line: &str, status: Status) {
        if status == 0
            && let Some((elsewhere, look)) = Look::of_line(line)
        {
            self.looks.push((elsewhere.unwrap_or_else(|| namespace.clone()), look));
        }
    }

    /// Whether what this command shows was looked at in that namespace, however it was abbreviated.
    pub fn has_looked(&self, namespace: &NamespaceName, command: &str) -> bool {
        let Some((elsewhere, wanted)) = Look::of_line(command) else { return true };
        let namespace = elsewhere.as_ref().unwrap_or(namespace);
        self.looks.iter().any(|(place, look)| place == namespace && look.shows(&wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learner(lines: &[&str]) -> Learner {
        let mut learner = Learner::new();
        for line in lines {
            learner.typed(&NamespaceName::HOST, line, 0);
        }
        learner
    }

    fn red() -> NamespaceName {
        NamespaceName::new("red").expect("a name")
    }

    #[test]
    fn any_way_to_look_counts() {
        for line in ["ip link", "ip l", "ip li sh", "ip link show lo", "ip -br link", "ip -4 l list"] {
            assert!(learner(&[line]).has_looked(&NamespaceName::HOST, "ip link"), "{line}");
        }
        for line in ["ip addr", "ip link add a type veth peer b", "ip link s lo up", "ip", "ifconfig"] {
            assert!(!learner(&[line]).has_looked(&NamespaceName::HOST, "ip link"), "{line}");
        }
        assert!(learner(&["ip r g 1.2.3.4"]).has_looked(&NamespaceName::HOST, "ip route get 1.2.3.4"));
        assert!(learner(&["ip n"]).has_looked(&NamespaceName::HOST, "ip neighbour"));
        assert!(learner(&["iptables -n -L"]).has_looked(&NamespaceName::HOST, "iptables -L"));
        assert!(!learner(&["ip r"]).has_looked(&NamespaceName::HOST, "ip route show table local"));
    }

    #[test]
    fn where_it_was_looked_at_counts() {
        for line in ["ip netns exec red ip link", "ip -n red link", "ip netns e red ip l"] {
            assert!(learner(&[line]).has_looked(&red(), "ip link"), "{line}");
            assert!(!learner(&[line]).has_looked(&NamespaceName::HOST, "ip link"), "{line}");
        }
    }

    #[test]
    fn what_failed_showed_nothing() {
        let mut learner = Learner::new();
        learner.typed(&NamespaceName::HOST, "ip link", 1);
        assert!(!learner.has_looked(&NamespaceName::HOST, "ip link"));
    }
}
