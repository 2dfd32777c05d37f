//! A machine for scripts: files of its own, and nothing else.

use std::collections::BTreeMap;
use vethlab_shell::System;

/// A machine with files, which keeps what is printed.
#[derive(Debug, Default)]
pub struct Fake {
    /// What its files hold, by name.
    pub files: BTreeMap<String, String>,
    /// What was printed on standard output.
    pub out: String,
    /// What was printed on standard error.
    pub err: String,
}

impl Fake {
    /// How many bytes were printed.
    pub fn printed(&self) -> usize {
        self.out.len() + self.err.len()
    }
}

impl System for Fake {
    fn read(&mut self, path: &str) -> Result<String, String> {
        self.files.get(path).cloned().ok_or_else(|| "No such file or directory".to_owned())
    }
    fn open(&mut self, path: &str, append: bool) -> Result<(), String> {
        let text = self.files.entry(path.to_owned()).or_default();
        if !append {
            text.clear();
        }
        Ok(())
    }
    fn write(&mut self, path: &str, text: &str) -> Result<(), String> {
        self.files.entry(path.to_owned()).or_default().push_str(text);
        Ok(())
    }
    fn folder(&mut self, path: &str) -> Option<bool> {
        if matches!(path, "/" | "/tmp" | ".") {
            Some(true)
        } else {
            self.files.contains_key(path).then_some(false)
        }
    }
    fn paths(&mut self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }
    fn has_program(&mut self, name: &str) -> bool {
        name == "cat"
    }
    fn random(&mut self) -> u32 {
        4
    }
    fn seconds(&mut self) -> u64 {
        0
    }
    fn print(&mut self, is_error: bool, text: &str) {
        if is_error { self.err.push_str(text) } else { self.out.push_str(text) }
    }
}
