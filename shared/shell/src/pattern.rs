//! Patterns of the shell: `*`, `?`, `[…]`; behind a backslash a character stands for itself.

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Element {
    Many,
    One,
    Letter(char),
    Set { negated: bool, ranges: Vec<(char, char)>, classes: Vec<String> },
}

/// A pattern, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Vec<Element>);

impl Pattern {
    pub(crate) fn new(text: &str) -> Pattern {
        let letters: Vec<char> = text.chars().collect();
        let (mut elements, mut at) = (Vec::new(), 0);
        while let Some(&letter) = letters.get(at) {
            at += 1;
            elements.push(match letter {
                '*' => Element::Many,
                '?' => Element::One,
                '\\' if at < letters.len() => {
                    at += 1;
                    Element::Letter(letters[at - 1])
                }
                '[' => match set(&letters[at..]) {
                    Some((element, length)) => {
                        at += length;
                        element
                    }
                    None => Element::Letter('['),
                },
                other => Element::Letter(other),
            });
        }
        Pattern(elements)
    }

    /// Whether it stands for more than one text.
    pub(crate) fn is_magic(&self) -> bool {
        self.0.iter().any(|element| !matches!(element, Element::Letter(_)))
    }

    /// Whether it begins with this letter itself.
    pub(crate) fn begins_with(&self, letter: char) -> bool {
        self.0.first() == Some(&Element::Letter(letter))
    }

    /// Whether a text fits. Only the last star before a letter that does not fit is given more, so it takes at most the
    /// product of both lengths.
    pub(crate) fn fits(&self, text: &[char]) -> bool {
        let (mut at, mut place) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        loop {
            match self.0.get(at) {
                None if place == text.len() => return true,
                Some(Element::Many) => {
                    at += 1;
                    star = Some((at, place));
                    continue;
                }
                Some(element) if text.get(place).is_some_and(|&letter| element.takes(letter)) => {
                    (at, place) = (at + 1, place + 1);
                    continue;
                }
                _ => {}
            }
            match star {
                Some((behind, begun)) if begun < text.len() => {
                    star = Some((behind, begun + 1));
                    (at, place) = (behind, begun + 1);
                }
                _ => return false,
            }
        }
    }

    /// Whether a text fits.
    pub(crate) fn fits_text(&self, text: &str) -> bool {
        self.fits(&text.chars().collect::<Vec<_>>())
    }
}

impl Element {
    fn takes(&self, letter: char) -> bool {
        match self {
            Element::Many => false,
            Element::One => true,
            Element::Letter(own) => *own == letter,
            Element::Set { negated, ranges, classes } => {
                let within = ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter))
                    || classes.iter().any(|class| is_of(class, letter));
                within != *negated
            }
        }
    }
}

/// The set behind a `[`, and how many letters it takes.
fn set(letters: &[char]) -> Option<(Element, usize)> {
    let mut at = 0;
    let negated = matches!(letters.first(), Some('!' | '^'));
    at += usize::from(negated);
    let begin = at;
    let (mut ranges, mut classes) = (Vec::new(), Vec::new());
    loop {
        let letter = *letters.get(at)?;
        match letter {
            ']' if at > begin => break,
            '[' if letters.get(at + 1) == Some(&':') => {
                let length = letters[at + 2..].windows(2).position(|pair| pair == [':', ']'])?;
                classes.push(letters[at + 2..at + 2 + length].iter().collect());
                at += length + 4;
                continue;
            }
            _ => {}
        }
        let plain = |place: usize| match letters.get(place) {
            Some('\\') => letters.get(place + 1).map(|letter| (*letter, place + 2)),
            letter => letter.map(|letter| (*letter, place + 1)),
        };
        let (low, behind) = plain(at)?;
        at = behind;
        let is_range = letters.get(at) == Some(&'-') && letters.get(at + 1).is_some_and(|next| *next != ']');
        if is_range {
            let (high, behind) = plain(at + 1)?;
            at = behind;
            ranges.push((low, high));
        } else {
            ranges.push((low, low));
        }
    }
    Some((Element::Set { negated, ranges, classes }, at + 1))
}

fn is_of(class: &str, letter: char) -> bool {
    match class {
        "alpha" => letter.is_ascii_alphabetic(),
        "digit" => letter.is_ascii_digit(),
        "alnum" => letter.is_ascii_alphanumeric(),
        "upper" => letter.is_ascii_uppercase(),
        "lower" => letter.is_ascii_lowercase(),
        "space" => matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c'),
        "blank" => matches!(letter, ' ' | '\t'),
        "punct" => letter.is_ascii_punctuation(),
        "xdigit" => letter.is_ascii_hexdigit(),
        "cntrl" => letter.is_ascii_control(),
        "print" => letter.is_ascii_graphic() || letter == ' ',
        "graph" => letter.is_ascii_graphic(),
        _ => false,
    }
}

/// A text as a pattern that only it fits.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '\\' | '-' | '!' | '^') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
