//! The times in what `curl`, `wget`, `netstat` and a server of HTTP print.

/// A place where a time stands: what is before it, what is behind it, and how it looks: `0` is a digit, `A` a letter,
/// `#` some digits.
const PLACES: [(&str, &str, &str); 12] = [
    ("Date: ", "GMT", "AAA, 00 AAA 0000 00:00:00 "),
    ("Last-Modified: ", "GMT", "AAA, 00 AAA 0000 00:00:00 "),
    (" - - [", "] ", "00/AAA/0000 00:00:00"),
    (" after ", " ms: ", "#"),
    ("timed out after ", " milliseconds", "#"),
    ("connect timeout after ", "ms, move on!", "#"),
    ("--", "--  ", "0000-00-00 00:00:00"),
    ("", " ERROR ", "0000-00-00 00:00:00"),
    ("", " URL:", "0000-00-00 00:00:00"),
    ("", " (", "0000-00-00 00:00:00"),
    (" timewait (", "/", "#.00"),
    (" on (", "/", "#.00"),
];

/// A line without such times: each becomes `T`.
pub(super) fn without_web_times(line: &str) -> String {
    let mut text = line.to_owned();
    for (before, behind, shape) in PLACES {
        let Some(begin) = text.find(before).map(|place| place + before.len()) else { continue };
        let Some(end) = text[begin..].find(behind).map(|length| begin + length) else { continue };
        if has_shape(&text[begin..end], shape) {
            text.replace_range(begin..end, "T");
        }
    }
    without_rate(&text).unwrap_or(text)
}

/// A line of `wget` without how fast it went: `(589 KB/s) - `, or a row of dots with `100%  589K=0s`.
fn without_rate(line: &str) -> Option<String> {
    let is_rate = |text: &str| text.chars().all(|c| c.is_ascii_digit() || " .KMGB/s=".contains(c));
    if let Some((first, (rate, rest))) =
        line.split_once(" (").and_then(|(first, rest)| Some((first, rest.split_once(") - ")?)))
    {
        return (rate.ends_with("B/s") && is_rate(rate)).then(|| format!("{first} (T) - {rest}"));
    }
    let (dots, rest) = line.split_once("% ")?;
    let begins = dots
        .trim_start()
        .split_once('K')
        .is_some_and(|(number, _)| number.bytes().all(|c| c.is_ascii_digit()));
    (begins && is_rate(rest.trim_end())).then(|| format!("{dots}% T\n"))
}

fn has_shape(text: &str, shape: &str) -> bool {
    let mut text = text;
    for wanted in shape.chars() {
        let mut rest = text.chars();
        let found = rest.next();
        let fits = match wanted {
            '0' | '#' => found.is_some_and(|c| c.is_ascii_digit()),
            'A' => found.is_some_and(|c| c.is_ascii_alphabetic()),
            c => found == Some(c),
        };
        if !fits {
            return false;
        }
        text = match wanted {
            '#' => text.trim_start_matches(|c: char| c.is_ascii_digit()),
            _ => rest.as_str(),
        };
    }
    text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_web_go() {
        for (line, without) in [
            ("< Date: Mon, 30 Nov 2026 17:07:39 GMT\r\n", "< Date: TGMT\r\n"),
            ("Last-Modified: Thu, 01 Jan 1970 00:00:05 GMT\n", "Last-Modified: TGMT\n"),
            (
                "10.0.0.1 - - [30/Nov/2026 17:07:39] \"GET / HTTP/1.1\" 200 -\n",
                "10.0.0.1 - - [T] \"GET / HTTP/1.1\" 200 -\n",
            ),
            (
                "curl: (7) Failed to connect to 10.0.0.2 port 80 after 12 ms: Couldn't connect to server\n",
                "curl: (7) Failed to connect to 10.0.0.2 port 80 after T ms: Couldn't connect to server\n",
            ),
            (
                "curl: (28) Connection timed out after 1001 milliseconds\n",
                "curl: (28) Connection timed out after T milliseconds\n",
            ),
            (
                "* ipv4 connect timeout after 500ms, move on!\n",
                "* ipv4 connect timeout after Tms, move on!\n",
            ),
            ("--2026-11-30 17:18:56--  (try: 2)  http://10.0.0.2/\n", "--T--  (try: 2)  http://10.0.0.2/\n"),
            ("2026-11-30 17:18:56 ERROR 404: File not found.\n", "T ERROR 404: File not found.\n"),
            (
                "2026-11-30 17:18:56 (589 KB/s) - written to stdout [6/6]\n",
                "T (T) - written to stdout [6/6]\n",
            ),
            ("     0K      100%  589K=0s\n", "     0K      100% T\n"),
            ("TIME_WAIT   timewait (59.62/0/0)\n", "TIME_WAIT   timewait (T/0/0)\n"),
            ("Date: tomorrow GMT, after all\n", "Date: tomorrow GMT, after all\n"),
        ] {
            assert_eq!(without_web_times(line), without);
        }
    }
}
