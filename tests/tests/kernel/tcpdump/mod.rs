//! `tcpdump` against the installed one: frames, read from a file, with options and filters. Both must choose the same
//! frames and print the same lines; what one refuses the other refuses in the same words.
//!
//! `VETHLAB_TCPDUMP_CASES` sets how many random command lines are tried.

mod cuts;
mod frames;
mod random;
mod regressions;

use frames::{ethernet, icmp, ipv4};
use libtest_mimic::Failed;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use tempfile::TempDir;
use vethlab_programs::Failure;
use vethlab_programs::tcpdump::{self, LinkType};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::socket::{CapturedFrame, Direction};
use vethlab_tests::tools;
use vethlab_tests::trial::Trial;

/// The own address of the link that the frames are of.
const OWN: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);

pub(crate) fn trials() -> Vec<Trial> {
    let missing = (!tools::is_installed("tcpdump")).then_some("not installed: tcpdump");
    vec![
        Trial::with_tool("prints_the_same_lines", missing, random::prints_the_same_lines),
        Trial::with_tool("prints_what_it_once_did_not", missing, regressions::prints_what_it_once_did_not),
        Trial::with_tool("prints_frames_cut_anywhere", missing, cuts::prints_frames_cut_anywhere),
        Trial::with_tool("refuses_in_the_same_words", missing, refuses_in_the_same_words),
        Trial::new("the_frames_are_what_they_are_meant_to_be", frames_are_sound),
    ]
}

/// The installed tcpdump, and a folder for the files that it reads.
struct Installed(TempDir);

impl Installed {
    fn new() -> Result<Installed, Failed> {
        let folder = tempfile::tempdir()?;
        // As root it reads files as another user.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        Ok(Installed(folder))
    }

    /// What it says of frames: standard output, or why it refused.
    fn print(
        &self,
        words: &[String],
        link_type: LinkType,
        frames: &[CapturedFrame],
    ) -> Result<Result<String, String>, Failed> {
        let file = self.0.path().join("frames.pcap");
        fs::write(&file, pcap(link_type, frames))?;
        let output = Command::new("tcpdump")
            .env("PATH", tools::PATH)
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .arg("-r")
            .arg(file)
            .args(words)
            .output()?;
        let error = String::from_utf8(output.stderr)?;
        // The first lines say which file is read.
        let error: String = error
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("reading from file") && !line.starts_with("Warning: interface"))
            .collect();
        Ok(if output.status.success() { Ok(String::from_utf8(output.stdout)?) } else { Err(error) })
    }
}

/// The same from vethlab.
fn ours(words: &[String], link_type: LinkType, frames: &[CapturedFrame]) -> Result<String, String> {
    tcpdump::print(words, link_type, ("lo", OWN), frames).map_err(|failure| match failure {
        Failure::Exit { message, .. } | Failure::Mistyped { message, .. } => message,
        Failure::NotModelled(what) => format!("not modelled: {what}"),
        Failure::Past => "past".to_owned(),
        Failure::Exhausted(limit) => limit.to_string(),
    })
}

/// A command line and the frames on which the two differ, as the fixed cases have them, and what each says.
fn disagreement(
    words: &[String],
    link_type: LinkType,
    frames: &[CapturedFrame],
    expected: &Result<String, String>,
    found: &Result<String, String>,
) -> String {
    let shown = |text: &Result<String, String>| match text {
        Ok(text) => text.clone(),
        Err(error) => format!("refused: {error}"),
    };
    let frames: Vec<String> = frames.iter().map(|frame| frames::hexadecimal(&frame.bytes)).collect();
    let (expected, found) = (shown(expected), shown(found));
    format!("{words:?} {link_type:?}\n{frames:#?}\n- tcpdump\n{expected}\n+ vethlab\n{found}")
}

/// A file of frames (`pcap-savefile(5)`), times in microseconds.
fn pcap(link_type: LinkType, frames: &[CapturedFrame]) -> Vec<u8> {
    const EN10MB: u32 = 1;
    const LINUX_SLL2: u32 = 276;
    let mut file = Vec::new();
    let kind = if link_type == LinkType::Ethernet { EN10MB } else { LINUX_SLL2 };
    for field in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, kind] {
        file.extend(u32::to_le_bytes(field));
    }
    for frame in frames {
        let bytes = if link_type == LinkType::Ethernet { frame.bytes.clone() } else { cooked(frame) };
        let time = frame.time.as_nanos();
        let length = bytes.len() as u32;
        for field in [(time / 1_000_000_000) as u32, (time % 1_000_000_000 / 1000) as u32, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(bytes);
    }
    file
}

/// A frame as a capture on `any` gives it.
fn cooked(frame: &CapturedFrame) -> Vec<u8> {
    let destination = &frame.bytes[..6];
    let kind = match frame.direction {
        Direction::Out => 4,
        Direction::In if destination == [0xff; 6] => 1,
        Direction::In if destination[0] & 1 == 1 => 2,
        Direction::In if destination != OWN.0 => 3,
        Direction::In => 0,
    };
    let mut bytes = frame.bytes[12..14].to_vec();
    bytes.extend([0, 0, 0, 0, 0, 1, 0, 1, kind, 6]);
    bytes.extend(&frame.bytes[6..12]);
    bytes.extend([0, 0]);
    bytes.extend(&frame.bytes[14..]);
    bytes
}

fn refuses_in_the_same_words() -> Result<(), Failed> {
    let tcpdump = Installed::new()?;
    for filter in [
        "hosst foo",
        "host foo",
        "arp and",
        "(arp",
        "arp)",
        "10.0.0.1",
        "tcp host 10.0.0.1",
        "port foo",
        "port 70000",
        "net 10.0.0.1/8",
        "net 10.0.0.0/33",
        "host 10.0.0.0/8",
        "ether host 10.0.0.1",
        "host 02:00:00:00:00:01",
        "ether host red",
        "src proto 1",
        "proto icmp",
        "proto \\foo",
        "net foo",
        "udp port http",
        "icmp port 1",
        "port 10.0.0.1",
        "host 10.0.0.256",
        "host 1.2.3.4.5",
        "arp proto 1",
        "tcp proto 1",
        "ether",
        "src or host 10.0.0.1",
        "host 10.0.0.1 and tcp and 10.0.0.2",
        "ip[0:3] = 1",
        "len",
        "less",
        "1 = ",
        "ether proto \\foo",
        "host 099",
        "tcp[0] / 0 = 1",
        "portrange a-b",
        "arp or or ip",
        "ip broadcast and",
        "tcp broadcast",
        "udp multicast",
        "host (10.0.0.1",
        "(10.0.0.1 or host 10.0.0.2)",
        "not",
        "and",
        "host not",
        "icmp host 10.0.0.1",
        "ip6 host 10.0.0.1",
        "net 10.1 mask 255.0.0.0",
        "%",
        "host 10.0.0.1 or (1 / 0 = 1)",
        "host 10.0.0.1 or (2 or 1 = 1)",
    ] {
        for link_type in [LinkType::Ethernet, LinkType::Cooked] {
            let words = vec![filter.to_owned()];
            let expected = tcpdump.print(&words, link_type, &[])?;
            let found = ours(&words, link_type, &[]);
            if expected.is_ok() || expected != found {
                return Err(
                    format!("{filter} on {link_type:?}: tcpdump {expected:?}, vethlab {found:?}").into()
                );
            }
        }
    }
    for words in ["-c x", "-c 0", "-Q sideways", "-tttttt"] {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let expected = tcpdump.print(&words, LinkType::Ethernet, &[])?;
        let found = ours(&words, LinkType::Ethernet, &[]);
        if expected != found {
            return Err(format!("{words:?}: tcpdump {expected:?}, vethlab {found:?}").into());
        }
    }
    Ok(())
}

/// Of the frames that are made whole, tcpdump must find nothing wrong with.
fn frames_are_sound() -> Result<(), Failed> {
    let echo = icmp(&[8, 0, 0, 0, 0, 1, 0, 1], 8);
    let frame = ethernet([2; 6], 0x0800, ipv4([10, 0, 0, 1], [10, 0, 0, 2], 1, 0x4000, 0, &echo));
    let text = ours(&["-vvn".to_owned()], LinkType::Ethernet, &[frame.into_captured()])?;
    if text.contains("wrong")
        || text.contains("bad")
        || !text.contains("ICMP echo request, id 1, seq 1, length 16")
    {
        return Err(text.into());
    }
    Ok(())
}
