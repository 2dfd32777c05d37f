//! What routing reads from `net.ipv4.conf`, joined as the kernel joins the values of `all` and of a link
//! (`IN_DEV_ORCONF`, `IN_DEV_MAXCONF`, … in `linux/inetdevice.h`).

use crate::link::{InDevice, Links};
use crate::sysctl::{Conf, Setting, Sysctls};
use vethlab_shared::name::IfIndex;

/// The settings of a namespace, with those of its links.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RouteSettings<'a> {
    pub(crate) links: &'a Links,
    pub(crate) sysctls: &'a Sysctls,
}

impl RouteSettings<'_> {
    /// The value of one link alone (`IN_DEV_CONF_GET`); 0 where IPv4 does not know the link.
    pub(crate) fn link(self, link: IfIndex, conf: Conf) -> i32 {
        let inet = self.links.get(&link).and_then(|link| link.inet.as_ref());
        inet.map_or(0, |InDevice { conf: values, .. }| values.get(conf))
    }

    fn all(self, conf: Conf) -> i32 {
        self.sysctls.all(conf)
    }

    /// The larger of link and `all` (`IN_DEV_MAXCONF`).
    pub(crate) fn max(self, link: IfIndex, conf: Conf) -> i32 {
        self.link(link, conf).max(self.all(conf))
    }

    /// Whether link or `all` has it on (`IN_DEV_ORCONF`).
    pub(crate) fn either(self, link: IfIndex, conf: Conf) -> bool {
        self.link(link, conf) != 0 || self.all(conf) != 0
    }

    /// The value of a setting.
    pub(crate) fn get(self, setting: Setting) -> i64 {
        self.sysctls.get(setting, |link, conf| self.link(link, conf))
    }

    /// Whether what comes in by the link may leave by another: the link's own value alone counts.
    pub(crate) fn forwards(self, link: IfIndex) -> bool {
        self.link(link, Conf::Forwarding) != 0
    }

    /// 0 off, 1 strict, 2 loose, as is every other number (`__fib_validate_source`).
    pub(crate) fn rp_filter(self, link: IfIndex) -> u8 {
        match self.max(link, Conf::RpFilter) {
            0 => 0,
            1 => 1,
            _ => 2,
        }
    }

    pub(crate) fn accepts_local(self, link: IfIndex) -> bool {
        self.either(link, Conf::AcceptLocal)
    }

    pub(crate) fn routes_localnet(self, link: IfIndex) -> bool {
        self.either(link, Conf::RouteLocalnet)
    }

    /// Directed broadcasts are forwarded only where both values say so (`IN_DEV_ANDCONF`).
    pub(crate) fn forwards_broadcasts(self, link: IfIndex) -> bool {
        self.all(Conf::BcForwarding) != 0 && self.link(link, Conf::BcForwarding) != 0
    }

    pub(crate) fn promotes_secondaries(self, link: IfIndex) -> bool {
        self.either(link, Conf::PromoteSecondaries)
    }

    pub(crate) fn sends_redirects(self, link: IfIndex) -> bool {
        self.either(link, Conf::SendRedirects)
    }

    /// Whether redirects are followed (`IN_DEV_RX_REDIRECTS`): a router follows them only where both values say so.
    pub(crate) fn accepts_redirects(self, link: IfIndex) -> bool {
        if self.forwards(link) {
            self.all(Conf::AcceptRedirects) != 0 && self.link(link, Conf::AcceptRedirects) != 0
        } else {
            self.either(link, Conf::AcceptRedirects)
        }
    }

    /// Whether redirects may only name gateways that a route has.
    pub(crate) fn wants_known_gateways(self, link: IfIndex) -> bool {
        self.either(link, Conf::SecureRedirects)
    }

    pub(crate) fn shares_media(self, link: IfIndex) -> bool {
        self.either(link, Conf::SharedMedia)
    }

    /// Whether routes by the link count as dead while it has no carrier (`ip_ignore_linkdown`).
    pub(crate) fn ignores_link_down(self, link: Option<IfIndex>) -> bool {
        link.is_some_and(|link| self.either(link, Conf::IgnoreRoutesWithLinkdown))
    }
}
