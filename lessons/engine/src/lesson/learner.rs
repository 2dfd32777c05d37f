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

    /// Whether what this command shows was looked at in that namespace, however it was abbreviated.
    pub fn has_looked(&self, namespace: &NamespaceName, command: &str, sight: &Sight) -> bool {
        let Some(wanted) = programs::invocation(command) else { return true };
        let namespace = wanted.namespace.as_ref().unwrap_or(namespace);
        self.seen.iter().any(|seen| {
            sight.is_shown_by(seen) && seen.namespace == *namespace && seen.invocation.covers(&wanted)
        })
    }
}

/// What a command that was looked at has to have printed, in whatever columns and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// One of these texts, even where the command failed; where there is none, it is enough that it did not fail. In a text
    /// `<n>` stands for a number from 1 up.
    pub shows: Vec<String>,
    /// And not this text.
    pub without: Option<String>,
    /// Nothing at all, without failing.
    pub nothing: bool,
}

impl Sight {
    fn is_shown_by(&self, seen: &Seen) -> bool {
        let prints = |text: &String| contains(&seen.printed, &spaced(text));
        let told = match self.shows.is_empty() {
            true => seen.status == 0 && (!self.nothing || seen.printed.is_empty()),
            false => self.shows.iter().any(prints),
        };
        told && !self.without.as_ref().is_some_and(prints)
    }
}

/// What stands for a number in a text to look for.
const NUMBER: &str = "<n>";

/// Whether a text holds another one.
fn contains(printed: &str, wanted: &str) -> bool {
    let Some((first, rest)) = wanted.split_once(NUMBER) else { return printed.contains(wanted) };
    printed.match_indices(first).any(|(place, _)| goes_on(&printed[place + first.len()..], rest))
}

/// Whether a text begins with a number from 1 up, and goes on with what is wanted behind it.
fn goes_on(printed: &str, wanted: &str) -> bool {
    let digits = printed.bytes().take_while(u8::is_ascii_digit).count();
    let (number, behind) = printed.split_at(digits);
    if number.bytes().all(|digit| digit == b'0') {
        return false;
    }
    match wanted.split_once(NUMBER) {
        None => behind.starts_with(wanted),
        Some((next, rest)) => behind.strip_prefix(next).is_some_and(|behind| goes_on(behind, rest)),
    }
}

/// A text with one blank between its words: how wide the columns are, and where a line ends, says nothing.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_explain::journal::Results;
    use vethlab_shared::time::Instant;

    fn command(line: &str, status: Status) -> Command {
        Command {
            line: line.to_owned(),
            invocation: programs::invocation(line).expect("a command"),
            namespace: NamespaceName::HOST,
            status,
            results: Results::default(),
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
        learner.has_looked(&NamespaceName::HOST, command, &Sight::default())
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
            assert!(learner(&[line]).has_looked(&red(), "ip link", &Sight::default()), "{line}");
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
            learner.has_looked(
                &NamespaceName::HOST,
                command,
                &Sight { shows: vec![text.to_owned()], ..Sight::default() },
            )
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

    #[test]
    fn what_was_not_to_be_seen_did_not_stand_there() {
        let sees = |printed: &str, sight: &Sight| {
            let mut learner = Learner::new();
            learner.typed(&command("ip link", 0), printed);
            learner.has_looked(&NamespaceName::HOST, "ip link", sight)
        };
        let sight = |shows: &[&str], without: Option<&str>| Sight {
            shows: shows.iter().map(|text| (*text).to_owned()).collect(),
            without: without.map(str::to_owned),
            nothing: false,
        };
        let left = sight(&["lo"], Some("eth0"));
        assert!(sees("1: lo\n", &left) && !sees("1: lo\n2: eth0\n", &left) && !sees("", &left));
        let either = sight(&["eth0", "eth1"], None);
        assert!(sees("eth1", &either) && !sees("eth2", &either));
        let nothing = Sight { nothing: true, ..Sight::default() };
        assert!(sees("\n", &nothing) && !sees("lo", &nothing));
        let counted = sight(&["mcast <n> <n> 0"], None);
        assert!(sees("mcast\n  336  4  0", &counted));
        for printed in ["mcast 0 0 0", "mcast 336 0 0", "mcast 336 4 1", "mcast"] {
            assert!(!sees(printed, &counted), "{printed}");
        }
    }
}
