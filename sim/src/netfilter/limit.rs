//! How often a rule may hold (`net/netfilter/nft_limit.c`): a bucket of time, of which each packet takes some.

use vethlab_shared::netfilter::Limit;
use vethlab_shared::time::Instant;

const NANOSECONDS: u64 = 1_000_000_000;

/// The largest content of the bucket, in nanoseconds (`nft_limit_init`).
pub(super) fn most(limit: &Limit) -> u64 {
    let unit = limit.unit.seconds() * NANOSECONDS;
    let rate = limit.rate.max(1);
    match limit.bytes {
        false => (unit / rate).saturating_mul(u64::from(limit.burst)),
        true => {
            let all = u128::from(unit) * (u128::from(rate) + u128::from(limit.burst)) / u128::from(rate);
            u64::try_from(all).unwrap_or(u64::MAX)
        }
    }
}

/// What a packet of so many bytes takes, in nanoseconds.
fn cost(limit: &Limit, bytes: usize) -> u64 {
    let unit = limit.unit.seconds() * NANOSECONDS;
    let rate = limit.rate.max(1);
    match limit.bytes {
        false => unit / rate,
        true => u64::try_from(u128::from(unit) * bytes as u128 / u128::from(rate)).unwrap_or(u64::MAX),
    }
}

/// Whether a packet may pass, where so much is left since then (`nft_limit_eval`).
pub(super) fn passes(
    limit: &Limit,
    (tokens, since): (&mut u64, &mut Instant),
    now: Instant,
    bytes: usize,
) -> bool {
    let passed = u64::try_from(now.since(*since).as_nanos()).unwrap_or(u64::MAX);
    let available = tokens.saturating_add(passed).min(most(limit));
    *since = now;
    let (left, within) = match available.checked_sub(cost(limit, bytes)) {
        Some(left) => (left, true),
        None => (available, false),
    };
    *tokens = left;
    within != limit.over
}
