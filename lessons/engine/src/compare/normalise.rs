//! Taking out of a transcript what is different in every run.

use super::{Entry, FIRST_CHOSEN_PORT, connections};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;

/// Replaces times, random MAC addresses and chosen ports in the transcript of one stack, and puts the entries of
/// the neighbour table and connections in order: the kernel keeps them in a hash table with a random key
/// (`neigh_hash_alloc`, `hash_conntrack_raw`). What
/// `packets`, `packet` and `why` say of frames is left out: the frames are compared themselves.
///
/// A time becomes `T`. The first address that the kernel made up becomes `MAC-1`, the second `MAC-2`, and so
/// on, the same one always the same. Addresses that a command named stay, as do zero, broadcast and groups. A port that
/// the kernel chose for a sender becomes `PORT`, where it receives too; one that a command named stays.
#[derive(Clone, Debug, Default)]
pub struct Normaliser {
    made_up: Vec<MacAddress>,
    named: Vec<MacAddress>,
    /// Senders with a port that was chosen, as `tcpdump` writes them: `10.0.0.1.57827`.
    senders: BTreeSet<String>,
    named_ports: BTreeSet<u16>,
}

impl Normaliser {
    /// Nothing seen so far.
    pub fn new() -> Normaliser {
        Normaliser::default()
    }

    /// What the command did, without what is different in every run.
    pub fn entry(&mut self, entry: &Entry) -> Entry {
        let named = pieces(&entry.command).filter_map(|piece| piece.parse::<MacAddress>().ok());
        self.named.extend(named);
        self.named_ports.extend(pieces(&entry.command).filter_map(|piece| piece.parse::<u16>().ok()));
        let is_file = entry.command.ends_with("/proc/net/nf_conntrack");
        let stdout = match vethlab_programs::invocation(&entry.command) {
            Some(invocation) if invocation.lists_neighbours() => in_order(&entry.stdout),
            Some(invocation) if invocation.tells_of_frames() => String::new(),
            Some(invocation) if invocation.shows_connections() || is_file => {
                connections::normal(&entry.stdout, &self.named_ports)
            }
            _ => connections::with_events(&entry.stdout, &self.named_ports),
        };
        Entry {
            command: entry.command.clone(),
            status: entry.status,
            stdout: self.text(&stdout),
            stderr: self.text(&entry.stderr),
        }
    }

    /// Printed text without what is different in every run.
    pub fn text(&mut self, text: &str) -> String {
        let mut normal = String::new();
        for line in text.split_inclusive('\n') {
            let line = self.ports(&without_random_state(line));
            normal += &self.addresses(&line);
        }
        normal
    }

    /// A line of `tcpdump` without the ports that the kernel chose: `10.0.0.1.57827 > 10.0.0.2.33434: UDP, length 32`.
    fn ports(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        let mut text: Vec<String> = Vec::new();
        let mut any = false;
        for (place, word) in words.iter().enumerate() {
            let end = word.trim_end_matches([':', ',', '\n']);
            let sends = words.get(place + 1) == Some(&">");
            let chosen =
                port_of(end).filter(|port| *port >= FIRST_CHOSEN_PORT && !self.named_ports.contains(port));
            if sends && chosen.is_some() {
                self.senders.insert(end.to_owned());
            }
            text.push(match (end.rsplit_once('.'), self.senders.contains(end)) {
                (Some((address, _)), true) => {
                    any = true;
                    format!("{address}.PORT{}", &word[end.len()..])
                }
                // With a port its checksum is another one: `[bad udp cksum 0x143c -> 0x9218!]`.
                _ if any && word.starts_with("0x") => "0xN".to_owned(),
                _ => (*word).to_owned(),
            });
        }
        text.join(" ")
    }

    fn addresses(&mut self, line: &str) -> String {
        pieces(line)
            .map(|piece| match full_length_address(piece) {
                Some(address) => self.address(address, piece),
                None => piece.to_owned(),
            })
            .collect()
    }

    fn address(&mut self, address: MacAddress, as_written: &str) -> String {
        if !address.is_valid_unicast() || self.named.contains(&address) {
            return as_written.to_owned();
        }
        let number = self.made_up.iter().position(|known| *known == address).unwrap_or_else(|| {
            self.made_up.push(address);
            self.made_up.len() - 1
        });
        format!("MAC-{}", number + 1)
    }
}

/// Lines that begin with an address, or with `?` for its missing name, sorted; a heading above them stays.
fn in_order(text: &str) -> String {
    let is_entry = |line: &str| {
        // A colour may stand before the address.
        let shown =
            line.strip_prefix('\x1b').and_then(|rest| rest.split_once('m')).map_or(line, |(_, shown)| shown);
        shown.starts_with(|c: char| c.is_ascii_digit() || c == '?')
    };
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.sort_by_key(|line| if is_entry(line) { *line } else { "" });
    lines.concat()
}

/// Cuts a text into pieces. A piece holds either only characters that occur in addresses, or only others.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let in_address = |c: char| c.is_ascii_alphanumeric() || c == ':';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            // What changes the colour ends with a letter, which is no part of the address behind it.
            '\x1b' => rest.find('m').map_or(rest.len(), |letter| letter + 1),
            _ => rest.find(|c| in_address(c) != in_address(first) || c == '\x1b').unwrap_or(rest.len()),
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// An address as the tools print it, with two digits in each place.
fn full_length_address(piece: &str) -> Option<MacAddress> {
    if piece.len() == 17 { piece.parse().ok() } else { None }
}

/// The port behind an address, as `tcpdump` writes them.
fn port_of(word: &str) -> Option<u16> {
    let (address, port) = word.rsplit_once('.')?;
    address.parse::<Ipv4Addr>().ok().and_then(|_| port.parse().ok())
}

/// A line without the times that `ping` measures: `time=0.043 ms`, `time 2031ms`, `rtt … = a/b/c/d ms`.
fn without_times(line: &str) -> String {
    for (before, after) in [("time=", " ms"), (", time ", "ms"), ("rtt min/avg/max/mdev = ", " ms")] {
        let Some((start, rest)) = line.split_once(before) else { continue };
        let Some((numbers, end)) = rest.split_once(after) else { continue };
        if !numbers.is_empty() && numbers.bytes().all(|c| c.is_ascii_digit() || b"./".contains(&c)) {
            let times = numbers.split('/').map(|_| "T").collect::<Vec<_>>().join("/");
            return format!("{start}{before}{times}{after}{end}");
        }
    }
    line.to_owned()
}

/// A line of `ip route` without how long a learned entry is still good: `cache expires 599sec mtu 1000`, and the same
/// as JSON.
fn without_expiry(line: &str) -> String {
    let mut line = line.to_owned();
    for (before, behind, time) in
        [(" expires ", "sec", "Tsec"), ("\"expires\":", ",", "T,"), ("\"expires\": ", ",", "T,")]
    {
        let cut = line.split_once(before).and_then(|(first, rest)| Some((first, rest.split_once(behind)?)));
        if let Some((first, (number, rest))) = cut
            && !number.is_empty()
            && number.bytes().all(|c| c.is_ascii_digit())
        {
            line = format!("{first}{before}{time}{rest}");
        }
    }
    line
}

/// A line without times, and without what is drawn at random.
fn without_random_state(line: &str) -> String {
    let line = super::web::without_web_times(&without_date(line));
    without_identifiers(&without_expiry(&without_trips(&without_times(without_clock(&line)))))
}

/// A line of `iptables-save` without the date: `# Completed on Mon Nov 30 14:18:32 2026`.
fn without_date(line: &str) -> String {
    let is_dated = line.starts_with("# Generated by ") || line.starts_with("# Completed on ");
    match line.split_once(" on ").filter(|_| is_dated) {
        Some((first, _)) => format!("{first} on T\n"),
        None => line.to_owned(),
    }
}

/// A line without the times of round trips that `traceroute` measures: two spaces, `0.043 ms`.
fn without_trips(line: &str) -> String {
    let mut parts = line.split("  ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let trip = part.split_once(" ms").filter(|(number, _)| is_measured(number));
        match trip {
            Some((_, rest)) => format!("{text}  T ms{rest}"),
            None => format!("{text}  {part}"),
        }
    })
}

/// Whether it is a number with three digits behind the point.
fn is_measured(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    text.split_once('.').is_some_and(|(whole, part)| digits(whole) && digits(part) && part.len() == 3)
}

/// A line without the time that `tcpdump` begins it with: `00:00:01.000042 `, with or without a date.
fn without_clock(line: &str) -> &str {
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(c, wanted)| match wanted {
                b'0' => c.is_ascii_digit(),
                other => c == other,
            })
    };
    match line.split_once(' ') {
        Some((clock, rest)) if shape(clock, "00:00:00.000000") => rest,
        Some((date, rest)) if shape(date, "0000-00-00") => without_clock(rest),
        _ => line,
    }
}

/// A line of `tcpdump` without the identifiers that each packet and each run of `ping` draws at random.
fn without_identifiers(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(", id ") {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let drawn = after[digits..].starts_with(", seq ") || after[digits..].starts_with(", offset ");
        text += before;
        text += if drawn { ", id N" } else { ", id " };
        rest = if drawn { &after[digits..] } else { after };
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_colour_is_an_address() {
        let text = "    link/ether \x1b[33m5a:4d:58:2f:5c:10\x1b[0m brd \x1b[33mff:ff:ff:ff:ff:ff\x1b[0m";
        let expected = "    link/ether \x1b[33mMAC-1\x1b[0m brd \x1b[33mff:ff:ff:ff:ff:ff\x1b[0m";
        assert_eq!(Normaliser::new().text(text), expected);
        let lines = "\x1b[35m10.0.0.2 \x1b[0mdev a\n\x1b[35m10.0.0.1 \x1b[0mdev a\n";
        assert_eq!(in_order(lines), "\x1b[35m10.0.0.1 \x1b[0mdev a\n\x1b[35m10.0.0.2 \x1b[0mdev a\n");
    }

    #[test]
    fn a_learned_mtu_expires_some_time() {
        let mut normaliser = Normaliser::new();
        let line = "    cache expires 599sec mtu 1000 \n";
        assert_eq!(normaliser.text(line), "    cache expires Tsec mtu 1000 \n");
        let json = r#"{"cache":[],"expires":599,"metrics":[{"mtu":1000}]}"#;
        assert_eq!(normaliser.text(json), r#"{"cache":[],"expires":T,"metrics":[{"mtu":1000}]}"#);
        assert_eq!(normaliser.text(" expires soon"), " expires soon");
    }

    #[test]
    fn ports_that_the_kernel_chose_are_no_difference() {
        let text = "\
00:00:01.000042 IP 10.0.0.1.57827 > 10.0.0.2.33434: UDP, length 32
    10.0.0.2.53 > 10.0.0.1.57827: [bad udp cksum 0x143c -> 0x9218!] UDP, length 1
00:00:01.000042 IP 10.0.0.2 > 10.0.0.1: ICMP 10.0.0.2 udp port 33434 unreachable, length 68
IP 10.0.0.1.40000 > 10.0.0.2.53: UDP, length 1, 10.0.0.2.57827
";
        let expected = "\
IP 10.0.0.1.PORT > 10.0.0.2.33434: UDP, length 32
    10.0.0.2.53 > 10.0.0.1.PORT: [bad udp cksum 0xN -> 0xN UDP, length 1
IP 10.0.0.2 > 10.0.0.1: ICMP 10.0.0.2 udp port 33434 unreachable, length 68
IP 10.0.0.1.40000 > 10.0.0.2.53: UDP, length 1, 10.0.0.2.57827
";
        let command = "traceroute --sport=40000 10.0.0.2".to_owned();
        let entry = Entry { command, stdout: text.to_owned(), ..Entry::default() };
        assert_eq!(Normaliser::new().entry(&entry).stdout, expected);
    }

    #[test]
    fn what_is_said_of_frames_is_no_difference() {
        let entry = |command: &str| Entry {
            command: command.to_owned(),
            stdout: " 1  0.000010  host/lo > host/lo  ICMP echo request seq 1 ttl 64\n".to_owned(),
            ..Entry::default()
        };
        for command in ["packets", "packet 1", "ip netns exec red packets", "why"] {
            assert_eq!(Normaliser::new().entry(&entry(command)).stdout, "", "{command}");
        }
        assert!(!Normaliser::new().entry(&entry("echo 1")).stdout.is_empty());
    }

    #[test]
    fn the_times_of_ping_go() {
        for (line, without) in [
            (
                "64 bytes from 1.2.3.4: icmp_seq=1 ttl=64 time=0.043 ms\n",
                "64 bytes from 1.2.3.4: icmp_seq=1 ttl=64 time=T ms\n",
            ),
            (
                "3 packets transmitted, 3 received, 0% packet loss, time 2031ms\n",
                "3 packets transmitted, 3 received, 0% packet loss, time Tms\n",
            ),
            ("rtt min/avg/max/mdev = 0.030/0.038/0.043/0.005 ms\n", "rtt min/avg/max/mdev = T/T/T/T ms\n"),
            ("at another time, 5 ms\n", "at another time, 5 ms\n"),
        ] {
            assert_eq!(without_times(line), without);
        }
    }

    #[test]
    fn the_times_of_traceroute_go() {
        for (line, without) in [
            (" 1  10.0.0.1 (10.0.0.1)  0.043 ms  0.007 ms *\n", " 1  10.0.0.1 (10.0.0.1)  T ms  T ms *\n"),
            (" 3  10.0.2.2  3070.336 ms !H  0.1 ms\n", " 3  10.0.2.2  T ms !H  0.1 ms\n"),
            ("    a line  of  words\n", "    a line  of  words\n"),
        ] {
            assert_eq!(without_trips(line), without);
        }
    }

    #[test]
    fn the_times_and_identifiers_of_tcpdump_go() {
        let line = "00:00:01.002042 IP 1.2.3.4 > 1.2.3.5: ICMP echo request, id 4711, seq 1, length 64\n";
        let without = "IP 1.2.3.4 > 1.2.3.5: ICMP echo request, id N, seq 1, length 64\n";
        assert_eq!(Normaliser::new().text(line), without);
        let line = "IP (tos 0x0, ttl 64, id 9, offset 0, flags [DF], proto ICMP (1), length 84)\n";
        let without = "IP (tos 0x0, ttl 64, id N, offset 0, flags [DF], proto ICMP (1), length 84)\n";
        assert_eq!(Normaliser::new().text(line), without);
        assert_eq!(without_clock("00:00:01 at"), "00:00:01 at");
    }

    #[test]
    fn addresses_are_numbered_as_they_appear() {
        let mut normaliser = Normaliser::new();
        let text = "a 02:00:00:00:00:0a brd ff:ff:ff:ff:ff:ff\nb 02:00:00:00:00:0b, 02:00:00:00:00:0a";
        assert_eq!(normaliser.text(text), "a MAC-1 brd ff:ff:ff:ff:ff:ff\nb MAC-2, MAC-1");
        assert_eq!(normaliser.text("00:00:00:00:00:00 02:00:00:00:00:0b"), "00:00:00:00:00:00 MAC-2");
        assert_eq!(normaliser.text("1:02:00:00:00:00:0b"), "1:02:00:00:00:00:0b");
    }

    #[test]
    fn the_order_of_the_neighbour_table_is_random() {
        let entry = |command: &str, stdout: &str| Entry {
            command: command.to_owned(),
            stdout: stdout.to_owned(),
            ..Entry::default()
        };
        let listing = entry("ip -n red n", "2.2.2.2 b\n1.1.1.1 a\n");
        assert_eq!(Normaliser::new().entry(&listing).stdout, "1.1.1.1 a\n2.2.2.2 b\n");
        let listing = entry("arp -n", "Address\n2.2.2.2 b\n1.1.1.1 a\n");
        assert_eq!(Normaliser::new().entry(&listing).stdout, "Address\n1.1.1.1 a\n2.2.2.2 b\n");
        let other = entry("ip link", "2: b\n1: a\n");
        assert_eq!(Normaliser::new().entry(&other).stdout, other.stdout);
    }

    #[test]
    fn an_address_that_was_typed_stays() {
        let entry = Entry {
            command: "ip link set a address 2:0:0:0:0:1".to_owned(),
            stdout: "link/ether 02:00:00:00:00:01".to_owned(),
            ..Entry::default()
        };
        assert_eq!(Normaliser::new().entry(&entry).stdout, entry.stdout);
    }
}
