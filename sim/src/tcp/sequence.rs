//! Sequence numbers, which go round (RFC 9293 section 3.4).

/// Whether one number comes before another (`before`).
#[inline]
pub(super) fn before(one: u32, other: u32) -> bool {
    one.wrapping_sub(other).cast_signed() < 0
}

/// Whether one number comes behind another (`after`).
#[inline]
pub(super) fn after(one: u32, other: u32) -> bool {
    before(other, one)
}

/// Whether a number is neither before `low` nor behind `high` (`between`).
#[inline]
pub(super) fn between(number: u32, low: u32, high: u32) -> bool {
    high.wrapping_sub(low) >= number.wrapping_sub(low)
}

/// The later one of two numbers.
#[inline]
pub(super) fn later(one: u32, other: u32) -> u32 {
    if before(one, other) { other } else { one }
}
