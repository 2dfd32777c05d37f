//! Events as JSON lines: read and written again; and a capture of them, as pcapng.

use super::is_one_line;
use vethlab_explain::capture::Capture;
use vethlab_shared::event::json;

/// What is read is written and read again without a loss, and a capture of it is made of whole blocks.
pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let events = match json::read(text) {
        Ok(events) => events,
        Err(error) => return is_one_line(&error.to_string()),
    };
    let written = json::header().expect("plain data") + &json::lines(&events).expect("plain data");
    assert_eq!(json::read(&written).as_ref(), Ok(&events), "read again: {written}");
    let (mut capture, mut file) = Capture::begin("fuzz");
    let mark = capture.mark();
    let frames = capture.append(&events);
    capture.go_back(mark);
    assert_eq!(capture.append(&events), frames, "what was taken back is written anew");
    file.extend(frames);
    is_made_of_blocks(&file);
}

/// Each block says its length before and behind its body.
fn is_made_of_blocks(mut file: &[u8]) {
    let word = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four bytes")) as usize;
    while !file.is_empty() {
        let length = word(&file[4..8]);
        assert!(
            length >= 12 && length.is_multiple_of(4) && length <= file.len(),
            "a block of {length} bytes"
        );
        assert_eq!(word(&file[length - 4..length]), length);
        file = &file[length..];
    }
}
