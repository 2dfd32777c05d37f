//! Shell patterns, as `fnmatch(3)` without flags takes them.

/// Whether a text fits a pattern. Where it does not, only the last star before is given more to stand for: that one
/// stood for as little as it could, so that no earlier star can help. So it takes at most the product of both lengths.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    // Behind the last star, and where the text goes on behind what it stands for.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let fitted = match Element::first(&pattern[at..]) {
            None if place == text.len() => return true,
            None => None,
            Some((Element::Any, length)) => {
                at += length;
                star = Some((at, place));
                continue;
            }
            Some((element, length)) => {
                text.get(place).filter(|&&letter| element.takes(letter)).map(|_| length)
            }
        };
        match (fitted, star) {
            (Some(length), _) => (at, place) = (at + length, place + 1),
            (None, Some((behind, begun))) if begun < text.len() => {
                star = Some((behind, begun + 1));
                (at, place) = (behind, begun + 1);
            }
            (None, _) => return false,
        }
    }
}

/// What stands for letters.
#[derive(Clone, Copy)]
enum Element<'a> {
    /// `*`: any number of them.
    Any,
    /// `?`: one.
    One,
    /// `[a-z]`: one of these.
    Of(&'a [char]),
    /// Itself.
    Letter(char),
}

impl Element<'_> {
    /// The first one of a pattern, and how many of its letters it takes up.
    fn first(pattern: &[char]) -> Option<(Element<'_>, usize)> {
        let (&first, rest) = pattern.split_first()?;
        Some(match first {
            '*' => (Element::Any, 1),
            '?' => (Element::One, 1),
            '[' => match rest.iter().skip(1).position(|&letter| letter == ']') {
                Some(end) => (Element::Of(&rest[..=end]), end + 3),
                None => (Element::Letter('['), 1),
            },
            '\\' => rest.first().map_or((Element::Letter('\\'), 1), |&letter| (Element::Letter(letter), 2)),
            letter => (Element::Letter(letter), 1),
        })
    }

    /// Whether it stands for this one letter.
    fn takes(self, letter: char) -> bool {
        match self {
            Element::Any | Element::One => true,
            Element::Of(set) => in_set(set, letter),
            Element::Letter(own) => own == letter,
        }
    }
}

/// Whether a letter is in a bracket expression: letters and ranges, `!` in front for all others.
fn in_set(set: &[char], letter: char) -> bool {
    let (negated, set) = match set.split_first() {
        Some(('!' | '^', rest)) => (true, rest),
        _ => (false, set),
    };
    let mut found = false;
    let mut rest = set;
    while let Some((&low, behind)) = rest.split_first() {
        rest = match behind {
            ['-', high, behind @ ..] => {
                found |= (low..=*high).contains(&letter);
                behind
            }
            _ => {
                found |= low == letter;
                behind
            }
        };
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_are_those_of_a_shell() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "lo", false),
            ("lo", "lo", true),
            ("l*", "lo", true),
            ("*", "", true),
            ("*:1", "veth-red:1", true),
            ("*a*b", "aab", true),
            ("*a*b", "aaba", false),
            ("l?", "l", false),
            ("veth[0-3]", "veth2", true),
            ("veth[!0-3]", "veth2", false),
            ("[]]", "]", true),
            ("\\*", "*", true),
            ("l[", "l[", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    /// By trying all that a star may stand for.
    fn slowly(pattern: &[char], text: &[char]) -> bool {
        match Element::first(pattern) {
            None => text.is_empty(),
            Some((Element::Any, length)) => (0..=text.len()).any(|n| slowly(&pattern[length..], &text[n..])),
            Some((element, length)) => text
                .split_first()
                .is_some_and(|(&letter, rest)| element.takes(letter) && slowly(&pattern[length..], rest)),
        }
    }

    proptest! {
        #[test]
        fn one_way_back_is_enough(pattern in r"[ab*?\[\]!-]{0,8}", text in "[ab!-]{0,8}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(fits(&pattern, &text), slowly(&letters(&pattern), &letters(&text)));
        }
    }

    #[test]
    fn many_stars_take_no_longer_than_their_number() {
        // Each star more doubled the time: this one did not end.
        assert!(!fits(&format!("{}x", "*a".repeat(2000)), &"a".repeat(4000)));
    }
}
