//! `tcpdump`, as in tcpdump 4.99.3 with libpcap 1.10.3: frames of one link or of all, one line each.
//!
//! Behind `&` it runs beside the programs that follow, and shows what it saw once such a program has ended, or,
//! before a terminal, whenever that waits: see [`super::jobs`]. Times are those of the stack, which began at
//! midnight.

mod capture;
mod devices;
mod filter;
pub(crate) mod names;
mod options;
mod print;
mod usage;

pub(super) use filter::words as filter_words;
pub use filter::{Filter, FilterError, LinkType, Subject};
pub(super) use options::LONGS;

use super::process::{Once, Poll, Process, Says, Signal};
use super::{Context, Failure, Parsed, Status, refused};
use capture::Capture;
use options::{Command, Request};
use vethlab_explain::journal::{Effect, Invocation};
use vethlab_shared::error::StackError;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::socket::CapturedFrame;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_shared::words::WordList;

/// With nobody to press Ctrl-C: after so long without a frame none will come, for no other program runs.
const NOTHING_COMES: Duration = Duration::from_secs(60);

/// Reads the words behind `tcpdump`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let invocation = Invocation::new("tcpdump", words.clone(), Effect::Alters);
    match options::parse(words) {
        Ok(Command::Print(text)) => {
            Parsed::new(invocation, Ok(Says { out: text, err: String::new(), status: 0 }))
        }
        Ok(Command::List) => Parsed::new(invocation, Ok(Once::new(words, list))),
        Ok(Command::Capture(request)) => Parsed::new(invocation, Ok(Tcpdump { request, capture: None })),
        Err(failure) => Parsed::new(invocation, Err::<Tcpdump, _>(failure)),
    }
}

/// `tcpdump -D`.
fn list(_words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let devices = devices::list(context.stack, &context.namespace);
    let devices = devices.map_err(|error| refused(error, 1, |errno| format!("tcpdump: {errno}")))?;
    for (number, device) in devices.iter().enumerate() {
        context.console.out(&format!("{}.{}\n", number + 1, device.line));
    }
    Ok(0)
}

/// A `tcpdump` that shows frames until enough have come by, or until it is stopped.
#[derive(Clone, Debug)]
struct Tcpdump {
    request: Request,
    /// The capture, once it has begun.
    capture: Option<Capture>,
}

impl Process for Tcpdump {
    fn step(&mut self, context: &mut Context<'_>) -> Result<Poll, Failure> {
        let capture = match &mut self.capture {
            Some(capture) => capture,
            None => {
                let capture = Capture::open(&self.request, context.can_be_ended(), context)?;
                self.capture.insert(capture)
            }
        };
        let now = context.stack.now();
        if let Some(status) = capture.step(context.stack, context.console) {
            return Ok(Poll::Ready(status));
        }
        if context.console.interrupted() {
            return Ok(Poll::Ready(capture.stop(context.stack, context.console)));
        }
        if now.since(capture.last_heard()) >= NOTHING_COMES && !context.can_be_ended() {
            capture.stop(context.stack, context.console);
            let message = "vethlab: 'tcpdump' waits, and no other program runs: no more frames will come; put & behind it";
            return Err(Failure::exit(2, message));
        }
        Ok(Poll::Pending(capture.wait(now)))
    }

    fn cannot_wait(&self, error: StackError) -> Failure {
        refused(error, 1, |errno| format!("tcpdump: pcap_loop: {errno}"))
    }

    fn close(&mut self, stack: &mut dyn NetworkStack) {
        if let Some(capture) = &self.capture {
            stack.close(capture.socket());
        }
    }

    fn handles(&self, _signal: Signal) -> bool {
        true
    }

    fn ends_by_itself(&self) -> bool {
        self.request.count.is_some()
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
