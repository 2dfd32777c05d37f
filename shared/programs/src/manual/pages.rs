//! The pages of the programs. Those of the objects of `ip` stand in [`crate::ip::pages`].

mod filter;
pub(crate) mod text;
mod web;

pub(crate) use filter::{CONNTRACK, IPTABLES, IPTABLES_RESTORE, IPTABLES_SAVE, NFT};
pub(crate) use web::{CURL, NETSTAT, PYTHON3, TELNET, WGET};

use super::{Form, Help, Page};
use crate::ip::pages as ip;

/// Help as a program of GNU gives it.
const LONG: Help = Help { words: &["--help"], to_stdout: true, status: 0 };
/// Help as net-tools, procps, tcpdump and iptables give it.
pub(super) const SHORT_TOO: Help = Help { words: &["-h", "--help"], to_stdout: true, status: 0 };
/// Help of a word that is built into bash.
const BUILTIN: Help = Help { words: &["--help"], to_stdout: true, status: 2 };
/// Of a program that has none.
const NONE: Help = Help { words: &[], to_stdout: true, status: 0 };

pub(crate) const ARP: Page = Page {
    examples: &[
        Form("arp -n", "the neighbours, as addresses"),
        Form("arp -s 10.0.0.9 02:00:00:00:00:09", "a neighbour that is never asked for"),
    ],
    remark: "An entry for somebody else (pub), '-f' and '-D' are not modelled. 'ip neigh' shows states too.",
    help: SHORT_TOO,
    ..Page::new(
        "arp",
        "show or set neighbours",
        &[
            Form("arp [-n] [-v] [-e]", "the neighbours, a line each"),
            Form("arp -a [HOST]", "the same in sentences"),
            Form("arp -i LINK [HOST]", "those on one link"),
            Form("arp -s HOST MAC [temp]", "set one"),
            Form("arp -d HOST", "delete one"),
        ],
    )
};

pub(crate) const BASH: Page = Page {
    examples: &[
        Form("for i in 1 2 3; do ip netns add h$i; done", "three namespaces"),
        Form("bash -c 'echo $0 $1' one two", "a script, with words for it"),
    ],
    remark: "At the prompt and in files the same is typed without it: variables, $( ), $(( )), lists, pipes, redirections to \
             the session's own files and to /proc/sys, here-documents, if, case, for, while, until, functions, set -e -u -x, \
             trap … EXIT. <( ), coproc, select, [[ =~ ]], declare -A and padded {01..10} are not modelled. The stages of a \
             pipe run one after the other.",
    help: LONG,
    ..Page::new(
        "bash",
        "run a script",
        &[
            Form("bash", "a shell in this namespace, until 'exit'"),
            Form("bash -c SCRIPT [WORD…]", "a script, with words for $0, $1, …"),
            Form("bash [-eux] FILE [WORD…]", "a file of the session"),
        ],
    )
};

pub(crate) const SH: Page = Page {
    help: NONE,
    ..Page::new("sh", "the same as bash here", &[Form("sh -c SCRIPT [WORD…]", "a script")])
};

pub(crate) const CAT: Page = Page {
    examples: &[
        Form("cat /proc/net/route", "the main table of routes, as the kernel writes it"),
        Form("cat /proc/sys/net/ipv4/ip_forward", "whether this namespace forwards"),
    ],
    remark: "There are no other files. In another namespace: ip netns exec NAME cat FILE.",
    help: LONG,
    ..Page::new(
        "cat",
        "show files of /proc",
        &[
            Form("cat /proc/net/arp", "the neighbours"),
            Form("cat /proc/net/dev", "the links with their counters"),
            Form("cat /proc/net/nf_conntrack", "the connections that are tracked"),
            Form("cat /proc/net/route", "the routes of the main table, in hexadecimal"),
            Form("cat /proc/sys/net/…", "a setting, as 'sysctl' has it"),
        ],
    )
};

pub(crate) const CLEAR: Page = Page {
    examples: &[Form("clear", "an empty screen")],
    help: NONE,
    ..Page::new("clear", "clear the screen", &[Form("clear", "wipe what the terminal shows")])
};

pub(crate) const DATE: Page = Page {
    examples: &[Form("date +%T", "the time of day alone")],
    remark: "Time on a stack begins on 1 January 1970. On sim it passes while programs wait, on real by itself.",
    help: LONG,
    ..Page::new(
        "date",
        "the time on the stack",
        &[
            Form("date [-u]", "date and time in UTC"),
            Form("date +FORMAT", "with %Y %m %d %e %j %a %b %H %M %S %N %s %F %T %Z %n %%"),
        ],
    )
};

pub(crate) const ECHO: Page = Page {
    examples: &[Form("echo hello", "print it")],
    help: NONE,
    ..Page::new(
        "echo",
        "print words",
        &[Form("echo [-n] [-e] [WORD…]", "print words; -n: without a new line; -e: \\n is one")],
    )
};

pub(crate) const FALSE: Page =
    Page { help: NONE, ..Page::new("false", "fail", &[Form("false", "end with status 1, and do nothing")]) };

pub(crate) const FG: Page = Page {
    help: BUILTIN,
    ..Page::new(
        "fg",
        "bring a program to the foreground",
        &[Form("fg [%JOB]", "wait for a program that runs in the background; Ctrl-C stops it")],
    )
};

pub(crate) const HELP: Page = Page {
    examples: &[
        Form("help ip route", "what can be done with routes"),
        Form("help modelled", "all that is modelled"),
    ],
    help: LONG,
    ..Page::new(
        "help",
        "what can be typed",
        &[
            Form("help", "the programs, one a line"),
            Form("help PROGRAM [OBJECT]", "what is modelled of a program"),
            Form("help modelled", "all that is modelled, of every program"),
        ],
    )
};

pub(crate) const HISTORY: Page = Page {
    examples: &[Form("history 10", "the last ten commands")],
    remark: "At a prompt the up arrow and Ctrl-R find them, those of earlier sessions too. Answers to questions are not kept.",
    help: BUILTIN,
    ..Page::new(
        "history",
        "the commands that were typed",
        &[Form("history [N]", "all of them, or the last N"), Form("history -c", "forget them")],
    )
};

pub(crate) const HOSTNAME: Page = Page {
    examples: &[Form("hostname -I", "the addresses of this namespace")],
    help: Help { words: &["-h", "--help"], to_stdout: true, status: 255 },
    ..Page::new(
        "hostname",
        "the name of the machine",
        &[
            Form("hostname", "the name; a namespace has no name of its own here, as on Linux"),
            Form("hostname -I", "all addresses but those of the loopback link"),
        ],
    )
};

pub(crate) const IFCONFIG: Page = Page {
    examples: &[
        Form("ifconfig -a", "all links, those that are down too"),
        Form("ifconfig lo 127.0.0.1 up", "an address, and the link up"),
    ],
    remark: "Of families there is inet. Tunnels, point-to-point addresses and hardware settings are not modelled.",
    help: SHORT_TOO,
    ..Page::new(
        "ifconfig",
        "show or set interfaces",
        &[
            Form("ifconfig [-a] [-s] [LINK]", "the links that are up, or one; -s: a line each"),
            Form("ifconfig LINK up|down", "set it up or down"),
            Form(
                "ifconfig LINK ADDRESS[/LENGTH]",
                "its address; 'netmask MASK', 'broadcast ADDRESS' behind it",
            ),
            Form("ifconfig LINK:LABEL ADDRESS", "another address"),
            Form("ifconfig LINK mtu N", "the longest packet that it sends"),
            Form("ifconfig LINK hw ether MAC", "its Ethernet address"),
            Form("ifconfig LINK [-]arp, [-]promisc…", "its flags: arp, promisc, allmulti, multicast"),
        ],
    )
};

pub(crate) const IP: Page = Page {
    objects: ip::OBJECTS,
    examples: &[
        Form("ip -br address", "every link with its addresses, a line each"),
        Form("ip -s link show lo", "a link with its counters"),
    ],
    remark: "Objects, commands and options may be shortened: 'ip a', 'ip r'. IPv6, rules, tunnels and 'ip monitor' are not modelled yet. 'ip OBJECT help' has more of each.",
    help: ip::HELP,
    ..Page::new(
        "ip",
        "links, addresses, routes, neighbours, namespaces",
        &[
            Form("ip [OPTIONS] OBJECT …", "the objects stand below"),
            Form("-n NAMESPACE", "in this namespace"),
            Form("-br, -o", "a line each: the essence, or all"),
            Form("-s", "with counters"),
            Form("-j, -p", "as JSON, on one line or indented"),
            Form("-4, -0, -f inet|link", "of one family only"),
            Form("-c[=always|auto|never]", "colour; auto: where it goes to a terminal"),
            Form("-a, -V", "all namespaces (of 'netns exec', 'netns delete'); the version"),
        ],
    )
};

pub(crate) const JOBS: Page = Page {
    help: BUILTIN,
    ..Page::new(
        "jobs",
        "list what runs in the background",
        &[Form("COMMAND &", "run a command in the background"), Form("jobs", "what was started so")],
    )
};

pub(crate) const KILL: Page = Page {
    help: BUILTIN,
    ..Page::new(
        "kill",
        "end what runs in the background",
        &[Form("kill [-TERM|-INT] %JOB…", "by its number in 'jobs'")],
    )
};

pub(crate) const MAN: Page = Page {
    examples: &[Form("man ip-link", "what can be done with links")],
    remark: "The pages are vethlab's own and short; they say what is modelled.",
    help: LONG,
    ..Page::new(
        "man",
        "the page of a program",
        &[Form("man [SECTION] NAME", "its page; 'man ip' has those of its objects too")],
    )
};

pub(crate) const NC: Page = Page {
    examples: &[
        Form("nc -lk 5000 &", "a server in the background that prints what comes"),
        Form("echo hi | nc -u -q 0 127.0.0.1 5000", "a line as a datagram"),
    ],
    remark: "At a prompt nothing that is typed reaches it: lines are for the shell. Standard input is 'echo … |' or </dev/null. There is no resolver: HOST is an address, or localhost. -6, -C, -F, -I, -i, -m, -O, -P, -r, -S, -t, -U, -V, -W, -X, -x and -Z are not modelled.",
    help: Help { words: &[], to_stdout: false, status: 1 },
    ..Page::new(
        "nc",
        "carry data over TCP or UDP",
        &[
            Form("nc [OPTIONS] HOST PORT", "connect"),
            Form("nc -l [OPTIONS] [ADDRESS] PORT", "wait for a connection"),
            Form("-k", "and for the next one after it"),
            Form("-u", "UDP"),
            Form("-z, -v, -n", "only try; say more; no names"),
            Form("-N", "pass on the end of standard input"),
            Form("-w SECONDS", "give up after so long without data, or without an answer"),
            Form("-q SECONDS", "end so long after the end of standard input"),
            Form("-s ADDRESS, -p PORT", "from this address, from this port"),
            Form("-d, -4, -b", "no standard input; IPv4; may send to broadcast addresses"),
            Form("-M TTL, -T TOS", "time to live, type of service"),
        ],
    )
};

pub(crate) const PING: Page = Page {
    examples: &[
        Form("ping -c 3 127.0.0.1", "three echoes from this machine itself"),
        Form("ping -c 1 -t 1 127.0.0.1", "one that may pass no router"),
    ],
    remark: "There is no resolver: HOST is an address, or localhost. Flooding (-f), -A, -R, -T and IPv6 are not modelled.",
    help: Help { words: &["-h"], to_stdout: false, status: 2 },
    ..Page::new(
        "ping",
        "ask a host for echoes",
        &[
            Form("ping [OPTIONS] HOST", "until Ctrl-C"),
            Form("-c COUNT", "this many"),
            Form("-i SECONDS", "the time between two"),
            Form("-w SECONDS, -W SECONDS", "how long in all; how long for a reply"),
            Form("-s BYTES, -p PATTERN", "how much data, and of what"),
            Form("-t TTL", "how many routers it may pass"),
            Form("-I LINK|ADDRESS", "by this link, or from this address"),
            Form("-M do|dont|want", "whether it may be cut into fragments"),
            Form("-b, -B, -l COUNT", "broadcast; keep the source; send so many at once"),
            Form("-q, -n, -O, -V", "say less; no names; tell of those without a reply; version"),
        ],
    )
};

pub(crate) const ROUTE: Page = Page {
    examples: &[Form("route -n", "the routes, as addresses")],
    remark: "'ip route' does as much and more.",
    help: SHORT_TOO,
    ..Page::new(
        "route",
        "show or set routes",
        &[
            Form("route [-n] [-e]", "the main table"),
            Form("route add default gw HOST", "the way to everywhere else"),
            Form("route add -net NET/LENGTH dev LINK", "a network; 'gw HOST', 'metric N', 'reject'"),
            Form("route add -host HOST dev LINK", "one host"),
            Form("route del …", "the same words: take it away"),
        ],
    )
};

pub(crate) const SLEEP: Page = Page {
    examples: &[Form("sleep 1.5", "a second and a half")],
    help: LONG,
    ..Page::new(
        "sleep",
        "let time pass",
        &[Form("sleep SECONDS…", "on sim that is the network's time; 5m is minutes")],
    )
};

pub(crate) const SS: Page = Page {
    examples: &[
        Form("ss -tln", "who takes in connections, and where"),
        Form("ss -tuna", "all sockets of UDP and TCP"),
        Form("ss -tn state established dport = :80", "connections to a web server"),
    ],
    remark: "Programs have no numbers here: -p shows none. -e, -i, -m, -s, IPv6 and other kinds of sockets are not modelled.",
    help: NONE,
    ..Page::new(
        "ss",
        "show sockets",
        &[
            Form("ss [OPTIONS] [FILTER]", "those that are connected"),
            Form("-t, -u", "TCP, UDP; without either both"),
            Form("-l, -a", "those that listen; all"),
            Form("-n, -o, -H", "no names of services; timers; no header"),
            Form("state STATE, exclude STATE", "established, listening, time-wait, connected, …"),
            Form("sport|dport = :PORT", "by the port here or there; also != < > <= >="),
            Form("src|dst ADDRESS[/N][:PORT]", "by the address here or there"),
            Form("and, or, not, ( )", "several conditions"),
        ],
    )
};

pub(crate) const SUDO: Page = Page {
    examples: &[Form("sudo ip link", "the same as ip link")],
    help: SHORT_TOO,
    ..Page::new(
        "sudo",
        "run a command as root, which you are",
        &[Form("sudo [-nEH] [-u root] COMMAND", "run the command")],
    )
};

pub(crate) const SYSCTL: Page = Page {
    examples: &[
        Form("sysctl net.ipv4.ip_forward", "whether this namespace forwards"),
        Form("sysctl -w net.ipv4.ip_forward=1", "make a router of it"),
    ],
    remark: "There are the settings of IPv4, of its neighbours and of its links that the simulator follows: 'sysctl -a'.",
    help: SHORT_TOO,
    ..Page::new(
        "sysctl",
        "read and write kernel settings",
        &[
            Form("sysctl [-n] NAME", "read one, or all below it; -n: the value alone"),
            Form("sysctl [-w] NAME=VALUE", "write one; -q: without a word"),
            Form("sysctl -a [-r PATTERN]", "all of them"),
            Form("-N, -b, -e", "names alone; no new line; pass over what there is not"),
        ],
    )
};

pub(crate) const TCPDUMP: Page = Page {
    examples: &[
        Form("tcpdump -n -i any -c 4 &", "the next four frames, while something else runs"),
        Form("tcpdump -D", "the links that can be listened on"),
    ],
    remark: "Files (-r, -w) are not modelled: 'vethlab run --pcap' and 'vethlab shell --pcap' write them.",
    help: SHORT_TOO,
    ..Page::new(
        "tcpdump",
        "show frames as they pass",
        &[
            Form("tcpdump [OPTIONS] [FILTER]", "until Ctrl-C; filters as 'icmp and host 10.0.0.1'"),
            Form("-i LINK, -i any", "where to listen"),
            Form("-c COUNT", "this many"),
            Form("-n, -e, -v, -q", "no names; Ethernet headers; more; less"),
            Form("-t, -tt, -ttt, -tttt", "how the time is told"),
            Form("-x, -X, -S, -#", "bytes; with characters; absolute numbers; a number for each"),
            Form("-Q in|out|inout", "one direction"),
            Form("-D", "the links"),
        ],
    )
};

pub(crate) const TRACEROUTE: Page = Page {
    examples: &[Form("traceroute -n 127.0.0.1", "the routers on the way, as addresses")],
    remark: "There is no resolver: HOST is an address, or localhost. TCP is not modelled.",
    help: Help { words: &["--help"], to_stdout: false, status: 0 },
    ..Page::new(
        "traceroute",
        "show the routers on the way to a host",
        &[
            Form("traceroute [OPTIONS] HOST [LENGTH]", "by UDP"),
            Form("-I", "by ICMP echoes"),
            Form("-n", "no names"),
            Form("-f HOP, -m HOPS", "the first and the last"),
            Form("-q COUNT, -N COUNT", "probes for each hop; at once"),
            Form("-w SECONDS, -z SECONDS", "how long to wait; pause between probes"),
            Form("-p PORT, --sport=PORT", "ports"),
            Form("-i LINK, -s ADDRESS", "by this link; from this address"),
            Form("-F, -t TOS, --mtu, --back", "do not fragment; type of service; find the MTU; the way back"),
        ],
    )
};

pub(crate) const TRUE: Page =
    Page { help: NONE, ..Page::new("true", "succeed", &[Form("true", "end with status 0, and do nothing")]) };

pub(crate) const WAIT: Page = Page {
    help: BUILTIN,
    ..Page::new(
        "wait",
        "wait for what runs in the background",
        &[Form("wait [%JOB…]", "until all have ended, or those named")],
    )
};

pub(crate) const WHOAMI: Page = Page {
    examples: &[Form("whoami", "root")],
    help: LONG,
    ..Page::new(
        "whoami",
        "who you are",
        &[Form("whoami", "root: all that is typed here may change the network")],
    )
};
