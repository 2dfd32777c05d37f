//! Telling switches and routers which groups a link listens to (`net/ipv4/igmp.c`, RFC 3376).

use super::route::OutputQuery;
use crate::id::LinkId;
use crate::link::Link;
use crate::packet::{Buffer, Packet};
use crate::queue::Timer;
use crate::timer::JIFFY;
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::time::Duration;
use vethlab_shared::wire::igmp::{self, CHANGE_TO_EXCLUDE};
use vethlab_shared::wire::ipv4::{self, DONT_FRAGMENT, HEADER_LENGTH, ROUTER_ALERT, protocol};

/// Where reports go (`IGMPV3_ALL_MCR`).
const ROUTERS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 22);
/// How often a change is told, should one be lost (`IGMP_QUERY_ROBUSTNESS_VARIABLE`).
const ROBUSTNESS: u8 = 2;
/// Within which time it is told again (`IGMP_V3_UNSOLICITED_REPORT_INTERVAL`).
const INTERVAL: Duration = Duration::from_secs(1);

/// A group that a link has joined, as far as that is still to be told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    group: Ipv4Addr,
    /// How often it is still to be told (`mr_ifc_count`).
    left: u8,
    /// Which setting of the timer counts.
    generation: u64,
}

impl World {
    /// A link joins a group (`ip_mc_inc_group`, `igmp_ifc_event`).
    pub(crate) fn igmp_join(&mut self, at: LinkId, group: Ipv4Addr) {
        if self.link(at).is_some_and(|link| link.inet.is_some()) {
            let reports = &mut self.runtime_mut(at.namespace).reports;
            let generation = reports.get(&at.index).map_or(0, |report| report.generation) + 1;
            reports.insert(at.index, Report { group, left: ROBUSTNESS, generation });
            self.igmp_start_timer(at, Duration::ZERO);
        }
    }

    /// A link goes down: nothing more is told (`ip_mc_down`).
    pub(crate) fn igmp_stop(&mut self, at: LinkId) {
        if let Some(report) = self.runtime_mut(at.namespace).reports.get_mut(&at.index) {
            report.left = 0;
        }
    }

    /// `igmp_ifc_start_timer`.
    fn igmp_start_timer(&mut self, link: LinkId, delay: Duration) {
        let reports = &self.runtime(link.namespace).reports;
        let Some(generation) = reports.get(&link.index).map(|report| report.generation) else { return };
        self.queue.set_timer(self.now + delay + 2 * JIFFY, Timer::Igmp { link, generation });
    }

    /// It is time to tell (`igmp_ifc_timer_expire`).
    pub(crate) fn igmp_timer(&mut self, at: LinkId, generation: u64) {
        let Some(runtime) = self.namespaces.runtime_mut(at.namespace) else { return };
        let report = runtime.reports.get_mut(&at.index);
        let Some(report) = report.filter(|report| report.generation == generation && report.left > 0) else {
            return;
        };
        report.left -= 1;
        let Report { group, left, .. } = *report;
        self.igmp_send(at, group);
        if left > 0 {
            let delay = self.random_around(INTERVAL).saturating_sub(INTERVAL / 2);
            self.igmp_start_timer(at, delay);
        }
    }

    /// Sends a report (`igmpv3_newpack`, `igmpv3_sendpack`): where the link has no address, from none.
    fn igmp_send(&mut self, at: LinkId, group: Ipv4Addr) {
        /// Internetwork control.
        const TOS: u8 = 0xc0;
        if !self.link(at).is_some_and(Link::is_up) {
            return;
        }
        let query = OutputQuery { destination: ROUTERS, source: None, output: Some(at.index), tos: TOS };
        let Ok(route) = self.route_output_told(at.namespace, &query, None) else { return };
        let message = igmp::report(CHANGE_TO_EXCLUDE, group);
        let header = ipv4::Header {
            tos: TOS,
            total_length: 0,
            identification: 0,
            fragment: DONT_FRAGMENT,
            time_to_live: 1,
            protocol: protocol::IGMP,
            source: route.source.unwrap_or(Ipv4Addr::UNSPECIFIED),
            destination: ROUTERS,
        };
        let mut bytes = [&[0; HEADER_LENGTH][..], &message].concat();
        header.write(&mut bytes);
        ipv4::insert_option(&mut bytes, ROUTER_ALERT);
        let mut buffer = Buffer::of(&[&bytes]);
        buffer.set_transport(HEADER_LENGTH + ROUTER_ALERT.len());
        let packet = Packet::new(self.new_packet_id(at.namespace, None), buffer);
        // Nobody waits for an answer, or is told of a refusal.
        let _ = self.ip_local_out(at.namespace, packet, route, None);
    }
}
