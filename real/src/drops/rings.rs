//! The rings that the kernel writes tracepoint records into (`perf_event_open(2)`), one for each tracepoint and
//! processor: a tracepoint cannot be watched for a namespace alone.

use super::descriptor::{descriptor, set_filter};
use super::tracepoint::Tracepoints;
use super::{Drained, NoDropReasons};
use nix::unistd::{SysconfVar, sysconf};
use perf_event::events::Tracepoint;
use perf_event::{Builder, Clock, SampleFlag, Sampler};
use std::io;
use std::ops::RangeInclusive;
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, PoisonError};
use vethlab_shared::error::Errno;

/// Room for records in one ring, in bytes: at least some 2500.
const ROOM: RangeInclusive<usize> = 256 << 10..=1 << 20;
/// Room in all rings, where there are so many processors that it is more than the least for each.
const ROOM_IN_ALL: usize = 64 << 20;
/// With so much in a ring, its descriptor is readable: early enough to take it out before the ring is full.
const WORTH_TAKING: usize = 64 << 10;
/// More records than a ring has room for (none is shorter than 32 bytes), so that taking them out ends although more
/// are written meanwhile.
const MOST_TAKEN: usize = *ROOM.end() / 32;

/// `PERF_RECORD_LOST`, `PERF_RECORD_SAMPLE` and `PERF_RECORD_LOST_SAMPLES` in `linux/perf_event.h`.
const LOST: u32 = 2;
const SAMPLE: u32 = 9;
const LOST_SAMPLES: u32 = 13;

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
        rings.drain(tracepoints, |_, _| false);
        for (_, ring) in &mut rings.rings {
            ring.enable().map_err(|error| refused(&error))?;
        }
        Ok(rings)
    }

    fn new(tracepoints: &Tracepoints) -> Result<Rings, NoDropReasons> {
        let processors = sysconf(SysconfVar::_NPROCESSORS_CONF).ok().flatten().unwrap_or(1);
        let processors = usize::try_from(processors).unwrap_or(1).max(1);
        let room = room(tracepoints.all.len() * processors);
        let mut rings = Vec::new();
        for (place, tracepoint) in tracepoints.all.iter().enumerate() {
            for processor in 0..processors {
                match ring(tracepoint.id, processor, room) {
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

    /// Takes out what was written so far, in no order. Which links are asked for, at a record's time, by the
    /// monotonic clock.
    pub(crate) fn drain(
        &mut self,
        tracepoints: &Tracepoints,
        is_asked_for: impl Fn(u64, &str) -> bool,
    ) -> Drained {
        let mut drained = Drained::default();
        for (place, ring) in &mut self.rings {
            for _ in 0..MOST_TAKEN {
                let Some(record) = ring.next_record() else { break };
                // What follows a gap is thrown away, and so it need not be read.
                if drained.lost {
                    continue;
                }
                let tracepoint = &tracepoints.all[*place];
                match Record::parse(record.ty(), &record.to_contiguous()) {
                    Some(Record::Sample { time, raw }) => {
                        match tracepoint.decode(raw, |link| is_asked_for(time, link)) {
                            Some(told) => drained.told.push((time, told)),
                            None => drained.lost = true,
                        }
                    }
                    // That it is switched on and off, or throttled: nothing about a packet.
                    Some(Record::Other) => {}
                    Some(Record::Lost) | None => drained.lost = true,
                }
            }
        }
        drained
    }
}

/// A record, as the kernel writes it for [`ring`].
#[derive(Debug, PartialEq, Eq)]
enum Record<'a> {
    /// Of a tracepoint, by the monotonic clock.
    Sample { time: u64, raw: &'a [u8] },
    /// There was no room for others.
    Lost,
    /// Of something else.
    Other,
}

impl Record<'_> {
    /// Reads what follows a record's header (`PERF_RECORD_*` in `perf_event_open(2)`). `perf_event` can read every
    /// form of it, but a busy machine writes more records than it reads in the time.
    fn parse(kind: u32, bytes: &[u8]) -> Option<Record<'_>> {
        match kind {
            SAMPLE => {
                let (time, rest) = bytes.split_first_chunk()?;
                let (length, rest) = rest.split_first_chunk()?;
                let raw = rest.get(..usize::try_from(u32::from_ne_bytes(*length)).ok()?)?;
                Some(Record::Sample { time: u64::from_ne_bytes(*time), raw })
            }
            LOST | LOST_SAMPLES => Some(Record::Lost),
            _ => Some(Record::Other),
        }
    }
}

/// Whether a tracepoint may be watched; it is not any more when this returns.
pub(crate) fn attempt(tracepoints: &Tracepoints) -> Result<(), NoDropReasons> {
    match tracepoints.all.first() {
        Some(tracepoint) => ring(tracepoint.id, 0, *ROOM.start()).map(drop).map_err(|error| refused(&error)),
        None => Ok(()),
    }
}

/// Room in each of so many rings: a power of two, as the kernel wants it.
fn room(rings: usize) -> usize {
    let equal = ROOM_IN_ALL / rings.max(1);
    (1 << equal.max(1).ilog2()).clamp(*ROOM.start(), *ROOM.end())
}

/// A ring for one tracepoint on one processor, switched off.
fn ring(tracepoint: u64, processor: usize, room: usize) -> io::Result<Sampler> {
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
    counter.sampled(room)
}

fn refused(error: &io::Error) -> NoDropReasons {
    NoDropReasons::Refused(Errno(error.raw_os_error().unwrap_or(Errno::EIO.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_and_one_cut_short_is_not() {
        let bytes = [&7_u64.to_ne_bytes()[..], &3_u32.to_ne_bytes(), &[1, 2, 3, 0]].concat();
        assert_eq!(Record::parse(SAMPLE, &bytes), Some(Record::Sample { time: 7, raw: &[1, 2, 3] }));
        for length in 0..15 {
            assert_eq!(Record::parse(SAMPLE, &bytes[..length]), None);
        }
        assert_eq!(Record::parse(LOST, &[0; 16]), Some(Record::Lost));
        assert_eq!(Record::parse(5, &[]), Some(Record::Other));
    }

    #[test]
    fn rings_share_the_room_but_each_has_enough() {
        for (processors, kibibytes) in [(1, 1024), (2, 1024), (16, 1024), (24, 512), (64, 256), (1024, 256)] {
            assert_eq!(room(4 * processors), kibibytes << 10, "{processors} processors");
        }
        assert_eq!(room(0), 1 << 20);
    }
}
