//! Connections as `conntrack` lists them, without what is different in every run.

use super::FIRST_CHOSEN_PORT;
use std::collections::BTreeSet;

/// The lines in order: of each the time that is left becomes the one that it began with, if it began within the last ten
/// seconds; a port that the kernel chose becomes `PORT`, and a number that is drawn, `N`.
pub(super) fn normal(text: &str, named_ports: &BTreeSet<u16>) -> String {
    let normal = |line: &str| event(line, named_ports).unwrap_or_else(|| normal_line(line, named_ports));
    let mut lines: Vec<String> = text.split_inclusive('\n').map(normal).collect();
    lines.sort();
    lines.concat()
}

/// A text in which `conntrack -E` has told of connections meanwhile: its lines as above, where they stand; without the port
/// of the socket by which it was done, and without the name of the program, which the tool finds as long as that runs.
pub(super) fn with_events(text: &str, named_ports: &BTreeSet<u16>) -> String {
    text.split_inclusive('\n')
        .map(|line| event(line, named_ports).unwrap_or_else(|| line.to_owned()))
        .collect()
}

/// Such a line, where it is one.
fn event(line: &str, named_ports: &BTreeSet<u16>) -> Option<String> {
    const KINDS: [&str; 3] = ["    [NEW] ", " [UPDATE] ", "[DESTROY] "];
    let timed = line.strip_prefix('[').and_then(|rest| rest.split_once("]\t"));
    let (stamp, line) = timed.map_or(("", line), |(_, line)| ("[T]\t", line));
    let kind = KINDS.into_iter().find(|kind| line.starts_with(kind)).unwrap_or_default();
    let saved = ["-A -t ", "-U -t ", "-D -t "].iter().any(|command| line.starts_with(command));
    if kind.is_empty() && !saved {
        return None;
    }
    let line = match line.split_once(" [USERSPACE] portid=") {
        Some((line, _)) => format!("{line} [USERSPACE]\n"),
        None => line.to_owned(),
    };
    Some(format!("{stamp}{kind}{}", normal_line(&line[kind.len()..], named_ports)))
}

fn normal_line(line: &str, named_ports: &BTreeSet<u16>) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let is_saved = words.first().is_some_and(|word| word.starts_with('-'));
    let mut numbers = 0;
    for place in 0..words.len() {
        let before = place.checked_sub(1).map(|before| words[before].clone()).unwrap_or_default();
        let word = &mut words[place];
        if let Ok(number) = word.trim_end().parse::<u64>() {
            numbers += 1;
            // A family, a protocol and a time; as a command, the time is named.
            let family = u64::from(line.starts_with("ipv"));
            let is_time = if is_saved { before == "-t" } else { numbers == 2 + family };
            let is_port = is_saved && (before.contains("port") || before == "--icmp-id");
            if is_time {
                *word = number.next_multiple_of(10).to_string();
            } else if is_port {
                *word = of_field(&before, word, named_ports).unwrap_or_else(|| word.clone());
            }
        } else if let Some((name, value)) = word.split_once('=')
            && let Some(value) = of_field(name, value, named_ports)
        {
            *word = format!("{name}={value}");
        }
    }
    words.join(" ")
}

/// What stands for the value of a field, where it is different in every run.
fn of_field(name: &str, value: &str, named_ports: &BTreeSet<u16>) -> Option<String> {
    let number = value.trim_end();
    let end = &value[number.len()..];
    if matches!(name, "id" | "--icmp-id") {
        return Some(format!("N{end}"));
    }
    let port = number.parse::<u16>().ok().filter(|_| name.contains("port"))?;
    (port >= FIRST_CHOSEN_PORT && !named_ports.contains(&port)).then(|| format!("PORT{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_stay_where_they_are() {
        let text = "\
hello 17
[DESTROY] icmp     1 28 src=1.1.1.1 dst=2.2.2.2 type=8 code=0 id=9 src=2.2.2.2 dst=1.1.1.1 type=0 code=0 id=9 [USERSPACE] portid=77 progname=conntrack
[1796072260.954602]\t    [NEW] udp      17 30 src=1.1.1.1 dst=2.2.2.2 sport=34000 dport=53 [UNREPLIED] src=2.2.2.2 dst=1.1.1.1 sport=53 dport=34000
";
        let expected = "\
hello 17
[DESTROY] icmp     1 30 src=1.1.1.1 dst=2.2.2.2 type=8 code=0 id=N src=2.2.2.2 dst=1.1.1.1 type=0 code=0 id=N [USERSPACE]
[T]\t    [NEW] udp      17 30 src=1.1.1.1 dst=2.2.2.2 sport=PORT dport=53 [UNREPLIED] src=2.2.2.2 dst=1.1.1.1 sport=53 dport=PORT
";
        assert_eq!(with_events(text, &BTreeSet::new()), expected);
    }

    #[test]
    fn times_ports_and_identifiers_go() {
        let text = "\
udp      17 27 src=10.0.0.1 dst=10.0.0.2 sport=38611 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=38611 mark=0 use=1
icmp     1 30 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=15897 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=15897 mark=0 use=1 id=39526
ipv4     2 tcp      6 431999 ESTABLISHED src=1.1.1.1 dst=2.2.2.2 sport=40000 dport=80 src=2.2.2.2 dst=1.1.1.1 sport=80 dport=40000 [ASSURED] mark=0 use=1
-A -t 28 -u SEEN_REPLY -s 1.1.1.1 -d 2.2.2.2 -r 2.2.2.2 -q 1.1.1.1 -p icmp --icmp-type 8 --icmp-code 0 --icmp-id 12
-A -t 28 -u SEEN_REPLY -s 1.1.1.1 -d 2.2.2.2 -r 2.2.2.2 -q 1.1.1.1 -p tcp --sport 48216 --dport 80 --reply-port-src 80 --reply-port-dst 48216
";
        let expected = "\
-A -t 30 -u SEEN_REPLY -s 1.1.1.1 -d 2.2.2.2 -r 2.2.2.2 -q 1.1.1.1 -p icmp --icmp-type 8 --icmp-code 0 --icmp-id N
-A -t 30 -u SEEN_REPLY -s 1.1.1.1 -d 2.2.2.2 -r 2.2.2.2 -q 1.1.1.1 -p tcp --sport PORT --dport 80 --reply-port-src 80 --reply-port-dst 48216
icmp     1 30 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=N src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=N mark=0 use=1 id=N
ipv4     2 tcp      6 432000 ESTABLISHED src=1.1.1.1 dst=2.2.2.2 sport=40000 dport=80 src=2.2.2.2 dst=1.1.1.1 sport=80 dport=40000 [ASSURED] mark=0 use=1
udp      17 30 src=10.0.0.1 dst=10.0.0.2 sport=PORT dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=PORT mark=0 use=1
";
        let expected = expected.replace("dst 48216\n", "dst PORT\n");
        assert_eq!(normal(text, &BTreeSet::from([40_000])), expected);
    }
}
