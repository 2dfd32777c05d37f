//! What namespaces and links are called inside the world: numbers.

use vethlab_shared::name::IfIndex;

/// A namespace, named or not. Numbers are not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NamespaceId(pub(crate) u32);

/// A link's place in the whole world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinkId {
    pub(crate) namespace: NamespaceId,
    pub(crate) index: IfIndex,
}
