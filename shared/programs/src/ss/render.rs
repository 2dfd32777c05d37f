//! The columns of `ss` (`columns`, `render` in `misc/ss.c`): each as wide as its longest field, where the output is no
//! terminal.

/// What is shown of a socket.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) protocol: String,
    pub(super) state: String,
    pub(super) queues: [String; 2],
    /// Address and port.
    pub(super) local: [String; 2],
    pub(super) peer: [String; 2],
    /// What stands in the last column.
    pub(super) more: String,
}

/// Head, what stands before the field, and whether it is set to the right.
const COLUMNS: [(&str, &str, bool); 9] = [
    ("Netid", "", false),
    ("State", " ", false),
    ("Recv-Q", " ", false),
    ("Send-Q", " ", false),
    ("Local Address:", " ", true),
    ("Port", "", false),
    ("Peer Address:", " ", true),
    ("Port", "", false),
    ("Process", "", false),
];

/// The rows as text.
pub(super) fn table(rows: &[Row], header: bool, with_protocol: bool, with_state: bool) -> String {
    let hidden = |column: usize| (column == 0 && !with_protocol) || (column == 1 && !with_state);
    let head = header.then(|| COLUMNS.map(|(head, ..)| head.to_owned()));
    let lines: Vec<[String; 9]> = head.into_iter().chain(rows.iter().map(fields)).collect();
    let mut widths = [0; 9];
    let mut first = true;
    for (column, width) in widths.iter_mut().enumerate().filter(|(column, _)| !hidden(*column)) {
        let longest = lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
        *width = if first || longest == 0 { longest } else { longest + COLUMNS[column].1.len() };
        first &= *width == 0;
    }
    lines.iter().map(|line| row(line, &widths, hidden) + "\n").collect()
}

fn fields(row: &Row) -> [String; 9] {
    let Row { protocol, state, queues: [receive, send], local, peer, more } = row.clone();
    let ([local, local_port], [peer, peer_port]) = (local, peer);
    [protocol, state, receive, send, local, local_port, peer, peer_port, more]
}

fn row(line: &[String; 9], widths: &[usize; 9], hidden: impl Fn(usize) -> bool) -> String {
    let mut text = String::new();
    let mut started = false;
    for (column, field) in line.iter().enumerate().filter(|(column, _)| !hidden(*column)) {
        let (_, before, to_the_right) = COLUMNS[column];
        let before = if started { before } else { "" };
        started = true;
        let room = widths[column].saturating_sub(before.len() + field.len());
        let space = " ".repeat(room);
        text += before;
        text += &if to_the_right { space + field } else { format!("{field}{space}") };
    }
    text
}
