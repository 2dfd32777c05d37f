//! All namespaces, by index.

use crate::flow::Flows;
use crate::id::NamespaceId;
use crate::name_index::NameIndex;
use crate::netns::Namespace;
use crate::runtime::Runtime;
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
    /// The slots by name.
    names: Arc<NameIndex>,
    /// Those that lost their name and are still held.
    nameless: Vec<NamespaceId>,
    /// How often anything configured has changed.
    epoch: u64,
}

/// A place for a namespace.
#[derive(Clone, Debug)]
struct Slot {
    number: u32,
    namespace: Option<Arc<Namespace>>,
    runtime: Runtime,
    flows: Flows,
}

impl Namespaces {
    /// Makes a namespace under a name that is not taken.
    pub(crate) fn insert(&mut self, name: &NamespaceName) -> NamespaceId {
        self.last_number += 1;
        let number = self.last_number;
        let namespace = Arc::new(Namespace::named(name.clone()));
        let slot =
            Slot { number, namespace: Some(namespace), runtime: Runtime::default(), flows: Flows::default() };
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
        Arc::make_mut(&mut self.names).insert(name.as_str(), place);
        NamespaceId { slot: place, number }
    }

    /// Takes a namespace's name away; from then on it is one of those that end when nothing holds them.
    pub(crate) fn unname(&mut self, id: NamespaceId) {
        if let Some(name) = self.get_mut(id).and_then(|namespace| namespace.name.take()) {
            Arc::make_mut(&mut self.names).remove(name.as_str(), id.slot);
            self.nameless.push(id);
        }
    }

    /// Takes a namespace out.
    pub(crate) fn remove(&mut self, id: NamespaceId) {
        self.nameless.retain(|known| *known != id);
        if let Some(slot) = self.slot_mut(id)
            && slot.namespace.take().is_some()
        {
            (slot.runtime, slot.flows) = (Runtime::default(), Flows::default());
            self.free.push(id.slot);
        }
    }

    #[inline]
    fn slot(&self, id: NamespaceId) -> Option<&Slot> {
        self.slots.get(id.slot as usize).filter(|slot| slot.number == id.number)
    }

    #[inline]
    fn slot_mut(&mut self, id: NamespaceId) -> Option<&mut Slot> {
        self.slots.get_mut(id.slot as usize).filter(|slot| slot.number == id.number)
    }

    /// A namespace, if it is still there.
    #[inline]
    pub(crate) fn get(&self, id: NamespaceId) -> Option<&Namespace> {
        self.slot(id)?.namespace.as_deref()
    }

    /// The same, to alter.
    pub(crate) fn get_mut(&mut self, id: NamespaceId) -> Option<&mut Namespace> {
        self.epoch += 1;
        self.slot_mut(id)?.namespace.as_mut().map(Arc::make_mut)
    }

    /// What traffic alters in a namespace, if it is still there.
    #[inline]
    pub(crate) fn runtime(&self, id: NamespaceId) -> Option<&Runtime> {
        self.slot(id).filter(|slot| slot.namespace.is_some()).map(|slot| &slot.runtime)
    }

    /// The same, to alter.
    #[inline]
    pub(crate) fn runtime_mut(&mut self, id: NamespaceId) -> Option<&mut Runtime> {
        self.slot_mut(id).filter(|slot| slot.namespace.is_some()).map(|slot| &mut slot.runtime)
    }

    /// What is configured in a namespace, with what traffic alters.
    #[inline]
    pub(crate) fn parts_mut(&mut self, id: NamespaceId) -> Option<(&Namespace, &mut Runtime)> {
        let slot = self.slot_mut(id)?;
        Some((slot.namespace.as_deref()?, &mut slot.runtime))
    }

    /// The ways that a namespace remembers, with the epoch that they must be of.
    #[inline]
    pub(crate) fn flows(&self, id: NamespaceId) -> Option<(&Flows, u64)> {
        self.slot(id).map(|slot| (&slot.flows, self.epoch))
    }

    /// The same, to alter, with what traffic alters.
    #[inline]
    pub(crate) fn flows_mut(&mut self, id: NamespaceId) -> Option<(&mut Flows, &mut Runtime, u64)> {
        let epoch = self.epoch;
        self.slot_mut(id).map(|slot| (&mut slot.flows, &mut slot.runtime, epoch))
    }

    /// Alters the namespaces that are chosen.
    pub(crate) fn alter(&mut self, chosen: impl Fn(&Namespace) -> bool, alter: impl Fn(&mut Namespace)) {
        self.epoch += 1;
        let all = self.slots.iter_mut().filter_map(|slot| slot.namespace.as_mut());
        all.filter(|namespace| chosen(namespace)).for_each(|namespace| alter(Arc::make_mut(namespace)));
    }

    /// Finds a namespace by name.
    ///
    /// # Errors
    /// `ENOENT` where there is none.
    pub(crate) fn find(&self, name: &NamespaceName) -> Result<NamespaceId, Errno> {
        let name_of = |slot: u32| self.slots[slot as usize].namespace.as_ref()?.name.as_ref();
        let found = self.names.find(name.as_str(), |slot| name_of(slot) == Some(name));
        let slot = found.ok_or(Errno::ENOENT)?;
        Ok(NamespaceId { slot, number: self.slots[slot as usize].number })
    }

    /// The names, the newest first.
    pub(crate) fn names(&self) -> Vec<NamespaceName> {
        let named = self.slots.iter().filter_map(|slot| {
            let name = slot.namespace.as_ref()?.name.as_ref()?;
            Some((slot.number, name))
        });
        let mut names: Vec<_> = named.collect();
        names.sort_unstable_by_key(|&(number, _)| std::cmp::Reverse(number));
        names.into_iter().map(|(_, name)| name.clone()).collect()
    }

    /// All namespaces.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Namespace> {
        self.slots.iter().filter_map(|slot| slot.namespace.as_deref())
    }

    /// How many bytes it takes to keep these beside others: what both share is not counted.
    pub(crate) fn weight_beside(&self, other: Option<&Namespaces>) -> usize {
        let is_shared = |place: usize, namespace: &Arc<Namespace>| {
            let known = other.and_then(|other| other.slots.get(place)?.namespace.as_ref());
            known.is_some_and(|known| Arc::ptr_eq(known, namespace))
        };
        let weight = |(place, slot): (usize, &Slot)| {
            let namespace = slot.namespace.as_ref().filter(|namespace| !is_shared(place, namespace));
            size_of::<Slot>() + slot.runtime.weight() + namespace.map_or(0, |namespace| namespace.weight())
        };
        self.slots.iter().enumerate().map(weight).sum()
    }

    /// Those that lost their name and are still held, in the order in which they lost it.
    pub(crate) fn nameless(&self) -> &[NamespaceId] {
        &self.nameless
    }
}
