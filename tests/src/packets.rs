//! The lives of packets, as events tell them.

use std::collections::BTreeMap;
use vethlab_shared::event::{Event, EventKind, PacketId};

/// How often each packet began and ended.
pub fn lives(events: &[Event]) -> BTreeMap<PacketId, (u32, u32)> {
    let mut lives: BTreeMap<PacketId, (u32, u32)> = BTreeMap::new();
    for event in events {
        let Some(packet) = event.packet else { continue };
        let life = lives.entry(packet).or_default();
        match event.kind {
            EventKind::PacketCreated { .. } => life.0 += 1,
            EventKind::ConsumeSkb { .. } | EventKind::KfreeSkb { .. } => life.1 += 1,
            _ => {}
        }
    }
    lives
}
