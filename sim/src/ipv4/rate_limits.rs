//! How fast ICMP errors may go (`icmp_global_allow`, `inet_peer_xrlim_allow`, `ip_rt_send_redirect`).

use crate::timer::start_of_jiffy;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use vethlab_shared::time::{Duration, Instant};

/// How fast errors go. Most namespaces have never told of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct RateLimits {
    state: Option<Box<LimiterState>>,
}

/// How fast errors went: for each address there is a bucket of time (`struct inet_peer`).
#[derive(Clone, Debug, Default)]
struct LimiterState {
    peers: BTreeMap<Ipv4Addr, Bucket>,
    /// How many more errors may go to anybody (`icmp_global_credit`).
    credit: i64,
    /// When credit was given last (`icmp_global_stamp`).
    credited: Option<Instant>,
}

/// How often at the most credit is given to all errors together, and for how long at once (`icmp_global_allow`).
const SHORTEST_CREDIT: Duration = Duration::from_millis(20);
const LONGEST_CREDIT: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: Duration,
    last: Instant,
    redirects: u32,
}

/// What there is for an address that nothing was sent to: it counts as last used a minute ago (`inet_getpeer`).
const FRESH: Duration = Duration::from_secs(60);

/// Redirects to one address: time between the first two, doubled for each more (`ip_rt_redirect_load`), how
/// many at most (`ip_rt_redirect_number`), and how long until all is forgotten (`ip_rt_redirect_silence`).
const REDIRECT_LOAD: Duration = Duration::from_millis(20);
const REDIRECT_NUMBER: u32 = 9;
const REDIRECT_SILENCE: Duration = Duration::from_millis(20_480);

impl RateLimits {
    /// Whether an error may go to anybody (`icmp_global_allow`), with so many in a second and at once.
    pub(super) fn allow_any(&mut self, now: Instant, per_second: i64, burst: i64) -> bool {
        let state = self.state.get_or_insert_default();
        if state.credit > 0 {
            return true;
        }
        let now = start_of_jiffy(now);
        let passed = state.credited.map_or(LONGEST_CREDIT, |then| now.since(then)).min(LONGEST_CREDIT);
        let more = per_second * i64::try_from(passed.as_millis()).unwrap_or(0) / 1000;
        if passed < SHORTEST_CREDIT || more == 0 {
            return false;
        }
        state.credited = Some(now);
        state.credit = (state.credit + more).min(burst);
        true
    }

    /// One of those is sent (`icmp_global_consume`): the kernel takes nought, one or two at random, here it is one.
    pub(super) fn consume_any(&mut self) {
        self.state.get_or_insert_default().credit -= 1;
    }

    /// Takes `cost` from the bucket of an address that holds `most` at the most (`inet_peer_xrlim_allow`). Within one
    /// jiffy nothing comes in, and nothing that is too much goes.
    pub(super) fn allow(&mut self, peer: Ipv4Addr, now: Instant, cost: Duration, most: Duration) -> bool {
        let now = start_of_jiffy(now);
        let fresh = Bucket { tokens: most.min(FRESH), last: now, redirects: 0 };
        let bucket = self.state.get_or_insert_default().peers.entry(peer).or_insert(fresh);
        let passed = now.since(bucket.last);
        if passed > Duration::ZERO {
            bucket.tokens = (bucket.tokens + passed).min(most);
        }
        bucket.last = now;
        match bucket.tokens.checked_sub(cost) {
            Some(rest) => {
                bucket.tokens = rest;
                true
            }
            None => false,
        }
    }

    /// Whether one more redirect may go to an address (`ip_rt_send_redirect`): a sender that does not listen
    /// is left alone for a while.
    pub(super) fn allow_redirect(&mut self, peer: Ipv4Addr, now: Instant) -> bool {
        let now = start_of_jiffy(now);
        let fresh = Bucket { tokens: Duration::ZERO, last: now, redirects: 0 };
        let bucket = self.state.get_or_insert_default().peers.entry(peer).or_insert(fresh);
        if now > bucket.last + REDIRECT_SILENCE {
            *bucket = fresh;
        }
        if bucket.redirects >= REDIRECT_NUMBER {
            bucket.last = now;
            return false;
        }
        let allowed = bucket.redirects == 0 || now > bucket.last + REDIRECT_LOAD * (1 << bucket.redirects);
        if allowed {
            bucket.last = now;
            bucket.redirects += 1;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_to_anybody_come_in_bursts() {
        let mut limits = RateLimits::default();
        let mut sent = |milliseconds| {
            let now = Instant::START + Duration::from_millis(milliseconds);
            let mut count = 0;
            while count < 1000 && limits.allow_any(now, 1000, 50) {
                limits.consume_any();
                count += 1;
            }
            count
        };
        assert_eq!(sent(0), 50, "a burst");
        assert_eq!(sent(16), 0, "too soon for more");
        assert_eq!(sent(20), 20, "one for each millisecond");
        assert_eq!(sent(2000), 50);
    }

    #[test]
    fn redirects_come_less_and_less_often_counted_in_jiffies() {
        let peer = Ipv4Addr::new(10, 0, 0, 1);
        let sent = |milliseconds: &[u64]| {
            let mut limits = RateLimits::default();
            let at = |time: &u64| Instant::START + Duration::from_millis(*time);
            milliseconds.iter().map(|time| limits.allow_redirect(peer, at(time))).collect::<Vec<_>>()
        };
        assert_eq!(sent(&[3, 43, 44, 124, 128]), [true, false, true, false, true]);
    }

    #[test]
    fn one_address_gets_six_then_one_a_second() {
        const SECOND: Duration = Duration::from_secs(1);
        let mut limits = RateLimits::default();
        let peer = Ipv4Addr::new(10, 0, 0, 1);
        let mut sent = |milliseconds| {
            let now = Instant::START + Duration::from_millis(milliseconds);
            (0..100).take_while(|_| limits.allow(peer, now, SECOND, SECOND * 6)).count()
        };
        assert_eq!([sent(0), sent(996), sent(1000), sent(3000), sent(60_000)], [6, 0, 1, 2, 6]);
    }
}
