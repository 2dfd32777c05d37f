//! For stacks that model IPv4 alone: from what the line says, which knows both families, to IPv4, or to the answer that
//! names IPv6. Such a stack asks here, at its edge; inside it nothing asks for a family.

use crate::error::StackError;
use crate::family::Family;
use crate::prefix::{Ipv4Prefix, Prefix};
use std::net::{IpAddr, Ipv4Addr};

/// Whether the stack models this family.
///
/// # Errors
/// [`StackError::NotModelled`], which names the family.
pub fn family(family: Family) -> Result<(), StackError> {
    match family {
        Family::Inet => Ok(()),
        Family::Inet6 => Err(StackError::family_not_modelled(family)),
    }
}

/// The IPv4 address that it is.
///
/// # Errors
/// As [`family`].
pub fn address(address: IpAddr) -> Result<Ipv4Addr, StackError> {
    match address {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => Err(StackError::family_not_modelled(Family::Inet6)),
    }
}

/// The IPv4 address that it is, where there is one.
///
/// # Errors
/// As [`family`].
pub fn optional(address: Option<IpAddr>) -> Result<Option<Ipv4Addr>, StackError> {
    address.map(self::address).transpose()
}

/// The IPv4 prefix that it is.
///
/// # Errors
/// As [`family`].
pub fn prefix(prefix: Prefix) -> Result<Ipv4Prefix, StackError> {
    Ipv4Prefix::try_from(prefix).map_err(StackError::family_not_modelled)
}
