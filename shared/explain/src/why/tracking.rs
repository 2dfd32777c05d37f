//! Connections of which a packet filter sees one direction only.

use super::case::{Case, Leg};
use super::fault::Fault;
use super::mend::Mend;
use super::trail::Life;
use std::net::IpAddr;
use vethlab_shared::name::NamespaceName;

impl<'e> Case<'e, '_> {
    /// Connection tracking takes a packet for no part of any connection. It is so where what the packet answers has gone
    /// another way: then the ways have to be made one.
    pub(super) fn seen_by_halves(&mut self, leg: &Leg<'e>, here: &NamespaceName, fault: Fault) -> Fault {
        let what = leg.name();
        let parent =
            self.trails.parent(leg.life.packet).and_then(|(parent, _)| self.trails.life(parent, None));
        let Some(asked) = parent else {
            return fault.told(format!(
                "The connection tracking of {here} takes the {what} for INVALID: it knows of no connection that such a \
                 packet can be part of."
            ));
        };
        let other = Leg { life: asked.clone(), back: !leg.back }.name();
        if asked.was_routed_in(here) {
            return fault.told(format!(
                "The connection tracking of {here} takes the {what} for INVALID, though it saw the {other} that this \
                 answers: it does not fit what it knows of the connection."
            ));
        }
        let between: Vec<String> =
            asked.hops.iter().skip(1).rev().skip(1).rev().map(|hop| hop.namespace.to_string()).collect();
        let by =
            if between.is_empty() { "straight".to_owned() } else { format!("by {}", between.join(" and ")) };
        let fault = fault.told(format!(
            "The connection tracking of {here} takes the {what} for INVALID (nf_conntrack_in): it never saw the {other} \
             that this answers. That went {by}, while the {what} goes by {here}. A firewall that tracks connections has to \
             see both directions."
        ));
        let back_by_the_same = self.same_way_back(leg, &asked);
        let forth_by_here = self.way_by(leg, &asked, here);
        fault.or_by_all(back_by_the_same).or_by_all(forth_by_here)
    }

    /// Routes by which whoever answers sends its answer to the router that the question came from.
    fn same_way_back(&mut self, leg: &Leg<'e>, asked: &Life<'e>) -> Vec<Mend> {
        let (Some(before), answerer) = (asked.before(), asked.place().namespace) else { return Vec::new() };
        let (Some((out, _)), Some((input, _))) = (&before.output, &asked.place().input) else {
            return Vec::new();
        };
        let gateway = self.address_on(before.namespace, out);
        let (Some(gateway), Some(to)) = (gateway, leg.destination()) else { return Vec::new() };
        self.instead(answerer, to, (gateway, input))
    }

    /// Routes by which whoever asked sends what it asks by the router that the answers come by.
    fn way_by(&mut self, leg: &Leg<'e>, asked: &Life<'e>, here: &NamespaceName) -> Vec<Mend> {
        let asker = asked.hops[0].namespace;
        let Some(to) = (Leg { life: asked.clone(), back: !leg.back }).destination() else {
            return Vec::new();
        };
        let links = self.network.place(asker).map(|place| place.links.clone()).unwrap_or_default();
        for link in links {
            let stations = self.network.stations(asker, &link);
            let Some(station) = stations.into_iter().find(|station| station.namespace == *here) else {
                continue;
            };
            let own: Vec<IpAddr> =
                self.network.addresses(here, station.link.index).iter().map(|view| view.local).collect();
            if let Some(gateway) = own.first() {
                return self.instead(asker, to, (*gateway, &link.name));
            }
        }
        Vec::new()
    }

    /// Routes to an address by this gateway, in the place of the one that is taken now.
    fn instead(
        &mut self,
        from: &NamespaceName,
        to: IpAddr,
        way: (IpAddr, &vethlab_shared::name::LinkName),
    ) -> Vec<Mend> {
        let entry = self.network.covering(from, to).map(|route| route.destination);
        self.ways_by(from, entry, to, way)
    }

    /// The first address that a link has.
    fn address_on(&self, place: &NamespaceName, link: &vethlab_shared::name::LinkName) -> Option<IpAddr> {
        let view = self.network.link(place, link)?;
        self.network.addresses(place, view.index).first().map(|own| own.local)
    }
}
