//! From a request to what the tables are asked (`rtm_to_fib_config` in `net/ipv4/fib_frontend.c`).

use std::net::Ipv4Addr;
use vethlab_shared::change::RouteSpec;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::ipv4_only;
use vethlab_shared::name::IfIndex;
use vethlab_shared::prefix::Ipv4Prefix;
use vethlab_shared::view::{Protocol, RouteFlags, RouteKind, Scope, table as id};

/// A route to add or to find (`struct fib_config`): a [`RouteSpec`] of IPv4 whose prefix is known to be good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    pub(super) destination: Ipv4Prefix,
    pub(super) tos: u8,
    pub(super) table: u32,
    pub(super) kind: RouteKind,
    pub(super) protocol: Protocol,
    pub(super) scope: Scope,
    pub(super) metric: Option<u32>,
    pub(super) gateway: Option<Ipv4Addr>,
    pub(super) output: Option<IfIndex>,
    pub(super) preferred_source: Option<Ipv4Addr>,
    pub(super) mtu: Option<u32>,
    pub(super) flags: RouteFlags,
}

impl Config {
    /// The checks and the tidying that come before a table is looked at.
    ///
    /// # Errors
    /// As the kernel answers.
    pub(super) fn of(spec: &RouteSpec) -> Result<Config, StackError> {
        let invalid = |text: &str| Err(StackError::with_extack(Errno::EINVAL, text));
        let destination = ipv4_only::prefix(spec.destination)?;
        let (gateway, source) =
            (ipv4_only::optional(spec.gateway)?, ipv4_only::optional(spec.preferred_source)?);
        if spec.tos & 3 != 0 {
            return invalid("Invalid dsfield (tos): ECN bits must be 0");
        }
        if destination.network() != destination {
            return invalid("Invalid prefix for given prefix length");
        }
        let given = |address: &Ipv4Addr| !address.is_unspecified();
        Ok(Config {
            destination,
            tos: spec.tos,
            table: if spec.table == id::UNSPECIFIED { id::MAIN } else { spec.table },
            kind: spec.kind,
            protocol: spec.protocol,
            scope: spec.scope,
            metric: spec.metric,
            gateway: gateway.filter(given),
            output: spec.output.filter(|index| index.0 != 0),
            preferred_source: source.filter(given),
            mtu: spec.mtu,
            flags: spec.flags,
        })
    }
}
