//! Bytes as numbers and characters.

use std::fmt::Write;

/// Adds bytes, sixteen a line, each line behind a newline and a tab (`hex_print`, `hex_and_ascii_print`).
pub(super) fn dump(text: &mut String, bytes: &[u8], with_characters: bool) {
    for (number, line) in bytes.chunks(16).enumerate() {
        let mut digits = String::new();
        for pair in line.chunks(2) {
            digits.push(' ');
            pair.iter().for_each(|byte| {
                let _ = write!(digits, "{byte:02x}");
            });
        }
        let _ = write!(text, "\n\t{:#06x}: ", 16 * number);
        if with_characters {
            let visible = |&byte: &u8| if byte.is_ascii_graphic() { char::from(byte) } else { '.' };
            let _ = write!(text, "{digits:<40}  {}", line.iter().map(visible).collect::<String>());
        } else {
            *text += &digits;
        }
    }
}
