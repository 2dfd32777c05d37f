//! Where everything stands: namespaces one below the other, wires beside them, each in a lane of its own where it
//! would cross another one's.

use super::network::{End, Network};

/// One line of a namespace's box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The upper edge, with the name.
    Top(usize),
    /// A link, with the first of its notes.
    Link(End),
    /// The note of this number of the link above.
    Note(End, usize),
    /// The lower edge.
    Bottom,
}

/// A wire between two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cable {
    pub(super) top: usize,
    pub(super) bottom: usize,
    /// How far from the boxes it runs, 0 nearest.
    pub(super) lane: usize,
    pub(super) live: bool,
}

/// The picture, without the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) rows: Vec<Row>,
    pub(super) cables: Vec<Cable>,
    pub(super) lanes: usize,
    /// The longest name of a link, the longest state, and the longest note, in characters.
    pub(super) columns: [usize; 3],
}

/// Narrower than this a box looks lost, in characters without its edges.
const NARROWEST: usize = 26;

impl Layout {
    pub(super) fn new(network: &Network) -> Layout {
        let mut rows = Vec::new();
        for (place, namespace) in network.namespaces.iter().enumerate() {
            rows.push(Row::Top(place));
            for (number, link) in namespace.links.iter().enumerate() {
                let end = End { namespace: place, link: number };
                rows.push(Row::Link(end));
                rows.extend((1..link.notes.len()).map(|note| Row::Note(end, note)));
            }
            rows.push(Row::Bottom);
        }
        let (cables, lanes) = cables(network, &rows);
        let links = || network.namespaces.iter().flat_map(|namespace| &namespace.links);
        // In front of the names a bridge has its box.
        let name = network.namespaces.iter().flat_map(|namespace| {
            let before = if namespace.has_boxes() { 2 } else { 0 };
            namespace.links.iter().map(move |link| link.name.as_str().len() + before)
        });
        let name = name.max().unwrap_or(0);
        let state = links().map(|link| link.state.word().len()).max().unwrap_or(0);
        let note = links().flat_map(|link| &link.notes).map(String::len).max().unwrap_or(0);
        Layout { rows, cables, lanes, columns: [name, state, note] }
    }

    /// How wide a box is between its edges, in characters: three columns, two apart, a blank at each end, and room
    /// for the plug of a wire.
    pub(super) fn inner_width(&self, network: &Network) -> usize {
        let titles = network.namespaces.iter().map(|namespace| namespace.title().len() + 3);
        let text = self.columns.iter().sum::<usize>() + 8;
        titles.max().unwrap_or(0).max(text).max(NARROWEST)
    }
}

/// Gives each wire the nearest lane in which no other one is in its way, short wires first.
fn cables(network: &Network, rows: &[Row]) -> (Vec<Cable>, usize) {
    let row_of = |end: End| rows.iter().position(|row| *row == Row::Link(end)).unwrap_or(0);
    let mut cables: Vec<Cable> = network
        .wires
        .iter()
        .map(|wire| {
            let [one, other] = wire.ends.map(row_of);
            Cable { top: one.min(other), bottom: one.max(other), lane: 0, live: wire.live }
        })
        .collect();
    cables.sort_by_key(|cable| (cable.bottom - cable.top, cable.top));
    for place in 0..cables.len() {
        let (laid, rest) = cables.split_at_mut(place);
        let cable = &mut rest[0];
        let in_the_way = |lane: usize| {
            laid.iter()
                .any(|other| other.lane == lane && other.top <= cable.bottom && cable.top <= other.bottom)
        };
        cable.lane = (0..).find(|&lane| !in_the_way(lane)).unwrap_or(0);
    }
    let lanes = cables.iter().map(|cable| cable.lane + 1).max().unwrap_or(0);
    (cables, lanes)
}
