//! Markdown within a paragraph: bold, code, links; and the filling of lines.

use crate::paint::Paint;

/// A word as it is printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// How many columns it takes: colour takes none.
    pub(super) width: usize,
}

/// The words of a paragraph.
pub(super) fn words(markdown: &str, paint: Paint) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let strong = |(style, text): (Style, String)| match style {
        // Code and links may stand within what is bold.
        Style::Strong => spans(&text).into_iter().map(plain_is_strong).collect(),
        _ => vec![(style, text)],
    };
    for (style, text) in spans(markdown).into_iter().flat_map(strong) {
        // Without colour the quotes stay: something must tell code from words.
        let text = if style == Style::Code && !paint.has_colour() { format!("`{text}`") } else { text };
        for (number, part) in text.split(char::is_whitespace).enumerate() {
            if number > 0 && word.width > 0 {
                words.push(std::mem::take(&mut word));
            }
            word.width += part.chars().count();
            word.text.push_str(&match style {
                Style::Plain => part.to_owned(),
                Style::Strong => paint.strong(part),
                Style::Code => paint.code(part),
            });
        }
    }
    if word.width > 0 {
        words.push(word);
    }
    words
}

/// Fills lines with words. A word that is longer than a line has one for itself.
pub(super) fn wrap(words: Vec<Word>, width: usize) -> Vec<Word> {
    let mut lines: Vec<Word> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.width + 1 + word.width <= width => {
                line.text.push(' ');
                line.text.push_str(&word.text);
                line.width += 1 + word.width;
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    Strong,
    Code,
}

fn plain_is_strong((style, text): (Style, String)) -> (Style, String) {
    (if style == Style::Plain { Style::Strong } else { style }, text)
}

/// The text cut where its style changes. A mark that is never closed is text.
fn spans(markdown: &str) -> Vec<(Style, String)> {
    let mut spans = Vec::new();
    let mut plain = String::new();
    let mut rest = markdown;
    // Where the last target of a link ends: no link is closed behind it.
    let last_target = markdown.len() - markdown.rfind(')').unwrap_or(0);
    while let Some(character) = rest.chars().next() {
        match marked(rest, rest.len() > last_target) {
            Some((style, text, after)) => {
                spans.push((Style::Plain, std::mem::take(&mut plain)));
                spans.push((style, text));
                rest = after;
            }
            None => {
                plain.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    spans.push((Style::Plain, plain));
    spans
}

/// The marked text that begins here, and what follows it. `has_target` says whether a link may be closed in it. Looks no
/// further than to where the mark is closed, or cannot be.
fn marked(text: &str, has_target: bool) -> Option<(Style, String, &str)> {
    if let Some(rest) = text.strip_prefix('`') {
        let (code, after) = rest.split_once('`')?;
        return Some((Style::Code, code.to_owned(), after));
    }
    if let Some(rest) = text.strip_prefix('[') {
        // There is none within another one.
        let end = rest.find('[').unwrap_or(rest.len());
        let (name, _) = rest[..end].split_once("](").filter(|_| has_target)?;
        let (target, after) = rest[name.len() + 2..].split_once(')')?;
        return Some((Style::Plain, format!("{name} ({target})"), after));
    }
    let mark = ["**", "*"].into_iter().find(|mark| text.starts_with(mark))?;
    let (inner, after) = text[mark.len()..].split_once(mark)?;
    let closed = !inner.is_empty() && !inner.starts_with(' ') && !inner.ends_with(' ');
    closed.then(|| (Style::Strong, inner.to_owned(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(markdown: &str) -> String {
        let words: Vec<String> = words(markdown, Paint::PLAIN).into_iter().map(|word| word.text).collect();
        words.join(" ")
    }

    #[test]
    fn marks_go_and_code_keeps_its_quotes() {
        assert_eq!(text("a **b c**, `ip  link`. *d*"), "a b c, `ip link`. d");
        assert_eq!(text("see [the page](http://x/y)."), "see the page (http://x/y).");
        assert_eq!(text("[[the [page](x) [a](y) [b](z"), "[[the page (x) a (y) [b](z");
    }

    #[test]
    fn code_within_what_is_bold_is_code() {
        let markdown = "**is `lo` up?**";
        assert_eq!(text(markdown), "is `lo` up?");
        let paint = Paint::COLOURED;
        let coloured: Vec<String> = words(markdown, paint).into_iter().map(|word| word.text).collect();
        assert_eq!(coloured, [paint.strong("is"), paint.code("lo"), paint.strong("up?")]);
    }

    #[test]
    fn what_is_no_mark_stays() {
        for same in [
            "[a](b",
            "[a](b [c](d",
            "[[[[",
            "[a] [b] (c)",
            ")[a](b",
            "2 * 3 * 4",
            "ip_forward and rp_filter",
            "an open ` quote",
            "a [0] b",
            "a ** b",
        ] {
            assert_eq!(text(same), same);
        }
    }
}
