//! Rules as they are typed, and as they are saved again.

use super::command::{self, Asked, Line};
use super::list::{self, Counted, Style};
use super::problem::{IPTABLES, Problem};
use super::rule::Rule;
use super::{decode, encode};
use crate::Failure;

fn line(text: &str) -> Result<Box<Line>, Problem> {
    let words: Vec<String> = vethlab_shared::words::split(text).expect("words");
    match command::parse(&words, IPTABLES, None)? {
        Asked::Do(line) => Ok(line),
        Asked::Print(text) => panic!("{text}"),
    }
}

/// The rule that the kernel would have.
fn rule(text: &str) -> Result<Rule, Problem> {
    let mut line = line(text)?;
    (line.rule.source, line.rule.destination) = (line.sources[0], line.destinations[0]);
    let expressions = encode::expressions(&line.rule)?;
    decode::rule(&expressions, None)
}

#[track_caller]
fn same(text: &str) {
    let saved = rule(text).map(|rule| list::saved(&rule, "FORWARD", Counted::Not));
    assert_eq!(saved, Ok(format!("{text}\n")));
}

#[test]
fn saved_rules_are_read_again() {
    same("-A FORWARD -s 10.0.0.1/32 -d 10.1.0.0/16 -i eth0 -p tcp -m tcp --dport 80 -j ACCEPT");
    same("-A FORWARD ! -s 10.0.0.0/255.0.255.0 ! -i e+ ! -o + ! -p udp ! -f -g foo");
    same("-A FORWARD -p udp -m udp ! --sport 1:1024 --dport 0:53");
    same(
        "-A FORWARD -p tcp -m tcp --sport 10:65535 --dport 9:65535 ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP",
    );
    same("-A FORWARD -p tcp -m tcp --tcp-option 4 -j RETURN");
    same("-A FORWARD -p icmp -m icmp ! --icmp-type 3/4");
    same(
        "-A FORWARD -p tcp -m multiport ! --ports 1,3:5,9 -j LOG --log-prefix \"a b\" --log-level 3 --log-uid",
    );
    same("-A FORWARD -m conntrack ! --ctstate INVALID,NEW --ctproto 6 --ctorigsrc 10.0.0.0/8 --ctdir REPLY");
    same(
        "-A FORWARD -m state --state RELATED,ESTABLISHED -m comment --comment \"a b\" -j REJECT --reject-with tcp-reset",
    );
    same("-A FORWARD -m addrtype --src-type LOCAL ! --dst-type BROADCAST,MULTICAST --limit-iface-in");
    same(
        "-A FORWARD -m mac ! --mac-source 02:00:00:00:00:01 -m pkttype --pkt-type multicast -m ttl ! --ttl-eq 3",
    );
    same(
        "-A FORWARD -m iprange --src-range 10.0.0.1-10.0.0.9 -m length --length 5:65535 -m connmark --mark 0x4/0xff",
    );
    same(
        "-A FORWARD -m statistic --mode nth --every 3 --packet 1 -m statistic --mode random ! --probability 0.50000000000",
    );
    same(
        "-A FORWARD -m limit --limit 5/min --limit-burst 7 -m mark ! --mark 0x1/0x3 -j MARK --set-xmark 0x5/0x7",
    );
    same("-A FORWARD -p tcp -j DNAT --to-destination 1.2.3.4-1.2.3.9:80-90/100 --random --persistent");
    same("-A FORWARD -p tcp -j MASQUERADE --to-ports 80-90 --random-fully");
    same("-A FORWARD -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xf0");
    same("-A FORWARD -j NOTRACK");
    same("-A FORWARD -j CT --notrack");
}

#[test]
fn rows_are_columns() {
    let row = |text: &str, numeric| {
        let style = Style { verbose: true, numeric, exact: false, line_numbers: true };
        rule(text).map(|rule| list::row(&rule, 3, style))
    };
    let shown = "3        0     0 ACCEPT     tcp  --  any    any     localhost            anywhere             tcp dpt:http\n";
    assert_eq!(row("-A INPUT -s 127.0.0.1 -p tcp --dport 80 -j ACCEPT", false), Ok(shown.to_owned()));
    let shown = "3        0     0 x          17   -f  e+     !o     !10.0.0.0/8           0.0.0.0/0           [goto] \n";
    assert_eq!(row("-A FORWARD ! -s 10.0.0.0/8 -p udp -i e+ ! -o o -f -g x", true), Ok(shown.to_owned()));
}

#[test]
fn mistakes_read_as_iptables_writes_them() {
    let message = |text| match line(text).expect_err("an error").failure(IPTABLES) {
        Failure::Exit { message, status } => (message.lines().next().unwrap_or_default().to_owned(), status),
        other => panic!("{text}: {other:?}"),
    };
    let said = |text: &str| (format!("iptables v1.8.9 (nf_tables): {text}"), 2);
    assert_eq!(message("-n"), said("no command specified"));
    assert_eq!(message("-Q"), said("unknown option \"-Q\""));
    assert_eq!(message("-L -S"), said("Cannot use -S with -L"));
    assert_eq!(message("-A INPUT -j"), said("option \"-j\" requires an argument"));
    assert_eq!(message("-A INPUT -p tcp --dport"), said("option \"--dport\" requires an argument"));
    assert_eq!(message("-A INPUT --dport 80"), said("unknown option \"--dport\""));
    assert_eq!(message("-I INPUT 0"), said("Invalid rule number `0'"));
    let failed = line("-A INPUT -m owner --uid-owner 0").expect_err("an error").failure(IPTABLES);
    assert_eq!(failed, Failure::NotModelled("iptables -m owner".to_owned()));
}
