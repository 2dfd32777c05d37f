//! Finding a thing by its name where there are many.

use hashbrown::HashTable;

/// The numbers of things, by the hash of their names. Nothing walks it, so that no order depends on a hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameIndex {
    /// The hash of a name, and the number of what has it.
    numbers: HashTable<(u64, u32)>,
}

/// FNV-1a of 64 bits: the same on every machine.
fn hash_of(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl NameIndex {
    /// The number of what has the name, where `has_name` says whether a number's thing has it.
    pub(crate) fn find(&self, name: &str, has_name: impl Fn(u32) -> bool) -> Option<u32> {
        let hash = hash_of(name);
        let found = self.numbers.find(hash, |&(known, number)| known == hash && has_name(number));
        found.map(|&(_, number)| number)
    }

    /// Takes in a thing; no other may have its name.
    pub(crate) fn insert(&mut self, name: &str, number: u32) {
        let hash = hash_of(name);
        self.numbers.insert_unique(hash, (hash, number), |&(hash, _)| hash);
    }

    /// Takes out a thing that has the name.
    pub(crate) fn remove(&mut self, name: &str, number: u32) {
        let hash = hash_of(name);
        if let Ok(entry) = self.numbers.find_entry(hash, |&known| known == (hash, number)) {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_found_by_its_name_as_long_as_it_has_it() {
        let names: Vec<String> = (0..1000).map(|number| format!("v{number}")).collect();
        let mut index = NameIndex::default();
        names.iter().zip(0..).for_each(|(name, number)| index.insert(name, number));
        let find = |index: &NameIndex, name: &str| index.find(name, |number| names[number as usize] == name);
        assert!(names.iter().zip(0..).all(|(name, number)| find(&index, name) == Some(number)));
        assert_eq!(find(&index, "w7"), None);
        index.remove("v7", 8);
        assert_eq!(find(&index, "v7"), Some(7));
        index.remove("v7", 7);
        assert_eq!(find(&index, "v7"), None);
        assert_eq!(find(&index, "v8"), Some(8));
    }
}
