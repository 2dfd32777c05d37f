//! Netfilter's hooks (`net/netfilter/core.c`): five points on a packet's way where it can be looked at, altered and
//! stopped. A namespace that has nothing registered pays one branch a point.

#[cfg(test)]
mod tests;

use crate::id::NamespaceId;
use crate::ipv4::route::Route;
use crate::nat::Translation;
use crate::netfilter::Met;
use crate::netns::Namespace;
use crate::packet::Packet;
use crate::runtime::Runtime;
use crate::transmit::Frame;
use crate::world::World;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use vethlab_shared::event::{DropReason, EventKind, Hook};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::netfilter::Reject;
use vethlab_shared::time::Instant;

/// What becomes of a packet at a hook (`NF_ACCEPT`, `NF_DROP`, …).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The next function is asked; after the last one the packet goes on.
    Accept,
    /// It ends here.
    Drop(DropReason),
    /// The function has taken it ([`Packet::take`]) and answers for it.
    #[cfg_attr(not(test), expect(dead_code, reason = "only a test takes packets so far"))]
    Stolen,
    /// A program is to decide. None can listen yet, so that it ends here (`nf_queue` without a handler).
    Queue,
}

/// Where a packet is when a function is asked (`struct nf_hook_state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) namespace: NamespaceId,
    pub(crate) point: Hook,
    /// The link that it came in by; none for what was made here, nor behind `FORWARD`.
    pub(crate) input: Option<IfIndex>,
    /// The link that it is to leave by, where that is known already.
    pub(crate) output: Option<IfIndex>,
    /// The neighbour that it goes to next, at `POST_ROUTING`.
    pub(crate) next_hop: Option<Ipv4Addr>,
    /// The largest packet that its way takes, where that is known already (`dst_mtu`).
    pub(crate) mtu: Option<u32>,
}

/// What functions at hooks may look at and alter besides the packet, and what they leave to be done.
pub(crate) struct Host<'a> {
    pub(crate) net: &'a Namespace,
    pub(crate) runtime: &'a mut Runtime,
    pub(crate) now: Instant,
    /// Whether anybody on the machine listens to what connections go through (`nf_ctnetlink_has_listener`).
    pub(crate) is_heard: bool,
    /// Draws a random number.
    pub(crate) random: &'a mut dyn FnMut() -> u32,
    /// Which rules held, where somebody listens.
    pub(crate) met: Option<Vec<Met>>,
    /// How the packet was translated.
    pub(crate) translated: Option<Translation>,
    /// How the sender is to be told that the packet ends.
    pub(crate) reject: Option<Reject>,
}

/// Something that is asked at hooks (`nf_hookfn`). It may alter the packet.
pub(crate) trait Function: fmt::Debug + Send + Sync {
    /// Decides on a packet.
    fn run(&self, host: &mut Host<'_>, context: &Context, packet: &mut Packet) -> Verdict;
}

/// A function at its place (`struct nf_hook_ops`).
#[derive(Clone, Debug)]
struct Registered {
    point: Hook,
    function: Arc<dyn Function>,
}

/// What a namespace has registered (`net->nf`): at each point what stands first is asked first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hooks {
    registered: Option<Arc<Vec<Registered>>>,
    /// Fragments are put together before anything else is asked (`nf_defrag_ipv4`).
    pub(crate) defragments: bool,
}

impl Hooks {
    /// Registers functions in the order in which they are asked.
    pub(crate) fn of(functions: Vec<(Hook, Arc<dyn Function>)>, defragments: bool) -> Hooks {
        let registered: Vec<Registered> =
            functions.into_iter().map(|(point, function)| Registered { point, function }).collect();
        Hooks { registered: (!registered.is_empty()).then(|| Arc::new(registered)), defragments }
    }

    /// Registers a function at a point, behind those that are there (`nf_register_net_hook`).
    #[cfg(test)]
    fn register(&mut self, point: Hook, function: Arc<dyn Function>) {
        Arc::make_mut(self.registered.get_or_insert_default()).push(Registered { point, function });
    }

    /// Whether nothing is registered anywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.registered.is_none()
    }
}

/// A packet that has passed `POST_ROUTING`. Only such a one can leave by a link, and only the hook makes one: what is
/// sent without passing there does not compile.
#[derive(Clone, Debug)]
pub(crate) struct PostRouted(Packet);

impl PostRouted {
    pub(crate) fn packet(&self) -> &Packet {
        &self.0
    }

    /// Takes it back as a packet that is to end.
    pub(crate) fn into_packet(self) -> Packet {
        self.0
    }

    /// The pieces that it was cut into: they have passed with it (`ip_do_fragment` comes behind the hook).
    pub(crate) fn cut_into(self, pieces: Vec<Packet>) -> impl Iterator<Item = PostRouted> {
        pieces.into_iter().map(PostRouted)
    }

    /// Puts an Ethernet header in front, by which it is ready for a link.
    pub(crate) fn into_frame(self, destination: MacAddress, source: MacAddress) -> Frame {
        Frame::ipv4(self, destination, source)
    }
}

impl World {
    /// Asks the functions of a point about a packet (`NF_HOOK`). Unless it is accepted it has ended, or was taken.
    pub(crate) fn hook(&mut self, context: Context, packet: &mut Packet) -> Verdict {
        let Context { namespace, point: hook, .. } = context;
        let id = packet.id;
        let verdict = match &self.net(namespace).hooks.registered {
            None => Verdict::Accept,
            Some(registered) => {
                let registered = Arc::clone(registered);
                self.ask(&registered, &context, packet)
            }
        };
        let accepted = verdict == Verdict::Accept;
        self.tell(namespace, Some(id), || EventKind::NfHook { hook, accepted });
        match verdict {
            Verdict::Accept | Verdict::Stolen => {}
            Verdict::Drop(reason) => self.drop_packet(namespace, id, reason),
            Verdict::Queue => self.drop_packet(namespace, id, DropReason::NotSpecified),
        }
        verdict
    }

    /// The first verdict that is not to go on (`nf_hook_slow`), with what the functions have left to be done.
    fn ask(&mut self, registered: &[Registered], context: &Context, packet: &mut Packet) -> Verdict {
        let listens = self.trace.on;
        let here = registered.iter().filter(|registered| registered.point == context.point);
        let (verdict, met, translated, reject) = self.with_host(context.namespace, listens, |host| {
            let mut verdicts = here.map(|registered| registered.function.run(host, context, packet));
            let verdict = verdicts.find(|verdict| *verdict != Verdict::Accept).unwrap_or(Verdict::Accept);
            (verdict, host.met.take(), host.translated, host.reject)
        });
        self.tell_of_connections(context.namespace, 0);
        self.plan_collection(context.namespace);
        for Met { table, chain, rule, state, verdict } in met.into_iter().flatten() {
            let (handle, rule) = rule.unzip();
            let told = || EventKind::NftTrace { table, chain, handle, rule, ct_state: state, verdict };
            self.tell(context.namespace, Some(packet.id), told);
        }
        if let Some(Translation { end, from, to }) = translated {
            let told = || EventKind::NfNatManipPkt {
                end,
                from: IpAddr::V4(from.0),
                to: IpAddr::V4(to.0),
                from_port: from.1,
                to_port: to.1,
            };
            self.tell(context.namespace, Some(packet.id), told);
        }
        if let Some(with) = reject {
            self.reject(context, packet, with);
        }
        verdict
    }

    /// Asks the functions of `POST_ROUTING`: the only way to a packet that may leave.
    ///
    /// # Errors
    /// Another verdict than to accept it.
    pub(crate) fn post_routing(
        &mut self,
        namespace: NamespaceId,
        mut packet: Packet,
        route: &Route,
    ) -> Result<PostRouted, Verdict> {
        let context = Context {
            namespace,
            point: Hook::PostRouting,
            input: None,
            output: Some(route.output),
            next_hop: Some(route.next_hop()),
            mtu: Some(self.net(namespace).way_mtu(route, self.now)),
        };
        match self.hook(context, &mut packet) {
            Verdict::Accept => Ok(PostRouted(packet)),
            other => Err(other),
        }
    }
}
