//! The closed list of causes, each with its name and its meaning. This is the one place where they are described.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! causes {
    ($($variant:ident = $name:literal, $about:literal, $look:literal;)*) => {
        /// Why traffic did not come through.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Cause {
            $(#[doc = $about] #[serde(rename = $name)] $variant,)*
        }

        impl Cause {
            /// Every cause there is, in the order in which they are taught.
            pub const ALL: &[Cause] = &[$(Cause::$variant,)*];

            /// Its name, as in JSON.
            pub fn name(self) -> &'static str {
                match self { $(Cause::$variant => $name,)* }
            }

            /// What it means, in one sentence.
            pub fn about(self) -> &'static str {
                match self { $(Cause::$variant => $about,)* }
            }

            /// What shows it, and what mends it, in a few words.
            pub fn look(self) -> &'static str {
                match self { $(Cause::$variant => $look,)* }
            }
        }
    };
}

causes! {
    None = "none",
        "Nothing is wrong: every request was answered.",
        "`ip route get ADDRESS` shows the way that was taken.";
    NoRoute = "no-route",
        "No entry of the routing table is for the destination.",
        "`ip route` shows the table; `ip route add` puts an entry in.";
    BlackholeRoute = "blackhole-route",
        "A blackhole route takes the packets and tells nobody.",
        "`ip route` shows it; `ip route del blackhole PREFIX` takes it away.";
    UnreachableRoute = "unreachable-route",
        "An unreachable route refuses the packets: host unreachable.",
        "`ip route` shows it; `ip route del unreachable PREFIX` takes it away.";
    ProhibitRoute = "prohibit-route",
        "A prohibit route refuses the packets: communication prohibited.",
        "`ip route` shows it; `ip route del prohibit PREFIX` takes it away.";
    CompetingRoute = "competing-route",
        "One route led the wrong way, while another one in the same table leads to the destination.",
        "`ip route get ADDRESS` shows which route wins; a longer prefix beats a shorter one.";
    WrongPrefixLength = "wrong-prefix-length",
        "An address has the wrong prefix length, so that near and far are taken for each other.",
        "`ip addr` at both ends of the wire: the number behind the slash must be the same.";
    WrongGateway = "wrong-gateway",
        "A route names a gateway that is not there, or that is no way to the destination.",
        "`ip route` shows the gateway; `ip route replace` names another one.";
    AddressMissing = "address-missing",
        "A link has no IPv4 address, where one is needed.",
        "`ip addr` shows what a link has; `ip addr add` gives it one.";
    NeighbourFailed = "neighbour-failed",
        "Nobody on the link answers to ARP for the address that is asked for.",
        "`ip neigh` shows FAILED or INCOMPLETE; compare `ip addr` at the other end of the wire.";
    WrongNeighbour = "wrong-neighbour",
        "The neighbour table holds a wrong Ethernet address, so that the frames go to the wrong station.",
        "`ip neigh` against `ip link` at the other end; `ip neigh del` lets ARP ask again.";
    NotAPort = "not-a-port",
        "A link is no port of the bridge that the others are on, so that its frames stay where they are.",
        "`bridge link` shows the ports; `ip link set LINK master BRIDGE` makes it one.";
    PortBlocked = "port-blocked",
        "A port of a bridge keeps frames back: by its state, or by a flag.",
        "`bridge -d link show dev PORT`: its state, learning, flood, bcast_flood and locked.";
    PortIsolated = "port-isolated",
        "Two ports of a bridge are isolated, and frames do not go from one such port to another.",
        "`bridge -d link` shows isolated; `bridge link set dev PORT isolated off` lets them through.";
    Hairpin = "hairpin",
        "A frame would have to leave a bridge by the port that it came in by, which a port does not do by itself.",
        "`bridge -d link` shows hairpin; `bridge link set dev PORT hairpin on` lets it out again.";
    StaleFdb = "stale-fdb",
        "A bridge believes a station to be behind another port than it is, or to be its own.",
        "`bridge fdb show br BRIDGE`; `bridge fdb del MAC dev PORT master` forgets it.";
    DuplicateMac = "duplicate-mac",
        "Two stations on a bridge have the same Ethernet address.",
        "`ip link` on all of them, `bridge fdb`; `ip link set LINK address MAC` gives one another.";
    DuplicateAddress = "duplicate-address",
        "Two stations have the same address.",
        "`ip addr` on both; each address may be given once.";
    ArpIgnored = "arp-ignored",
        "The station has the address, but is set to leave ARP requests for it unanswered.",
        "`ip link` shows NOARP; or `sysctl net.ipv4.conf.all.arp_ignore`, and the same for the link.";
    LinkDown = "link-down",
        "A link is set down, and its routes are gone with it.",
        "`ip link` shows it without UP; `ip link set LINK up` sets it up.";
    NoCarrier = "no-carrier",
        "A link is up but has no carrier: the other end of the wire is down.",
        "`ip link` shows NO-CARRIER; set the other end up.";
    MtuMismatch = "mtu-mismatch",
        "The two ends of a wire have different MTUs: what is too long for the far end is lost without a word.",
        "`ip link` at both ends of the wire: the mtu must be the same.";
    PacketTooBig = "packet-too-big",
        "The packet is longer than a link on the way can take, and may not be fragmented.",
        "`ip link` shows each mtu; send less, or let it be fragmented.";
    MtuTooSmall = "mtu-too-small",
        "A route has an MTU under 68 bytes, and Linux sends nothing of its own by such a route.",
        "`ip route get ADDRESS` shows the mtu; `ip route change` sets another one.";
    ForwardingOff = "forwarding-off",
        "The packet reached a machine that it is not for, and that does not pass packets on.",
        "`sysctl net.ipv4.ip_forward` must be 1 on a router.";
    NoReturnRoute = "no-return-route",
        "The request arrived, but whoever should pass on the answer has no route back to the sender.",
        "`ip route` where the answer was lost.";
    ReversePathFilter = "reverse-path-filter",
        "The packet came in by another link than an answer would leave by, and the reverse-path filter is strict.",
        "`sysctl net.ipv4.conf.LINK.rp_filter`: 0 off, 1 strict, 2 loose.";
    InvalidSource = "invalid-source",
        "The packet has, or was to have, a source address that it may not have there: a martian source.",
        "`ip addr` shows which addresses are a machine's own.";
    InvalidDestination = "invalid-destination",
        "The destination is no address that a packet can be sent to there: a martian destination.",
        "`ip route get ADDRESS` says what kind of address it is.";
    TtlExceeded = "ttl-exceeded",
        "The time to live ran out before the packet was there: too many routers for what it began with.",
        "`ping -t` and `sysctl net.ipv4.ip_default_ttl` set what it begins with.";
    RoutingLoop = "routing-loop",
        "Routers send the packet round in a circle until its time to live runs out.",
        "`ip route get ADDRESS` on each router of the circle.";
    EchoIgnored = "echo-ignored",
        "The request arrived, but that machine is set to ignore it.",
        "`sysctl net.ipv4.icmp_echo_ignore_all`, and `…_broadcasts`.";
    EchoLimited = "echo-limited",
        "The request arrived, but that machine answers only so many in a short time.",
        "`sysctl net.ipv4.icmp_ratemask`: with bit 1 the limits on ICMP errors are for echo replies too.";
    PortUnreachable = "port-unreachable",
        "The packet arrived, but no socket is open at that port.",
        "Is the server running there? For `traceroute` this is the sign of arrival.";
    NoListener = "no-listener",
        "The packet arrived, but no program listens at that port there.",
        "`ss -ltn` where it arrived lists who listens, `ss -lun` the same for UDP; `nc -l PORT &` listens.";
    BoundElsewhere = "bound-elsewhere",
        "A program listens at that port, but only at another address, such as 127.0.0.1.",
        "`ss -ltn` where it arrived: the local address must be 0.0.0.0 or the one that was asked for.";
    ConnectionTimedOut = "connection-timed-out",
        "The SYN arrived, but was not answered: who listens takes in no more connections. Where a SYN or its answer is lost on \
         the way, that is named by the cause of the loss.",
        "`ss -ltn`: a Recv-Q above the Send-Q says that the queue of the listener is full.";
    NatMissing = "nat-missing",
        "A packet left a router with its private source address, and there is no route back to that beyond.",
        "`iptables -t nat -L POSTROUTING -n -v` on the router; `-j MASQUERADE` gives packets its own address.";
    NatWrong = "nat-wrong",
        "Address translation leads to where nobody takes the packet in, does not see the packet, or sees only one direction.",
        "`iptables -t nat -L -n -v` shows the rules and what each has met; `conntrack -L` what came of it.";
    ConntrackInvalid = "conntrack-invalid",
        "A packet filter dropped what its connection tracking takes for INVALID: it has seen one direction only.",
        "`ip route get` at both ends: do requests and answers pass the same routers?";
    Filtered = "filtered",
        "A rule of the packet filter, or the policy of a chain, did not let the packet pass.",
        "`iptables -L -n -v` shows the rules and what each has met.";
    BroadcastRefused = "broadcast-refused",
        "The destination is a broadcast address, and the program did not say that it means all stations.",
        "`ping -b` says so.";
    AnswerNotTaken = "answer-not-taken",
        "The answer came back, but the program listens at another link or address.",
        "`ping -I` fixes where it listens.";
    NotWaitedFor = "not-waited-for",
        "The program ended before an answer could come.",
        "`ping -W` and `-w`, and `nc -w`, set how long it waits.";
    UnderWay = "under-way",
        "Time stands still in the middle of the command: the packet is still on its way.",
        "`step` and `continue` go on; then ask again.";
    Refused = "refused",
        "The stack, or the program itself, refused the command: something that it checks did not hold.",
        "`why` says what was checked, and by which function of the kernel.";
    NothingSent = "nothing-sent",
        "The program ended before it had anything to send.",
        "Read what it wrote: a word of the command was wrong.";
    Unexplained = "unexplained",
        "The stack gives no reason that is known here.",
        "`packets` shows how far it got.";
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What the page says of `why --json`.
const JSON: &str = r#"
## `why --json`

One line, one object, with these keys:

| key | what it holds |
| --- | --- |
| `cause` | one of the causes above |
| `namespace` | where it lies; empty is the machine itself |
| `evidence` | what the diagnosis rests on; numbers of events and packets are those of the stack that tells |
| `story` | the sentences |
| `try` | commands that mend it, in order, tried before on a copy of the network; may be empty |
| `then` | only where there is something to try: what that copy showed next, a `cause` (`none` where all works) and its `namespace` |
| `account` | who tells it, and what speaks for it |

In `account`:

| key | what it holds |
| --- | --- |
| `stack` | the stack that tells: `sim`, as no other one tells why it decides as it does |
| `confirmed` | whether the kernel was given the same commands, printed the same and sent the same frames; on the simulator alone nobody compares, and it is `false` |
| `missed` | only where there are any: commands that vethlab refused because it does not model them; their effect is missing |
| `commands` | for how many commands the two were the same, from the first one on |
| `difference` | only where they were not: `command`, by whose end it was seen, and `how` they differed |

Left aside in the comparison is what `vethlab compare` leaves aside too: times, and what the kernel draws at random.
With a `difference` the account may be wrong, and the exit status is 1.
"#;

/// All causes as a page of Markdown: `shared/CAUSES.md`.
pub fn page() -> String {
    let mut page =
        "# What `why` can name\n\nA closed list: every answer of `why` is one of these. The page is made \
                    from `shared/explain/src/why/cause.rs`; a test holds the two together.\n\n\
                    | cause | what it means | where to look |\n| --- | --- | --- |\n"
            .to_owned();
    for cause in Cause::ALL {
        page += &format!("| `{cause}` | {} | {} |\n", cause.about(), cause.look());
    }
    page + JSON
}
