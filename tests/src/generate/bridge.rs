//! Changes to bridges: what is set on ports, and rows of forwarding databases.

use super::{index, mac};
use proptest::prelude::*;
use proptest::sample::select;
use vethlab_shared::change::{
    BridgePortSettings, BridgeSettings, Change, FdbFlush, FdbSpec, LinkSettings, Modify,
};
use vethlab_shared::name::IfIndex;
use vethlab_shared::view::{FdbFlags, NeighbourState, PortFlags};

/// A change to a bridge, a port of one or, now and then, a link that is neither. It is boxed: to draw it takes no room on the
/// stack of who draws other changes.
pub(super) fn change() -> BoxedStrategy<Change> {
    prop_oneof![
        4 => (target(), port()).prop_map(|(link, settings)| Change::SetBridgePort { link, settings }),
        4 => (how(), row()).prop_map(|(how, entry)| Change::AddFdb { how, entry }),
        2 => row().prop_map(Change::DeleteFdb),
        1 => flush().prop_map(Change::FlushFdb),
        1 => (target(), bridge()).prop_map(|(link, bridge)| {
            Change::SetBridge { link, bridge, settings: LinkSettings::default() }
        }),
    ]
    .boxed()
}

/// What is set on a bridge. None makes a tree: when its messages come is chance.
fn bridge() -> impl Strategy<Value = BridgeSettings> {
    let default = BridgeSettings::default;
    let ticks = || select(&[0_u32, 99, 200, 600, 1500, 3000, 5000][..]);
    prop_oneof![
        select(&[0_u32, 100_000][..])
            .prop_map(move |time| BridgeSettings { ageing_time: Some(time), ..default() }),
        ticks().prop_map(move |time| BridgeSettings { forward_delay: Some(time), ..default() }),
        ticks().prop_map(move |time| BridgeSettings { hello_time: Some(time), ..default() }),
        ticks().prop_map(move |time| BridgeSettings { max_age: Some(time), ..default() }),
        select(&[0_u16, 4096, 65_535][..])
            .prop_map(move |priority| BridgeSettings { priority: Some(priority), ..default() }),
        Just(BridgeSettings { stp_state: Some(false), ..default() }),
    ]
}

/// Mostly a port of the bridge that a sequence begins with: the bridge is 2, its ports are 3 and 4.
fn target() -> impl Strategy<Value = IfIndex> {
    prop_oneof![3 => Just(IfIndex(2)), 4 => Just(IfIndex(3)), 4 => Just(IfIndex(4)), 1 => index()]
}

fn how() -> impl Strategy<Value = Modify> {
    let change = Modify::CREATE;
    prop_oneof![3 => Just(Modify::ADD), 2 => Just(change | Modify::REPLACE), 1 => Just(change | Modify::APPEND)]
}

fn owner() -> impl Strategy<Value = FdbFlags> {
    prop_oneof![
        4 => Just(FdbFlags::MASTER),
        3 => Just(FdbFlags::SELF),
        1 => Just(FdbFlags::SELF | FdbFlags::MASTER),
        1 => Just(FdbFlags::empty()),
    ]
}

fn row() -> impl Strategy<Value = FdbSpec> {
    let (permanent, fixed, learned) =
        (NeighbourState::PERMANENT, NeighbourState::NO_ARP, NeighbourState::REACHABLE);
    let state = prop_oneof![
        4 => Just(permanent | fixed),
        3 => Just(fixed | learned),
        3 => Just(learned),
        1 => Just(NeighbourState::empty()),
    ];
    let more = prop_oneof![
        8 => Just(FdbFlags::empty()),
        1 => Just(FdbFlags::STICKY),
        1 => Just(FdbFlags::USE),
    ];
    (target(), mac(), state, owner(), more).prop_map(|(link, address, state, owner, more)| FdbSpec {
        link,
        address,
        state,
        flags: owner | more,
    })
}

fn flush() -> impl Strategy<Value = FdbFlush> {
    let state = prop_oneof![
        Just(NeighbourState::empty()),
        Just(NeighbourState::NO_ARP),
        Just(NeighbourState::PERMANENT)
    ];
    let mask = prop_oneof![
        2 => Just(NeighbourState::NO_ARP),
        2 => Just(NeighbourState::PERMANENT),
        1 => Just(NeighbourState::empty()),
    ];
    let flags =
        prop_oneof![3 => Just(FdbFlags::empty()), 1 => Just(FdbFlags::USE), 1 => Just(FdbFlags::STICKY)];
    let port = proptest::option::weighted(0.3, target());
    (target(), port, state, mask, owner(), flags, flags_mask()).prop_map(
        |(link, port, state, state_mask, owner, flags, flags_mask)| FdbFlush {
            link,
            port,
            state: state & state_mask,
            state_mask,
            flags: owner | (flags & flags_mask),
            flags_mask,
        },
    )
}

fn flags_mask() -> impl Strategy<Value = FdbFlags> {
    prop_oneof![3 => Just(FdbFlags::empty()), 1 => Just(FdbFlags::USE), 1 => Just(FdbFlags::STICKY)]
}

/// One setting at a time, as `bridge link set` is mostly used.
fn port() -> impl Strategy<Value = BridgePortSettings> {
    let default = BridgePortSettings::default;
    let flag = select(vec![
        PortFlags::HAIRPIN,
        PortFlags::LEARNING,
        PortFlags::FLOOD,
        PortFlags::MULTICAST_FLOOD,
        PortFlags::BROADCAST_FLOOD,
        PortFlags::ISOLATED,
        PortFlags::LOCKED,
    ]);
    let flag = (flag, proptest::bool::ANY).prop_map(move |(flag, is_on)| BridgePortSettings {
        flags: if is_on { flag } else { PortFlags::empty() },
        flags_mask: flag,
        ..default()
    });
    let cost = select(&[0_u32, 1, 2, 100, 65_535, 65_536][..]);
    let priority = select(&[0_u16, 5, 63, 64][..]);
    let what = prop_oneof![
        8 => flag,
        1 => cost.prop_map(move |cost| BridgePortSettings { cost: Some(cost), ..default() }),
        1 => priority.prop_map(move |priority| BridgePortSettings { priority: Some(priority), ..default() }),
        3 => (0_u8..6).prop_map(move |state| BridgePortSettings { state: Some(state), ..default() }),
    ];
    let to = prop_oneof![
        6 => Just(FdbFlags::empty()),
        1 => Just(FdbFlags::MASTER),
        1 => Just(FdbFlags::SELF),
    ];
    (what, to).prop_map(|(what, to)| BridgePortSettings { to, ..what })
}
