//! Everything that can be altered on a stack, as data.
//!
//! A script, a random test, an undo log and a saved exercise are all lists of [`Change`]s. The fields are
//! those of the rtnetlink messages, so that what a program leaves out stays left out: the stack, like the
//! kernel, fills in the rest.

mod bridge;

pub use bridge::{BridgePortSettings, BridgeSettings, FdbFlush, FdbSpec};

use crate::family::Family;
use crate::mac::MacAddress;
use crate::name::{IfIndex, LinkName, NamespaceName};
use crate::netfilter::{ConnectionTuple, RulesetChange};
use crate::prefix::Prefix;
use crate::view::{
    AddressFlags, LinkFlags, NeighbourState, Protocol, RouteFlags, RouteKind, RouteView, Scope, table,
};
use bitflags::bitflags;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One alteration, applied within one namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Makes an empty namespace; its loopback link is down. (`ip netns add`)
    AddNamespace(NamespaceName),
    /// Takes the name away; nothing holds the namespace then, so its links go too. (`ip netns del`)
    DeleteNamespace(NamespaceName),
    /// `RTM_NEWLINK` with `NLM_F_CREATE | NLM_F_EXCL`.
    AddLink(NewLink),
    /// `RTM_NEWLINK` on a link that exists.
    SetLink {
        /// Which link.
        link: IfIndex,
        /// What to set.
        settings: LinkSettings,
    },
    /// `RTM_NEWLINK` on a bridge that exists, with what only bridges have: that is set first.
    SetBridge {
        /// Which bridge.
        link: IfIndex,
        /// What to set of the bridge.
        bridge: BridgeSettings,
        /// What to set of the link.
        settings: LinkSettings,
    },
    /// `RTM_DELLINK`.
    DeleteLink(IfIndex),
    /// `RTM_NEWADDR`.
    AddAddress {
        /// Whether it may or must be new.
        how: Modify,
        /// The address.
        address: AddressSpec,
    },
    /// `RTM_DELADDR`: the first address of the link that the given fields match.
    DeleteAddress(AddressSpec),
    /// `RTM_NEWROUTE`.
    AddRoute {
        /// Whether it may or must be new.
        how: Modify,
        /// The route.
        route: RouteSpec,
    },
    /// `RTM_DELROUTE`: the first route that the given fields match.
    DeleteRoute(RouteSpec),
    /// `RTM_NEWNEIGH`.
    AddNeighbour {
        /// Whether it may or must be new.
        how: Modify,
        /// The entry.
        neighbour: NeighbourSpec,
    },
    /// `RTM_DELNEIGH`.
    DeleteNeighbour {
        /// The link that the entry belongs to.
        link: IfIndex,
        /// The neighbour's address.
        destination: IpAddr,
    },
    /// `RTM_SETLINK` with `AF_BRIDGE`.
    SetBridgePort {
        /// The port's link.
        link: IfIndex,
        /// What to set.
        settings: BridgePortSettings,
    },
    /// `RTM_NEWNEIGH` with `AF_BRIDGE`.
    AddFdb {
        /// Whether it may or must be new.
        how: Modify,
        /// The row.
        entry: FdbSpec,
    },
    /// `RTM_DELNEIGH` with `AF_BRIDGE`.
    DeleteFdb(FdbSpec),
    /// The same with `NLM_F_BULK`: all rows that it describes.
    FlushFdb(FdbFlush),
    /// Writes a file below `/proc/sys`.
    SetSysctl {
        /// The name with dots: `net.ipv4.ip_forward`.
        name: String,
        /// The value as it is written.
        value: String,
    },
    /// `IPCTNL_MSG_CT_DELETE`: the connection that packets with this tuple belong to; `None` is all of them.
    DeleteConnection(Option<ConnectionTuple>),
    /// Alters the packet filter: all of it, or nothing where one part is refused (a batch of `nf_tables`).
    Ruleset(Vec<RulesetChange>),
}

impl Change {
    /// The namespaces that links are to be in. They must exist before the kernel looks at anything else: a
    /// program hands it descriptors (`IFLA_NET_NS_FD`), not names.
    pub fn target_namespaces(&self) -> impl Iterator<Item = &NamespaceName> {
        let ends = match self {
            Change::AddLink(NewLink { end, kind }) => [Some(end), kind.peer()],
            Change::SetLink { settings, .. } | Change::SetBridge { settings, .. } => [Some(settings), None],
            _ => [None, None],
        };
        ends.into_iter().flatten().filter_map(|settings| settings.namespace.as_ref())
    }
}

bitflags! {
    /// How an `RTM_NEW…` request treats what is there already (`NLM_F_*` in `linux/netlink.h`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Modify: u16 {
        /// Replace an existing object (`NLM_F_REPLACE`).
        const REPLACE = 0x100;
        /// Fail where it exists (`NLM_F_EXCL`).
        const EXCLUSIVE = 0x200;
        /// Make it where it does not exist (`NLM_F_CREATE`).
        const CREATE = 0x400;
        /// Add behind the others of its kind (`NLM_F_APPEND`).
        const APPEND = 0x800;
    }
}

impl Modify {
    /// It must be new: `ip … add`.
    pub const ADD: Modify = Modify::CREATE.union(Modify::EXCLUSIVE);
}

/// A link to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLink {
    /// The near end.
    pub end: LinkSettings,
    /// What kind of link.
    pub kind: NewLinkKind,
}

/// The kinds of link that can be made, with what only they have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NewLinkKind {
    /// A pair of Ethernet links joined by a wire.
    Veth {
        /// The far end.
        peer: LinkSettings,
    },
    /// A switch: frames go from one of its ports to the others.
    Bridge(BridgeSettings),
}

impl NewLinkKind {
    /// The far end, where the link is one of a pair.
    pub fn peer(&self) -> Option<&LinkSettings> {
        match self {
            NewLinkKind::Veth { peer } => Some(peer),
            NewLinkKind::Bridge(_) => None,
        }
    }
}

/// What can be set on a link. `None` leaves a thing as it is, or to the kernel where the link is new.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSettings {
    /// `IFLA_IFNAME`.
    pub name: Option<LinkName>,
    /// The flags to set or clear: those in `flags_mask` take the value that they have here (`ifi_flags`).
    pub flags: LinkFlags,
    /// Which flags to alter (`ifi_change`).
    pub flags_mask: LinkFlags,
    /// The index to have (`ifi_index` of a new link; `IFLA_NEW_IFINDEX` of one that moves to another namespace).
    pub index: Option<IfIndex>,
    /// The largest packet, in bytes, Ethernet header aside (`IFLA_MTU`).
    pub mtu: Option<u32>,
    /// The Ethernet address (`IFLA_ADDRESS`).
    pub address: Option<MacAddress>,
    /// The Ethernet broadcast address (`IFLA_BROADCAST`).
    pub broadcast: Option<MacAddress>,
    /// Length of the transmit queue, in packets (`IFLA_TXQLEN`).
    pub tx_queue_length: Option<u32>,
    /// The namespace to be in (`IFLA_NET_NS_FD`).
    pub namespace: Option<NamespaceName>,
    /// The link to be a port of (`IFLA_MASTER`); 0 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master: Option<IfIndex>,
}

/// An address of a link, to add or to find for deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressSpec {
    /// Of which family it is (`ifa_family`); IPv4 goes without saying.
    #[serde(default, skip_serializing_if = "Family::is_inet")]
    pub family: Family,
    /// The link.
    pub link: IfIndex,
    /// The address itself (`IFA_LOCAL`); `None` matches any, for deletion.
    pub local: Option<IpAddr>,
    /// The other end of a point-to-point link, or the address again (`IFA_ADDRESS`).
    pub peer: Option<IpAddr>,
    /// Length of the connected prefix, in bits (`ifa_prefixlen`).
    pub prefix_length: u8,
    /// `IFA_BROADCAST`.
    pub broadcast: Option<IpAddr>,
    /// `IFA_LABEL`: the link's name, or with `:` and more behind it.
    pub label: Option<String>,
    /// `ifa_scope`.
    pub scope: Scope,
    /// `IFA_FLAGS`.
    pub flags: AddressFlags,
}

/// A route, to add or to find for deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteSpec {
    /// `RTA_DST` and `rtm_dst_len`.
    pub destination: Prefix,
    /// `rtm_tos`.
    pub tos: u8,
    /// `RTA_TABLE`.
    pub table: u32,
    /// `rtm_type`.
    pub kind: RouteKind,
    /// `rtm_protocol`.
    pub protocol: Protocol,
    /// `rtm_scope`.
    pub scope: Scope,
    /// `RTA_PRIORITY`; `None` is 0.
    pub metric: Option<u32>,
    /// `RTA_GATEWAY`.
    pub gateway: Option<IpAddr>,
    /// `RTA_OIF`.
    pub output: Option<IfIndex>,
    /// `RTA_PREFSRC`.
    pub preferred_source: Option<IpAddr>,
    /// `RTAX_MTU` within `RTA_METRICS`, in bytes.
    pub mtu: Option<u32>,
    /// `RTNH_F_*` in `rtm_flags`: only `ONLINK` can be asked for.
    pub flags: RouteFlags,
}

impl AddressSpec {
    /// An address with the prefix that it lies in, all else as `ip address add` asks for it.
    pub fn new(link: IfIndex, prefix: Prefix) -> AddressSpec {
        AddressSpec {
            family: prefix.family(),
            link,
            local: Some(prefix.address()),
            peer: Some(prefix.address()),
            prefix_length: prefix.length(),
            broadcast: None,
            label: None,
            scope: Scope::UNIVERSE,
            flags: AddressFlags::empty(),
        }
    }
}

impl From<&RouteView> for RouteSpec {
    /// The route that is there, asked for with all that it has.
    fn from(route: &RouteView) -> RouteSpec {
        RouteSpec {
            destination: route.destination,
            tos: route.tos,
            table: route.table,
            kind: route.kind,
            protocol: route.protocol,
            scope: route.scope,
            metric: Some(route.metric),
            gateway: route.gateway,
            output: route.output,
            preferred_source: route.preferred_source,
            mtu: route.mtu,
            flags: route.flags,
        }
    }
}

impl RouteSpec {
    /// A route by a gateway, all else as `ip route add` asks for it.
    pub fn by_gateway(destination: Prefix, gateway: IpAddr) -> RouteSpec {
        RouteSpec {
            destination,
            tos: 0,
            table: table::MAIN,
            kind: RouteKind::Unicast,
            protocol: Protocol::BOOT,
            scope: Scope::UNIVERSE,
            metric: None,
            gateway: Some(gateway),
            output: None,
            preferred_source: None,
            mtu: None,
            flags: RouteFlags::empty(),
        }
    }
}

/// A neighbour entry to make or alter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighbourSpec {
    /// The link that the neighbour is on.
    pub link: IfIndex,
    /// `NDA_DST`.
    pub destination: IpAddr,
    /// `NDA_LLADDR`.
    pub address: Option<MacAddress>,
    /// `ndm_state`.
    pub state: NeighbourState,
}
