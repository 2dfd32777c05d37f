//! What routing reads from `net.ipv4.conf`.

use std::collections::BTreeMap;
use vethlab_shared::name::IfIndex;

/// The values of `net.ipv4.conf.<link>` that routing needs, as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Conf {
    pub(crate) forwarding: bool,
    /// 0 off, 1 strict, 2 loose.
    pub(crate) rp_filter: u8,
    pub(crate) accept_local: bool,
    pub(crate) route_localnet: bool,
    pub(crate) bc_forwarding: bool,
    pub(crate) ignore_routes_with_linkdown: bool,
    pub(crate) promote_secondaries: bool,
    pub(crate) send_redirects: bool,
    pub(crate) shared_media: bool,
}

impl Default for Conf {
    fn default() -> Conf {
        Conf {
            forwarding: false,
            rp_filter: 0,
            accept_local: false,
            route_localnet: false,
            bc_forwarding: false,
            ignore_routes_with_linkdown: false,
            promote_secondaries: false,
            send_redirects: true,
            shared_media: true,
        }
    }
}

/// The values for all links, joined as the kernel joins them (`IN_DEV_ORCONF`, `IN_DEV_MAXCONF`, … in
/// `linux/inetdevice.h`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RouteSettings {
    /// `net.ipv4.conf.all`.
    pub(crate) all: Conf,
    /// `net.ipv4.conf.<link>`; a link that is missing has the defaults.
    pub(crate) links: BTreeMap<IfIndex, Conf>,
}

impl RouteSettings {
    fn of(&self, link: IfIndex) -> Conf {
        self.links.get(&link).copied().unwrap_or_default()
    }

    fn either(&self, link: IfIndex, value: impl Fn(&Conf) -> bool) -> bool {
        value(&self.all) || value(&self.of(link))
    }

    /// Whether what comes in by the link may leave by another: the link's own value alone counts.
    pub(crate) fn forwards(&self, link: IfIndex) -> bool {
        self.of(link).forwarding
    }

    pub(crate) fn rp_filter(&self, link: IfIndex) -> u8 {
        self.all.rp_filter.max(self.of(link).rp_filter)
    }

    pub(crate) fn accepts_local(&self, link: IfIndex) -> bool {
        self.either(link, |conf| conf.accept_local)
    }

    pub(crate) fn routes_localnet(&self, link: IfIndex) -> bool {
        self.either(link, |conf| conf.route_localnet)
    }

    /// Directed broadcasts are forwarded only where both values say so (`IN_DEV_ANDCONF`).
    pub(crate) fn forwards_broadcasts(&self, link: IfIndex) -> bool {
        self.all.bc_forwarding && self.of(link).bc_forwarding
    }

    pub(crate) fn promotes_secondaries(&self, link: IfIndex) -> bool {
        self.either(link, |conf| conf.promote_secondaries)
    }

    pub(crate) fn sends_redirects(&self, link: IfIndex) -> bool {
        self.either(link, |conf| conf.send_redirects)
    }

    pub(crate) fn shares_media(&self, link: IfIndex) -> bool {
        self.either(link, |conf| conf.shared_media)
    }

    /// Whether routes by the link count as dead while it has no carrier (`ip_ignore_linkdown`).
    pub(crate) fn ignores_link_down(&self, link: Option<IfIndex>) -> bool {
        link.is_some_and(|link| self.either(link, |conf| conf.ignore_routes_with_linkdown))
    }
}
