//! All namespaces of a stack, by number and by name.

use crate::namespace::Namespace;
use crate::unavailable::Unavailable;
use std::collections::BTreeMap;
use std::os::fd::AsRawFd;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::NamespaceName;

/// The number of the namespace that plays the machine.
const HOST: u32 = 1;

/// The namespaces that live. A number is never given twice.
pub(crate) struct Namespaces {
    /// Those that live, by number.
    all: BTreeMap<u32, Namespace>,
    /// The numbers of those that have a name, and of the machine's own.
    names: BTreeMap<NamespaceName, u32>,
    /// How many were made so far.
    made: u32,
}

impl Namespaces {
    /// Makes the namespace that plays the machine.
    ///
    /// # Errors
    /// This machine does not allow it.
    pub(crate) fn new() -> Result<Namespaces, Unavailable> {
        let host = Namespace::new(HOST, NamespaceName::HOST)?;
        Ok(Namespaces {
            all: BTreeMap::from([(HOST, host)]),
            names: BTreeMap::from([(NamespaceName::HOST, HOST)]),
            made: HOST,
        })
    }

    /// Makes a namespace of this name, which none may have yet.
    ///
    /// # Errors
    /// This machine does not allow it.
    pub(crate) fn add(&mut self, name: &NamespaceName) -> Result<&mut Namespace, Unavailable> {
        let number = self.made + 1;
        let namespace = Namespace::new(number, name.clone())?;
        self.made = number;
        self.names.insert(name.clone(), number);
        Ok(self.all.entry(number).or_insert(namespace))
    }

    /// Takes the name of a namespace away, and gives its number. It lives on until it is removed.
    ///
    /// # Errors
    /// `ENOENT` where there is none of this name; the machine's own has none.
    pub(crate) fn take_name(&mut self, name: &NamespaceName) -> Result<u32, StackError> {
        if name.is_host() {
            return Err(Errno::ENOENT.into());
        }
        let number = self.names.remove(name).ok_or(Errno::ENOENT)?;
        if let Some(namespace) = self.all.get_mut(&number) {
            namespace.lose_name();
        }
        Ok(number)
    }

    /// Takes out a namespace.
    pub(crate) fn remove(&mut self, number: u32) -> Option<Namespace> {
        self.all.remove(&number)
    }

    /// The number of a namespace without a name that nothing holds any more.
    pub(crate) fn ended(&self) -> Option<u32> {
        // Where each has a name there is none to look for.
        if self.all.len() == self.names.len() {
            return None;
        }
        let ended = |namespace: &&Namespace| namespace.is_nameless() && !namespace.is_held();
        self.all.values().find(ended).map(|namespace| namespace.number)
    }

    /// The namespace of this name.
    ///
    /// # Errors
    /// `ENOENT` where there is none.
    pub(crate) fn named(&mut self, name: &NamespaceName) -> Result<&mut Namespace, StackError> {
        let number = self.names.get(name).ok_or(Errno::ENOENT)?;
        self.all.get_mut(number).ok_or_else(|| Errno::ENOENT.into())
    }

    /// The namespace of this number, if it lives.
    pub(crate) fn numbered(&mut self, number: u32) -> Option<&mut Namespace> {
        self.all.get_mut(&number)
    }

    /// Whether a namespace has this name; the machine's own has none.
    pub(crate) fn is_name(&self, name: &NamespaceName) -> bool {
        !name.is_host() && self.names.contains_key(name)
    }

    /// The names, that of the newest namespace first.
    pub(crate) fn names(&self) -> Vec<NamespaceName> {
        let named = self.all.values().rev().filter(|namespace| !namespace.is_nameless());
        named.map(|namespace| namespace.name.clone()).filter(|name| !name.is_host()).collect()
    }

    /// All that live, the oldest first.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Namespace> {
        self.all.values_mut()
    }

    /// Takes in that each of these may come to have a number for each other, and a link whose other end is there.
    pub(crate) fn introduce(&mut self, numbers: &[u32]) {
        for number in numbers {
            if let Some(namespace) = self.all.get_mut(number) {
                namespace.acquainted.extend(numbers.iter().filter(|other| *other != number));
            }
        }
    }

    /// Finds the namespace that another one has given this id to.
    ///
    /// The kernel tells the id of a namespace (`RTM_GETNSID`), and not the namespace that has an id. So the likely ones
    /// are asked about first, and after them those that it may be at all.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn by_id(&mut self, asked: u32, id: i32, likely: &[u32]) -> Result<Option<u32>, StackError> {
        let Some(mut asking) = self.all.remove(&asked) else { return Ok(None) };
        let found = self.find_by_id(&mut asking, id, likely);
        self.all.insert(asked, asking);
        found
    }

    fn find_by_id(&self, asking: &mut Namespace, id: i32, likely: &[u32]) -> Result<Option<u32>, StackError> {
        let known = asking.ids.get(&id).copied();
        let acquainted: Vec<u32> = asking.acquainted.iter().copied().collect();
        for number in known.into_iter().chain(likely.iter().copied()).chain(acquainted) {
            let Some(other) = self.all.get(&number) else { continue };
            if asking.id_of(other.descriptor.as_raw_fd())? == Some(id) {
                asking.ids.insert(id, number);
                return Ok(Some(number));
            }
        }
        Ok(None)
    }
}
