//! `map --live`: the packets of the last command, moving along their wires.
//!
//! Which picture comes next is decided here; a [`Live`] screen shows it and reads keys. Without one, each frame is printed
//! once, where it ended.

use super::{FASTEST, SLOWEST};
use crate::packets::{command_of, end, way};
use crate::{Context, Live};
use vethlab_explain::dissect::dissect;
use vethlab_explain::journal::{Crossing, Journal, Place};
use vethlab_explain::map::{End, Network, Pen, Spot, WHOLE_WAY, draw};
use vethlab_shared::time::Duration;

/// From one step along a wire to the next, at the usual speed.
const STEP: Duration = Duration::from_millis(90);
/// How many steps a packet rests at each end of its wire.
const REST: u32 = 8;
/// How long a key is waited for at once while the film stands still.
const STILL: Duration = Duration::from_millis(200);

const KEYS: &str = "space: pause   n, b: next, back   +, -: faster, slower   q: leave";

/// One frame on its wire, in words.
struct Scene {
    /// The way, as the map has it; `None` for a link that is gone.
    from: Option<End>,
    to: Option<End>,
    /// `3  red/veth-red > host/veth-host  ICMP echo request seq 1 ttl 64`, and what became of it.
    caption: String,
}

/// One picture.
#[derive(Clone, Copy)]
struct Shot {
    scene: usize,
    spot: Option<Spot>,
    /// Whether the packet rests here.
    rests: bool,
}

/// Shows how the packets of the last command moved.
pub(super) fn play(network: &Network, speed: f64, context: &mut Context<'_>) {
    let scenes = scenes(network, context.journal);
    if scenes.is_empty() {
        let text = match context.journal.last_traffic() {
            Some((command, _)) => {
                format!("No frame crossed a link in '{}': 'why' tells more.\n", command.line)
            }
            None => "No command has sent anything so far: 'ping', for example, does.\n".to_owned(),
        };
        return context.console.out(&text);
    }
    let shots: Vec<Shot> =
        scenes.iter().enumerate().flat_map(|(number, scene)| scene.shots(number)).collect();
    let picture = |shot: &Shot| {
        let pen = &Pen::UNICODE;
        format!("{}\n{} {}\n", draw(network, shot.spot, pen), pen.packet, scenes[shot.scene].caption)
    };
    let shown = match context.console.live() {
        Some(live) => watch(live, &shots, speed, &picture),
        None => {
            let last =
                |place: usize| shots.get(place + 1).is_none_or(|next| next.scene != shots[place].scene);
            let pictures = (0..shots.len()).filter(|place| last(*place)).map(|place| picture(&shots[place]));
            pictures.collect::<Vec<_>>().join("\n")
        }
    };
    context.console.out(&shown);
}

/// Shows pictures until the end or until the person leaves; the one that stays.
fn watch(live: &mut dyn Live, shots: &[Shot], speed: f64, picture: &dyn Fn(&Shot) -> String) -> String {
    let (mut place, mut speed, mut paused) = (0, speed, false);
    loop {
        let shot = &shots[place];
        let text = picture(shot);
        let state = if paused { "paused" } else { "playing" };
        let count = shots.last().map_or(0, |last| last.scene + 1);
        live.show(&format!("{text}\nframe {} of {count}, {state}, speed {speed}\n{KEYS}\n", shot.scene + 1));
        let step = STEP.div_f64(speed);
        let wait = if paused { STILL } else { step * if shot.rests { REST } else { 1 } };
        let last = place + 1 == shots.len();
        match live.key(wait) {
            Some(' ') => paused = !paused,
            Some('n') => (place, paused) = (next_rest(shots, place), true),
            Some('b') => (place, paused) = (rest_before(shots, place), true),
            Some('+') => speed = (speed * 2.0).min(FASTEST),
            Some('-') => speed = (speed / 2.0).max(SLOWEST),
            Some('q') => return text,
            _ if live.interrupted() => return text,
            _ if paused => {}
            _ if last => return text,
            _ => place += 1,
        }
    }
}

fn next_rest(shots: &[Shot], place: usize) -> usize {
    (place + 1..shots.len()).find(|place| shots[*place].rests).unwrap_or(place)
}

fn rest_before(shots: &[Shot], place: usize) -> usize {
    (0..place).rev().find(|place| shots[*place].rests).unwrap_or(place)
}

/// The frames of the last command that sent something.
fn scenes(network: &Network, journal: &Journal) -> Vec<Scene> {
    let Some((command, _)) = journal.last_traffic() else { return Vec::new() };
    let frames = journal.frames().filter(|(_, crossing)| command_of(crossing, journal) == Some(command));
    frames.map(|(number, crossing)| Scene::of(number, &crossing, network, journal)).collect()
}

impl Scene {
    fn of(number: usize, crossing: &Crossing, network: &Network, journal: &Journal) -> Scene {
        let at = |place: &Place| network.end(&place.namespace, &place.link);
        let (from, to) = (crossing.sent.as_ref().and_then(at), crossing.received.as_ref().and_then(at));
        let what = dissect(&crossing.frame).what;
        let end = end(crossing, journal).map_or(String::new(), |end| format!("\n  {end}"));
        let caption = format!("{number}  {}\n  {what}{end}", way(crossing, journal));
        Scene { from, to, caption }
    }

    /// The pictures of its way: at rest, along the wire, at rest again.
    fn shots(&self, scene: usize) -> Vec<Shot> {
        let rest = |end: Option<End>| Shot { scene, spot: end.map(Spot::At), rests: true };
        match (self.from, self.to) {
            (Some(from), Some(to)) if from != to => {
                let on_wire = |steps| Shot { scene, spot: Some(Spot::OnWire(from, steps)), rests: false };
                let moving = (1..WHOLE_WAY).map(on_wire);
                [rest(Some(from))].into_iter().chain(moving).chain([rest(Some(to))]).collect()
            }
            (from, to) => vec![rest(to.or(from))],
        }
    }
}
