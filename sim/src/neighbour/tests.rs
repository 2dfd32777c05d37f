//! The state machine as a table: from a state, by an event, to a state.

use super::entry::{Neighbour, Update, Use};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::NeighbourCause;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::NeighbourState as State;

const REACHABLE_TIME: Duration = Duration::from_secs(30);
const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const OTHER: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);

fn at(seconds: u64) -> Instant {
    Instant::START + Duration::from_secs(seconds)
}

fn news(address: Option<MacAddress>, state: State, overrides: bool) -> Update {
    Update { address, state, overrides, administrator: false, cause: NeighbourCause::Reply }
}

fn entry_in(state: State) -> Neighbour {
    let mut entry = Neighbour::new(at(0), REACHABLE_TIME);
    if !state.is_empty() {
        let update = Update { administrator: true, ..news(Some(MAC), state, true) };
        entry.update(&update, at(0)).expect("an administrator may set any state");
    }
    entry
}

#[test]
fn a_packet_needs_the_entry() {
    let table = [
        (State::empty(), Use::Wait { probe: true }, State::INCOMPLETE),
        (State::INCOMPLETE, Use::Wait { probe: false }, State::INCOMPLETE),
        (State::FAILED, Use::Wait { probe: true }, State::INCOMPLETE),
        (State::STALE, Use::Send(MAC), State::DELAY),
        (State::DELAY, Use::Send(MAC), State::DELAY),
        (State::PROBE, Use::Send(MAC), State::PROBE),
        (State::REACHABLE, Use::Send(MAC), State::REACHABLE),
        (State::PERMANENT, Use::Send(MAC), State::PERMANENT),
        (State::NO_ARP, Use::Send(MAC), State::NO_ARP),
    ];
    for (from, todo, to) in table {
        let mut entry = entry_in(from);
        assert_eq!(entry.use_for_packet(at(1)).0, todo, "{from:?}");
        assert_eq!(entry.state, to, "{from:?}");
    }
}

#[test]
fn news_arrives() {
    let table = [
        // A reply to this station.
        (State::INCOMPLETE, news(Some(MAC), State::REACHABLE, true), State::REACHABLE, MAC),
        (State::STALE, news(Some(MAC), State::REACHABLE, false), State::REACHABLE, MAC),
        // A request says that the neighbour is there, not that it hears us.
        (State::INCOMPLETE, news(Some(MAC), State::STALE, true), State::STALE, MAC),
        (State::REACHABLE, news(Some(MAC), State::STALE, true), State::REACHABLE, MAC),
        // Another address: taken only where it may override.
        (State::REACHABLE, news(Some(OTHER), State::STALE, true), State::STALE, OTHER),
        (State::REACHABLE, news(Some(OTHER), State::REACHABLE, false), State::REACHABLE, MAC),
    ];
    for (from, update, to, address) in table {
        let mut entry = entry_in(from);
        entry.update(&update, at(1)).expect("news is taken");
        assert_eq!((entry.state, entry.address), (to, address), "{from:?} {update:?}");
    }
}

#[test]
fn the_administrator_has_the_last_word() {
    let mut entry = entry_in(State::PERMANENT);
    let refusal = entry.update(&news(Some(OTHER), State::REACHABLE, true), at(1));
    assert_eq!(refusal, Err(Errno::EPERM.into()));
    let nothing = Update { administrator: true, ..news(None, State::PERMANENT, true) };
    let refusal = entry_in(State::empty()).update(&nothing, at(1));
    assert_eq!(refusal, Err(StackError::with_extack(Errno::EINVAL, "No link layer address given")));
}

/// Lets timers run out until none is set; tells each state with the second in which it was entered, and how
/// many probes were sent.
fn life(mut entry: Neighbour, mut timer: Option<Instant>) -> (Vec<(u64, State)>, u32) {
    let mut told = Vec::new();
    let mut probes = 0;
    while let Some(time) = timer {
        let before = entry.state;
        let (outcome, next) = entry.timer_ran_out(time);
        if outcome.probe {
            entry.probes += 1;
            probes += 1;
        }
        if entry.state != before {
            told.push((time.as_nanos() / 1_000_000_000, entry.state));
        }
        timer = next;
    }
    (told, probes)
}

#[test]
fn nobody_answers() {
    let mut entry = entry_in(State::empty());
    let (todo, timer) = entry.use_for_packet(at(0));
    assert_eq!(todo, Use::Wait { probe: true });
    entry.probes += 1;
    assert_eq!(life(entry, timer), (vec![(3, State::FAILED)], 2), "three questions in three seconds");
}

#[test]
fn a_stale_entry_is_used_and_nobody_answers() {
    let mut entry = entry_in(State::STALE);
    let (_, timer) = entry.use_for_packet(at(0));
    let told = vec![(5, State::PROBE), (8, State::FAILED)];
    assert_eq!(life(entry, timer), (told, 3), "three questions to the known address");
}

#[test]
fn a_reachable_entry_grows_old() {
    let mut entry = entry_in(State::INCOMPLETE);
    let (_, timer) = entry.update(&news(Some(MAC), State::REACHABLE, true), at(0)).expect("taken");
    assert_eq!(life(entry, timer), (vec![(30, State::STALE)], 0));
}

#[test]
fn random_state_alone_is_taken_over() {
    let due = at(30);
    let late = due + Duration::from_secs(1);
    let long_ago = at(40);
    let table = [
        // The other stack's timer has not run out yet, or it has.
        (State::STALE, State::REACHABLE, MAC, late, State::REACHABLE),
        (State::REACHABLE, State::STALE, MAC, late, State::STALE),
        // That is no timer's doing.
        (State::REACHABLE, State::STALE, MAC, at(29), State::REACHABLE),
        (State::STALE, State::REACHABLE, MAC, long_ago, State::STALE),
        (State::STALE, State::REACHABLE, OTHER, late, State::STALE),
        (State::STALE, State::FAILED, MAC, late, State::STALE),
        (State::STALE, State::PERMANENT, MAC, late, State::STALE),
    ];
    for (ours, theirs, address, now, then) in table {
        let mut entry = entry_in(State::REACHABLE);
        entry.state = ours;
        let timer = entry.agree(address, theirs, now);
        assert_eq!(entry.state, then, "{ours:?} against {theirs:?}");
        assert_eq!(timer.is_some(), ours == State::STALE && then == State::REACHABLE);
    }
}
