//! What an answer means, however it is worded.

/// Words in front of an answer that say nothing: `it is eth0`, `by dev eth0`, `in state STALE`.
const BEFORE: [&str; 39] = [
    "a",
    "address",
    "an",
    "answer",
    "at",
    "by",
    "choice",
    "dev",
    "device",
    "exactly",
    "from",
    "goes",
    "guess",
    "i",
    "in",
    "interface",
    "is",
    "it",
    "its",
    "leaves",
    "link",
    "my",
    "number",
    "on",
    "option",
    "out",
    "over",
    "packet",
    "s",
    "say",
    "state",
    "that",
    "the",
    "think",
    "through",
    "using",
    "via",
    "will",
    "would",
];

/// Words behind an answer that say nothing: `the loopback interface`, `the second one`.
const BEHIND: [&str; 10] =
    ["address", "device", "i", "interface", "is", "it", "link", "one", "state", "think"];

/// What is counted or named in a question: behind or before an answer to that question it says nothing.
const NAMED: [&str; 16] = [
    "byte", "bytes", "frame", "frames", "hop", "hops", "mac", "mtu", "packet", "packets", "second",
    "seconds", "size", "time", "ttl", "value",
];

/// Numbers as they are spoken, with how they count.
const NUMBERS: [(&str, &str); 13] = [
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
];

/// Places in a list, from the first.
const PLACES: [&str; 9] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];

/// Words that mean the same as another one.
const SAME: [(&str, &str); 8] = [
    ("loopback", "lo"),
    ("nothing", "none"),
    ("nowhere", "none"),
    ("nobody", "none"),
    ("y", "yes"),
    ("yep", "yes"),
    ("n", "no"),
    ("nope", "no"),
];

/// What a text means as the answer to a question: its words without case, quotes, and what says nothing.
pub(super) fn meaning(text: &str, question: &str) -> String {
    let asked = plain_words(question);
    let is_named = |word: &str| NAMED.contains(&word) && asked.iter().any(|known| known == word);
    let words = plain_words(text);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    // The last word is the answer, whatever it is.
    while let [first, _, ..] = words[..]
        && (BEFORE.contains(&first) || is_named(first))
    {
        words.remove(0);
    }
    while let [_, .., last] = words[..]
        && (BEHIND.contains(&last) || is_named(last))
    {
        words.pop();
    }
    words.into_iter().map(same).collect::<Vec<_>>().join(" ")
}

/// The number of the choice that a text names, from 1: by its number, by its place, or by its words, all of them or the
/// first ones where no other choice begins so.
pub(super) fn choice(text: &str, choices: &[String]) -> Option<usize> {
    let plain = plain_words(text);
    let is_whole = |choice: &&String| plain_words(choice) == plain;
    if let Some(place) = choices.iter().position(|choice| is_whole(&choice)) {
        return Some(place + 1);
    }
    let short = meaning(text, "");
    let place = PLACES.iter().position(|place| *place == short).map(|place| place + 1);
    if let Some(number) = short.parse().ok().or(place) {
        return (1..=choices.len()).contains(&number).then_some(number);
    }
    if let Some((number, rest)) = plain.split_first().filter(|(_, rest)| !rest.is_empty()) {
        // As it is printed: the number, and the words behind it.
        let number = number.parse().ok().filter(|number| (1..=choices.len()).contains(number));
        if let Some(number) = number {
            return begins(&choices[number - 1], rest).then_some(number);
        }
    }
    if plain.first().is_none_or(|word| crate::history::can_be_typed(word)) {
        return None;
    }
    let mut beginning = (1..).zip(choices).filter(|(_, choice)| begins(choice, &plain));
    match (beginning.next(), beginning.next()) {
        (Some((number, _)), None) => Some(number),
        _ => None,
    }
}

/// Whether a choice begins with these words.
fn begins(choice: &str, words: &[String]) -> bool {
    plain_words(choice).starts_with(words)
}

/// The words of a text, in small letters, without what surrounds them.
fn plain_words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\'', '"', '`', '=', '(', ')', '#', '*', ';'], " ");
    let word = |word: &str| {
        let word = word.trim_end_matches(['.', ',', ':', '!', '?']);
        let word = word.split_once('@').map_or(word, |(link, _)| link);
        match word.split_once(',') {
            // A comma between thousands.
            Some((before, after)) if is_number(before) && is_number(after) && after.len() == 3 => {
                format!("{before}{after}")
            }
            _ => word.to_owned(),
        }
    };
    text.split_whitespace().map(word).filter(|word| !word.is_empty()).collect()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The word that stands for all that mean the same.
fn same(word: &str) -> &str {
    let known = NUMBERS.iter().chain(&SAME).find(|(other, _)| *other == word);
    known.map_or(word, |(_, same)| same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_say_nothing_are_left_out() {
        for text in [
            "lo",
            "dev lo",
            "by lo",
            "Loopback",
            "through lo.",
            "it is `lo`",
            "the loopback interface",
            "lo@if2",
        ] {
            assert_eq!(meaning(text, "Which link?"), "lo", "{text}");
        }
        for text in ["1472", "1,472", "1472 bytes", "it's 1472"] {
            assert_eq!(meaning(text, "How many bytes?"), "1472", "{text}");
        }
        // It is something else where the question does not ask for it.
        assert_eq!(meaning("1472 bytes", "Which TTL?"), "1472 bytes");
        for text in ["not lo", "lo or eth0", "lo0"] {
            assert_ne!(meaning(text, "Which link?"), "lo", "{text}");
        }
        assert_eq!(meaning("in", "Where?"), "in");
    }

    #[test]
    fn a_choice_is_named_in_many_ways() {
        let choices = ["Yes: both", "No: the cable is off", "No: the link is down"].map(str::to_owned);
        let number = |text: &str| choice(text, &choices);
        for text in [
            "2",
            "2.",
            "(2)",
            "#2",
            "two",
            "option 2",
            "the second one",
            "No: the cable is off",
            "no the cable",
        ] {
            assert_eq!(number(text), Some(2), "{text}");
        }
        assert_eq!(number("yes"), Some(1));
        for text in ["", "no", "4", "0", "not 2", "2 or 3", "2 3", "ip link", "22", "2 yes"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
