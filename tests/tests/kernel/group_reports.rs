//! A bridge that goes up tells which group it listens to, and tells it again within a second, on both stacks.

use libtest_mimic::Failed;
use vethlab_engine::script;
use vethlab_explain::dissect::dissect;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Received, SocketKind};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::time::Duration;
use vethlab_tests::stacks::{self, Case};
use vethlab_tests::trial::{Trial, equal};

/// A bridge that is still down, and a station at its port.
const NETWORK: &str = "
ip netns add pc
ip link add br0 type bridge
ip link set br0 address 02:00:00:00:00:0b
ip link add p0 type veth peer name e0 netns pc
ip link set p0 master br0 up
ip -n pc link set e0 up
";

/// Within which time both reports have come: the kernel's timer may be late.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long is waited at once.
const STEP: Duration = Duration::from_millis(20);

const CASES: [(&str, Case); 2] = [
    ("from_the_address_of_the_bridge", with_address),
    ("from_no_address_where_there_is_none", without_address),
];

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    stacks::on_both(missing, &CASES)
}

fn with_address(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    reports("ip addr add 10.0.0.1/24 dev br0", "10.0.0.1 > 224.0.0.22", stack)
}

fn without_address(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    reports("", "0.0.0.0 > 224.0.0.22", stack)
}

/// What is heard of the bridge at the far end of its port: the report (224.0.0.106, all snoopers) twice.
fn reports(address: &str, whom: &str, stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let play = |text: &str, stack: &mut dyn NetworkStack| -> Result<(), Failed> {
        let commands = script::commands(text.as_bytes())?;
        script::play(&commands, stack).iter().try_for_each(|entry| equal(&entry.command, &entry.status, &0))
    };
    play(&format!("{NETWORK}{address}\n"), stack)?;
    let pc = NamespaceName::new("pc")?;
    let link = stack.link_by_name(&pc, &"e0".parse()?)?.ok_or("no e0")?;
    let socket = stack.open(&pc, &SocketKind::Packet(link.index))?;
    play("ip link set br0 up\n", stack)?;
    let began = stack.now();
    let mut heard = Vec::new();
    while heard.len() < 2 && stack.now().since(began) < PATIENCE {
        let until = stack.now() + STEP;
        stack.run_until(until, &[])?;
        while let Some(Received::Frame(frame)) = stack.receive(socket)? {
            let seen = dissect(&frame.bytes);
            let payload = frame.bytes.get(38..).unwrap_or_default().to_vec();
            heard.push((seen.what, seen.whom, payload));
        }
    }
    let report = vec![0x22, 0, 0xf9, 0x93, 0, 0, 0, 1, 4, 0, 0, 0, 224, 0, 0, 106];
    let expected = ("IPv4 protocol IGMP ttl 1".to_owned(), whom.to_owned(), report);
    equal("reports", &heard, &vec![expected.clone(), expected])
}
