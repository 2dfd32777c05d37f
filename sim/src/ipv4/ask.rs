//! Asking the routing tables on behalf of a packet, and telling of it.

use super::route::{Findings, InputDecision, InputQuery, OutputQuery, Route, SourceFindings};
use crate::id::{LinkId, NamespaceId};
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::error::Errno;
use vethlab_shared::event::{Considered, EventKind, PacketId, Verdict};
use vethlab_shared::name::IfIndex;

impl World {
    /// Finds the way for a packet that is sent here.
    ///
    /// # Errors
    /// What the tables say.
    pub(crate) fn route_output_told(
        &mut self,
        at: NamespaceId,
        query: &OutputQuery,
        packet: Option<PacketId>,
    ) -> Result<Route, Errno> {
        if !self.trace.on {
            return match self.flow_route(at, query) {
                Some(route) => Ok(route),
                None => {
                    let route = self.net(at).route_output(query, self.now, None)?;
                    self.flow_learn_route(at, query, &route);
                    Ok(route)
                }
            };
        }
        let mut findings = self.trace.on.then(Findings::default);
        let result = self.net(at).route_output(query, self.now, findings.as_mut());
        if let Some(Findings { considered, .. }) = findings {
            let asked = Asked { destination: query.destination, source: query.source, input: None };
            self.tell_lookup(at, packet, asked, considered, result.as_ref().map_err(|errno| *errno));
        }
        result
    }

    /// Decides about a packet that came in.
    pub(crate) fn route_input_told(
        &mut self,
        at: LinkId,
        query: &InputQuery,
        packet: PacketId,
    ) -> InputDecision {
        let mut findings = self.trace.on.then(Findings::default);
        let decision = self.net(at.namespace).route_input(query, self.now, findings.as_mut());
        if let Some(Findings { considered, source: source_check }) = findings {
            let route = match &decision {
                InputDecision::Local(route) | InputDecision::Forward(route) => Ok(route),
                InputDecision::Unreachable { errno, .. } => Err(*errno),
                // The source is at fault, or the destination (`-EINVAL`); the drop tells which.
                InputDecision::Drop(_) => Err(Errno::EINVAL),
            };
            let (source, input) = (Some(query.source), Some(query.input));
            let asked = Asked { destination: query.destination, source, input };
            self.tell_lookup(at.namespace, Some(packet), asked, considered, route);
            if let Some(check) = source_check {
                self.tell_source_check(at, query.source, packet, check);
            }
        }
        decision
    }

    fn tell_source_check(&mut self, at: LinkId, source: Ipv4Addr, packet: PacketId, check: SourceFindings) {
        let SourceFindings { considered, output, rp_filter, accepted } = check;
        let links = &self.net(at.namespace).links;
        let output = output.and_then(|index| links.get(&index)).map(|link| link.name.clone());
        self.tell_at(at, Some(packet), |input| EventKind::FibValidateSource {
            source: source.into(),
            input,
            output,
            considered,
            rp_filter,
            accepted,
        });
    }

    fn tell_lookup(
        &mut self,
        at: NamespaceId,
        packet: Option<PacketId>,
        asked: Asked,
        considered: Vec<Considered>,
        result: Result<&Route, Errno>,
    ) {
        let (route, errno) = (result.ok(), result.err());
        let output =
            route.and_then(|route| self.net(at).links.get(&route.output)).map(|link| link.name.clone());
        let winner = considered.iter().find(|entry| entry.verdict == Verdict::Taken).cloned();
        let (kind, gateway, link) =
            winner.map_or_else(Default::default, |entry| (Some(entry.kind), entry.gateway, entry.output));
        self.tell(at, packet, || EventKind::FibTableLookup {
            destination: asked.destination.into(),
            source: asked.source.map(Into::into),
            input: asked.input,
            considered,
            decision: route.map(|route| route.kind).or(kind),
            errno,
            gateway: route.map_or(gateway, |route| route.gateway.map(Into::into)),
            output: output.or(link),
            chosen_source: route.and_then(|route| route.source).map(Into::into),
            source_by: route.and_then(|route| route.source_by),
        });
    }
}

/// What a lookup was asked.
#[derive(Clone, Copy)]
struct Asked {
    destination: Ipv4Addr,
    source: Option<Ipv4Addr>,
    input: Option<IfIndex>,
}
