//! Networks in which something is sent, and what is to become of checks that look at pages, rules and translations.

use super::Case;
use super::cases::{ROW, SERVER};
use vethlab_engine::classroom::Outcome::{Failed as Unmet, Passed as Met};

pub(super) const TRAFFIC: &[Case] = &[
    Case {
        name: "pages",
        setup: SERVER,
        answer: "
            ip netns exec blue iptables -A INPUT -p tcp --dport 81 -j DROP
            ip netns exec blue iptables -A INPUT -p tcp --dport 82 -j REJECT
            ip netns exec blue python3 -m http.server 80 &
        ",
        checks: &[
            ("http = '10.0.0.2'; in = 'red'", Met),
            ("http = 'http://10.0.0.2:80/'; in = 'red'; status = 200; contains = 'blue'", Met),
            ("http = '10.0.0.2'; in = 'red'; contains = 'green'", Unmet),
            ("http = '10.0.0.2'; in = 'red'; status = 404", Unmet),
            ("http = '10.0.0.2/missing'; in = 'red'; status = 404", Met),
            ("http = '10.0.0.2/missing'; in = 'red'", Unmet),
            ("http = '10.0.0.2'; in = 'red'; succeed = false", Unmet),
            ("http = '10.0.0.2'; in = 'red'; refused = true", Unmet),
            ("http = '10.0.0.2'; in = 'red'; no_answer = true", Unmet),
            ("http = '10.0.0.2:83'; in = 'red'; refused = true", Met),
            ("http = '10.0.0.2:83'; in = 'red'; no_answer = true", Unmet),
            ("http = '10.0.0.2:82'; in = 'red'; refused = true", Met),
            ("http = '10.0.0.2:81'; in = 'red'; no_answer = true", Met),
            ("http = '10.0.0.2:81'; in = 'red'; refused = true", Unmet),
            ("http = '10.0.0.2:81'; in = 'red'; succeed = false", Met),
            ("http = '10.0.0.2:5000'; in = 'red'", Unmet),
            ("http = '10.0.0.2:5000'; in = 'red'; no_answer = true", Unmet),
            ("http = '10.0.0.2:5000'; in = 'red'; succeed = false", Met),
            ("http = '10.9.0.2'; in = 'red'; refused = true", Met),
            ("http = '10.0.0.2'; in = 'green'", Unmet),
        ],
    },
    Case {
        name: "what rules and policies do not let pass",
        setup: ROW,
        answer: "
            ip netns exec a iptables -A OUTPUT -p tcp --dport 95 -j DROP
            ip netns exec r1 iptables -N GUARD
            ip netns exec r1 iptables -A FORWARD -p tcp --dport 80 -j DROP
            ip netns exec r1 iptables -A FORWARD -p tcp --dport 81 -j REJECT
            ip netns exec r1 iptables -A FORWARD -p udp -j GUARD
            ip netns exec r1 iptables -A GUARD -p udp --dport 53 -j DROP
            ip netns exec b iptables -A INPUT -p icmp -j ACCEPT
            ip netns exec b iptables -P INPUT DROP
        ",
        checks: &[
            ("filtered = '10.3.0.2'; port = 80; in = 'a'", Met),
            (
                "filtered = '10.3.0.2'; port = 80; in = 'a'; how = 'dropped'; rule_in = 'r1'; table = 'filter'; chain = 'FORWARD'",
                Met,
            ),
            ("filtered = '10.3.0.2'; port = 80; in = 'a'; how = 'rejected'", Unmet),
            ("filtered = '10.3.0.2'; port = 80; in = 'a'; rule_in = 'r2'", Unmet),
            ("filtered = '10.3.0.2'; port = 80; in = 'a'; exists = false", Unmet),
            ("filtered = '10.3.0.2'; port = 81; in = 'a'; how = 'rejected'; rule_in = 'r1'", Met),
            ("filtered = '10.3.0.2'; port = 53; protocol = 'udp'; in = 'a'; chain = 'GUARD'", Met),
            ("filtered = '10.3.0.2'; port = 54; protocol = 'udp'; in = 'a'; chain = 'GUARD'", Unmet),
            ("filtered = '10.3.0.2'; port = 90; in = 'a'; rule_in = 'b'; chain = 'INPUT'", Met),
            ("filtered = '10.3.0.2'; port = 95; in = 'a'; rule_in = 'a'; chain = 'OUTPUT'", Met),
            ("filtered = '10.3.0.2'; in = 'a'", Unmet),
            ("filtered = '10.3.0.2'; in = 'a'; exists = false", Met),
            ("filtered = '10.9.9.9'; in = 'c'", Unmet),
            ("filtered = '10.9.9.9'; in = 'c'; exists = false", Met),
            ("filtered = '10.3.0.2'; in = 'd'", Unmet),
        ],
    },
    Case {
        name: "what addresses and ports become",
        setup: ROW,
        answer: "
            ip netns exec r1 iptables -t nat -A PREROUTING -d 10.1.0.1 -p tcp --dport 8080 -j DNAT --to-destination 10.3.0.2:80
            ip netns exec r1 iptables -t nat -A PREROUTING -d 10.1.0.1 -p udp --dport 5353 -j DNAT --to-destination 10.3.0.2:53
            ip netns exec r1 iptables -t nat -A POSTROUTING -o far -p tcp -j SNAT --to-source 10.2.0.1:7000-7009
            ip netns exec r1 iptables -t nat -A POSTROUTING -o far -j MASQUERADE
            ip netns exec b python3 -m http.server 80 &
        ",
        checks: &[
            (
                "nat = '10.1.0.1'; port = 8080; in = 'a'; translated_in = 'r1'; source_becomes = '10.2.0.1'; destination_becomes = '10.3.0.2'; port_becomes = 80",
                Met,
            ),
            ("nat = '10.1.0.1'; port = 8080; in = 'a'; translated_in = 'r1'", Met),
            (
                "nat = '10.1.0.1'; port = 8080; in = 'a'; translated_in = 'r1'; source_port_becomes = 80",
                Unmet,
            ),
            ("nat = '10.1.0.1'; port = 8080; in = 'a'; translated_in = 'r1'; port_becomes = 81", Unmet),
            ("nat = '10.1.0.1'; port = 8080; in = 'a'; translated_in = 'r1'; exists = false", Unmet),
            (
                "nat = '10.1.0.1'; port = 8080; in = 'a'; translated_in = 'r1'; destination_becomes = '10.3.0.3'",
                Unmet,
            ),
            ("nat = '10.3.0.2'; in = 'a'; translated_in = 'r1'; source_becomes = '10.2.0.1'", Met),
            ("nat = '10.3.0.2'; in = 'a'; translated_in = 'r1'; destination_becomes = '10.3.0.2'", Unmet),
            ("nat = '10.3.0.2'; in = 'a'; translated_in = 'r2'", Unmet),
            ("nat = '10.3.0.2'; in = 'a'; translated_in = 'r2'; exists = false", Met),
            (
                "nat = '10.1.0.1'; port = 5353; protocol = 'udp'; in = 'a'; translated_in = 'r1'; destination_becomes = '10.3.0.2'; port_becomes = 53",
                Met,
            ),
            ("nat = '10.1.0.1'; port = 8081; in = 'a'; translated_in = 'r1'", Unmet),
            ("nat = '10.1.0.2'; in = 'b'; translated_in = 'r1'; exists = false", Met),
            ("nat = '10.3.0.2'; in = 'a'; translated_in = 'd'", Unmet),
            ("nat = '10.3.0.2'; in = 'd'; translated_in = 'r1'", Unmet),
        ],
    },
];
