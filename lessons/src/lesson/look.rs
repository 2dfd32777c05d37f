//! What a learner has done that leaves no trace in the network: answered, and looked.

use vethlab_shared::name::NamespaceName;
use vethlab_shared::programs::Status;
use vethlab_shared::session;

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

/// A command as far as it decides what is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    program: String,
    /// For `ip`: the object, in full.
    object: Option<&'static str>,
    /// For `ip`: what is done with the object, where it is not `show`.
    action: Option<String>,
    /// Everything else.
    words: Vec<String>,
}

impl Look {
    /// Takes a line apart: the namespace that it goes to, where it goes to one, and what it does there.
    fn of_line(line: &str) -> Option<(Option<NamespaceName>, Look)> {
        Look::of_words(&session::split(line).ok()?)
    }

    fn of_words(words: &[String]) -> Option<(Option<NamespaceName>, Look)> {
        let (program, arguments) = words.split_first()?;
        if program != "ip" {
            let (program, words) = (program.clone(), arguments.to_vec());
            return Some((None, Look { program, object: None, action: None, words }));
        }
        let mut namespace = None;
        let mut others = Vec::new();
        let mut arguments = arguments.iter();
        let object = loop {
            match arguments.next()?.as_str() {
                "-n" | "-netns" => namespace = NamespaceName::new(arguments.next()?).ok(),
                option if option.starts_with('-') => others.push(option.to_owned()),
                word => break full_object(word)?,
            }
        };
        let action = arguments.next().map(String::as_str);
        if object == "netns" && action.is_some_and(|word| abbreviates(word, "exec")) {
            let entered = NamespaceName::new(arguments.next()?).ok();
            let (inner, look) = Look::of_words(arguments.as_slice())?;
            return Some((inner.or(entered), look));
        }
        others.extend(arguments.cloned());
        let action = action
            .filter(|word| !is_show(object, word))
            .map(|word| if abbreviates(word, "get") { "get".to_owned() } else { word.to_owned() });
        Some((namespace, Look { program: program.clone(), object: Some(object), action, words: others }))
    }

    /// Whether this shows at least what is wanted: the same thing, with every word that is wanted.
    fn shows(&self, wanted: &Look) -> bool {
        self.program == wanted.program
            && self.object == wanted.object
            && self.action == wanted.action
            && wanted.words.iter().all(|word| self.words.contains(word))
    }
}

/// The objects of `ip` that are modelled, in the order in which it tries abbreviations (`cmds` in iproute2's
/// `ip.c`).
fn full_object(word: &str) -> Option<&'static str> {
    let found = ["address", "route", "rule", "neighbor", "neighbour", "link", "netns"]
        .into_iter()
        .find(|object| abbreviates(word, object))?;
    Some(if found == "neighbour" { "neighbor" } else { found })
}

/// Whether the word asks `ip` to show the object. (`ip link s` is `set`.)
fn is_show(object: &str, word: &str) -> bool {
    let show = abbreviates(word, "show") || abbreviates(word, "list") || abbreviates(word, "lst");
    show && !(object == "link" && word == "s")
}

/// Whether a word is the beginning of another (`matches` in iproute2's `utils.c`).
fn abbreviates(word: &str, full: &str) -> bool {
    !word.is_empty() && full.starts_with(word)
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
