//! Why packets end: the simulator gives the reasons that Linux gives.
//!
//! The same networks are made on both stacks. The reasons of the running kernel are read while it drops the packets,
//! where it lets that out. Elsewhere, and for packets that end before they cross a link, which the real stack cannot
//! tell, what stands in the table counts: it was read off under `perf record -e skb:kfree_skb`.

use libtest_mimic::Failed;
use std::collections::{BTreeMap, BTreeSet};
use vethlab_engine::script;
use vethlab_explain::journal::Crossing;
use vethlab_programs::Transcript;
use vethlab_programs::session::Session;
use vethlab_shared::event::{Event, EventKind, PacketId};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_tests::trial::Trial;
use vethlab_tests::{files, stacks};

/// How long to wait for the last record of a packet that has arrived.
const PATIENCE: Duration = Duration::from_secs(2);

/// The scripts that drop many packets: routing, time to live, closed ports, neighbours that do not answer.
const SCRIPTS: [&str; 3] = ["traceroute", "traceroute-stars", "two-routers"];

/// A host, a router `r` and a far host `b`, all reaching each other.
const NETWORK: &str = "
ip netns add r
ip netns add b
ip link add h0 type veth peer name r0 netns r
ip link add r1 netns r type veth peer name b0 netns b
ip addr add 10.0.0.1/24 dev h0
ip link set h0 up
ip -n r addr add 10.0.0.2/24 dev r0
ip -n r link set r0 up
ip -n r link set lo up
ip -n r addr add 10.0.1.2/24 dev r1
ip -n r link set r1 up
ip -n b addr add 10.0.1.3/24 dev b0
ip -n b link set b0 up
ip route add default via 10.0.0.2
ip -n b route add default via 10.0.1.2
ip netns exec r sysctl -q -w net.ipv4.ip_forward=1
ping -q -c 1 10.0.1.3
";

/// Beside the network, `c` on a bridge of the machine, and what else is done there. Whom it sends to is not asked.
macro_rules! bridge {
    ($more:literal) => {
        concat!(
            "ip link add br0 type bridge mcast_snooping 0
             ip netns add c
             ip link add p1 type veth peer name c0 address 02:00:00:00:00:98 netns c
             ip -n c addr add 10.5.0.1/24 dev c0
             ip -n c link set c0 up
             ip link set p1 master br0 up
             ip link set br0 up
             ip -n c neigh add 10.5.0.2 lladdr 02:00:00:00:00:99 dev c0
             ",
            $more
        )
    };
}

/// What is done to the network, what is sent then, and where it ends and why on Linux 6.18.
const CASES: &[Case] = &[
    ("", "ping -q -c 1 10.0.1.3", &["host NO_SOCKET"]),
    ("", "ping -c 1 -t 1 10.0.1.3", &["r IP_INHDR"]),
    ("ip netns exec r sysctl -q -w net.ipv4.ip_forward=0", "ping -c 1 -W 1 10.0.1.3", &["r IP_INADDRERRORS"]),
    ("ip netns exec b sysctl -q -w net.ipv4.icmp_echo_ignore_all=1", "ping -c 1 -W 1 10.0.1.3", &[]),
    ("", "ping -c 1 -W 1 -b 10.0.0.255", &["host INVALID_PROTO", "r INVALID_PROTO"]),
    ("ip -n b route del default", "ping -c 1 -W 1 10.0.1.3", &[]),
    ("", "ping -c 1 -W 1 10.9.0.1", &["r IP_INNOROUTES"]),
    ("ip -n r route add unreachable 10.9.0.0/24", "ping -c 1 -W 1 10.9.0.1", &["r NOT_SPECIFIED"]),
    ("ip -n r route add blackhole 10.9.0.0/24", "ping -c 1 -W 1 10.9.0.1", &["r NOT_SPECIFIED"]),
    ("ip -n r route add prohibit 10.9.0.0/24", "ping -c 1 -W 1 10.9.0.1", &["r NOT_SPECIFIED"]),
    ("", "ping -c 1 10.0.0.77", &["host NEIGH_FAILED"]),
    ("ip -n r link set r1 mtu 1000", "ping -c 1 -W 1 -M do -s 1200 10.0.1.3", &["r PKT_TOO_BIG"]),
    (
        "ip netns exec r sysctl -q -w net.ipv4.conf.r0.rp_filter=1
         ip addr add 10.77.0.1/32 dev lo",
        "ping -c 1 -W 1 -I 10.77.0.1 10.0.1.3",
        &["r IP_RPFILTER"],
    ),
    (
        "ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev h0",
        "ping -c 1 -W 1 10.0.0.2",
        &["r OTHERHOST"],
    ),
    ("ip -n r addr add 10.0.0.1/32 dev lo", "ping -c 1 -W 1 10.0.0.2", &["r IP_LOCAL_SOURCE"]),
    (bridge!(""), "ip netns exec c ping -c 1 -W 1 10.5.0.2", &["host NO_TX_TARGET"]),
    (
        bridge!("ip link set br0 down"),
        "ip netns exec c ping -c 1 -W 1 10.5.0.2",
        &["host BRIDGE_INGRESS_STP_STATE"],
    ),
    (
        bridge!(
            "ip netns exec c ping -q -c 1 -W 0.1 10.5.0.2
             ip -n c link set c0 address 02:00:00:00:00:97
             ip -n c neigh replace 10.5.0.2 lladdr 02:00:00:00:00:98 dev c0"
        ),
        "ip netns exec c ping -c 1 -W 1 10.5.0.2",
        &["host NOT_SPECIFIED"],
    ),
];

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    let mut trials = vec![Trial::new("sim_gives_the_reasons_of_the_table", the_table_holds)];
    for (index, case) in CASES.iter().enumerate() {
        let name = format!("the_kernel_agrees_{index:02}");
        trials.push(Trial::on_kernel(name, missing, move || the_kernel_agrees(case)).timed());
    }
    for name in SCRIPTS {
        let script = move || the_kernel_agrees_on_a_script(name);
        trials.push(Trial::on_kernel(format!("the_kernel_agrees_on_{name}"), missing, script).timed());
    }
    trials.push(Trial::on_kernel("what_is_possible_is_said", missing, what_is_possible_is_said));
    trials
}

type Case = (&'static str, &'static str, &'static [&'static str]);

/// Makes the network, alters it and sends. All events of that.
fn play((change, command, _): &Case, stack: &mut dyn NetworkStack) -> Result<Vec<Event>, Failed> {
    stack.observe(true);
    let mut session = Session::new();
    for line in NETWORK.lines().chain(change.lines()) {
        let mut transcript = Transcript::default();
        session.execute(line, stack, &mut transcript);
        if !transcript.stderr.is_empty() {
            return Err(format!("{line}: {}", transcript.stderr).into());
        }
    }
    // What went before may end a little later.
    settle(stack, &mut session)?;
    let before = session.journal().events().last().map_or(0, |event| event.number);
    session.execute(command, stack, &mut Transcript::default());
    settle(stack, &mut session)?;
    Ok(session.journal().events_from(before + 1).to_vec())
}

/// Waits until a packet that was taken in by ping is told to have ended, as each is (`ping_rcv`).
fn settle(stack: &mut dyn NetworkStack, session: &mut Session) -> Result<(), Failed> {
    let deadline = stack.now() + PATIENCE;
    while stack.capabilities().drop_reasons && stack.now() < deadline {
        session.take_in(stack);
        if all_replies_have_ended(session.journal().events()) {
            return Ok(());
        }
        stack.run_until(stack.now() + Duration::from_millis(1), &[])?;
    }
    session.take_in(stack);
    Ok(())
}

/// Whether each echo reply that came to the host has ended.
fn all_replies_have_ended(events: &[Event]) -> bool {
    let is_reply = |frame: &[u8]| frame.get(23) == Some(&1) && frame.get(34) == Some(&0);
    let came = events.iter().filter(|event| match &event.kind {
        EventKind::NetifReceiveSkb { frame, .. } => event.namespace.is_host() && is_reply(frame),
        _ => false,
    });
    let ended = |packet| {
        let is_end = |event: &&Event| matches!(event.kind, EventKind::KfreeSkb { .. });
        events.iter().filter(is_end).any(|event| event.packet == packet)
    };
    came.into_iter().all(|event| event.packet.is_none() || ended(event.packet))
}

/// Where packets end and why, in order; `crossed`: of those only that have crossed a link.
fn ends(events: &[Event], crossed: bool) -> Vec<String> {
    let crossing: BTreeSet<PacketId> = events
        .iter()
        .filter(|event| {
            matches!(event.kind, EventKind::NetDevXmit { .. } | EventKind::NetifReceiveSkb { .. })
        })
        .filter_map(|event| event.packet)
        .collect();
    let end = |event: &Event| match event.kind {
        EventKind::KfreeSkb { reason }
            if !crossed || event.packet.is_some_and(|packet| crossing.contains(&packet)) =>
        {
            Some(format!("{} {}", event.namespace, reason.name()))
        }
        _ => None,
    };
    events.iter().filter_map(end).collect()
}

fn the_table_holds() -> Result<(), Failed> {
    let mut wrong = String::new();
    let mut told = 0;
    for case in CASES {
        let events = play(case, stacks::sim(0)?.as_mut())?;
        let (change, command, expected) = case;
        let ends_of_all = ends(&events, false);
        if ends_of_all != *expected {
            wrong += &format!("{change:?}, {command}: {ends_of_all:?}, on Linux {expected:?}\n");
        }
        told += ends(&events, true).len();
    }
    // Most of them the real stack can tell too, so that the others below say something.
    match wrong.is_empty() && told >= 12 {
        true => Ok(()),
        false => Err(format!("{wrong}{told} have crossed a link").into()),
    }
}

fn the_kernel_agrees(case: &Case) -> Result<(), Failed> {
    let sim = ends(&play(case, stacks::sim(0)?.as_mut())?, true);
    let mut stack = stacks::real()?;
    let events = play(case, stack.as_mut())?;
    let real = ends(&events, false);
    if !stack.capabilities().drop_reasons {
        let silent = real.is_empty() && events.iter().all(|event| event.packet.is_none());
        return if silent { Ok(()) } else { Err(format!("told although it cannot be: {real:?}").into()) };
    }
    match real == sim {
        true => Ok(()),
        false => {
            Err(format!("{:?}, {}: sim {sim:?}, the kernel {real:?}\n{events:#?}", case.0, case.1).into())
        }
    }
}

/// How often packets were dropped in a namespace for a reason, behind a link, in a script of `tests/scripts`.
fn drops_of_script(name: &str, stack: &mut dyn NetworkStack) -> Result<BTreeMap<String, usize>, Failed> {
    let scripts = files::read_all("scripts", "sh")?;
    let script = scripts.iter().find(|script| script.name == name).ok_or("there is no such script")?;
    stack.observe(true);
    let mut session = Session::new();
    for line in script::commands(script.text.as_bytes())? {
        session.execute(&line, stack, &mut Transcript::default());
    }
    settle(stack, &mut session)?;
    let mut drops = BTreeMap::new();
    for crossing in Crossing::all(session.journal().events()) {
        if let (Some(place), Some(reason)) = (crossing.received.or(crossing.sent), crossing.dropped) {
            *drops.entry(format!("{place} {}", reason.name())).or_insert(0) += 1;
        }
    }
    Ok(drops)
}

/// How many probes more than on the simulator `traceroute` may have under way on the kernel when it ends: it sends several
/// at once, and how soon answers come is chance there.
const UNDER_WAY: usize = 4;

/// What the kernel tells is what the simulator tells. The kernel may tell less: it loses records where it is busy.
fn the_kernel_agrees_on_a_script(name: &str) -> Result<(), Failed> {
    let sim = drops_of_script(name, stacks::sim(0)?.as_mut())?;
    let mut stack = stacks::real()?;
    let real = drops_of_script(name, stack.as_mut())?;
    let as_often =
        |(drop, count): (&String, &usize)| sim.get(drop).is_some_and(|told| told + UNDER_WAY >= *count);
    let is_told = real.iter().all(as_often);
    // Half of them at least, or nothing is shown by it.
    let (many, all) = (real.values().sum::<usize>(), sim.values().sum::<usize>());
    let enough = match stack.capabilities().drop_reasons {
        true => 2 * many > all && all > 5,
        false => many == 0,
    };
    match is_told && enough {
        true => Ok(()),
        false => Err(format!("sim {sim:#?}, the kernel {real:#?}").into()),
    }
}

/// The capability, what `vethlab doctor` shows, and who runs this say the same.
fn what_is_possible_is_said() -> Result<(), Failed> {
    let shown = vethlab_real::probe_drop_reasons();
    let can = stacks::real()?.capabilities().drop_reasons;
    let consistent = shown.met == can && shown.remedy.is_none() == can;
    match consistent {
        true => Ok(()),
        false => Err(format!("the stack can: {can}, but the doctor says {shown:?}").into()),
    }
}
