//! The options in front of the object, and which of them stand there.

use super::Failure;
use super::args::{How, Keywords, USAGE, Words, invalid, keyword, matches};
use super::inet::GivenPrefix;
use vethlab_shared::family::Family;

/// What the options in front of the object ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) family: Preferred,
    /// How many times `-s` was given.
    pub(crate) statistics: u8,
    pub(crate) one_line: bool,
    pub(crate) brief: bool,
    pub(crate) json: bool,
    pub(crate) pretty: bool,
    pub(crate) all: bool,
    pub(crate) colour: When,
}

/// When there is colour (`-color`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum When {
    #[default]
    Never,
    /// Where standard output is a terminal.
    Auto,
    Always,
}

/// Which addresses a command is about (`preferred_family`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Preferred {
    /// Any (`AF_UNSPEC`).
    #[default]
    Any,
    /// Those of this family.
    One(Family),
    /// Link-layer addresses (`AF_PACKET`).
    Link,
}

impl Preferred {
    /// The family that is meant. Where none was said that is IPv4: IPv6 is not modelled.
    pub(crate) fn or_inet(self) -> Family {
        match self {
            Preferred::One(family) => family,
            Preferred::Any | Preferred::Link => Family::Inet,
        }
    }

    /// An address whose family is known says which one a command is about.
    pub(super) fn learn(&mut self, given: GivenPrefix) {
        if let Some(family) = given.family {
            *self = Preferred::One(family);
        }
    }
}

/// What stands in front of the object, read from left to right as `main` in `ip/ip.c` does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Front {
    pub(crate) options: Options,
    /// The namespaces of `-n`, in order: each is entered, and the last is the one to work in.
    pub(crate) namespaces: Vec<String>,
    /// The other options, as they were typed.
    pub(crate) words: Vec<String>,
    /// Why nothing behind these options is read.
    pub(crate) ends: Option<Ends>,
}

/// Why `ip` looks at no object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// It tells its version.
    Version,
    /// An option is wrong.
    Fails(Failure),
}

impl Front {
    /// Reads the options. The words stand at the object then.
    pub(crate) fn read(words: &mut Words<'_>) -> Front {
        let mut front = Front::default();
        while let Some(word) = words.rest().first().filter(|word| word.starts_with('-')) {
            words.next();
            if word == "--" {
                break;
            }
            if let Err(ends) = front.option(word, words) {
                front.ends = Some(ends);
                break;
            }
        }
        front
    }

    fn option(&mut self, word: &str, words: &mut Words<'_>) -> Result<(), Ends> {
        let Front { options, .. } = self;
        let option = single_dash(word);
        let Some((name, meaning)) = global_option(option) else {
            let text = format!("Option \"{option}\" is unknown, try \"ip -help\".");
            return Err(Ends::Fails(Failure::exit(USAGE, text)));
        };
        let mut value = None;
        match meaning {
            GlobalOption::Family => {
                value = words.next();
                options.family = family(value).map_err(Ends::Fails)?;
            }
            GlobalOption::Inet => options.family = Preferred::One(Family::Inet),
            GlobalOption::Link => options.family = Preferred::Link,
            GlobalOption::Statistics => options.statistics = options.statistics.saturating_add(1),
            GlobalOption::OneLine => options.one_line = true,
            GlobalOption::Version => return Err(Ends::Version),
            GlobalOption::Brief => options.brief = true,
            GlobalOption::Json => options.json = true,
            GlobalOption::Pretty => options.pretty = true,
            GlobalOption::Namespace => {
                // The real program prints what printf makes of no name at all.
                self.namespaces.push(words.next().unwrap_or("(null)").to_owned());
                return Ok(());
            }
            GlobalOption::All => options.all = true,
            GlobalOption::Help => return Err(Ends::Fails(super::OBJECTS.help())),
            // The environment has no say here: iproute2 does not ask for `NO_COLOR` (`matches_color`).
            GlobalOption::Colour => {
                options.colour = match option.split_once('=') {
                    Some((_, "never")) => When::Never,
                    Some((_, "auto")) => When::Auto,
                    _ => When::Always,
                };
            }
            GlobalOption::NotModelled => {
                return Err(Ends::Fails(Failure::NotModelled(format!("ip {name}"))));
            }
        }
        self.words.push(value.map_or_else(|| word.to_owned(), |value| format!("{word} {value}")));
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum GlobalOption {
    Family,
    Inet,
    Link,
    Statistics,
    OneLine,
    Version,
    Brief,
    Json,
    Pretty,
    Namespace,
    All,
    Colour,
    Help,
    NotModelled,
}

/// The options in the order in which `main` in `ip/ip.c` tries them.
const OPTIONS: &Keywords<GlobalOption> = &[
    (How::Prefix, "-loops", GlobalOption::NotModelled),
    (How::Prefix, "-family", GlobalOption::Family),
    (How::Exact, "-4", GlobalOption::Inet),
    (How::Exact, "-6", GlobalOption::NotModelled),
    (How::Exact, "-0", GlobalOption::Link),
    (How::Exact, "-M", GlobalOption::NotModelled),
    (How::Exact, "-B", GlobalOption::NotModelled),
    (How::Prefix, "-human-readable", GlobalOption::NotModelled),
    (How::Prefix, "-iec", GlobalOption::NotModelled),
    (How::Prefix, "-stats", GlobalOption::Statistics),
    (How::Prefix, "-statistics", GlobalOption::Statistics),
    (How::Prefix, "-details", GlobalOption::NotModelled),
    (How::Prefix, "-resolve", GlobalOption::NotModelled),
    (How::Prefix, "-oneline", GlobalOption::OneLine),
    (How::Prefix, "-timestamp", GlobalOption::NotModelled),
    (How::Prefix, "-tshort", GlobalOption::NotModelled),
    (How::Prefix, "-Version", GlobalOption::Version),
    (How::Prefix, "-force", GlobalOption::NotModelled),
    (How::Prefix, "-batch", GlobalOption::NotModelled),
    (How::Prefix, "-brief", GlobalOption::Brief),
    (How::Prefix, "-json", GlobalOption::Json),
    (How::Prefix, "-pretty", GlobalOption::Pretty),
    (How::Prefix, "-rcvbuf", GlobalOption::NotModelled),
    (How::Prefix, "-color", GlobalOption::Colour),
    (How::Prefix, "-help", GlobalOption::Help),
    (How::Prefix, "-netns", GlobalOption::Namespace),
    (How::Prefix, "-Numeric", GlobalOption::NotModelled),
    (How::Prefix, "-all", GlobalOption::All),
    (How::Exact, "-echo", GlobalOption::NotModelled),
];

/// The options that are modelled.
pub(crate) fn options() -> impl Iterator<Item = &'static str> {
    let modelled = |meaning: &GlobalOption| !matches!(meaning, GlobalOption::NotModelled);
    OPTIONS.iter().filter(move |(_, _, meaning)| modelled(meaning)).map(|(_, word, _)| *word)
}

/// An option that may be typed with two dashes as well.
fn single_dash(word: &str) -> &str {
    if word.starts_with("--") { &word[1..] } else { word }
}

/// The option that a word stands for; a colour has a value behind an equals sign (`matches_color`).
fn global_option(word: &str) -> Option<(&'static str, GlobalOption)> {
    let found = keyword(OPTIONS, word);
    if found.is_some() {
        return found;
    }
    let (word, value) = word.split_once('=')?;
    let colour = OPTIONS.iter().find(|(_, name, _)| *name == "-color")?;
    let known = matches(word, colour.1) && matches!(value, "" | "always" | "auto" | "never");
    known.then_some((colour.1, colour.2))
}

fn family(word: Option<&str>) -> Result<Preferred, Failure> {
    match word {
        Some("inet") => Ok(Preferred::One(Family::Inet)),
        Some("link") => Ok(Preferred::Link),
        Some("help") => Err(super::OBJECTS.help()),
        Some(word @ ("inet6" | "mpls" | "bridge")) => Err(Failure::NotModelled(format!("ip -family {word}"))),
        Some(word) => Err(invalid("invalid protocol family", word)),
        None => Err(super::OBJECTS.help()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_options_with_a_value() {
        let name = |word| global_option(word).map(|(name, _)| name);
        assert_eq!(name("-c=never"), Some("-color"));
        assert_eq!(name("-c=blue"), None);
        assert_eq!(name("-br"), Some("-brief"));
        assert_eq!(name("-b"), Some("-batch"));
        assert_eq!(name("-z"), None);
    }
}
