//! Why the kernel dropped a packet, where it lets that out: to root of the machine itself.
//!
//! The tracepoint `skb:kfree_skb` tells the reason, but not of which packet in which namespace: only where in memory
//! the packet lay. The tracepoints at the two doors of a link tell the same address with the link's name, the length
//! and the time, and by these it is found among the frames that the taps heard (see [`correlation`]). Tracepoints tell of
//! the whole machine: what belongs to none of our frames is forgotten at once.
//!
//! A packet that never was on a link has no frame, and its end is not told: nothing says in which namespace it was.

pub(crate) mod correlation;
#[cfg(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
mod descriptor;
pub(crate) mod outcomes;
#[cfg(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
mod rings;
#[cfg(not(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "riscv64"
)))]
#[path = "no_rings.rs"]
mod rings;
mod tracepoint;

use crate::socket::Clock;
use crate::unavailable::Requirement;
use correlation::Correlation;
use rings::Rings;
use std::collections::BTreeSet;
use std::fmt;
use std::os::fd::BorrowedFd;
use tracepoint::{Told, Tracepoints};
use vethlab_shared::error::{Errno, TOO_FEW_FILES};
use vethlab_shared::time::{Duration, Instant};

/// How long after its time a record may be written, and how far apart the clocks may be read.
const LATEST: Duration = Duration::from_millis(1);

/// Why it is not seen why packets are dropped. Its text is one line: what is missing, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoDropReasons {
    /// The tracepoints are not shown.
    NoTracefs(Errno),
    /// This tracepoint is missing, or not as it should be.
    NoTracepoint(&'static str),
    /// The kernel gives no reasons yet.
    OldKernel,
    /// Frames are stamped too late to be told apart by it.
    StampedLate,
    /// The tracepoints may not be watched.
    Refused(Errno),
}

impl fmt::Display for NoDropReasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoDropReasons::NoTracefs(errno @ (Errno::EPERM | Errno::EACCES)) => write!(
                f,
                "tracefs was refused ({errno}): the kernel says why it drops packets only to root of the machine \
                 itself, not of a user namespace or a container; run as root there"
            ),
            NoDropReasons::NoTracefs(errno) => write!(
                f,
                "tracefs cannot be mounted ({errno}): the kernel needs Linux 5.17 or newer, and \
                 CONFIG_EVENT_TRACING"
            ),
            NoDropReasons::NoTracepoint(name) => write!(
                f,
                "the tracepoint {name} is not there or another one: the kernel needs Linux 5.17 or newer, and \
                 CONFIG_EVENT_TRACING"
            ),
            NoDropReasons::OldKernel => {
                f.write_str("this kernel drops packets without a reason: Linux 5.17 or newer gives one")
            }
            NoDropReasons::StampedLate => f.write_str(
                "net.core.netdev_tstamp_prequeue is 0, so that drops cannot be tied to frames: set it with \
                 'sudo sysctl -w net.core.netdev_tstamp_prequeue=1'",
            ),
            NoDropReasons::Refused(Errno::EMFILE) => {
                write!(f, "perf_event_open needs four files for each processor, and {TOO_FEW_FILES}")
            }
            NoDropReasons::Refused(Errno::ENOSYS) => {
                f.write_str("this kernel or processor has no perf_event_open that is known here")
            }
            NoDropReasons::Refused(errno) => write!(
                f,
                "perf_event_open was refused ({errno}): run as root of the machine, or give the container \
                 CAP_PERFMON and a seccomp profile that allows it"
            ),
        }
    }
}

/// Whether the kernel lets out, on this machine, why it drops packets. Alters nothing.
pub fn probe() -> Requirement {
    let found = Tracepoints::find().and_then(|tracepoints| rings::attempt(&tracepoints));
    let name = "drop reasons";
    match found {
        Ok(()) => {
            let found = "seen, by the tracepoint skb:kfree_skb".to_owned();
            Requirement { name, met: true, found, remedy: None }
        }
        Err(why) => {
            let found = "not seen: frames are told without why they were dropped".to_owned();
            Requirement { name, met: false, found, remedy: Some(why.to_string()) }
        }
    }
}

/// Records as they come out of the rings.
#[derive(Debug, Default)]
pub(crate) struct Drained {
    /// Each with its time on the monotonic clock, in nanoseconds; in no order.
    told: Vec<(u64, Told)>,
    /// Whether some are missing.
    lost: bool,
}

/// A record of a tracepoint, and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) time: Instant,
    pub(crate) told: Told,
}

/// The kernel had no room for all records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordsMissing;

/// Watches what becomes of packets, where the kernel lets it.
pub(crate) struct Watch {
    tracepoints: Result<Tracepoints, NoDropReasons>,
    rings: Option<Rings>,
    /// Newer than what was last asked for.
    newer: Vec<Trace>,
}

impl Watch {
    /// Sees what can be seen here. Nothing is watched yet.
    pub(crate) fn new() -> Watch {
        Watch { tracepoints: Tracepoints::find(), rings: None, newer: Vec::new() }
    }

    /// Whether it can tell.
    pub(crate) fn is_possible(&self) -> bool {
        self.tracepoints.is_ok()
    }

    /// Whether it watches.
    pub(crate) fn is_on(&self) -> bool {
        self.rings.is_some()
    }

    /// What can be waited for: readable as soon as so much was told that it should be taken.
    pub(crate) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        self.rings.as_ref().map(Rings::descriptors).unwrap_or_default()
    }

    /// Begins, where it is possible.
    ///
    /// # Errors
    /// It looked possible, but is not.
    pub(crate) fn begin(&mut self) -> Result<(), NoDropReasons> {
        if let (Ok(tracepoints), None) = (&self.tracepoints, &self.rings) {
            match Rings::open(tracepoints) {
                Ok(rings) => self.rings = Some(rings),
                Err(why) => {
                    self.tracepoints = Err(why.clone());
                    return Err(why);
                }
            }
        }
        Ok(())
    }

    /// Ends.
    pub(crate) fn rest(&mut self) {
        self.newer.clear();
        if let Some(rings) = self.rings.take() {
            rings.rest();
        }
    }

    /// What was told up to a moment, oldest first.
    ///
    /// # Errors
    /// Records are missing, and the others were thrown away: it is not known what they are worth.
    pub(crate) fn take(
        &mut self,
        until: Instant,
        correlation: &Correlation,
        clock: Clock,
    ) -> Result<Vec<Trace>, RecordsMissing> {
        let (Ok(tracepoints), Some(rings)) = (&self.tracepoints, &mut self.rings) else {
            return Ok(Vec::new());
        };
        let known_until = clock.to_monotonic(until).saturating_sub(LATEST.as_nanos() as u64);
        let is_asked_for = |time, link: &str| time >= known_until || correlation.knows(link);
        let Drained { mut told, lost } = rings.drain(tracepoints, is_asked_for);
        if lost {
            self.newer.clear();
            return Err(RecordsMissing);
        }
        // What was kept as newer last time is not sifted again: it may tell of packets of which the rest comes now.
        let older: BTreeSet<u64> = self.newer.iter().map(|trace| trace.told.skb).collect();
        correlation.sift(&mut told, &older, known_until);
        if told.is_empty() && self.newer.is_empty() {
            return Ok(Vec::new());
        }
        let to_time = clock.monotonic();
        let mut traces = std::mem::take(&mut self.newer);
        traces.extend(told.into_iter().map(|(time, told)| Trace { time: to_time(time), told }));
        traces.sort_by_key(|trace| trace.time);
        self.newer = traces.split_off(traces.partition_point(|trace| trace.time <= until));
        Ok(traces)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_obstacle_is_one_line_that_says_what_to_do() {
        let obstacles = [
            (NoDropReasons::NoTracefs(Errno::EPERM), "run as root"),
            (NoDropReasons::NoTracefs(Errno::ENODEV), "CONFIG_EVENT_TRACING"),
            (NoDropReasons::NoTracepoint("skb/kfree_skb"), "Linux 5.17 or newer"),
            (NoDropReasons::OldKernel, "Linux 5.17 or newer"),
            (NoDropReasons::StampedLate, "sysctl -w"),
            (NoDropReasons::Refused(Errno::EMFILE), "ulimit -Hn"),
            (NoDropReasons::Refused(Errno::EACCES), "CAP_PERFMON"),
            (NoDropReasons::Refused(Errno::ENOSYS), "processor"),
        ];
        for (obstacle, advice) in obstacles {
            let text = obstacle.to_string();
            assert!(text.contains(advice), "{text}");
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(!text.contains("  "), "{text}");
        }
    }
}
