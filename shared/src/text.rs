//! Text that came from elsewhere, as it is shown.

/// Text that came from elsewhere, with what a terminal would act on made visible: an escape character becomes
/// `\u{1b}`. Line ends stay.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => printable.push('\n'),
            _ if character.is_control() || is_invisible(character) => {
                printable.extend(character.escape_unicode());
            }
            _ => printable.push(character),
        }
    }
    printable
}

/// The same on one line: line ends are made visible too.
pub fn printable_line(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

/// Characters that reorder the text around them or end its line, so that it does not say what it shows.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_made_visible() {
        assert_eq!(printable("a\u{1b}[31m\r\nb\u{9b}\u{202e}"), "a\\u{1b}[31m\\u{d}\nb\\u{9b}\\u{202e}");
        assert_eq!(printable("Zoë, 李雷\n"), "Zoë, 李雷\n");
        assert_eq!(printable_line("a\nb\u{2028}c"), "a\\nb\\u{2028}c");
    }
}
