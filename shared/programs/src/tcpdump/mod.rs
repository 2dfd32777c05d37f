//! `tcpdump`, as in tcpdump 4.99.3 with libpcap 1.10.3: frames of one link or of all, one line each.
//!
//! Behind `&` it runs beside the programs that follow, and shows what it saw once such a program has ended, or,
//! before a terminal, whenever that waits: see [`super::jobs`]. Times are those of the stack, which began at
//! midnight.

mod capture;
mod devices;
mod filter;
mod names;
mod options;
mod print;
mod usage;

pub(crate) use capture::Capture;
pub use filter::{Filter, FilterError, LinkType, Subject};

use super::waiting::wait_until;
use super::{Context, Failure, Status, refused};
use options::{Command, Request};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::socket::CapturedFrame;
use vethlab_shared::time::Duration;

/// With nobody to press Ctrl-C: after so long without a frame none will come, for no other program runs.
const NOTHING_COMES: Duration = Duration::from_secs(60);

/// Runs `tcpdump`.
pub(super) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let request = match options::parse(words)? {
        Command::Print(text) => {
            context.console.out(&text);
            return Ok(0);
        }
        Command::List => {
            let devices = devices::list(context.stack, &context.namespace);
            let devices = devices.map_err(|error| refused(error, 1, |errno| format!("tcpdump: {errno}")))?;
            for (number, device) in devices.iter().enumerate() {
                context.console.out(&format!("{}.{}\n", number + 1, device.line));
            }
            return Ok(0);
        }
        Command::Capture(request) => request,
    };
    if let Some(line) = context.jobs.take_start() {
        return in_background(&request, line, context);
    }
    let capture = Capture::open(&request, context.console.interactive(), context)?;
    in_foreground(capture, context)
}

fn in_background(request: &Request, line: String, context: &mut Context<'_>) -> Result<Status, Failure> {
    if context.jobs.is_full() {
        let message = "vethlab: so many programs run in the background that no further one can begin: end some with 'kill'";
        return Err(Failure::exit(2, message));
    }
    match Capture::open(request, true, context) {
        Ok(capture) => context.jobs.add(line, capture, context.console),
        Err(Failure::Exit { message, status }) => {
            context.jobs.add_ended(line, status, context.console);
            context.console.err(&message);
        }
        Err(failure) => return Err(failure),
    }
    Ok(0)
}

/// Shows frames until enough have come by, or until the person stops it.
pub(super) fn in_foreground(mut capture: Capture, context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut last = context.stack.now();
    loop {
        let before = capture.received();
        if let Some(status) = capture.step(context.stack, context.console) {
            return Ok(status);
        }
        if context.console.interrupted() {
            return Ok(capture.stop(context.stack, context.console));
        }
        let now = context.stack.now();
        if capture.received() > before {
            last = now;
        } else if now.since(last) >= NOTHING_COMES && !context.console.interactive() {
            capture.stop(context.stack, context.console);
            let message = "vethlab: 'tcpdump' waits, and no other program runs: no more frames will come; put & behind it";
            return Err(Failure::exit(2, message));
        }
        wait_until(context, now + NOTHING_COMES, &[capture.socket()])
            .map_err(|error| refused(error, 1, |errno| format!("tcpdump: pcap_loop: {errno}")))?;
    }
}

/// What `tcpdump` with these words prints of frames that it reads from a file, for captures of this kind. All
/// are of a link of this name and with this address of its own.
///
/// # Errors
/// The words are no command line of a capture, or the filter is wrong.
pub fn print(
    words: &[String],
    link_type: LinkType,
    link: (&str, MacAddress),
    frames: &[CapturedFrame],
) -> Result<String, Failure> {
    let Command::Capture(request) = options::parse(words)? else {
        return Err(Failure::exit(2, "these options show no frames"));
    };
    let filter = Filter::parse(&request.filter, link_type)
        .map_err(|error| Failure::exit(1, format_args!("tcpdump: {error}")))?;
    let mut printer = print::Printer::new(request.style, link_type);
    let place = print::Place { name: link.0.to_owned(), address: Some(link.1), loopback: false };
    let passes = |frame: &&CapturedFrame| {
        filter.passes(Subject { frame: &frame.bytes, direction: frame.direction }, link_type)
    };
    Ok(frames.iter().filter(passes).map(|frame| printer.frame(frame, &place)).collect())
}
