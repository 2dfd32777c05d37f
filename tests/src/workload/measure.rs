//! Measuring a workload, its floor beside it in the same process, and telling the result as one line of JSON.

use super::Result;
use nix::time::{ClockId, clock_gettime};
use serde::Serialize;
use std::fs;
use std::time::{Duration, Instant};

/// Work and floor are measured in so many parts, one after the other in turn: what disturbs the machine disturbs both.
const PARTS: usize = 20;

/// What was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measured {
    /// Wall-clock time of the work, without what was made ready before.
    pub seconds: f64,
    /// The processor's time for the same, which waiting for others on a busy machine does not lengthen.
    pub cpu_seconds: f64,
    /// How much more memory the process holds after the work; `None` beside a floor, which holds some too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rss_grown_kib: Option<u64>,
    /// The processor's time for the floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_cpu_seconds: Option<f64>,
    /// How many times the floor's the work's time of the processor is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
}

/// Does the work, and its floor where one is given. Both are asked for a part of the amount at a time.
///
/// # Errors
/// The work fails.
pub fn measure(
    amount: usize,
    mut work: impl FnMut(usize) -> Result<()>,
    floor: Option<&mut dyn FnMut(usize)>,
) -> Result<Measured> {
    let before = memory("VmRSS")?;
    let (mut seconds, mut spent, mut floor_spent) = (0.0, Duration::ZERO, Duration::ZERO);
    let mut floor = floor;
    for part in 0..PARTS {
        let count = amount * (part + 1) / PARTS - amount * part / PARTS;
        let (began, cpu_began) = (Instant::now(), cpu_time()?);
        work(count)?;
        seconds += began.elapsed().as_secs_f64();
        spent += cpu_time()?.saturating_sub(cpu_began);
        if let Some(floor) = &mut floor {
            let cpu_began = cpu_time()?;
            floor(count);
            floor_spent += cpu_time()?.saturating_sub(cpu_began);
        }
    }
    let cpu_seconds = spent.as_secs_f64();
    let floor_cpu_seconds = floor.is_some().then_some(floor_spent.as_secs_f64());
    let grown = memory("VmRSS")?.saturating_sub(before);
    Ok(Measured {
        seconds,
        cpu_seconds,
        rss_grown_kib: floor.is_none().then_some(grown),
        floor_cpu_seconds,
        ratio: floor_cpu_seconds.map(|floor| cpu_seconds / floor),
    })
}

/// Does the work once, all of it at a time.
///
/// # Errors
/// The work fails.
pub fn once<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Measured)> {
    let before = memory("VmRSS")?;
    let (began, cpu_began) = (Instant::now(), cpu_time()?);
    let done = work()?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_time()?.saturating_sub(cpu_began));
    let measured = Measured {
        seconds,
        cpu_seconds: cpu.as_secs_f64(),
        rss_grown_kib: Some(memory("VmRSS")?.saturating_sub(before)),
        floor_cpu_seconds: None,
        ratio: None,
    };
    Ok((done, measured))
}

/// The processor's time that this process took so far, in all its threads.
fn cpu_time() -> Result<Duration> {
    Ok(Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?))
}

/// Prints a line of JSON: the workload's name, what it was asked for, what it did, how long that took, and the most
/// memory that the process ever held.
///
/// # Errors
/// The kernel does not tell how much memory that is.
pub fn report(workload: &str, asked: impl Serialize, did: impl Serialize) -> Result<()> {
    #[derive(Serialize)]
    struct Line<'a, A, D> {
        workload: &'a str,
        #[serde(flatten)]
        asked: A,
        #[serde(flatten)]
        did: D,
        rss_peak_kib: u64,
    }
    let line = Line { workload, asked, did, rss_peak_kib: memory("VmHWM")? };
    println!("{}", serde_json::to_string(&line)?);
    Ok(())
}

/// The most memory that the process held since this was asked last, in KiB (`/proc/pid/clear_refs`, `proc(5)`).
///
/// # Errors
/// The kernel does not tell, or does not let it be forgotten.
pub fn take_peak() -> Result<u64> {
    const FORGET_THE_PEAK: &str = "5";
    let peak = memory("VmHWM")?;
    fs::write("/proc/self/clear_refs", FORGET_THE_PEAK)?;
    Ok(peak)
}

/// A line of `/proc/self/status`, in KiB (`proc_pid_status(5)`).
fn memory(name: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number =
        line.and_then(|line| line.split_whitespace().next()).ok_or("no such line in /proc/self/status")?;
    Ok(number.parse()?)
}
