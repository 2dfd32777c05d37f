//! Filters of tcpdump.

use super::is_one_line;
use vethlab_programs::tcpdump::{Filter, LinkType, Subject};
use vethlab_shared::socket::Direction;

/// The longest filter that is tried, in bytes: as long as a command of an answer may be.
const LONGEST: usize = 4096;

/// A filter says the same of a frame each time, and that of the pair that is negated is the other of the two, unless it
/// looks beyond the frame's end, where neither lets it pass.
pub(super) fn run(bytes: &[u8]) {
    let (line, frame) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    let Ok(text) = std::str::from_utf8(line) else { return };
    if text.len() > LONGEST {
        return;
    }
    for link_type in [LinkType::Ethernet, LinkType::Cooked] {
        let filter = match Filter::parse(text, link_type) {
            Ok(filter) => filter,
            Err(error) => {
                is_one_line(&vethlab_shared::text::printable_line(&error.to_string()));
                continue;
            }
        };
        assert_eq!(Filter::parse(text, link_type).as_ref(), Ok(&filter));
        let negated = Filter::parse(&format!("not ({text})"), link_type);
        for direction in [Direction::In, Direction::Out] {
            let subject = Subject { frame, direction };
            let passes = filter.passes(subject, link_type);
            if let Ok(negated) = &negated {
                assert!(!(passes && negated.passes(subject, link_type)), "both it and its opposite: {text}");
            }
        }
    }
}
