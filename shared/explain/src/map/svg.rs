//! The picture as Scalable Vector Graphics: one file that needs no other, for light and for dark pages.

use super::layout::{Layout, Row};
use super::network::Network;
use super::text::Pen;
use std::fmt::Write;

/// Pixels per character and per row.
const CHARACTER: usize = 9;
const ROW: usize = 22;
/// Pixels around everything, from one lane to the next, and of rounded corners.
const MARGIN: usize = 16;
const LANE: usize = 20;
const CORNER: usize = 6;

const STYLE: &str = "\
text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328;white-space:pre}\
.box{fill:#f6f8fa;stroke:#59636e}.title{font-weight:bold}\
.wire{fill:none;stroke:#1a7f37;stroke-width:2}.dead{stroke:#cf222e;stroke-dasharray:4 4}\
.off{fill:#cf222e}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.box{fill:#161b22;stroke:#8b949e}\
.wire{stroke:#3fb950}.dead{stroke:#f85149}.off{fill:#f85149}}";

/// The picture.
pub fn svg(network: &Network) -> String {
    let layout = Layout::new(network);
    let box_width = layout.inner_width(network) * CHARACTER;
    let edge = MARGIN + box_width;
    let width = edge + layout.lanes * LANE + MARGIN;
    let height = layout.rows.len() * ROW + 2 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"A map of the network\">\n<style>{STYLE}</style>\n"
    );
    for (y, row) in layout.rows.iter().enumerate() {
        if let Row::Top(place) = *row {
            let rows = layout.rows[y..].iter().position(|row| *row == Row::Bottom).unwrap_or(0);
            let (top, tall) = (MARGIN + y * ROW, rows * ROW + ROW / 2);
            let _ = writeln!(
                out,
                "<rect class=\"box\" x=\"{MARGIN}\" y=\"{top}\" width=\"{box_width}\" height=\"{tall}\" rx=\"{CORNER}\"/>"
            );
            let title = network.namespaces[place].title();
            put(&mut out, "title", MARGIN + CHARACTER, baseline(y), &title);
        }
    }
    draw_rows(&mut out, network, &layout);
    for cable in &layout.cables {
        let (x, lane) = (edge, edge + (cable.lane + 1) * LANE);
        let (top, bottom) = (middle(cable.top), middle(cable.bottom));
        let class = if cable.live { "wire" } else { "wire dead" };
        let _ = writeln!(
            out,
            "<path class=\"{class}\" d=\"M{x} {top}H{}Q{lane} {top} {lane} {}V{}Q{lane} {bottom} {} {bottom}H{x}\"/>",
            lane - CORNER,
            top + CORNER,
            bottom - CORNER,
            lane - CORNER
        );
    }
    out.push_str("</svg>\n");
    out
}

/// What stands inside the boxes.
fn draw_rows(out: &mut String, network: &Network, layout: &Layout) {
    let [name, state, _] = layout.columns;
    let name_x = MARGIN + CHARACTER;
    let state_x = name_x + (name + 2) * CHARACTER;
    let note_x = state_x + (state + 2) * CHARACTER;
    for (y, row) in layout.rows.iter().enumerate() {
        match *row {
            Row::Link(end) => {
                let link = network.link(end);
                put(out, "name", name_x, baseline(y), &Pen::UNICODE.name(network, end));
                let class = if link.state == super::network::State::Up { "on" } else { "off" };
                put(out, class, state_x, baseline(y), link.state.word());
                put(out, "note", note_x, baseline(y), link.notes.first().map_or("", String::as_str));
            }
            Row::Note(end, number) => {
                put(out, "note", note_x, baseline(y), &network.link(end).notes[number]);
            }
            Row::Top(_) | Row::Bottom => {}
        }
    }
}

fn put(out: &mut String, class: &str, x: usize, y: usize, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
    }
}

fn middle(row: usize) -> usize {
    MARGIN + row * ROW + ROW / 2
}

fn baseline(row: usize) -> usize {
    middle(row) + 5
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
