//! Where random tests draw their chance from.

use proptest::test_runner::{Config, RngSeed};
use std::env;

/// How many cases to try, drawn from the seed in `VETHLAB_SEED`, or from 1: a run that found nothing finds nothing when
/// it is run again. A campaign sets other seeds, and more cases.
///
/// # Panics
/// `VETHLAB_SEED` is no number.
pub fn config(cases: u32) -> Config {
    let seed = env::var("VETHLAB_SEED").map_or(1, |text| {
        text.parse().unwrap_or_else(|_| panic!("VETHLAB_SEED is a number, and not {text:?}"))
    });
    Config { cases, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() }
}
