//! What a stack reports: one file for each kind of thing.

mod address;
mod bridge;
mod link;
mod neighbour;
mod route;
mod socket;

pub use address::{AddressFlags, AddressView};
pub use bridge::{BridgePort, FdbAges, FdbEntry, FdbFlags, FdbKind, PortFlags, PortState};
pub use link::{LinkFlags, LinkKind, LinkStatistics, LinkView, OperationalState};
pub use neighbour::{NeighbourParameters, NeighbourState, NeighbourView};
pub use route::{Protocol, RouteFlags, RouteKind, RouteLookup, RouteQuery, RouteView, Scope, table};
pub use socket::{SocketProtocol, SocketState, SocketTimer, SocketTimerKind, SocketView};
