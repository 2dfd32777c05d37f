//! Calls of the small tools.

use super::is_one_line;
use vethlab_text::{MOST, REFUSED, TOOLS, run as call, tee_targets};

/// The most bytes that are tried: more would be more of the same.
const LONGEST: usize = 4096;

/// A call comes to the same each time, prints no more than it may, and says in one line what is not modelled.
pub(super) fn run(bytes: &[u8]) {
    if bytes.len() > LONGEST {
        return;
    }
    let (head, input) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let Ok(head) = std::str::from_utf8(head) else { return };
    let mut lines = head.split('\n').map(str::to_owned);
    let name = lines.next().unwrap_or_default();
    let arguments: Vec<String> = lines.collect();
    let file = |name: &str| (name == "file").then(|| input.to_vec());
    let found = call(&name, &arguments, input, &file);
    assert_eq!(found.is_some(), TOOLS.contains(&name.as_str()), "{name}");
    let Some(output) = found else { return };
    assert!(output.stdout.len() <= MOST && output.stderr.len() <= MOST, "{name} {arguments:?}");
    for line in output.stderr.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"vethlab: ")) {
        is_one_line(&String::from_utf8_lossy(line));
        assert_eq!(output.status, REFUSED, "{name} {arguments:?}");
    }
    assert_eq!(call(&name, &arguments, input, &file), Some(output), "{name} {arguments:?}");
    if name == "tee" {
        let targets = tee_targets(&arguments);
        assert_eq!(targets, tee_targets(&arguments));
    }
}
