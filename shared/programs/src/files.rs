//! Files that programs wrote: they belong to the session, and none of the machine's own is ever touched.

use std::collections::BTreeMap;
use std::sync::Arc;
use vethlab_shared::error::Errno;

/// How many bytes all files together may have.
const ROOM: usize = 1 << 20;

/// Files by their names, as they were written.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, Arc<str>>);

impl Files {
    /// What stands in a file, where there is such.
    pub(crate) fn read(&self, name: &str) -> Option<Arc<str>> {
        self.0.get(name).cloned()
    }

    /// The names of all.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Writes a file, in place of one that is there.
    ///
    /// # Errors
    /// `EISDIR` where it names a folder, `ENOSPC` where there is no room for it.
    pub(crate) fn write(&mut self, name: &str, text: &str) -> Result<(), Errno> {
        if name.is_empty() || name.ends_with('/') {
            return Err(Errno::EISDIR);
        }
        let others = self.0.iter().filter(|(other, _)| *other != name);
        let taken: usize = others.map(|(other, text)| other.len() + text.len()).sum();
        if taken + name.len() + text.len() > ROOM {
            return Err(Errno::ENOSPC);
        }
        self.0.insert(name.to_owned(), text.into());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let mut files = Files::default();
        assert_eq!(files.read("rules").as_deref(), None);
        assert_eq!(files.write("rules", "one\n"), Ok(()));
        assert_eq!(files.write("rules", "two\n"), Ok(()));
        assert_eq!(files.read("rules").as_deref(), Some("two\n"));
        assert_eq!(files.write("folder/", ""), Err(Errno::EISDIR));
        assert_eq!(files.write("large", &"x".repeat(ROOM)), Err(Errno::ENOSPC));
    }
}
