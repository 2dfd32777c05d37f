//! The text of a file of a pack. It may be a stranger's.

use super::LessonError;
use super::data::acts;

/// The largest file of a pack, in bytes.
pub const MOST_BYTES: u64 = 1 << 20;
/// Bytes as text without characters that a terminal would act on, and without the mark that some editors begin UTF-8
/// with.
///
/// # Errors
/// What is wrong with them, and in which line.
pub fn plain_text(bytes: Vec<u8>) -> Result<String, LessonError> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(LessonError::at(0, format_args!("it is larger than {} KiB", MOST_BYTES >> 10)));
    }
    let line = |before: usize, text: &[u8]| 1 + text[..before].iter().filter(|byte| **byte == b'\n').count();
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        LessonError::at(line(place, error.as_bytes()), "it is not UTF-8 text from here on")
    })?;
    // Lines may end as on Windows.
    let ends_line = |place: usize| text[place..].starts_with("\r\n");
    match text.char_indices().find(|(place, character)| acts(*character) && !ends_line(*place)) {
        None => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Some((place, character)) => {
            let line = line(place, text.as_bytes());
            let problem =
                format!("there is a control character ({}): take it out", character.escape_unicode());
            Err(LessonError::at(line, problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_that_an_editor_begins_with_is_no_part_of_the_text() {
        assert_eq!(plain_text("\u{feff}---\n".into()).expect("plain"), "---\n");
    }

    #[test]
    fn what_is_no_plain_text_is_said_with_its_line() {
        assert_eq!(plain_text(b"one\r\ntwo\t\n".to_vec()).expect("plain"), "one\r\ntwo\t\n");
        for (bytes, line, words) in [
            (&b"one\n\x1b[2Jtwo"[..], 2, "(\\u{1b})"),
            (b"one\rtwo", 1, "(\\u{d})"),
            ("a\n\nb\u{202e}c".as_bytes(), 3, "(\\u{202e})"),
            (b"one\n\xff", 2, "not UTF-8"),
            (&vec![b' '; (1 << 20) + 1][..], 0, "larger than 1024 KiB"),
        ] {
            let error = plain_text(bytes.to_vec()).expect_err(words);
            assert!(error.line == line && error.problem.contains(words), "{error}");
        }
    }
}
