//! TCP as programs use it, on both stacks with one body: what the calls answer, which frames cross the wire, and what is
//! shown of the sockets. What stands here as expected was read off Linux 6.18.

mod wire;

use libtest_mimic::Failed;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use vethlab_engine::script;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Shutdown, SocketId, SocketKind, SocketOption};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::view::SocketState;
use vethlab_tests::stacks::{self, Case};
use vethlab_tests::trial::{Trial, equal};
use wire::Wire;

/// Two namespaces with a cable, both of whose ends know each other's Ethernet address.
const NETWORK: &str = "
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n blue link set lo up
ip -n red link set r0 up
ip -n blue link set b0 up
ip netns exec red ping -q -c 1 10.0.0.2
";

const RED: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const BLUE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const PORT: u16 = 8000;

/// What is waited for at the most.
const PATIENCE: Duration = Duration::from_secs(3);

const CASES: [(&str, Case); 8] = [
    ("data_goes_both_ways_and_both_ends_finish", both_ways),
    ("a_closed_port_refuses", refused),
    ("what_nobody_has_read_is_reset", unread),
    ("more_may_not_wait_than_the_backlog_says", backlog),
    ("ports_are_shared_by_those_who_say_so", ports),
    ("loopback_has_larger_segments", loopback),
    ("calls_at_the_wrong_time_are_refused", wrong_time),
    ("data_of_many_segments_arrives_whole", many_segments),
];

pub(crate) fn trials(missing: Option<&str>) -> Vec<Trial> {
    // An end that is late acknowledges once more.
    stacks::on_both(missing, &CASES).into_iter().map(Trial::timed).collect()
}

/// A stack with the network, and what is seen at red's end of the cable.
struct Lab<'a> {
    stack: &'a mut dyn NetworkStack,
    wire: Wire,
}

fn namespace(name: &str) -> NamespaceName {
    NamespaceName::new(name).expect("a name")
}

impl Lab<'_> {
    fn new(stack: &mut dyn NetworkStack) -> Result<Lab<'_>, Failed> {
        let commands = script::commands(NETWORK.as_bytes())?;
        for entry in script::play(&commands, stack) {
            equal(&entry.command, &entry.status, &0)?;
        }
        let wire = Wire::of(stack, &namespace("red"), "r0", RED)?;
        Ok(Lab { stack, wire })
    }

    fn open(&mut self, name: &str) -> Result<SocketId, Failed> {
        Ok(self.stack.open(&namespace(name), &SocketKind::Tcp(Family::Inet))?)
    }

    /// A socket of blue that takes in connections.
    fn listener(&mut self, backlog: u32) -> Result<SocketId, Failed> {
        let socket = self.open("blue")?;
        self.stack.set_option(socket, &SocketOption::ReuseAddress(true))?;
        self.stack.bind(socket, SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), PORT))?;
        self.stack.listen(socket, backlog)?;
        Ok(socket)
    }

    /// Begins a connection, and waits until that has come to an end.
    fn connect(&mut self, socket: SocketId, to: Ipv4Addr) -> Result<Option<Errno>, Failed> {
        let begun = self.stack.connect(socket, SocketAddr::new(to.into(), PORT));
        equal("connect", &begun, &Err(Errno::EINPROGRESS.into()))?;
        self.until(&[socket], |stack| Ok(stack.readiness(socket)?.writable))?;
        Ok(self.stack.take_error(socket)?)
    }

    /// Waits until something holds.
    fn until(
        &mut self,
        sockets: &[SocketId],
        holds: impl Fn(&mut dyn NetworkStack) -> Result<bool, StackError>,
    ) -> Result<(), Failed> {
        let deadline = self.stack.now() + PATIENCE;
        while !holds(self.stack)? {
            if self.stack.now() >= deadline {
                return Err("it does not happen".into());
            }
            self.stack.run_until(deadline, sockets)?;
        }
        Ok(())
    }

    fn accept(&mut self, listener: SocketId) -> Result<SocketId, Failed> {
        self.until(&[listener], |stack| Ok(stack.readiness(listener)?.readable))?;
        let accepted = self.stack.accept(listener)?.ok_or("nobody waits")?;
        equal("peer", &accepted.peer.ip(), &RED.into())?;
        Ok(accepted.socket)
    }

    /// A connection from red to blue: both ends, with the socket that took it in.
    fn connection(&mut self) -> Result<[SocketId; 3], Failed> {
        let listener = self.listener(5)?;
        let near = self.open("red")?;
        equal("connected", &self.connect(near, BLUE)?, &None)?;
        let far = self.accept(listener)?;
        Ok([near, far, listener])
    }

    fn read(&mut self, socket: SocketId) -> Result<Vec<u8>, Failed> {
        self.until(&[socket], |stack| Ok(stack.readiness(socket)?.readable))?;
        Ok(self.stack.read(socket, 16_384)?.ok_or("nothing to read")?)
    }

    /// The states of a namespace's connections.
    fn states(&mut self, name: &str) -> Result<Vec<SocketState>, Failed> {
        let sockets = self.stack.sockets(&namespace(name), Family::Inet)?;
        Ok(sockets.iter().map(|socket| socket.state).collect())
    }

    /// The frames that have crossed the wire since the last look.
    fn frames(&mut self) -> Result<Vec<String>, Failed> {
        self.wire.frames(self.stack)
    }
}

/// The three segments that begin a connection.
const HANDSHAKE: [&str; 3] = [
    "> S 0 win 64240 mss 1460 sack ts ws 10 id",
    "< S. 0 ack 1 win 65160 mss 1460 sack ts ws 10",
    "> . 1 ack 1 win 63 ts id",
];

fn both_ways(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    let [near, far, listener] = lab.connection()?;
    equal("handshake", &lab.frames()?, &HANDSHAKE.map(str::to_owned).to_vec())?;
    equal("written", &lab.stack.write(near, b"hello\n")?, &6)?;
    equal("read", &lab.read(far)?, &b"hello\n".to_vec())?;
    equal("nothing more", &lab.stack.read(far, 10)?, &None)?;
    equal("written", &lab.stack.write(far, &[b'x'; 1000])?, &1000)?;
    equal("read", &lab.read(near)?.len(), &1000)?;
    let data = [
        "> P. 1 ack 1 win 63 ts len 6 id",
        "< . 1 ack 7 win 64 ts id",
        "< P. 1 ack 7 win 64 ts len 1000 id",
        "> . 7 ack 1001 win 66 ts id",
    ];
    equal("data", &lab.frames()?, &data.map(str::to_owned).to_vec())?;
    equal("blue", &lab.states("blue")?, &vec![SocketState::Listen, SocketState::Established])?;
    lab.stack.shutdown(near, Shutdown::Write)?;
    equal("the end", &lab.read(far)?, &Vec::new())?;
    equal("red", &lab.states("red")?, &vec![SocketState::FinWait1])?;
    equal("blue", &lab.states("blue")?, &vec![SocketState::Listen, SocketState::CloseWait])?;
    equal("no more", &lab.stack.write(near, b"x"), &Err(Errno::EPIPE.into()))?;
    lab.stack.close(far);
    equal("the end", &lab.read(near)?, &Vec::new())?;
    lab.stack.close(near);
    let end = ["> F. 7 ack 1001 win 66 ts id", "< F. 1001 ack 8 win 64 ts id", "> . 8 ack 1002 win 66 ts id"];
    equal("end", &lab.frames()?, &end.map(str::to_owned).to_vec())?;
    equal("red", &lab.states("red")?, &vec![SocketState::TimeWait])?;
    equal("blue", &lab.states("blue")?, &vec![SocketState::Listen])?;
    lab.stack.close(listener);
    Ok(())
}

fn refused(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    let socket = lab.open("red")?;
    equal("refused", &lab.connect(socket, BLUE)?, &Some(Errno::ECONNREFUSED))?;
    equal("once", &lab.stack.take_error(socket)?, &None)?;
    let frames = ["> S 0 win 64240 mss 1460 sack ts ws 10 id", "< R. 0 ack 1 win 0 right"];
    equal("frames", &lab.frames()?, &frames.map(str::to_owned).to_vec())?;
    equal("sockets", &lab.states("red")?, &Vec::new())
}

fn unread(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    let [near, far, _] = lab.connection()?;
    lab.stack.write(near, b"abc")?;
    lab.until(&[far], |stack| Ok(stack.readiness(far)?.readable))?;
    lab.frames()?;
    lab.stack.close(far);
    lab.until(&[near], |stack| Ok(stack.readiness(near)?.readable))?;
    equal("frames", &lab.frames()?, &vec!["< R. 1 ack 4 win 64 ts id".to_owned()])?;
    equal("read", &lab.stack.read(near, 10), &Err(Errno::ECONNRESET.into()))?;
    equal("then", &lab.stack.read(near, 10)?, &Some(Vec::new()))?;
    equal("red", &lab.states("red")?, &Vec::new())
}

fn backlog(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    let listener = lab.listener(1)?;
    let mut sockets = Vec::new();
    for _ in 0..2 {
        let socket = lab.open("red")?;
        equal("connected", &lab.connect(socket, BLUE)?, &None)?;
        sockets.push(socket);
    }
    let view = lab.stack.sockets(&namespace("blue"), Family::Inet)?;
    equal("queue", &(view[0].receive_queue, view[0].send_queue), &(2, 1))?;
    lab.frames()?;
    let third = lab.open("red")?;
    let begun = lab.stack.connect(third, SocketAddr::new(BLUE.into(), PORT));
    equal("third", &begun, &Err(Errno::EINPROGRESS.into()))?;
    let now = lab.stack.now();
    lab.stack.run_until(now + Duration::from_millis(300), &[third])?;
    equal("nobody answers", &lab.frames()?, &vec![HANDSHAKE[0].to_owned()])?;
    equal("readiness", &lab.stack.readiness(third)?.writable, &false)?;
    // As soon as there is room, the second try is answered.
    let first = lab.accept(listener)?;
    lab.until(&[third], |stack| Ok(stack.readiness(third)?.writable))?;
    lab.stack.close(first);
    lab.stack.close(listener);
    for socket in [sockets[1], third] {
        lab.until(&[socket], |stack| Ok(stack.readiness(socket)?.readable))?;
        equal("never accepted", &lab.stack.read(socket, 1), &Err(Errno::ECONNRESET.into()))?;
    }
    Ok(())
}

fn ports(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    let in_use = Err(StackError::from(Errno::EADDRINUSE));
    let listener = lab.listener(5)?;
    let any = |port| SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port);
    let other = lab.open("blue")?;
    equal("plain", &lab.stack.bind(other, any(PORT)), &in_use)?;
    lab.stack.set_option(other, &SocketOption::ReuseAddress(true))?;
    equal("beside one that listens", &lab.stack.bind(other, any(PORT)), &in_use)?;
    equal("another address", &lab.stack.bind(other, SocketAddr::new(BLUE.into(), PORT)), &in_use)?;
    equal("another port", &lab.stack.bind(other, any(PORT + 1)), &Ok(()))?;
    equal("bound already", &lab.stack.bind(other, any(PORT + 2)), &Err(Errno::EINVAL.into()))?;
    let foreign = lab.open("blue")?;
    let not_here = SocketAddr::new(RED.into(), PORT);
    equal("foreign", &lab.stack.bind(foreign, not_here), &Err(Errno::EADDRNOTAVAIL.into()))?;
    // A bound port is left alone until it listens.
    let [one, two] = [lab.open("blue")?, lab.open("blue")?];
    for socket in [one, two] {
        lab.stack.set_option(socket, &SocketOption::ReuseAddress(true))?;
        equal("both", &lab.stack.bind(socket, any(PORT + 3)), &Ok(()))?;
    }
    equal("first", &lab.stack.listen(one, 1), &Ok(()))?;
    equal("second", &lab.stack.listen(two, 1), &in_use)?;
    let [three, four] = [lab.open("blue")?, lab.open("blue")?];
    for socket in [three, four] {
        lab.stack.set_option(socket, &SocketOption::ReusePort(true))?;
        equal("shared", &lab.stack.bind(socket, any(PORT + 4)), &Ok(()))?;
        equal("shared", &lab.stack.listen(socket, 1), &Ok(()))?;
    }
    // One that has no port is given one.
    let free = lab.open("blue")?;
    lab.stack.listen(free, 1)?;
    equal("a port", &(lab.stack.local_address(free)?.port() >= 32_768), &true)?;
    lab.stack.close(listener);
    equal("free again", &lab.stack.bind(foreign, any(PORT)), &Ok(()))
}

fn loopback(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    lab.wire = Wire::of(lab.stack, &namespace("blue"), "lo", Ipv4Addr::UNSPECIFIED)?;
    let listener = lab.listener(5)?;
    let near = lab.open("blue")?;
    equal("connected", &lab.connect(near, Ipv4Addr::LOCALHOST)?, &None)?;
    lab.until(&[listener], |stack| Ok(stack.readiness(listener)?.readable))?;
    let far = lab.stack.accept(listener)?.ok_or("nobody waits")?.socket;
    lab.stack.write(near, b"x")?;
    equal("read", &lab.read(far)?, &b"x".to_vec())?;
    let frames = [
        "- S 0 win 65495 mss 65495 sack ts ws 10 id",
        "- S. 0 ack 1 win 65483 mss 65495 sack ts ws 10",
        "- . 1 ack 1 win 64 ts id",
        "- P. 1 ack 1 win 64 ts len 1 id",
        "- . 1 ack 2 win 64 ts id",
    ];
    equal("frames", &lab.frames()?, &frames.map(str::to_owned).to_vec())
}

fn wrong_time(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    let mut lab = Lab::new(stack)?;
    let refused = |errno: Errno| StackError::from(errno);
    let fresh = lab.open("red")?;
    equal("read", &lab.stack.read(fresh, 1), &Err(refused(Errno::ENOTCONN)))?;
    equal("write", &lab.stack.write(fresh, b"x"), &Err(refused(Errno::EPIPE)))?;
    equal("shutdown", &lab.stack.shutdown(fresh, Shutdown::Both), &Err(refused(Errno::ENOTCONN)))?;
    equal("accept", &lab.stack.accept(fresh), &Err(refused(Errno::EINVAL)))?;
    let broadcast = SocketAddr::new(Ipv4Addr::new(10, 0, 0, 255).into(), PORT);
    equal("broadcast", &lab.stack.connect(fresh, broadcast), &Err(refused(Errno::ENETUNREACH)))?;
    let nowhere = SocketAddr::new(Ipv4Addr::new(10, 9, 0, 1).into(), PORT);
    equal("no way", &lab.stack.connect(fresh, nowhere), &Err(refused(Errno::ENETUNREACH)))?;
    let [near, _, listener] = lab.connection()?;
    let blue = SocketAddr::new(BLUE.into(), PORT);
    equal("it has succeeded", &lab.stack.connect(near, blue), &Ok(()))?;
    equal("once", &lab.stack.connect(near, blue), &Err(refused(Errno::EISCONN)))?;
    equal("listen", &lab.stack.listen(near, 1), &Err(refused(Errno::EINVAL)))?;
    equal("of one that listens", &lab.stack.connect(listener, blue), &Err(refused(Errno::EISCONN)))?;
    equal("nobody", &lab.stack.accept(listener), &Ok(None))?;
    let udp = lab.stack.open(&namespace("red"), &SocketKind::Udp(Family::Inet))?;
    equal("udp", &lab.stack.listen(udp, 1), &Err(refused(Errno::EOPNOTSUPP)))
}

fn many_segments(stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    const LENGTH: usize = 300_000;
    let mut lab = Lab::new(stack)?;
    let [near, far, _] = lab.connection()?;
    let data: Vec<u8> = (0..LENGTH).map(|place| (place % 251) as u8).collect();
    let (mut sent, mut received) = (0, Vec::new());
    let deadline = lab.stack.now() + PATIENCE;
    while received.len() < LENGTH && lab.stack.now() < deadline {
        if sent < LENGTH {
            sent += lab.stack.write(near, &data[sent..])?;
        }
        while let Some(bytes) = lab.stack.read(far, 16_384)? {
            received.extend(bytes);
        }
        let wait = if sent < LENGTH { vec![near, far] } else { vec![far] };
        if received.len() < LENGTH {
            lab.stack.run_until(deadline, &wait)?;
        }
    }
    equal("length", &received.len(), &LENGTH)?;
    equal("bytes", &(received == data), &true)
}
