//! What `ip link` makes of its words, with the answers of the real program.

use super::*;
use crate::ip::args::Words;
use vethlab_shared::change::BridgeSettings;
use vethlab_shared::view::LinkFlags;

fn request(verb: Verb, line: &str) -> Result<Request, Failure> {
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    parse(verb, &mut Known, &mut Words::new(&words))
}

/// There is a namespace red, and a link br0 with the number 7.
struct Known;

impl Names for Known {
    fn has_namespace(&mut self, name: &NamespaceName) -> Result<bool, StackError> {
        Ok(name.as_str() == "red")
    }

    fn link(&mut self, name: &str) -> Result<Option<IfIndex>, Failure> {
        Ok((name == "br0").then_some(IfIndex(7)))
    }
}

/// The other end of a pair.
fn peer(request: Request) -> End {
    match request.data {
        Ok(KindData::Peer(peer)) => *peer,
        other => panic!("no pair: {other:?}"),
    }
}

fn failure(verb: Verb, line: &str) -> (Status, String) {
    match request(verb, line) {
        Err(Failure::Exit { message, status }) => (status, message),
        other => panic!("{line}: {other:?}"),
    }
}

fn not_modelled_text(verb: Verb, line: &str) -> String {
    match request(verb, line) {
        Err(Failure::NotModelled(what)) => what,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn a_pair_with_all_that_can_be_said() {
    let line = "veth-red mtu 1400 address 2:0:0:0:0:1 txqueuelen 5 index 7 type veth \
                peer name veth-host mtu 1300 netns red up";
    let request = request(Verb::Add, line).expect("a pair");
    assert_eq!(request.kind.as_deref(), Some("veth"));
    let near = request.end.clone().settings().expect("settings");
    assert_eq!(near.name.as_ref().map(LinkName::as_str), Some("veth-red"));
    assert_eq!((near.mtu, near.tx_queue_length, near.index), (Some(1400), Some(5), Some(IfIndex(7))));
    assert_eq!(near.address, Some(MacAddress([2, 0, 0, 0, 0, 1])));
    let far = peer(request).settings().expect("settings");
    assert_eq!(far.name.as_ref().map(LinkName::as_str), Some("veth-host"));
    assert_eq!(far.namespace.as_ref().map(NamespaceName::as_str), Some("red"));
    assert_eq!((far.flags, far.flags_mask), (LinkFlags::UP, LinkFlags::UP));
}

#[test]
fn the_peer_may_be_left_out_or_named_without_a_keyword() {
    assert_eq!(peer(request(Verb::Add, "v0 type veth").expect("a pair")), End::default());
    let named = request(Verb::Add, "v0 type veth peer v1").expect("a pair");
    assert_eq!(peer(named).name, Some("v1".to_owned()));
}

#[test]
fn short_names_are_taken_for_keywords() {
    let lladdr = (1, "\"type\" is invalid lladdr.\n".to_owned());
    assert_eq!(failure(Verb::Add, "a type veth peer name b"), lladdr);
    assert_eq!(failure(Verb::Add, "b type veth"), lladdr);
    assert_eq!(
        failure(Verb::Set, "m eth0"),
        (255, "Error: argument \"eth0\" is wrong: Device does not exist\n\n".to_owned())
    );
    assert_eq!(not_modelled_text(Verb::Set, "v0 xdp off"), "ip link set … xdp");
    assert_eq!(not_modelled_text(Verb::Add, "v0 type dummy"), "ip link add … type dummy");
}

#[test]
fn a_bridge_and_its_ports() {
    let settings = |line: &str| request(Verb::Add, line).expect("a bridge").data;
    let bridge = |ageing_time, mcast_snooping| {
        Ok(KindData::Bridge(BridgeSettings { ageing_time, mcast_snooping, ..BridgeSettings::default() }))
    };
    assert_eq!(settings("br0 type bridge"), bridge(None, None));
    assert_eq!(settings("br0 type bridge age 100 mcast_snooping 0"), bridge(Some(100), Some(false)));
    let what = not_modelled_text(Verb::Add, "br0 type bridge vlan_filtering 1");
    assert_eq!(what, "ip link … type bridge vlan_filtering");
    let master = |line: &str| request(Verb::Set, line).expect("a port").end.master;
    assert_eq!(master("v0 master br0"), Some(IfIndex(7)));
    assert_eq!(master("v0 nomaster"), Some(IfIndex(0)));
    assert_eq!(master("v0 up"), None);
}

#[test]
fn on_and_off_are_all_there_is() {
    let set = request(Verb::Set, "v0 arp off promisc on").expect("settings");
    assert_eq!(set.end.flags, LinkFlags::NO_ARP | LinkFlags::PROMISCUOUS);
    let set = request(Verb::Set, "v0 arp on up down").expect("settings");
    assert_eq!((set.end.flags, set.end.flags_mask), (LinkFlags::empty(), LinkFlags::NO_ARP | LinkFlags::UP));
    let text = "Error: argument of \"arp\" must be \"on\" or \"off\", not \"maybe\"\n";
    assert_eq!(failure(Verb::Set, "v0 arp maybe"), (1, text.to_owned()));
}

#[test]
fn a_name_may_come_before_the_device_that_gets_it() {
    let set = request(Verb::Set, "name new dev old").expect("a new name");
    assert_eq!((set.end.device.as_deref(), set.end.name.as_deref()), (Some("old"), Some("new")));
    let same = request(Verb::Set, "v0 name v0").expect("no new name");
    assert_eq!(same.end.name, None);
}

#[test]
fn errors_are_those_of_the_real_program() {
    for (verb, line, status, text) in [
        (Verb::Set, "v0 foo", 255, "Error: either \"dev\" is duplicate, or \"foo\" is a garbage."),
        (Verb::Set, "v0 mtu", 255, "Command line is not complete. Try option \"help\""),
        (Verb::Set, "v0 mtu x", 255, "Error: argument \"x\" is wrong: Invalid \"mtu\" value\n"),
        (Verb::Set, "v0 mtu 1 mtu 2", 255, "Error: duplicate \"mtu\": \"2\" is the second value."),
        (Verb::Set, "up", 255, "Not enough information: \"dev\" argument is required."),
        (Verb::Set, "v0 netns nope", 255, "Error: argument \"nope\" is wrong: Invalid \"netns\" value\n"),
        (Verb::Add, "v0", 1, "Not enough information: \"type\" argument is required"),
        (Verb::Add, "v0 type foo bar", 1, "Garbage instead of arguments \"bar ...\". Try \"ip link help\"."),
        (
            Verb::Add,
            "v0 type veth peer name v1 type veth",
            255,
            "Error: duplicate \"type\": \"veth\" is the second value.",
        ),
        (
            Verb::Add,
            "dev v0 name v1 type veth",
            255,
            "both \"name\" and \"dev\" cannot be used when creating devices.",
        ),
        (
            Verb::Add,
            "name 1234567890123456 type veth",
            255,
            "Error: argument \"1234567890123456\" is wrong: \"name\" not a valid ifname",
        ),
    ] {
        assert_eq!(failure(verb, line), (status, format!("{text}\n")), "{line}");
    }
}

#[test]
fn what_only_the_kernel_refuses_is_refused_in_its_words() {
    let settings = |line| request(Verb::Add, line).expect("words").end.settings();
    let exit = |message: &str| Err(Failure::Exit { message: format!("{message}\n"), status: 2 });
    assert_eq!(settings("1234567890123456 type veth"), exit("Error: Attribute failed policy validation."));
    assert_eq!(settings("a:b type veth"), exit("RTNETLINK answers: Invalid argument"));
    assert_eq!(settings("v0 address 1:2 type veth"), exit("RTNETLINK answers: Invalid argument"));
}

#[test]
fn a_namespace_can_be_found_by_a_process_or_a_path() {
    let place = |line| request(Verb::Set, line).expect("a place").end.place;
    assert_eq!(place("v0 netns 1"), Some(Place::Process(1)));
    let red = NamespaceName::new("red").ok();
    assert_eq!(place("v0 netns /run/netns/red"), red.map(Place::Namespace));
    assert_eq!(namespace(Place::Process(1)), Ok(NamespaceName::HOST));
    assert_eq!(namespace(Place::Process(7)), Err(refused(Errno::ESRCH.into())));
}
