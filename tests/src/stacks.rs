//! The stacks that the tests run on, and what becomes of a test where there is no real one.

use libtest_mimic::{Failed, Trial};
use std::env;
use vethlab::stacks::{self, StackChoice};
use vethlab_shared::stack::NetworkStack;

/// A simulated machine, as it is fresh.
pub fn sim(seed: u64) -> Result<Box<dyn NetworkStack>, Failed> {
    Ok(stacks::open(StackChoice::Sim, seed)?)
}

/// A machine on the running kernel, as it is fresh.
pub fn real() -> Result<Box<dyn NetworkStack>, Failed> {
    Ok(stacks::open(StackChoice::Real, 0)?)
}

/// Why this machine cannot run the tests that need the real stack, if it cannot. To be asked before any
/// thread starts.
pub fn missing() -> Option<String> {
    stacks::open(StackChoice::Real, 0).err().map(|unavailable| unavailable.to_string())
}

/// A test that needs what may be missing here. Then it says so in one line and passes, or fails if
/// `VETHLAB_REQUIRE_REAL=1`.
pub fn trial(
    name: impl Into<String>,
    missing: Option<&str>,
    test: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let name = name.into();
    match missing {
        None => Trial::test(name, test),
        Some(missing) => {
            let line = format!("SKIPPED {name}: {missing}");
            Trial::test(name, move || skip(line))
        }
    }
}

fn skip(line: String) -> Result<(), Failed> {
    if env::var_os("VETHLAB_REQUIRE_REAL").is_some_and(|value| value == "1") {
        return Err(line.into());
    }
    println!("{line}");
    Ok(())
}
