//! Bridges (`net/bridge`).

use netlink_packet_route::link::{BridgeStpState, InfoBridge, InfoData, InfoKind, LinkInfo};
use vethlab_shared::change::BridgeSettings;
use vethlab_shared::view::{LinkFlags, LinkView, OperationalState};

/// What a request for a bridge says of it (`IFLA_BR_*`), where anything is said of that.
pub(super) fn info(settings: &BridgeSettings) -> Vec<LinkInfo> {
    let BridgeSettings {
        ageing_time,
        mcast_snooping,
        forward_delay,
        hello_time,
        max_age,
        stp_state,
        priority,
    } = settings;
    let stp = |on| if on { BridgeStpState::KernelStp } else { BridgeStpState::Disabled };
    let data = [
        forward_delay.map(InfoBridge::ForwardDelay),
        hello_time.map(InfoBridge::HelloTime),
        max_age.map(InfoBridge::MaxAge),
        ageing_time.map(InfoBridge::AgeingTime),
        stp_state.map(|on| InfoBridge::StpState(stp(on))),
        priority.map(InfoBridge::Priority),
        mcast_snooping.map(InfoBridge::MulticastSnooping),
    ];
    let data: Vec<InfoBridge> = data.into_iter().flatten().collect();
    let data = (!data.is_empty()).then_some(LinkInfo::Data(InfoData::Bridge(data)));
    std::iter::once(LinkInfo::Kind(InfoKind::Bridge)).chain(data).collect()
}

/// Whether the operational state of a bridge is the one that its flags call for (`default_operstate`). It is unknown until
/// a port, or an address that is set, first makes it look at its ports.
pub(super) fn is_settled(bridge: &LinkView) -> bool {
    use OperationalState::{Down, Unknown, Up};
    match (bridge.has(LinkFlags::UP), bridge.has(LinkFlags::LOWER_UP)) {
        (false, _) => true,
        (true, true) => matches!(bridge.state, Up | Unknown),
        (true, false) => bridge.state == Down,
    }
}
