//! What a deserializer says of a value, in plain words that end with what to write.

/// What is wrong with the value of a key, from the deserializer's message; empty where no key is known.
pub(super) fn plain(key: &str, message: &str) -> String {
    let key = if key.is_empty() { "this".to_owned() } else { format!("'{key}'") };
    if message.contains("IPv4 address syntax") {
        return format!("{key} is to be an address: write it as \"192.168.1.1\"");
    }
    let about = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((found, expected)) = about.and_then(|about| about.rsplit_once(", expected ")) else {
        return message.to_owned();
    };
    let number = found.strip_prefix("integer `").and_then(|rest| rest.strip_suffix('`'));
    let quoted = found.strip_prefix("string ");
    let (what, how) = match (expected, number) {
        ("u8" | "u16" | "u32" | "u64" | "usize", Some(number)) if number.starts_with('-') => {
            return format!("{number} is less than 0, and {key} is not: write a number, 0 or more");
        }
        ("u8", Some(number)) => return too_large(&key, number, "a number from 0 to 255"),
        ("u16", Some(number)) => return too_large(&key, number, "a number from 0 to 65535"),
        ("u32" | "u64" | "usize", Some(number)) => return too_large(&key, number, "a smaller number"),
        ("u8" | "u16" | "u32" | "u64" | "usize" | "i64", _) => match quoted {
            Some(_) => ("a number", "the number without quotes".to_owned()),
            None => ("a number", "a number, 0 or more".to_owned()),
        },
        ("a string" | "string", _) => ("a text", "it between quotes".to_owned()),
        ("a boolean", _) => ("true or false", "'true' or 'false', without quotes".to_owned()),
        ("a sequence" | "sequence", _) => ("a list", "it between brackets, as [\"one\", \"two\"]".to_owned()),
        ("IPv4 address", _) => ("an address", "it as \"192.168.1.1\"".to_owned()),
        (other, _) => (other, format!("{other} here")),
    };
    let found = match quoted {
        Some(text) => format!("{text} is a text"),
        None => match found.split_once('`') {
            Some((_, value)) if number.is_some() => format!("{} is a number", value.trim_end_matches('`')),
            Some((_, value)) => format!("it is {}", value.trim_end_matches('`')),
            None if found == "sequence" => "it is a list".to_owned(),
            None => format!("it is a {}", if found == "map" { "table" } else { found }),
        },
    };
    format!("{key} is to be {what}, and {found}: write {how}")
}

fn too_large(key: &str, number: &str, how: &str) -> String {
    format!("{number} is too large for {key}: write {how}")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn types_of_a_programming_language_are_told_in_plain_words() {
        for (message, words) in [
            (
                "invalid type: string \"1400\", expected u32",
                "'k' is to be a number, and \"1400\" is a text: write the number without quotes",
            ),
            (
                "invalid value: integer `-5`, expected u32",
                "-5 is less than 0, and 'k' is not: write a number, 0 or more",
            ),
            (
                "invalid value: integer `70000`, expected u16",
                "70000 is too large for 'k': write a number from 0 to 65535",
            ),
            (
                "invalid type: boolean `true`, expected u32",
                "'k' is to be a number, and it is true: write a number, 0 or more",
            ),
            (
                "invalid type: integer `1`, expected a boolean",
                "'k' is to be true or false, and 1 is a number: write 'true' or 'false', without quotes",
            ),
            (
                "invalid type: floating point `1.5`, expected a string",
                "'k' is to be a text, and it is 1.5: write it between quotes",
            ),
            (
                "invalid type: map, expected a sequence",
                "'k' is to be a list, and it is a table: write it between brackets, as [\"one\", \"two\"]",
            ),
            ("invalid IPv4 address syntax", "'k' is to be an address: write it as \"192.168.1.1\""),
            ("'x' is no prefix", "'x' is no prefix"),
        ] {
            assert_eq!(plain("k", message), words, "{message}");
        }
        assert!(plain("", "invalid type: sequence, expected a string").starts_with("this is to be a text"));
    }
}
