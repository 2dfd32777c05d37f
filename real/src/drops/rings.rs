//! The rings that the kernel writes tracepoint records into (`perf_event_open(2)`), one for each tracepoint and
//! processor: a tracepoint cannot be watched for a namespace alone.

use super::descriptor::{descriptor, set_filter};
use super::tracepoint::Tracepoints;
use super::{Drained, NoDropReasons};
use nix::unistd::{SysconfVar, sysconf};
use perf_event::data::Record;
use perf_event::events::Tracepoint;
use perf_event::{Builder, Clock, SampleFlag, Sampler};
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, PoisonError};
use vethlab_shared::error::Errno;

/// Room for records in one ring, in bytes: some 2500.
const ROOM: usize = 256 << 10;
/// With so much in a ring, its descriptor is readable: early enough to take it out before the ring is full.
const WORTH_TAKING: usize = ROOM / 8;
/// More records than a ring has room for (none is shorter than 32 bytes), so that taking them out ends although more
/// are written meanwhile.
const MOST_TAKEN: usize = ROOM / 32;

/// Rings that nobody uses just now. When a ring is closed the kernel waits until no processor can be at its
/// tracepoint any more (`tracepoint_synchronize_unregister`), a fifth of a second for all: too long for each of the
/// stacks that a process makes one after another.
static RESTING: Mutex<Vec<Rings>> = Mutex::new(Vec::new());

/// The rings of all tracepoints and processors.
pub(crate) struct Rings {
    /// Each with the place of its tracepoint among all.
    rings: Vec<(usize, Sampler)>,
}

impl Rings {
    /// Begins to watch.
    pub(crate) fn open(tracepoints: &Tracepoints) -> Result<Rings, NoDropReasons> {
        let resting = RESTING.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut rings = match resting {
            Some(rings) => rings,
            None => Rings::new(tracepoints)?,
        };
        rings.drain(tracepoints);
        for (_, ring) in &mut rings.rings {
            ring.enable().map_err(|error| refused(&error))?;
        }
        Ok(rings)
    }

    fn new(tracepoints: &Tracepoints) -> Result<Rings, NoDropReasons> {
        let processors = sysconf(SysconfVar::_NPROCESSORS_CONF).ok().flatten().unwrap_or(1);
        let mut rings = Vec::new();
        for (place, tracepoint) in tracepoints.all.iter().enumerate() {
            for processor in 0..usize::try_from(processors).unwrap_or(1) {
                match ring(tracepoint.id, processor) {
                    Ok(ring) => {
                        // Where a kernel knows none of them, more is written than is needed.
                        let _ = tracepoint.filters().iter().find(|filter| set_filter(&ring, filter).is_ok());
                        rings.push((place, ring));
                    }
                    // A processor that is switched off.
                    Err(error) if error.raw_os_error() == Some(Errno::ENODEV.0) => {}
                    Err(error) => return Err(refused(&error)),
                }
            }
        }
        Ok(Rings { rings })
    }

    /// Ends watching.
    pub(crate) fn rest(mut self) {
        if self.rings.iter_mut().all(|(_, ring)| ring.disable().is_ok()) {
            RESTING.lock().unwrap_or_else(PoisonError::into_inner).push(self);
        }
    }

    /// What can be waited for: readable as soon as a ring should be taken out.
    pub(crate) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        self.rings.iter().map(|(_, ring)| descriptor(ring)).collect()
    }

    /// Takes out what was written so far, in no order.
    pub(crate) fn drain(&mut self, tracepoints: &Tracepoints) -> Drained {
        let mut drained = Drained::default();
        for (place, ring) in &mut self.rings {
            for _ in 0..MOST_TAKEN {
                let Some(record) = ring.next_record() else { break };
                match record.parse_record() {
                    Ok(Record::Sample(sample)) => {
                        let told = sample.raw().and_then(|raw| tracepoints.all[*place].decode(raw));
                        match (sample.time(), told) {
                            (Some(time), Some(told)) => drained.told.push((time, told)),
                            _ => drained.lost += 1,
                        }
                    }
                    Ok(Record::Lost(lost)) => drained.lost += lost.lost,
                    // That it is switched on and off, or throttled: nothing about a packet.
                    Ok(_) => {}
                    Err(_) => drained.lost += 1,
                }
            }
        }
        drained
    }
}

/// Whether a tracepoint may be watched; it is not any more when this returns.
pub(crate) fn attempt(tracepoints: &Tracepoints) -> Result<(), NoDropReasons> {
    match tracepoints.all.first() {
        Some(tracepoint) => ring(tracepoint.id, 0).map(drop).map_err(|error| refused(&error)),
        None => Ok(()),
    }
}

/// A ring for one tracepoint on one processor, switched off.
fn ring(tracepoint: u64, processor: usize) -> io::Result<Sampler> {
    // The time of day is not to be had here (`perf_event_set_clock`): it may stop in the middle of its own change.
    let counter = Builder::new(Tracepoint::with_id(tracepoint))
        .any_pid()
        .one_cpu(processor)
        .include_kernel()
        .sample_period(1)
        .sample(SampleFlag::TIME | SampleFlag::RAW)
        .clockid(Clock::MONOTONIC)
        .wakeup_watermark(WORTH_TAKING)
        .build()?;
    counter.sampled(ROOM)
}

fn refused(error: &io::Error) -> NoDropReasons {
    NoDropReasons::Refused(Errno(error.raw_os_error().unwrap_or(Errno::EIO.0)))
}
