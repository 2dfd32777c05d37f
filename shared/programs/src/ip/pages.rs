//! The pages of what `ip` works on.

use crate::manual::{Form, Help, Page};

/// How iproute2 answers `ip help`: its text goes to standard error, and it ends with -1.
pub(crate) const HELP: Help =
    Help { words: &["help", "-h", "-help", "--help"], to_stdout: false, status: 255 };

/// The same behind an object.
const OF_OBJECT: Help = Help { words: &["help"], to_stdout: false, status: 255 };

pub(crate) const OBJECTS: &[Page] = &[LINK, ADDRESS, ROUTE, NEIGHBOUR, NAMESPACE];

pub(super) const LINK: Page = Page {
    command: "ip link",
    about: "links: veth cables, bridges and the loopback link",
    forms: &[
        Form("show [[dev] LINK] [up] [type veth|bridge]", "all links, or some"),
        Form("add [name] LINK type veth peer [name LINK]", "a cable: two links, one at each end"),
        Form("add [name] LINK type bridge", "a switch; … [ageing_time N] [mcast_snooping 0|1]"),
        Form("… [stp_state 0|1] [priority N]", "a spanning tree, which keeps loops from closing"),
        Form("… [forward_delay N] [hello_time N] [max_age N]", "its times, in hundredths of a second"),
        Form("set BRIDGE type bridge …", "the same words, for one that is there"),
        Form("delete LINK", "with the other end of the cable"),
        Form("set LINK up|down", "switch it on or off"),
        Form("set LINK master BRIDGE, nomaster", "plug it into a bridge, or out of it"),
        Form("set LINK netns NAMESPACE", "move it; its addresses are lost"),
        Form("set LINK name NAME", "rename it"),
        Form("set LINK mtu N", "the longest packet that it sends"),
        Form("set LINK address MAC", "its Ethernet address; 'broadcast MAC' too"),
        Form("set LINK txqueuelen N", "the length of its queue"),
        Form(
            "set LINK arp|promisc|… on|off",
            "flags: arp, promisc, multicast, allmulticast, dynamic, trailers",
        ),
    ],
    remark: "Of the kinds of links there are veth and bridge. VLANs, dummies and the other kinds are not modelled yet.",
    examples: &[
        Form("ip link add veth-a type veth peer name veth-b", "a cable"),
        Form("ip link set lo up", "switch the loopback link on"),
    ],
    help: OF_OBJECT,
    ..Page::NONE
};

pub(super) const ADDRESS: Page = Page {
    command: "ip address",
    about: "addresses of links",
    forms: &[
        Form("show [[dev] LINK] [up] [scope SCOPE]", "all addresses, or some"),
        Form("add ADDRESS/LENGTH dev LINK", "give a link an address"),
        Form("… peer ADDRESS, brd ADDRESS|+", "the other end; the broadcast address, + is the usual one"),
        Form("… scope SCOPE, label LINK:NAME", "how far it holds; a name for ifconfig"),
        Form("replace …, change …", "the same words: add it, or alter the one that is there"),
        Form("delete ADDRESS/LENGTH dev LINK", "take it away, with its routes"),
        Form("flush dev LINK", "take all away"),
    ],
    remark: "IPv6 addresses, lifetimes and metrics of addresses are not modelled.",
    examples: &[Form("ip address add 192.168.7.1/24 dev lo", "an address with its subnet")],
    help: OF_OBJECT,
    ..Page::NONE
};

pub(super) const ROUTE: Page = Page {
    command: "ip route",
    about: "routes, and which one is taken",
    forms: &[
        Form("show [PREFIX] [table TABLE]", "the routes; 'table all' has those of this machine too"),
        Form("… dev LINK, via GATEWAY, scope, proto, type, metric, src", "only those that have it"),
        Form("get ADDRESS", "the route that is taken; 'from ADDRESS', 'iif LINK', 'oif LINK'"),
        Form("add PREFIX via GATEWAY [dev LINK]", "by a router; PREFIX may be 'default'"),
        Form("add PREFIX dev LINK", "without a router"),
        Form("add unreachable|blackhole|prohibit|throw PREFIX", "refuse it, each in its own way"),
        Form("… metric N, src ADDRESS, mtu N, table TABLE, proto, scope, tos, onlink", "more of the route"),
        Form("replace …, change …, append …, prepend …", "the same words, where there may be one already"),
        Form("delete PREFIX …", "the first that fits"),
        Form("flush …", "all that 'show' lists for these words"),
    ],
    remark: "Several gateways in one route (nexthop), metrics of TCP, rules and IPv6 are not modelled.",
    examples: &[
        Form("ip route add 10.9.0.0/16 via 10.0.0.2", "a network behind a router"),
        Form("ip route get 127.0.0.1", "the route that is taken"),
    ],
    help: OF_OBJECT,
    ..Page::NONE
};

pub(super) const NEIGHBOUR: Page = Page {
    command: "ip neighbour",
    about: "neighbours: which Ethernet address has an IP address",
    forms: &[
        Form("show [ADDRESS] [dev LINK] [nud STATE]", "those that are known, with their states"),
        Form("get ADDRESS dev LINK", "one of them"),
        Form("add ADDRESS lladdr MAC dev LINK [nud STATE]", "set one; permanent where no state is named"),
        Form("replace …, change …", "the same words, where there may be one already"),
        Form("delete ADDRESS dev LINK", "forget one"),
        Form("flush dev LINK", "forget all but permanent ones"),
    ],
    remark: "States: permanent, noarp, stale, reachable, none, incomplete, delay, probe, failed. Proxies are not modelled.",
    examples: &[Form("ip neighbour show", "whom this namespace knows")],
    help: OF_OBJECT,
    ..Page::NONE
};

pub(super) const NAMESPACE: Page = Page {
    command: "ip netns",
    about: "network namespaces",
    forms: &[
        Form("list", "their names"),
        Form("add NAME", "make one: a machine of its own, with a loopback link that is down"),
        Form("delete NAME", "with its links"),
        Form("exec NAME COMMAND…", "run a command there; 'bash' steps into it, and 'exit' out again"),
        Form("identify PID, pids NAME", "as on Linux"),
    ],
    remark: "'ip -n NAME …' is short for 'ip netns exec NAME ip …'; 'ip -all netns exec COMMAND' runs in every one.",
    examples: &[
        Form("ip netns add blue", "make a namespace"),
        Form("ip netns exec red ip address", "the addresses in another one"),
    ],
    help: OF_OBJECT,
    ..Page::NONE
};
