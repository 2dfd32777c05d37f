//! The pictures of `map`: nothing is missing, nothing is too wide, and each form is well formed.

use proptest::test_runner::{TestCaseError, TestRunner};
use vethlab_programs::session::{Outcome, Session};
use vethlab_programs::{Console, Transcript};
use vethlab_shared::event::EventKind;
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;
use vethlab_tests::{generate, randomness, report};

/// Keeps the files that a program writes.
#[derive(Default)]
struct Recorded {
    transcript: Transcript,
    files: Vec<(String, String)>,
}

impl Console for Recorded {
    fn out(&mut self, text: &str) {
        self.transcript.out(text);
    }
    fn err(&mut self, text: &str) {
        self.transcript.err(text);
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        let text = String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())?;
        self.files.push((file.to_owned(), text));
        Ok(())
    }
}

/// What a command prints, and the files that it writes; it must succeed.
fn type_in(world: &mut World, line: &str) -> Recorded {
    let mut recorded = Recorded::default();
    let outcome = Session::new().execute(line, world, &mut recorded);
    assert_eq!(outcome, Outcome::Ran(0), "{line}: {}", recorded.transcript.stderr);
    recorded
}

fn print(world: &mut World, line: &str) -> String {
    type_in(world, line).transcript.stdout
}

fn build(lines: &[&str]) -> World {
    let mut world = World::new(1);
    for line in lines {
        type_in(&mut world, line);
    }
    world
}

#[test]
fn a_bridge_is_a_box_with_its_ports() {
    let mut world = build(&[
        "ip netns add red",
        "ip netns add blue",
        "ip link add p1 type veth peer name eth0 netns red",
        "ip link add br0 type bridge",
        "ip link add p2 type veth peer name eth0 netns blue",
        "ip link set p1 master br0",
        "ip link set p2 master br0",
        "ip addr add 10.0.0.1/24 dev br0",
        "ip addr add 10.0.0.2/24 dev br0",
    ]);
    let shown = print(&mut world, "map");
    let host: Vec<&str> =
        shown.lines().skip(1).take(5).map(|line| line.split("down").next().unwrap_or("")).collect();
    let begins = ["│   lo   up", "│ ┌ br0  ", "│ │", "│ ├ p1   ", "│ └ p2   "];
    for (line, begins) in host.iter().zip(begins) {
        assert!(line.starts_with(begins), "{begins}\n{shown}");
    }
    let inner = print(&mut world, "map --dot");
    assert!(inner.contains("subgraph cluster_0_1 {\n    label=\"br0\"\n    n0_1 "), "{inner}");
    assert_eq!(inner.matches('{').count(), inner.matches('}').count(), "{inner}");
}

/// The names and addresses that no picture may leave out.
fn words(world: &mut World) -> Vec<String> {
    let mut words = Vec::new();
    for name in world.namespaces().expect("namespaces").into_iter().chain([NamespaceName::HOST]) {
        words.extend(world.links(&name).expect("links").iter().map(|link| link.name.to_string()));
        words.extend(
            world
                .addresses(&name, Family::Inet)
                .expect("addresses")
                .iter()
                .map(|one| format!("{}/{}", one.peer, one.prefix_length)),
        );
        words.push(name.to_string());
    }
    words
}

#[test]
fn pictures_of_random_networks_are_whole() {
    let mut runner = TestRunner::new(randomness::config(300));
    let law = |holds: bool, what: &str, text: &str| match holds {
        true => Ok(()),
        false => Err(TestCaseError::fail(format!("{what}\n{text}"))),
    };
    runner
        .run(&generate::operations(40), |operations| {
            let mut world = World::new(1);
            report::run(&mut world, &operations, &[]);
            let words = words(&mut world);
            let boxed = world.namespaces().expect("namespaces").len() < 8;
            for line in ["map", "map --ascii", "map --dot", "map --mermaid"] {
                let text = print(&mut world, line);
                for word in &words {
                    law(text.contains(word.as_str()), word, &text)?;
                }
                law(print(&mut world, line) == text, "the same again", &text)?;
                if boxed && !line.contains("--dot") && !line.contains("--mermaid") {
                    let widest = text.lines().map(|line| line.chars().count()).max();
                    law(widest <= Some(80), "80 columns", &text)?;
                    law(text.is_ascii() == line.contains("--ascii"), "ASCII", &text)?;
                }
            }
            let files = type_in(&mut world, "map --svg x.svg").files;
            let tree = roxmltree::Document::parse(&files[0].1)
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            let texts: String = tree.descendants().filter_map(|node| node.text()).collect();
            for word in &words {
                law(texts.contains(word.as_str()), word, &texts)?;
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// A router between two machines; one of its links is down.
const ROUTER: [&str; 9] = [
    "ip netns add r",
    "ip netns add b",
    "ip link add left type veth peer name near netns r",
    "ip link add far netns r type veth peer name right netns b",
    "ip addr add 10.0.1.2/24 dev left",
    "ip link set left up",
    "ip -n r link set near up",
    "ip -n r addr add 10.0.1.1/24 dev near",
    "ip netns exec r sysctl -q -w net.ipv4.ip_forward=1",
];

#[test]
fn a_chain_is_drawn_as_one() {
    let expected = "\
┌─ host ─────────────────────┐
│ lo     up    127.0.0.1/8   │
│ left   up    10.0.1.2/24  ●├──┐
└────────────────────────────┘  │
┌─ r (forwards) ─────────────┐  │
│ lo     down                │  │
│ near   up    10.0.1.1/24  ●├──┘
│ far    down               ●├╌╌┐
└────────────────────────────┘  ╎
┌─ b ────────────────────────┐  ╎
│ lo     down                │  ╎
│ right  down               ●├╌╌┘
└────────────────────────────┘
";
    let mut world = build(&ROUTER);
    assert_eq!(print(&mut world, "map"), expected);
}

#[test]
fn more_than_eight_namespaces_are_a_list() {
    let mut world = build(&ROUTER);
    for number in 0..6 {
        type_in(&mut world, &format!("ip netns add n{number}"));
    }
    let text = print(&mut world, "map");
    assert!(
        text.starts_with("host\n  lo     up    127.0.0.1/8\n  left   up    10.0.1.2/24  to r/near\n"),
        "{text}"
    );
    assert!(text.contains("\nr (forwards)\n") && text.ends_with("\nn5\n  lo     down\n"), "{text}");
}

#[test]
fn a_mark_shows_where_the_packet_is() {
    let mut world = build(&ROUTER);
    world.observe(true);
    let mut session = Session::new();
    session.execute("ping -c 1 10.0.1.1", &mut world, &mut Transcript::default());
    let journal = session.journal();
    let mut seen = Vec::new();
    for event in journal.events() {
        let mut transcript = Transcript::default();
        let mut context = vethlab_programs::Context {
            stack: &mut world,
            namespace: NamespaceName::HOST,
            console: &mut transcript,
            journal: &journal.until(event.number),
            jobs: &mut vethlab_programs::jobs::Jobs::default(),
            files: &mut vethlab_programs::Files::default(),
            shells: &[],
            beside: None,
            background: false,
            input: vethlab_programs::process::Input::Empty,
            environment: Vec::new(),
            enter: None,
        };
        vethlab_programs::run(vec!["map".to_owned()], &mut context);
        let marks = transcript.stdout.matches('◆').count();
        let about_one = event.packet.is_some() || matches!(event.kind, EventKind::NeighUpdate { .. });
        assert!(marks == 2 || (marks == 0 && !about_one), "{marks}: {event:?}\n{}", transcript.stdout);
        seen.extend(transcript.stdout.lines().last().filter(|line| line.starts_with('◆')).map(str::to_owned));
    }
    seen.dedup();
    for expected in [
        "is in host, on no wire yet",
        "is on the wire at host/left as frame ",
        "came in by r/near as frame ",
        "ended at r/near as frame ",
    ] {
        assert!(seen.iter().any(|line| line.contains(expected)), "{expected}: {seen:#?}");
    }
    assert!(!print(&mut world, "map").contains('◆'), "in the present no packet is under way");
}

#[test]
fn wrong_words_are_told() {
    let mut world = World::new(1);
    for line in ["map red", "map --svg", "map --ascii --dot", "map --dot a b"] {
        let mut transcript = Transcript::default();
        assert_eq!(Session::new().execute(line, &mut world, &mut transcript), Outcome::Ran(2), "{line}");
        assert!(transcript.stderr.starts_with("map: ") && transcript.stdout.is_empty(), "{transcript:?}");
    }
}
