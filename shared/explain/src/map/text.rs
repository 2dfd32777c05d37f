//! The picture in characters.

use super::layout::{Layout, Row};
use super::network::{End, Network, Part};
use super::packet::{Spot, WHOLE_WAY};

/// How wide the picture may be, in characters.
const WIDTH: usize = 80;
/// How many namespaces fit on a picture that one still takes in at a glance.
const MOST_NAMESPACES: usize = 8;
/// Columns from one lane to the next.
const LANE: usize = 3;

/// The characters to draw with.
pub struct Pen {
    horizontal: char,
    vertical: char,
    /// Upper left, upper right, lower left, lower right.
    corners: [char; 4],
    /// A wire that carries nothing: horizontal and vertical.
    dead: [char; 2],
    /// Where a wire is plugged in.
    plug: char,
    /// Where it goes through the edge of a box.
    through: char,
    /// Where the packet is.
    pub packet: char,
    /// In front of a bridge that has ports, of its ports, and of the last of these.
    parts: [char; 3],
}

impl Pen {
    /// Lines of Unicode.
    pub const UNICODE: Pen = Pen {
        horizontal: '─',
        vertical: '│',
        corners: ['┌', '┐', '└', '┘'],
        dead: ['╌', '╎'],
        plug: '●',
        through: '├',
        packet: '◆',
        parts: ['┌', '├', '└'],
    };
    /// Plain ASCII characters.
    pub const ASCII: Pen = Pen {
        horizontal: '-',
        vertical: '|',
        corners: ['+', '+', '+', '+'],
        dead: ['.', ':'],
        plug: 'o',
        through: '+',
        packet: '#',
        parts: ['+', '|', '+'],
    };
}

impl Pen {
    /// The name of a link, in the box of a bridge where its namespace has such.
    pub(super) fn name(&self, network: &Network, end: End) -> String {
        let link = network.link(end);
        let corner = match link.part {
            None if !network.namespaces[end.namespace].has_boxes() => return link.name.to_string(),
            None => ' ',
            Some(Part::Bridge) => self.parts[0],
            Some(Part::Port) => self.parts[1],
            Some(Part::LastPort) => self.parts[2],
        };
        format!("{corner} {}", link.name)
    }

    /// What stands below that, beside further notes.
    fn beside(&self, network: &Network, end: End) -> String {
        match network.link(end).part {
            Some(Part::Bridge | Part::Port) => self.vertical.to_string(),
            Some(Part::LastPort) | None => String::new(),
        }
    }
}

/// The picture, with a packet at this place; a list where that would be too large.
pub fn draw(network: &Network, packet: Option<Spot>, pen: &Pen) -> String {
    let layout = Layout::new(network);
    let inner = layout.inner_width(network);
    let width = inner + 2 + layout.lanes * LANE;
    if network.namespaces.len() > MOST_NAMESPACES || width > WIDTH {
        list(network, packet, pen)
    } else {
        picture(network, &layout, packet, pen)
    }
}

fn picture(network: &Network, layout: &Layout, packet: Option<Spot>, pen: &Pen) -> String {
    let inner = layout.inner_width(network);
    let mut canvas = Canvas::default();
    for (y, row) in layout.rows.iter().enumerate() {
        canvas.put(0, y, &line(network, layout, row, inner, packet, pen));
    }
    let edge = inner + 2;
    let column = |lane: usize| edge + lane * LANE + LANE - 1;
    for cable in &layout.cables {
        let horizontal = if cable.live { pen.horizontal } else { pen.dead[0] };
        for y in [cable.top, cable.bottom] {
            canvas.set(edge - 1, y, pen.through);
            for x in edge..column(cable.lane) {
                canvas.set(x, y, horizontal);
            }
        }
    }
    // A wire that another one crosses stays whole: the crossing one passes behind it.
    for cable in &layout.cables {
        let x = column(cable.lane);
        for y in cable.top..cable.bottom {
            canvas.set(x, y, if cable.live { pen.vertical } else { pen.dead[1] });
        }
        canvas.set(x, cable.top, pen.corners[1]);
        canvas.set(x, cable.bottom, pen.corners[3]);
    }
    if let Some(Spot::OnWire(from, steps)) = packet
        && let Some((x, y)) = on_wire(network, layout, edge, from, steps)
    {
        canvas.set(x, y, pen.packet);
    }
    canvas.text()
}

/// The column and the row of a packet after so many steps of its way along a wire.
fn on_wire(
    network: &Network,
    layout: &Layout,
    edge: usize,
    from: End,
    steps: usize,
) -> Option<(usize, usize)> {
    let row = |end: End| layout.rows.iter().position(|row| *row == Row::Link(end));
    let (start, stop) = (row(from)?, row(network.far(from)?)?);
    let cable =
        layout.cables.iter().find(|cable| (cable.top, cable.bottom) == (start.min(stop), start.max(stop)))?;
    let out = cable.lane * LANE + LANE - 1;
    let down = cable.bottom - cable.top;
    let way = (2 * out + down) * steps.min(WHOLE_WAY) / WHOLE_WAY;
    let along = way.saturating_sub(out).min(down);
    let x = if way <= out { way } else { out - way.saturating_sub(out + down) };
    Some((edge + x, if start < stop { start + along } else { start - along }))
}

/// One line of a box.
fn line(
    network: &Network,
    layout: &Layout,
    row: &Row,
    inner: usize,
    packet: Option<Spot>,
    pen: &Pen,
) -> String {
    let [name, state, note] = layout.columns;
    let edges = |middle: &str| format!("{0}{middle:inner$}{0}", pen.vertical);
    match *row {
        Row::Top(place) => {
            let namespace = &network.namespaces[place];
            let here = packet == Some(Spot::Inside(place));
            let mark = if here { format!("{} ", pen.packet) } else { String::new() };
            let title = format!("{} {mark}{} ", pen.horizontal, namespace.title());
            let rest = pen.horizontal.to_string().repeat(inner.saturating_sub(title.chars().count()));
            format!("{}{title}{rest}{}", pen.corners[0], pen.corners[1])
        }
        Row::Link(end) => {
            let link = network.link(end);
            let first = link.notes.first().map_or("", String::as_str);
            let shown = pen.name(network, end);
            let text = format!(" {shown:name$}  {:state$}  {first:note$}", link.state.word());
            let plug = match link.has_wire {
                _ if packet == Some(Spot::At(end)) => pen.packet,
                true => pen.plug,
                false => ' ',
            };
            let room = inner.saturating_sub(2);
            edges(&format!("{text:room$} {plug}"))
        }
        Row::Note(end, number) => {
            let text = &network.link(end).notes[number];
            let beside = pen.beside(network, end);
            edges(&format!(" {beside:name$}  {:state$}  {text}", ""))
        }
        Row::Bottom => {
            let middle = pen.horizontal.to_string().repeat(inner);
            format!("{}{middle}{}", pen.corners[2], pen.corners[3])
        }
    }
}

/// Namespaces and their links, one a line.
fn list(network: &Network, packet: Option<Spot>, pen: &Pen) -> String {
    let layout = Layout::new(network);
    let [name, state, _] = layout.columns;
    let mut text = String::new();
    for (place, namespace) in network.namespaces.iter().enumerate() {
        text.push_str(&format!("{}\n", namespace.title()));
        for (number, link) in namespace.links.iter().enumerate() {
            let end = End { namespace: place, link: number };
            let here = matches!(packet, Some(Spot::At(at) | Spot::OnWire(at, _)) if at == end);
            let mark = if here { pen.packet } else { ' ' };
            let mut line = format!("{mark} {:name$}  {:state$}", pen.name(network, end), link.state.word());
            for note in &link.notes {
                line.push_str(&format!("  {note}"));
            }
            if let Some(far) = network.far(end) {
                line.push_str(&format!("  to {}", network.path(far)));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// Characters in rows and columns.
#[derive(Default)]
struct Canvas {
    rows: Vec<Vec<char>>,
}

impl Canvas {
    fn set(&mut self, x: usize, y: usize, character: char) {
        if self.rows.len() <= y {
            self.rows.resize(y + 1, Vec::new());
        }
        let row = &mut self.rows[y];
        if row.len() <= x {
            row.resize(x + 1, ' ');
        }
        row[x] = character;
    }

    fn put(&mut self, x: usize, y: usize, text: &str) {
        for (offset, character) in text.chars().enumerate() {
            self.set(x + offset, y, character);
        }
    }

    fn text(&self) -> String {
        let lines = self.rows.iter().map(|row| row.iter().collect::<String>().trim_end().to_owned() + "\n");
        lines.collect()
    }
}
