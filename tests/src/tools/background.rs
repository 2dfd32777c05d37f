//! Programs that run beside the commands, as their lines tell.

/// A program that runs beside the commands.
#[derive(Clone)]
pub(super) struct Background {
    pub(super) process: String,
    /// Whether it is `tcpdump`, which can be asked whether it has shown all.
    pub(super) captures: bool,
    /// Whether it is `conntrack -E`, of which the kernel says what it has not read yet.
    pub(super) hears: bool,
    /// After how many frames it ends.
    pub(super) count: Option<String>,
}

/// Whether a command prints something once it takes in connections: it is waited for.
pub(super) fn says_that_it_listens(command: &str) -> bool {
    command.contains("http.server")
}

/// Whether a command shows what connections go through.
pub(super) fn hears_connections(command: &str) -> bool {
    command.contains("conntrack -E")
}

/// Whether a command is a `tcpdump`.
pub(super) fn is_capture(command: &str) -> bool {
    command.split_whitespace().any(|word| word == "tcpdump")
}

/// How many frames `tcpdump` says that it has shown and been given, in a line that answers `SIGUSR1`.
pub(super) fn counts(line: &str) -> Option<[&str; 2]> {
    let (shown, rest) = line.strip_prefix("tcpdump: ")?.split_once(" packet")?;
    let given = rest.split_once("captured, ")?.1.split(' ').next()?;
    Some([shown, given])
}

/// What `tcpdump` says of itself: without what it says because it was asked for its counts, be it too late. The
/// signal interrupts it wherever it is, so that an answer may stand in the middle of another line.
pub(super) fn without_answers(said: &str) -> String {
    let is_answer = |text: &str| counts(text).is_some() || text.starts_with("pcap_stats: ");
    let own = |line| {
        let starts = str::match_indices(line, "tcpdump: ").chain(line.match_indices("pcap_stats: "));
        starts
            .map(|(start, _)| start)
            .find(|start| is_answer(&line[*start..]))
            .map_or(line, |start| &line[..start])
    };
    said.split_inclusive('\n').map(own).collect()
}
