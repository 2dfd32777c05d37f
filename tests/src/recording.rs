//! The recording of a terminal that the README shows, as an animated SVG image. The commands are played on the simulator, so
//! that the image shows what vethlab prints.
//!
//! The image is read by people who cannot see it move, too: without animation, and where less motion is asked for
//! (`prefers-reduced-motion`), it shows the end.

use crate::machine::type_in;
use vethlab_engine::history::TimeMachine;

/// A network with one fault, its cause, and the command that mends it.
const COMMANDS: [&str; 10] = [
    "ip netns add red",
    "ip link add cable type veth peer name eth0 netns red",
    "ip addr add 10.0.0.1/24 dev cable",
    "ip link set cable up",
    "ip -n red addr add 10.0.0.2/24 dev eth0",
    "ping -c 1 -W 1 10.0.0.2",
    "why",
    "ip -n red link set eth0 up",
    "ping -c 1 10.0.0.2",
    "map",
];

/// The size of the terminal, in characters, and of a character, in pixels.
const COLUMNS: usize = 80;
const ROWS: usize = 28;
const CHARACTER: [f64; 2] = [8.43, 18.0];
const MARGIN: f64 = 16.0;

const BACKGROUND: &str = "#242933";

/// How long things take, in seconds: from the prompt to the first character, a character, from the last one to the output, to
/// read a line of it, and from the end to the beginning.
const THINKING: f64 = 0.5;
const TYPING: f64 = 0.04;
const ENTER: f64 = 0.3;
const READING: f64 = 0.25;
const PAUSE: f64 = 8.0;

/// Text at a place of the terminal, and when it comes.
struct Piece {
    row: usize,
    column: usize,
    text: String,
    class: &'static str,
    begins: f64,
    /// How long it takes to be typed; nothing, where it is there at once.
    takes: f64,
}

impl Piece {
    /// In pixels.
    fn width(&self) -> f64 {
        self.text.chars().count() as f64 * CHARACTER[0]
    }
}

/// The image.
pub fn svg() -> String {
    let (pieces, end) = pieces();
    let rows = pieces.last().map_or(0, |piece| piece.row + 1);
    let [width, height] = [COLUMNS as f64 * CHARACTER[0], ROWS as f64 * CHARACTER[1]];
    let mut image = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {:.0}\" role=\"img\">\n\
         <title>A ping fails, why names the cause, and the command that it proposes mends it</title>\n\
         <style>\n{}</style>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <svg x=\"{MARGIN:.0}\" y=\"{MARGIN:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n<g id=\"screen\">\n",
        width + 2.0 * MARGIN,
        height + 2.0 * MARGIN,
        style(&pieces, scrolled(rows), end + PAUSE),
    );
    for (number, piece) in pieces.iter().enumerate() {
        let (x, top) = (piece.column as f64 * CHARACTER[0], piece.row as f64 * CHARACTER[1]);
        let (y, width) = (top + 0.75 * CHARACTER[1], piece.width());
        let text = piece.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let (text_id, cover) = match piece.class {
            "command" => {
                let cover =
                    format!("x=\"{x:.1}\" y=\"{top:.0}\" width=\"{width:.1}\" height=\"{}\"", CHARACTER[1]);
                (String::new(), format!("<rect id=\"t{number}\" class=\"cover\" {cover}/>\n"))
            }
            _ => (format!("id=\"t{number}\" "), String::new()),
        };
        // Columns stay in line with every font.
        let place = format!("x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{width:.1}\"");
        let class = piece.class;
        image.push_str(&format!("<text {text_id}class=\"{class}\" {place}>{text}</text>\n{cover}"));
    }
    image + "</g>\n</svg>\n</svg>\n"
}

/// How far up the screen is, in pixels, so that as many rows end at its lower edge.
fn scrolled(rows: usize) -> f64 {
    rows.saturating_sub(ROWS) as f64 * CHARACTER[1]
}

/// The style sheet: the end of the recording, and how it comes to that where motion is wanted.
fn style(pieces: &[Piece], end: f64, duration: f64) -> String {
    let percent = |seconds: f64| seconds / duration * 100.0;
    let mut style = format!(
        "text {{ font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; white-space: pre }}\n\
         .output {{ fill: #d8dee9 }}\n.command {{ fill: #eceff4; font-weight: bold }}\n.prompt {{ fill: #a3be8c }}\n\
         .cover {{ fill: {BACKGROUND}; display: none }}\n\
         #screen {{ transform: translateY(-{end:.0}px) }}\n@media (prefers-reduced-motion: no-preference) {{\n"
    );
    let mut scroll = "0% { transform: none }".to_owned();
    for (number, piece) in pieces.iter().enumerate() {
        let [begins, ends] = [piece.begins, piece.begins + piece.takes.max(0.01)].map(percent);
        let steps = piece.text.chars().count();
        // A command is covered at first, and the cover moves to the right while it is typed.
        let (hidden, shown) = match piece.class {
            "command" => ("transform: none", format!("transform: translateX({:.1}px)", piece.width())),
            _ => ("visibility: hidden", "visibility: visible".to_owned()),
        };
        style.push_str(&format!(
            "#t{number} {{ display: inline; animation: t{number} {duration:.2}s infinite }}\n@keyframes t{number} {{ 0%, {begins:.3}% {{ {hidden}; \
             animation-timing-function: steps({steps}) }} {ends:.3}%, 100% {{ {shown} }} }}\n"
        ));
        let up = scrolled(piece.row + 1);
        if up > 0.0 && piece.column == 0 {
            scroll.push_str(&format!(" {begins:.3}% {{ transform: translateY(-{up:.0}px) }}"));
        }
    }
    style
        + &format!(
            "#screen {{ animation: scroll {duration:.2}s step-end infinite }}\n@keyframes scroll {{ {scroll} }}\n}}\n"
        )
}

/// The pieces that the commands lead to, in order, and when the last one is there.
fn pieces() -> (Vec<Piece>, f64) {
    let mut machine = TimeMachine::new(0);
    let (mut pieces, mut row, mut now) = (Vec::new(), 0, 0.0);
    for command in COMMANDS {
        let (_, printed) = type_in(&mut machine, command);
        let mut put = |row, column, text: &str, class, begins, takes| {
            pieces.push(Piece { row, column, text: text.to_owned(), class, begins, takes });
        };
        put(row, 0, "$", "prompt", now, 0.0);
        now += THINKING;
        let takes = command.len() as f64 * TYPING;
        put(row, 2, command, "command", now, takes);
        now += takes + ENTER;
        for line in printed.lines() {
            row += 1;
            put(row, 0, line, "output", now, 0.0);
        }
        row += 1;
        now += printed.lines().count() as f64 * READING;
    }
    (pieces, now)
}
