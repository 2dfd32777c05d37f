//! What namespaces and links are called inside the world: numbers.

use vethlab_shared::name::IfIndex;

/// A namespace, named or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NamespaceId {
    /// Its place, which another namespace has once this one is gone.
    pub(crate) slot: u32,
    /// How many namespaces there were when it was made: its generation, which no other namespace has.
    pub(crate) number: u32,
}

/// A link's place in the whole world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinkId {
    pub(crate) namespace: NamespaceId,
    pub(crate) index: IfIndex,
}
