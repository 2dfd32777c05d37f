//! What a namespace learned about single destinations, beside its routing tables: smaller MTUs and better
//! next hops (`struct fib_nh_exception` in `net/ipv4/route.c`).

use super::Route;
use crate::fib::Shared;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::{Duration, Instant};

/// How long a learned MTU is believed (`net.ipv4.route.mtu_expires`).
const MTU_EXPIRES: Duration = Duration::from_secs(600);
/// The least MTU that is believed, in bytes (`net.ipv4.route.min_pmtu`).
const LEAST_LEARNED_MTU: u32 = 552;
/// How long a redirect is followed (`net.ipv4.route.gc_timeout`).
const REDIRECT_EXPIRES: Duration = Duration::from_secs(300);

/// What was learned about a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    by: Shared,
    /// The largest packet that gets there, in bytes.
    pub(crate) mtu: Option<u32>,
    /// Whether it was less than is believed (`fnhe_mtu_locked`): packets may then be cut on the way, and nothing more is
    /// learned.
    pub(crate) mtu_locked: bool,
    /// The better next hop.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// Until when it is believed.
    pub(crate) expires: Instant,
}

/// What was learned about all destinations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exceptions {
    known: BTreeMap<Ipv4Addr, Exception>,
}

impl Exceptions {
    /// What is known of the destination of a route that the tables have made.
    pub(crate) fn find(&self, route: &Route, now: Instant) -> Option<Exception> {
        let by = route.shared?;
        self.known.get(&route.destination).copied().filter(|known| known.by == by && now < known.expires)
    }

    /// A router told that packets must be smaller than the `old` MTU (`update_or_create_fnhe`,
    /// `__ip_rt_update_pmtu`); what is known now.
    pub(crate) fn learn_mtu(
        &mut self,
        destination: Ipv4Addr,
        by: Shared,
        old: u32,
        mtu: u32,
        now: Instant,
    ) -> Exception {
        let exception = self.entry(destination, by, now);
        exception.mtu = Some(mtu.max(LEAST_LEARNED_MTU).min(old));
        exception.mtu_locked = mtu < LEAST_LEARNED_MTU;
        exception.expires = now + MTU_EXPIRES;
        *exception
    }

    /// A router told of a better next hop (`__ip_do_redirect`); what is known now.
    pub(crate) fn learn_gateway(
        &mut self,
        destination: Ipv4Addr,
        by: Shared,
        gateway: Ipv4Addr,
        now: Instant,
    ) -> Exception {
        let exception = self.entry(destination, by, now);
        exception.gateway = Some(gateway);
        exception.expires = now + REDIRECT_EXPIRES;
        *exception
    }

    /// A link's MTU was changed (`fib_nhc_update_mtu`): what was learned is not more than that, and is that where it was
    /// the old one.
    pub(crate) fn mtu_changed(&mut self, output: IfIndex, old: u32, new: u32) {
        for exception in self.known.values_mut().filter(|known| known.by.entry.output == Some(output)) {
            let Some(learned) = &mut exception.mtu else { continue };
            if exception.mtu_locked {
                if new <= *learned {
                    (*learned, exception.mtu_locked) = (new, false);
                }
            } else if new < *learned || old == *learned {
                *learned = new;
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Forgets what was learned of next hops that no table has any more (`fib_release_info`).
    pub(crate) fn keep(&mut self, is_there: impl Fn(&Shared) -> bool) {
        self.known.retain(|_, exception| is_there(&exception.by));
    }

    fn entry(&mut self, destination: Ipv4Addr, by: Shared, now: Instant) -> &mut Exception {
        let fresh = Exception { by, mtu: None, mtu_locked: false, gateway: None, expires: now };
        let exception = self.known.entry(destination).or_insert(fresh);
        if exception.by != by {
            *exception = fresh;
        }
        exception
    }
}
