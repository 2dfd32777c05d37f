//! `map --live`: a packet is seen at every place of its way, and the person sets the pace.

use vethlab_engine::machine::Machine;
use vethlab_programs::session::Outcome;
use vethlab_programs::{Console, Live, Transcript};
use vethlab_shared::time::Duration;

const NETWORK: [&str; 7] = [
    "ip netns add red",
    "ip link add cable type veth peer name eth0 netns red",
    "ip addr add 10.0.0.1/24 dev cable",
    "ip link set cable up",
    "ip -n red addr add 10.0.0.2/24 dev eth0",
    "ip -n red link set eth0 up",
    "ping -c 1 10.0.0.2",
];

fn network() -> Machine {
    let mut machine = Machine::on_sim(0);
    for line in NETWORK {
        assert_eq!(machine.execute(line, &mut Transcript::default()), Outcome::Ran(0), "{line}");
    }
    machine
}

/// A person before a screen, who presses these keys, one at each picture; `.` is none.
struct Person {
    printed: String,
    screen: Screen,
}

struct Screen {
    keys: std::vec::IntoIter<char>,
    shown: Vec<String>,
    waited: Vec<Duration>,
}

impl Person {
    fn who_presses(keys: &str) -> Person {
        let keys = keys.chars().collect::<Vec<_>>().into_iter();
        Person { printed: String::new(), screen: Screen { keys, shown: Vec::new(), waited: Vec::new() } }
    }

    /// The places of the packet, as row and column, picture by picture.
    fn places(&self) -> Vec<(usize, usize)> {
        let place = |text: &String| {
            let row = text.lines().position(|line| line.contains('◆')).expect("a packet");
            (row, text.lines().nth(row).and_then(|line| line.chars().position(|it| it == '◆')).expect("it"))
        };
        self.screen.shown.iter().map(place).collect()
    }
}

impl Console for Person {
    fn out(&mut self, text: &str) {
        self.printed += text;
    }
    fn err(&mut self, text: &str) {
        panic!("{text}");
    }
    fn live(&mut self) -> Option<&mut dyn Live> {
        Some(&mut self.screen)
    }
}

impl Live for Screen {
    fn show(&mut self, text: &str) {
        assert!(self.shown.len() < 1000, "it does not end");
        self.shown.push(text.to_owned());
    }
    fn key(&mut self, at_most: Duration) -> Option<char> {
        self.waited.push(at_most);
        self.keys.next().filter(|key| *key != '.')
    }
    fn interrupted(&self) -> bool {
        false
    }
}

#[test]
fn a_packet_moves_from_one_end_of_the_wire_to_the_other() {
    let mut person = Person::who_presses("");
    assert_eq!(network().execute("map --live", &mut person), Outcome::Ran(0));
    let places = person.places();
    // Four frames, each at rest, seven steps along the wire, and at rest again.
    assert_eq!(places.len(), 4 * 9);
    let steps = |from: usize| places[from..from + 9].windows(2);
    assert!(steps(0).all(|pair| pair[0] != pair[1]), "it moves: {places:?}");
    assert!(steps(0).all(|pair| pair[0].0 <= pair[1].0), "downwards: {places:?}");
    assert!(steps(9).all(|pair| pair[0].0 >= pair[1].0), "and back: {places:?}");
    assert_eq!((places[8], places[0]), (places[9], places[17]), "where one ends the answer begins");
    // The last picture stays, without the keys.
    assert!(person.printed.contains("ICMP echo reply") && !person.printed.contains("pause"));
}

#[test]
fn the_person_pauses_steps_and_leaves() {
    let mut person = Person::who_presses("...  nnb+-q");
    assert_eq!(network().execute("map --live", &mut person), Outcome::Ran(0));
    let said = |what: &str| person.screen.shown.iter().filter(|text| text.contains(what)).count();
    assert_eq!((said("paused"), said("frame 2 of 4")), (6, 1), "{:#?}", person.screen.shown);
    assert_eq!(said("speed 2\n"), 1);
    assert_eq!(person.screen.shown.len(), 11, "one picture for each key");
}

#[test]
fn the_speed_is_the_persons() {
    let waits = |speed: &str| {
        let mut person = Person::who_presses("");
        assert_eq!(network().execute(&format!("map --live {speed}"), &mut person), Outcome::Ran(0));
        person.screen.waited.iter().sum::<Duration>()
    };
    assert_eq!(waits("1"), waits("2") * 2);
    assert_eq!(waits("0.5"), waits("1") * 2);
    for wrong in ["0", "11", "-1", "NaN", "inf", "fast", "1 2"] {
        let mut console = Transcript::default();
        assert_eq!(network().execute(&format!("map --live {wrong}"), &mut console), Outcome::Ran(2));
        assert_eq!(console.stderr.lines().count(), 1, "{wrong}: {}", console.stderr);
    }
}

#[test]
fn without_a_screen_each_frame_is_printed_once_and_plainly() {
    let mut console = Transcript::default();
    assert_eq!(network().execute("map --live", &mut console), Outcome::Ran(0));
    assert_eq!(console.stdout.matches("┌─ red").count(), 4, "{}", console.stdout);
    assert!(!console.stdout.contains('\x1b'));
    for what in
        ["1  host/cable > red/eth0\n  ARP who-has 10.0.0.2", "4  red/eth0 > host/cable\n  ICMP echo reply"]
    {
        assert!(console.stdout.contains(what), "{what}\n{}", console.stdout);
    }
}

#[test]
fn a_frame_that_is_lost_says_so_and_a_quiet_network_too() {
    let mut machine = network();
    machine.execute("ip -n red addr del 10.0.0.2/24 dev eth0", &mut Transcript::default());
    machine.execute("ping -c 1 -W 1 10.0.0.2", &mut Transcript::default());
    let mut console = Transcript::default();
    machine.execute("map --live", &mut console);
    assert!(console.stdout.contains("dropped in red"), "{}", console.stdout);

    let mut console = Transcript::default();
    machine.execute("ping -c 1 192.168.1.1", &mut Transcript::default());
    machine.execute("map --live", &mut console);
    assert_eq!(console.stdout, "No frame crossed a link in 'ping -c 1 192.168.1.1': 'why' tells more.\n");

    let mut console = Transcript::default();
    assert_eq!(Machine::on_sim(0).execute("map --live", &mut console), Outcome::Ran(0));
    assert!(console.stdout.starts_with("No command has sent anything"), "{}", console.stdout);
}
