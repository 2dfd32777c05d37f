//! All namespaces, by index.

use crate::id::NamespaceId;
use crate::netns::Namespace;
use crate::runtime::Runtime;
use std::collections::BTreeMap;
use std::sync::Arc;
use vethlab_shared::error::Errno;
use vethlab_shared::name::NamespaceName;

/// The namespaces of a world, with their names. A clone shares what is configured until one of the two is altered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Namespaces {
    slots: Vec<Slot>,
    /// The slots that a namespace left.
    free: Vec<u32>,
    /// How many namespaces there were.
    last_number: u32,
    names: Arc<BTreeMap<NamespaceName, NamespaceId>>,
    /// Those that lost their name and are still held.
    nameless: Vec<NamespaceId>,
}

/// A place for a namespace.
#[derive(Clone, Debug)]
struct Slot {
    number: u32,
    namespace: Option<Arc<Namespace>>,
    runtime: Runtime,
}

impl Namespaces {
    /// Makes a namespace under a name that is not taken.
    pub(crate) fn insert(&mut self, name: NamespaceName) -> NamespaceId {
        self.last_number += 1;
        let number = self.last_number;
        let namespace = Arc::new(Namespace::named(name.clone()));
        let slot = Slot { number, namespace: Some(namespace), runtime: Runtime::default() };
        let place = match self.free.pop() {
            Some(place) => {
                self.slots[place as usize] = slot;
                place
            }
            None => {
                self.slots.push(slot);
                self.slots.len() as u32 - 1
            }
        };
        let id = NamespaceId { slot: place, number };
        Arc::make_mut(&mut self.names).insert(name, id);
        id
    }

    /// Takes a namespace's name away; from then on it is one of those that end when nothing holds them.
    pub(crate) fn unname(&mut self, id: NamespaceId) {
        if let Some(name) = self.get_mut(id).and_then(|namespace| namespace.name.take()) {
            Arc::make_mut(&mut self.names).remove(&name);
            self.nameless.push(id);
        }
    }

    /// Takes a namespace out.
    pub(crate) fn remove(&mut self, id: NamespaceId) {
        self.nameless.retain(|known| *known != id);
        if let Some(slot) = self.slot_mut(id)
            && slot.namespace.take().is_some()
        {
            slot.runtime = Runtime::default();
            self.free.push(id.slot);
        }
    }

    fn slot(&self, id: NamespaceId) -> Option<&Slot> {
        self.slots.get(id.slot as usize).filter(|slot| slot.number == id.number)
    }

    fn slot_mut(&mut self, id: NamespaceId) -> Option<&mut Slot> {
        self.slots.get_mut(id.slot as usize).filter(|slot| slot.number == id.number)
    }

    /// A namespace, if it is still there.
    pub(crate) fn get(&self, id: NamespaceId) -> Option<&Namespace> {
        self.slot(id)?.namespace.as_deref()
    }

    /// The same, to alter.
    pub(crate) fn get_mut(&mut self, id: NamespaceId) -> Option<&mut Namespace> {
        self.slot_mut(id)?.namespace.as_mut().map(Arc::make_mut)
    }

    /// What traffic alters in a namespace, if it is still there.
    pub(crate) fn runtime(&self, id: NamespaceId) -> Option<&Runtime> {
        self.slot(id).filter(|slot| slot.namespace.is_some()).map(|slot| &slot.runtime)
    }

    /// The same, to alter.
    pub(crate) fn runtime_mut(&mut self, id: NamespaceId) -> Option<&mut Runtime> {
        self.slot_mut(id).filter(|slot| slot.namespace.is_some()).map(|slot| &mut slot.runtime)
    }

    /// Alters the namespaces that are chosen.
    pub(crate) fn alter(&mut self, chosen: impl Fn(&Namespace) -> bool, alter: impl Fn(&mut Namespace)) {
        let all = self.slots.iter_mut().filter_map(|slot| slot.namespace.as_mut());
        all.filter(|namespace| chosen(namespace)).for_each(|namespace| alter(Arc::make_mut(namespace)));
    }

    /// Finds a namespace by name.
    ///
    /// # Errors
    /// `ENOENT` where there is none.
    pub(crate) fn find(&self, name: &NamespaceName) -> Result<NamespaceId, Errno> {
        self.names.get(name).copied().ok_or(Errno::ENOENT)
    }

    /// The names, the newest first.
    pub(crate) fn names(&self) -> Vec<NamespaceName> {
        let mut names: Vec<_> = self.names.iter().map(|(name, id)| (id.number, name)).collect();
        names.sort_unstable_by_key(|&(number, _)| std::cmp::Reverse(number));
        names.into_iter().map(|(_, name)| name.clone()).collect()
    }

    /// Those that lost their name and are still held, in the order in which they lost it.
    pub(crate) fn nameless(&self) -> &[NamespaceId] {
        &self.nameless
    }
}
