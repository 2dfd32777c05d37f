//! The walkthrough, and what the kernel answers, through the trait.

use crate::lab::{HOST, Lab, RED, echo_request, new_address, new_neighbour, new_route, pair};
use std::net::Ipv4Addr;
use vethlab_real::Unavailable;
use vethlab_shared::change::Change;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::{IfIndex, NamespaceName};
use vethlab_shared::netfilter::Ruleset;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::socket::{Direction, ErrorOrigin, MtuDiscovery, Received, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::{
    LinkFlags, LinkKind, NeighbourState, OperationalState, Protocol, RouteKind, RouteQuery, Scope, table,
};

pub(crate) fn the_walkthrough_works() -> Result<(), Unavailable> {
    let mut lab = Lab::new()?;
    let (host, red) = (lab.host.clone(), lab.red.clone());

    assert!(lab.link(&host, "lo").has(LinkFlags::UP | LinkFlags::LOWER_UP));
    lab.add_red();
    assert_eq!(lab.stack.namespaces().as_deref(), Ok([red.clone()].as_slice()));
    let lo = lab.link(&red, "lo");
    assert_eq!(
        (lo.kind, lo.state, lo.flags),
        (LinkKind::Loopback, OperationalState::Down, LinkFlags::LOOPBACK)
    );
    assert_eq!(lab.stack.routes(&red, Family::Inet), Ok(Vec::new()));

    lab.join();
    assert!(lab.find(&host, "veth-red").is_none());
    let (near, far) = (lab.link(&host, "veth-host"), lab.link(&red, "veth-red"));
    assert_eq!((near.peer, far.peer), (Some(far.index), Some(near.index)));
    assert_eq!(near.peer_namespace_id, lab.stack.namespace_id(&host, &red).expect("red is there"));
    assert_eq!(near.kind, LinkKind::Veth);
    for namespace in [&host, &red] {
        for link in lab.stack.links(namespace).expect("the links") {
            assert_eq!(lab.stack.link_by_name(namespace, &link.name), Ok(Some(link)));
        }
    }
    assert_eq!(lab.stack.link_by_name(&host, &far.name), Ok(None));
    assert_eq!((lab.stack.has_namespace(&red), lab.stack.has_namespace(&host)), (Ok(true), Ok(false)));

    lab.address(&host, "veth-host", HOST);
    lab.address(&red, "veth-red", RED);
    lab.up(&host, "veth-host");
    assert_eq!(lab.link(&host, "veth-host").state, OperationalState::LowerLayerDown);
    lab.up(&red, "veth-red");
    assert_eq!(lab.link(&host, "veth-host").state, OperationalState::Up);

    let routes = lab.stack.routes(&host, Family::Inet).expect("the routes");
    let connected = routes.iter().find(|route| route.table == table::MAIN).expect("the connected route");
    assert_eq!(connected.destination, Prefix::new(HOST, 24).network());
    assert_eq!((connected.kind, connected.protocol), (RouteKind::Unicast, Protocol::KERNEL));
    assert_eq!((connected.scope, connected.output), (Scope::LINK, Some(near.index)));
    assert_eq!(connected.preferred_source, Some(HOST.into()));

    lab.ping(&host, RED);
    lab.ping(&red, HOST);
    let neighbours = lab.stack.neighbours(&host, Family::Inet).expect("the neighbours");
    let known = neighbours.iter().find(|neighbour| neighbour.destination == RED).expect("red is known");
    assert_eq!((known.state, known.address), (NeighbourState::REACHABLE, Some(far.address)));
    // Drawn between half and one and a half of 30 seconds.
    let parameters = lab.stack.neighbour_parameters(&host, Family::Inet).expect("the neighbour tables");
    let drawn = parameters.iter().find(|drawn| drawn.link == near.index).expect("the link is there");
    assert!((15_000..=45_000).contains(&drawn.reachable_time.as_millis()), "{drawn:?}");
    assert_eq!(lab.stack.ruleset(&red), Ok(Ruleset::default()));
    Ok(())
}

pub(crate) fn refusals_keep_their_errno_and_text() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    let host = lab.host.clone();
    let link = lab.link(&host, "veth-host").index;
    let answers = [
        (new_address(link, HOST), Errno::EEXIST, Some("ipv4: Address already assigned")),
        (pair("veth-host", "other"), Errno::EEXIST, None),
        (
            new_route(Prefix::new(Ipv4Addr::new(10, 0, 0, 0), 8), Ipv4Addr::new(172, 16, 0, 1)),
            Errno::ENETUNREACH,
            Some("Nexthop has invalid gateway"),
        ),
        (Change::DeleteLink(IfIndex(999)), Errno::ENODEV, None),
        (Change::DeleteNeighbour { link, destination: [192, 168, 1, 77].into() }, Errno::ENOENT, None),
        (Change::DeleteLink(IfIndex::LOOPBACK), Errno::EOPNOTSUPP, None),
        (Change::AddNamespace(lab.red.clone()), Errno::EEXIST, None),
    ];
    for (change, errno, text) in answers {
        let refusal = lab.refusal(&host, &change);
        let StackError::Refused { errno: got, extack, .. } = &refusal else {
            panic!("{change:?}: {refusal:?}")
        };
        assert_eq!(*got, errno, "{change:?}");
        if let Some(text) = text {
            // The kernel ends some texts with a full stop, and not the same ones in each version.
            assert_eq!(extack.as_deref().map(|text| text.trim_end_matches('.')), Some(text), "{change:?}");
        }
    }
    let neighbour = new_neighbour(link, Ipv4Addr::new(192, 168, 1, 9));
    lab.apply(&host, &neighbour);
    assert_eq!(lab.refusal(&host, &neighbour).errno(), Some(Errno::EEXIST));
    Ok(())
}

pub(crate) fn names_that_are_not_there_are_enoent() -> Result<(), Unavailable> {
    let mut lab = Lab::new()?;
    let nowhere = NamespaceName::new("nowhere").expect("a good name");
    assert_eq!(lab.stack.links(&nowhere), Err(Errno::ENOENT.into()));
    assert_eq!(lab.stack.namespace_id(&NamespaceName::HOST, &nowhere), Err(Errno::ENOENT.into()));
    assert_eq!(lab.stack.open(&nowhere, &SocketKind::Udp(Family::Inet)), Err(Errno::ENOENT.into()));
    let change = Change::DeleteNamespace(nowhere);
    assert_eq!(lab.refusal(&NamespaceName::HOST, &change), Errno::ENOENT.into());
    Ok(())
}

pub(crate) fn an_unreachable_host_is_told() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    let nobody = Ipv4Addr::new(192, 168, 1, 3);
    let socket =
        lab.stack.open(&NamespaceName::HOST, &SocketKind::Icmp(Family::Inet)).expect("an ICMP socket");
    lab.stack.set_option(socket, &SocketOption::ReceiveErrors(true)).expect("an option of ICMP sockets");
    let request = echo_request(1);
    lab.stack.send(socket, (nobody, 0).into(), &request).expect("the request waits for ARP");
    let error = lab.wait_for(socket, |received| match received {
        Received::Error(error) => Some(error),
        _ => None,
    });
    assert_eq!(error.errno, Errno::EHOSTUNREACH);
    assert_eq!(error.origin, ErrorOrigin::Icmp { offender: HOST.into(), kind: 3, code: 1 });
    assert_eq!((error.destination, error.payload), ((nobody, 0).into(), request));
    let neighbours = lab.stack.neighbours(&NamespaceName::HOST, Family::Inet).expect("the neighbours");
    let entry = neighbours.iter().find(|neighbour| neighbour.destination == nobody).expect("an entry");
    assert_eq!((entry.state, entry.address), (NeighbourState::FAILED, None));
    Ok(())
}

pub(crate) fn a_capture_sees_every_frame_in_order() -> Result<(), Unavailable> {
    const ARP: [u8; 2] = [0x08, 0x06];
    const IPV4: [u8; 2] = [0x08, 0x00];
    let mut lab = Lab::joined()?;
    let link = lab.link(&lab.red.clone(), "veth-red").index;
    let before = lab.stack.now();
    let capture = lab.stack.open(&lab.red.clone(), &SocketKind::Packet(link)).expect("a packet socket");
    lab.ping(&NamespaceName::HOST, RED);
    let frames = lab.frames(capture, 4);
    let seen: Vec<(Direction, [u8; 2])> =
        frames.iter().map(|frame| (frame.direction, [frame.bytes[12], frame.bytes[13]])).collect();
    let expected =
        [(Direction::In, ARP), (Direction::Out, ARP), (Direction::In, IPV4), (Direction::Out, IPV4)];
    assert_eq!(seen, expected);
    assert_eq!(frames[0].bytes[..6], [0xff; 6], "who-has goes to everybody");
    assert_eq!([frames[2].bytes[34], frames[3].bytes[34]], [8, 0], "echo request, echo reply");
    let times: Vec<_> = frames.iter().map(|frame| frame.time).collect();
    assert!(times.is_sorted() && times[0] >= before, "{times:?} after {before}");
    Ok(())
}

pub(crate) fn a_lookup_says_which_way() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    let host = lab.host.clone();
    let query = |destination| RouteQuery { destination, source: None, output: None, input: None, tos: 0 };
    let answer = lab.stack.lookup_route(&host, &query(RED.into())).expect("red is connected");
    assert_eq!(answer.route.destination, Prefix::host(RED));
    assert_eq!(answer.route.output, Some(lab.link(&host, "veth-host").index));
    assert_eq!((answer.route.preferred_source, answer.uid), (Some(HOST.into()), Some(0)));
    let outside = lab.stack.lookup_route(&host, &query([9, 9, 9, 9].into()));
    assert_eq!(outside.map_err(|error| error.errno()), Err(Some(Errno::ENETUNREACH)));
    Ok(())
}

pub(crate) fn sysctls_belong_to_their_namespace() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    let (host, red) = (lab.host.clone(), lab.red.clone());
    let name = "net.ipv4.conf.veth-red.rp_filter";
    assert_eq!(lab.stack.sysctl(&host, name), Err(Errno::ENOENT.into()));
    lab.apply(&red, &Change::SetSysctl { name: name.to_owned(), value: "2".to_owned() });
    assert_eq!(lab.stack.sysctl(&red, name).as_deref(), Ok("2"));
    let names = lab.stack.sysctl_names(&red, "net.ipv4.conf.veth-red.").expect("the names");
    assert!(names.iter().any(|other| other == name), "{names:?}");
    let forward = "net.ipv4.ip_forward".to_owned();
    let before = lab.stack.sysctl(&host, &forward);
    lab.apply(&red, &Change::SetSysctl { name: forward.clone(), value: "1".to_owned() });
    assert_eq!(lab.stack.sysctl(&red, &forward).as_deref(), Ok("1"));
    assert_eq!(lab.stack.sysctl(&host, &forward), before);
    let bad = Change::SetSysctl { name: forward, value: "x".to_owned() };
    assert_eq!(lab.refusal(&red, &bad), Errno::EINVAL.into());
    Ok(())
}

pub(crate) fn a_deleted_namespace_takes_its_cables_along() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    let (host, red) = (lab.host.clone(), lab.red.clone());
    for _ in 0..5 {
        assert_eq!(lab.stack.namespace_id(&host, &red), Ok(Some(0)));
        lab.apply(&host, &Change::DeleteNamespace(red.clone()));
        assert!(lab.find(&host, "veth-host").is_none());
        assert_eq!(lab.stack.routes(&host, Family::Inet).map(|routes| routes.len()), Ok(3), "those of lo");
        lab.add_red();
        lab.join();
    }
    Ok(())
}

pub(crate) fn a_udp_socket_says_its_source() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    let stack = &mut lab.stack;
    let probe = stack.open(&NamespaceName::HOST, &SocketKind::Udp(Family::Inet)).expect("a UDP socket");
    stack.connect(probe, (RED, 1025).into()).expect("red is connected");
    let own = stack.local_address(probe).expect("a connected socket has an address");
    assert_eq!(own.ip(), HOST);
    assert_ne!(own.port(), 0);
    stack.close(probe);
    assert_eq!(stack.local_address(probe), Err(Errno::EBADF.into()));

    let other = stack.open(&NamespaceName::HOST, &SocketKind::Udp(Family::Inet)).expect("a UDP socket");
    assert_eq!(stack.connect(other, ([9, 9, 9, 9], 1025).into()), Err(Errno::ENETUNREACH.into()));
    assert_eq!(stack.connect(other, (Ipv4Addr::BROADCAST, 1025).into()), Err(Errno::ENETUNREACH.into()));
    let broadcast = ([192, 168, 1, 255], 1025).into();
    assert_eq!(stack.connect(other, broadcast), Err(Errno::EACCES.into()));
    stack.set_option(other, &SocketOption::Broadcast(true)).expect("an option of all sockets");
    assert_eq!(stack.connect(other, broadcast), Ok(()));
    let third = stack.open(&NamespaceName::HOST, &SocketKind::Udp(Family::Inet)).expect("a UDP socket");
    assert_eq!(stack.bind(third, (RED, 0).into()), Err(Errno::EADDRNOTAVAIL.into()));
    assert_eq!(stack.send(third, (RED, 0).into(), b"x"), Err(Errno::EINVAL.into()));
    Ok(())
}

pub(crate) fn a_packet_too_big_is_told_by_this_machine() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    let socket =
        lab.stack.open(&NamespaceName::HOST, &SocketKind::Icmp(Family::Inet)).expect("an ICMP socket");
    for option in [SocketOption::ReceiveErrors(true), SocketOption::MtuDiscovery(MtuDiscovery::Do)] {
        lab.stack.set_option(socket, &option).expect("an option of ICMP sockets");
    }
    let big = [echo_request(1), vec![0; 1600]].concat();
    assert_eq!(lab.stack.send(socket, (RED, 0).into(), &big), Err(Errno::EMSGSIZE.into()));
    let error = lab.wait_for(socket, |received| match received {
        Received::Error(error) => Some(error),
        _ => None,
    });
    assert_eq!((error.errno, error.origin, error.info), (Errno::EMSGSIZE, ErrorOrigin::Local, 1500));
    let may = SocketOption::MtuDiscovery(MtuDiscovery::Dont);
    lab.stack.set_option(socket, &may).expect("an option of ICMP sockets");
    assert_eq!(lab.stack.send(socket, (RED, 0).into(), &big), Ok(()));
    Ok(())
}

pub(crate) fn an_open_socket_keeps_its_namespace() -> Result<(), Unavailable> {
    let mut lab = Lab::joined()?;
    let (host, red) = (lab.host.clone(), lab.red.clone());
    let socket = lab.stack.open(&red, &SocketKind::Udp(Family::Inet)).expect("a UDP socket");
    lab.apply(&host, &Change::DeleteNamespace(red.clone()));
    assert_eq!(lab.stack.links(&red), Err(Errno::ENOENT.into()));
    assert!(lab.find(&host, "veth-host").is_some());
    lab.ping(&host, RED);
    lab.stack.close(socket);
    assert!(lab.find(&host, "veth-host").is_none());
    Ok(())
}
