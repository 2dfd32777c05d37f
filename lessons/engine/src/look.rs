//! What a command shows, however it was abbreviated.

use vethlab_shared::name::NamespaceName;
use vethlab_shared::words;

/// A command as far as it decides what is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
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
    pub fn of_line(line: &str) -> Option<(Option<NamespaceName>, Look)> {
        Look::of_words(&words::split(line).ok()?)
    }

    /// Whether the neighbour table is listed, one entry a line.
    pub fn lists_neighbours(&self) -> bool {
        self.program == "arp" || (self.object == Some("neighbor") && self.action.is_none())
    }

    /// Whether it tells of the frames that there were, or why. What it says is what the stack lets be seen, and when
    /// the stack saw it; the frames themselves are compared without it.
    pub fn tells_of_frames(&self) -> bool {
        matches!(self.program.as_str(), "packets" | "packet" | "why")
    }

    /// Whether it is known to alter nothing: neither the network nor what is known of neighbours.
    pub fn only_shows(&self) -> bool {
        let shows = ["packets", "packet", "why", "map"];
        match self.object {
            Some(_) => self.action.as_deref().is_none_or(|action| action == "get"),
            None => shows.contains(&self.program.as_str()),
        }
    }

    fn of_words(words: &[String]) -> Option<(Option<NamespaceName>, Look)> {
        let (program, arguments) = words.split_first()?;
        if program != "ip" {
            let words = if program == "ping" { ping_words(arguments) } else { arguments.to_vec() };
            let program = program.clone();
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
    pub fn shows(&self, wanted: &Look) -> bool {
        self.program == wanted.program
            && self.object == wanted.object
            && self.action == wanted.action
            && wanted.words.iter().all(|word| self.words.contains(word))
    }
}

/// The options of `ping` that a value follows (`main` in iputils' `ping.c`).
const PING_VALUES: &str = "TFNceiIlmMpQsStwW";

/// The words of a `ping`, each option with its value in one word: in `-c 1 -t 64` there is no TTL of 1, and `-t1` is
/// `-t 1`.
fn ping_words(arguments: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            words.push(argument.clone());
            continue;
        };
        for (place, letter) in letters.char_indices() {
            if !PING_VALUES.contains(letter) {
                words.push(format!("-{letter}"));
                continue;
            }
            let value = match &letters[place + letter.len_utf8()..] {
                "" => arguments.next().map_or("", String::as_str),
                value => value,
            };
            words.push(format!("-{letter}{value}"));
            break;
        }
    }
    words
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
