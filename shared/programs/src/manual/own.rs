//! The pages of what is vethlab's own: its programs, and the words of its prompt.

use super::pages::SHORT_TOO;
use super::{Form, Page};
use vethlab_explain::why;

/// A page that more is added to.
const fn own(command: &'static str, about: &'static str, forms: &'static [Form]) -> Page {
    Page { help: SHORT_TOO, own: true, ..Page::new(command, about, forms) }
}

pub(crate) const MAP: Page = Page {
    examples: &[Form("map", "namespaces, links and wires")],
    remark: "Namespaces are boxes, with their links, the state of these and their addresses. A broken line is a wire that carries nothing: one of its ends is down. While you step through a command, a mark shows where the packet is.",
    ..own(
        "map",
        "the network as a picture",
        &[
            Form("map [--ascii]", "drawn with characters; --ascii: with plain ones"),
            Form(
                "map --live [SPEED]",
                "how the packets of the last command moved, at 0.1 to 10 times the usual speed; in a pipe a frame at a time",
            ),
            Form("map --svg FILE", "a picture for a web page"),
            Form("map --dot [FILE]", "for Graphviz"),
            Form("map --mermaid [FILE]", "a Mermaid flowchart"),
        ],
    )
};

pub(crate) const PACKET: Page = Page {
    remark: "'packets' lists the frames with their numbers.",
    ..own(
        "packet",
        "show a frame field by field",
        &[Form("packet N [--json]", "frame N of 'packets': each field with its bytes, and what it is for")],
    )
};

pub(crate) const PACKETS: Page = Page {
    examples: &[Form("packets all lo", "all that ever crossed this link")],
    remark: "Times are seconds since the command began. 'packet N' shows frame N in full.",
    ..own(
        "packets",
        "list the frames that crossed links",
        &[
            Form("packets [--json]", "those of the last command that sent any"),
            Form("packets all", "those of every command"),
            Form("packets NAMESPACE[/LINK]", "those there; a link's name alone does too"),
        ],
    )
};

pub(crate) const WHY: Page = Page {
    remark: "It tells which route chose the way, how far a packet got, what happened there, and because of what. Where a command mends it, 'why' shows that command. It has tried it on a copy of the network: it helps, and breaks nothing there. If the network was changed since, 'why' says so and proposes nothing. The kernel does not tell why: on '--stack real' a simulator is given the same commands, and it tells. The answer says whether the kernel printed the same and sent the same frames so far. Where it did not, the answer is doubtful, and the exit status is 1. To try it, ping an address that nobody has, ask for a connection that nobody takes in (nc -zv 127.0.0.1 80), or type a command that is refused (ip route add default via 192.0.2.1), and then 'why'.",
    more: causes,
    ..own(
        "why",
        "what became of the last ping or connection, and why",
        &[
            Form("why [--json]", "the last command that sent anything or was refused; --json: for programs"),
            Form("why ADDRESS", "the last one that sent to this address"),
            Form("why packet N", "what became of frame N of 'packets'"),
        ],
    )
};

/// What `why` can name.
fn causes() -> String {
    let lines = why::Cause::ALL.iter().map(|cause| Form(cause.name(), cause.about()).line());
    format!("\nWhat it can name:\n{}", lines.collect::<String>())
}

/// The words that walk through time, which are no programs: they act on the session itself.
pub const TIME: &[Page] = &[
    own(
        "step",
        "one event on: 'step 5', 'step frame', 'step back', 'step COMMAND'",
        &[
            Form("step COMMAND", "run a command, and stop at the first thing that happens in it"),
            Form("step [N]", "one event on, or N"),
            Form("step frame", "on to the next frame that leaves by a link"),
            Form("step back [N|frame]", "the other way"),
        ],
    ),
    own("continue", "back to the present", &[Form("continue", "on to the end of all that has happened")]),
    own(
        "goto",
        "to an event or a time: 'goto 12', 'goto 1.5s', 'goto start'",
        &[
            Form("goto EVENT", "to an event, by its number in 'timeline'"),
            Form("goto TIME", "to the last event up to a time with its unit: 1.5s, 20ms, 7us"),
            Form("goto start", "to the first event of the last command that led to any"),
            Form("goto end", "to the very last event"),
        ],
    ),
    Page {
        remark: "In the past a '>' stands at the event that one looks at.",
        ..own(
            "timeline",
            "what happened, event by event; 'timeline all' since the beginning",
            &[
                Form("timeline", "the last command that led to anything, event by event"),
                Form("timeline all", "the same since the beginning"),
            ],
        )
    },
    own(
        "undo",
        "take the last command back; 'undo 3'",
        &[Form("undo [N]", "take the last command back, or the last N; 'redo' does them again")],
    ),
    own("redo", "do it again", &[Form("redo [N]", "do again what was taken back last, or the last N")]),
];

/// The word that shows the frames of two stacks.
pub const FRAMES: Page = Page {
    remark: "There are two stacks with '--stack both'.",
    ..own(
        "frames",
        "compare the frames of two stacks",
        &[Form("frames", "those that both sent last, next to each other, link by link")],
    )
};
