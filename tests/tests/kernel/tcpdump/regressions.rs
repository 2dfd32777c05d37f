//! Command lines and frames on which vethlab once differed, as random tests found them.

use super::frames::{Frame, from_hexadecimal};
use super::{Installed, disagreement, ours};
use libtest_mimic::Failed;
use vethlab_programs::tcpdump::LinkType;
use vethlab_shared::socket::CapturedFrame;

/// Segments to the ports of HTTP, SMTP and RTSP with 216 bytes of data, none of which were captured.
const HTTP: &str = "02000000000102000000000208004500010000010000400600000a0000010a000002\
                    c350005000000001000000025018010000000000";
const SMTP: &str = "02000000000102000000000208004500010000010000400600000a0000010a000002\
                    c350001900000001000000025018010000000000";
const RTSP: &str = "02000000000102000000000208004500010000010000400600000a0000010a000002\
                    c350022a00000001000000025018010000000000";

/// A port that is not reached, of which the quotation was not captured, and the same whole.
const UNREACHABLE_CUT: &str = "02000000000102000000000208004500003800010000400100000a0000020a000001\
                               0303000000000000";
const UNREACHABLE: &str = "02000000000102000000000208004500003800010000400100000a0000020a000001\
                           0303000000000000\
                           4500001c00070000401100000a0000010a000003c350829a00080000";

/// Messages of bridges: of the root, of the root with both flags and another age, and of a change.
const ROOT: &str = "0180c200000002000000001000264242030000000000800002000000009900000000\
     800002000000009980010000140002000f00";
const CHANGING_ROOT: &str = "0180c200000002000000001000264242030000000081800002000000009900000000\
     800002000000000480010140140002000f00";
const CHANGE: &str = "0180c2000000020000000010000742420300000080";

/// A command line and frames of Ethernet.
type Case = (&'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    (&["-n", "net 10.0.0.0/8"], &[HTTP, SMTP, RTSP]),
    (&["-n", "-v", "-x"], &[HTTP, SMTP, RTSP]),
    (&["-n", "((net 10.0.0.0/8) && (net 10.0.0.0/8)) || (!(1 + 2 * 3 = 7))"], &[HTTP, UNREACHABLE]),
    (&["-n", "net 11.0.0.0/8 or !(!(1 = 1))"], &[HTTP]),
    (&["-n", "net 11.0.0.0/8 or (not (!((1 + 1) = 2)))"], &[HTTP]),
    (&["-n", "host 10.0.0.9 or (not (10.0.0.2 or 10.0.0.3))"], &[HTTP, UNREACHABLE]),
    (&["-n", "-x", ""], &[UNREACHABLE_CUT]),
    (&["-n"], &[ROOT, CHANGING_ROOT, CHANGE]),
    (&["-n", "-e", "-q"], &[ROOT, CHANGING_ROOT, CHANGE]),
    (&["-n", "-e", "-v"], &[ROOT, CHANGING_ROOT, CHANGE]),
    (&["-n", "-vv", "-x"], &[ROOT, CHANGING_ROOT, CHANGE]),
];

pub(super) fn prints_what_it_once_did_not() -> Result<(), Failed> {
    let tcpdump = Installed::new()?;
    for (words, frames) in CASES {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let frames: Vec<CapturedFrame> = frames
            .iter()
            .map(|text| Ok(Frame { bytes: from_hexadecimal(text)?, outgoing: false }.into_captured()))
            .collect::<Result<_, Failed>>()?;
        let expected = tcpdump.print(&words, LinkType::Ethernet, &frames)?;
        let found = ours(&words, LinkType::Ethernet, &frames);
        if expected != found {
            return Err(disagreement(&words, LinkType::Ethernet, &frames, &expected, &found).into());
        }
        if expected.is_err() {
            return Err(format!("{words:?}: both refuse this, which proves nothing").into());
        }
    }
    Ok(())
}
