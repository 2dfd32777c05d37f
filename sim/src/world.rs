//! The whole world: namespaces, what is under way between them, and the clock.

use crate::budget::Allowance;
use crate::device::WIRE_DELAY;
use crate::flow::Arrival;
use crate::hook::Host;
use crate::id::{LinkId, NamespaceId};
use crate::ipv4::route::Exceptions;
use crate::link::Link;
use crate::namespaces::Namespaces;
use crate::netns::Namespace;
use crate::queue::{Pending, Queue, Timer};
use crate::runtime::{Counters, Runtime};
use crate::socket::Sockets;
use crate::trace::Trace;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use vethlab_shared::budget::Budget;
use vethlab_shared::error::Errno;
use vethlab_shared::ipv4_only;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::socket::SocketId;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::NeighbourView;

/// How many frames arrive at most before a process goes on that sent something: softirqs are run ten times in a row
/// (`MAX_SOFTIRQ_RESTART`), and each run of `net_rx_action` takes 64 frames from the backlog (`net.core.dev_weight`).
/// `ksoftirqd` receives the rest. The kernel may stop earlier, where another process waits for the processor or a jiffy
/// ends (`handle_softirqs`).
const SOFTIRQ_FRAMES: usize = 10 * 64;

/// A simulated world of namespaces. A clone of it is a moment to come back to. Clones share the namespaces until
/// one of them alters a namespace: one event alters few, so that a moment kept costs about as much as what changed.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) now: Instant,
    pub(crate) queue: Queue,
    pub(crate) sockets: Sockets,
    pub(crate) trace: Trace,
    random: Pcg64Mcg,
    /// Ports are drawn apart: that a program opens a socket changes nothing else.
    ports: Pcg64Mcg,
    pub(crate) namespaces: Namespaces,
    /// Links whose carrier changed, and what follows is still to be done (`lweventlist`).
    pub(crate) link_watch: Vec<LinkId>,
    /// Some namespace has learned something of single destinations.
    learned: bool,
    pub(crate) allowance: Allowance,
}

impl World {
    /// A world with one namespace, the machine, whose loopback link is up. The seed decides all that is
    /// random: Ethernet addresses and how long neighbours are believed.
    pub fn new(seed: u64) -> World {
        let mut world = World {
            now: Instant::START,
            queue: Queue::default(),
            sockets: Sockets::default(),
            trace: Trace::default(),
            random: Pcg64Mcg::seed_from_u64(seed),
            ports: Pcg64Mcg::seed_from_u64(!seed),
            namespaces: Namespaces::default(),
            link_watch: Vec::new(),
            learned: false,
            allowance: Allowance::new(Budget::default(), Instant::START),
        };
        let host = world.new_namespace(&NamespaceName::HOST);
        world.set_loopback_up(host);
        world
    }

    fn new_namespace(&mut self, name: &NamespaceName) -> NamespaceId {
        let id = self.namespaces.insert(name);
        self.add_loopback(id);
        id
    }

    /// Makes a named namespace.
    ///
    /// # Errors
    /// `EEXIST` where the name is taken.
    pub(crate) fn add_namespace(&mut self, name: &NamespaceName) -> Result<(), Errno> {
        if self.find(name).is_ok() {
            return Err(Errno::EEXIST);
        }
        self.new_namespace(name);
        Ok(())
    }

    /// Takes a name away; the namespace goes with it unless something holds it.
    ///
    /// # Errors
    /// `ENOENT` where there is no such name; `EBUSY` for the machine itself.
    pub(crate) fn delete_namespace(&mut self, name: &NamespaceName) -> Result<(), Errno> {
        let id = self.find(name)?;
        if name.is_host() {
            return Err(Errno::EBUSY);
        }
        self.namespaces.unname(id);
        self.end_nameless();
        Ok(())
    }

    /// Ends the namespaces without a name that nothing holds any more (`cleanup_net`): their links go, with
    /// their peers. An open socket holds its namespace, and so does a closed one whose packet still waits for
    /// a neighbour: deleted in the middle of an unanswered ping, a namespace lives on for three seconds.
    pub(crate) fn end_nameless(&mut self) {
        for id in self.namespaces.nameless().to_vec() {
            let runtime = self.runtime(id);
            if !runtime.sockets.is_empty() || runtime.neighbours.hold_sockets() {
                continue;
            }
            self.delete_all_links(id);
            self.drop_fragments(id);
            self.namespaces.remove(id);
            self.namespaces.alter(
                |namespace| namespace.peer_ids.get(id).is_some(),
                |namespace| namespace.peer_ids.remove(id),
            );
        }
        self.run_link_watch();
    }

    /// Finds a namespace by name.
    ///
    /// # Errors
    /// `ENOENT` where there is none.
    pub(crate) fn find(&self, name: &NamespaceName) -> Result<NamespaceId, Errno> {
        self.namespaces.find(name)
    }

    /// The named namespaces, the newest first.
    pub(crate) fn namespace_names(&self) -> Vec<NamespaceName> {
        let mut names = self.namespaces.names();
        names.retain(|name| !name.is_host());
        names
    }

    /// The name of a namespace; one that lost its name goes by a number.
    pub(crate) fn name_of(&self, id: NamespaceId) -> NamespaceName {
        let known = self.namespaces.get(id).and_then(|namespace| namespace.name.clone());
        known.or_else(|| NamespaceName::new(&format!("unnamed-{}", id.number)).ok()).unwrap_or_default()
    }

    /// A namespace that is known to exist: ids come from names, links and sockets, and all of these go
    /// before their namespace does.
    #[inline]
    pub(crate) fn net(&self, id: NamespaceId) -> &Namespace {
        self.namespaces.get(id).expect("a namespace outlives what refers to it")
    }

    /// The same, to alter.
    pub(crate) fn net_mut(&mut self, id: NamespaceId) -> &mut Namespace {
        self.try_net_mut(id).expect("a namespace outlives what refers to it")
    }

    /// A namespace that may be gone: timers and frames under way outlive theirs.
    pub(crate) fn try_net_mut(&mut self, id: NamespaceId) -> Option<&mut Namespace> {
        self.namespaces.get_mut(id)
    }

    /// What traffic alters in a namespace that is known to exist.
    #[inline]
    pub(crate) fn runtime(&self, id: NamespaceId) -> &Runtime {
        self.namespaces.runtime(id).expect("a namespace outlives what refers to it")
    }

    /// The same, to alter.
    #[inline]
    pub(crate) fn runtime_mut(&mut self, id: NamespaceId) -> &mut Runtime {
        self.namespaces.runtime_mut(id).expect("a namespace outlives what refers to it")
    }

    /// What a link that is there counts.
    #[inline]
    pub(crate) fn counters(&mut self, at: LinkId) -> &mut Counters {
        self.runtime_mut(at.namespace).counters.get_or_default(at.index)
    }

    /// What a namespace learned of single destinations, to learn more.
    pub(crate) fn exceptions_mut(&mut self, at: NamespaceId) -> &mut Exceptions {
        self.learned = true;
        &mut self.net_mut(at).exceptions
    }

    /// What was learned of a route goes with it (`fib_release_info`).
    pub(crate) fn forget_without_routes(&mut self) {
        if self.learned {
            self.namespaces.alter(
                |namespace| !namespace.exceptions.is_empty(),
                |namespace| namespace.exceptions.keep(|shared| namespace.fib.has(shared)),
            );
            self.learned = self.namespaces.iter().any(|namespace| !namespace.exceptions.is_empty());
        }
    }

    /// A link, if it is still there.
    #[inline]
    pub(crate) fn link(&self, at: LinkId) -> Option<&Link> {
        self.namespaces.get(at.namespace)?.links.get(&at.index)
    }

    /// The same, to alter.
    pub(crate) fn link_mut(&mut self, at: LinkId) -> Option<&mut Link> {
        self.try_net_mut(at.namespace)?.links.get_mut(&at.index)
    }

    /// A random Ethernet address: unicast, locally administered (`eth_random_addr`).
    pub(crate) fn random_mac(&mut self) -> MacAddress {
        let mut bytes = [0; 6];
        self.random.fill_bytes(&mut bytes);
        bytes[0] = (bytes[0] & 0xfe) | 0x02;
        MacAddress(bytes)
    }

    /// A random number below `count` (`get_random_u32_below`), to choose a port by.
    pub(crate) fn random_port(&mut self, count: u16) -> u16 {
        (self.ports.next_u64() % u64::from(count.max(1))) as u16
    }

    /// Random numbers for a connection (`secure_tcp_seq`).
    pub(crate) fn random_numbers(&mut self) -> u64 {
        self.ports.next_u64()
    }

    /// Lets functions at hooks look at a namespace and alter what is its.
    pub(crate) fn with_host<T>(
        &mut self,
        namespace: NamespaceId,
        listens: bool,
        act: impl FnOnce(&mut Host<'_>) -> T,
    ) -> T {
        let World { namespaces, random, now, sockets, .. } = self;
        let is_heard = sockets.hears_of_connections();
        let (net, runtime) = namespaces.parts_mut(namespace).expect("the namespace is there");
        let mut random = || random.next_u64() as u32;
        let met = listens.then(Vec::new);
        act(&mut Host {
            net,
            runtime,
            now: *now,
            is_heard,
            random: &mut random,
            met,
            translated: None,
            reject: None,
        })
    }

    /// A random time between half and one and a half of `base` (`neigh_rand_reach_time`).
    pub(crate) fn random_around(&mut self, base: Duration) -> Duration {
        let milliseconds = u64::try_from(base.as_millis()).unwrap_or(u64::MAX).max(1);
        Duration::from_millis(milliseconds / 2 + self.random.next_u64() % milliseconds)
    }

    /// Takes over the Ethernet address that another stack drew at random for one of its links. To be done before
    /// anything has used it. Where there is no such link, nothing is done.
    pub fn take_over_address(&mut self, namespace: &NamespaceName, name: &LinkName, address: MacAddress) {
        if let Some(link) = self.named_link(namespace, name).and_then(|at| self.link_mut(at)) {
            link.address = address;
        }
    }

    /// Takes over for how long the answers of neighbours on a link count, which another stack drew at random. Where
    /// there is no such link, nothing is done.
    pub fn take_over_reachable_time(&mut self, namespace: &NamespaceName, name: &LinkName, time: Duration) {
        if let Some(at) = self.named_link(namespace, name) {
            self.set_reachable_time(at, time);
        }
    }

    fn named_link(&self, namespace: &NamespaceName, name: &LinkName) -> Option<LinkId> {
        self.find_link(self.find(namespace).ok()?, name)
    }

    /// Finds a link by name.
    pub(crate) fn find_link(&self, namespace: NamespaceId, name: &LinkName) -> Option<LinkId> {
        let link = self.net(namespace).links.named(name)?;
        Some(LinkId { namespace, index: link.index })
    }

    /// Takes over what only chance decides of another stack's neighbour entry: by how much the timer is late that makes
    /// a reachable neighbour a stale one. An entry that differs otherwise stays as it is.
    pub fn agree_on(&mut self, namespace: &NamespaceName, theirs: &NeighbourView) {
        if let (Ok(namespace), Some(address), Ok(destination)) =
            (self.find(namespace), theirs.address, ipv4_only::address(theirs.destination))
        {
            let at = LinkId { namespace, index: theirs.link };
            self.neigh_agree(at, destination, address, theirs.state);
        }
    }

    /// Lets all that is on a wire arrive, and what follows from it: before a process goes on that sent something,
    /// and between two fragments, the kernel receives what came of it (`local_bh_enable` runs the softirqs). A timer that
    /// runs out before a frame arrives runs out before it here too: timers are run by a softirq. Of very many frames the
    /// rest arrives while the process goes on.
    pub(crate) fn run_deliveries(&mut self) {
        let mut room = SOFTIRQ_FRAMES;
        while self.allowance.take_step() {
            let is_local = self.forward_by_flows(|now| now + WIRE_DELAY, &mut room);
            if room == 0 {
                return;
            }
            let arrives = self.queue.next_arrival().filter(|time| *time <= self.now + WIRE_DELAY);
            let Some((time, what)) = arrives.and_then(|time| self.queue.pop_until(time)) else { return };
            room -= usize::from(matches!(what, Pending::Delivery(_)));
            self.happen(time, what, is_local);
        }
    }

    /// Sends on, for as long as nothing else is due, the frames whose ways are remembered, where nobody
    /// hears of it. The deadline is asked for anew after each, and each takes from the room. Says whether what is due then
    /// is known to be a packet for the machine that it reaches.
    fn forward_by_flows(&mut self, deadline: impl Fn(Instant) -> Instant, room: &mut usize) -> bool {
        if self.is_observed() {
            return false;
        }
        while *room > 0
            && let Some((time, delivery)) = self.queue.front_until(deadline(self.now))
        {
            let now = self.now.max(time);
            match self.namespaces.forward(delivery, now) {
                Arrival::SentOn => {}
                other => return other == Arrival::Local,
            }
            self.now = now;
            self.queue.send_front_on(now);
            *room -= 1;
            if !self.allowance.take_step() {
                return false;
            }
        }
        false
    }

    /// Lets something happen that is due. Of a frame it is said whether it is known to be for the machine that it reaches.
    #[inline]
    fn happen(&mut self, time: Instant, what: Pending, is_local: bool) {
        self.now = self.now.max(time);
        match what {
            Pending::Delivery(delivery) if is_local => self.ip_receive_local(delivery),
            Pending::Delivery(delivery) => self.netif_receive(delivery),
            Pending::Timer(Timer::Neighbour { link, destination, generation }) => {
                self.neigh_timer(link, destination, generation);
            }
            Pending::Timer(Timer::Igmp { link, generation }) => self.igmp_timer(link, generation),
            Pending::Timer(Timer::Fdb { bridge, generation }) => self.fdb_timer(bridge, generation),
            Pending::Timer(Timer::Tcp { namespace, what }) => self.tcp_timer(namespace, what),
            Pending::Timer(Timer::Stp { link, which, generation }) => self.stp_timer(link, which, generation),
            Pending::Timer(Timer::Connections { namespace }) => self.collect_connections(namespace),
            Pending::Timer(Timer::Fragments { namespace, generation }) => {
                self.fragments_expired(namespace, generation);
            }
        }
    }

    /// Lets time pass until the deadline, or until one of the sockets has something to read. A deadline
    /// that is [`Instant::FOREVER`] ends when nothing is left to happen.
    pub(crate) fn advance(&mut self, deadline: Instant, wake: &[SocketId]) {
        self.sockets.touch();
        let end = self.allowance.ends;
        let until = deadline.min(end);
        let mut room = usize::MAX;
        while !self.sockets.woke_any(wake) && self.allowance.take_step() {
            let is_local = self.forward_by_flows(|_| until, &mut room);
            let Some((time, what)) = self.queue.pop_until(until) else {
                let is_to_end = deadline == Instant::FOREVER && self.queue.is_empty();
                if !is_to_end {
                    self.now = self.now.max(until);
                    if deadline > end {
                        self.allowance.budget.out_of_time();
                    }
                }
                return;
            };
            self.happen(time, what, is_local);
            if !self.namespaces.nameless().is_empty() {
                self.end_nameless();
            }
        }
    }
}
