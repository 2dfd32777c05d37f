//! The machine as scripts see it: the session's files, the settings below `/proc/sys`, and the programs.

use crate::{Context, Failure, cat, sysctl, table};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shell::System;

/// Folders that are there on any Linux, and that scripts ask for.
const FOLDERS: &[&str] = &[
    "/",
    ".",
    "/dev",
    "/etc",
    "/etc/netns",
    "/proc",
    "/proc/net",
    "/proc/sys",
    "/proc/sys/net",
    "/root",
    "/run/netns",
    "/sys",
    "/sys/class/net",
    "/tmp",
    "/var",
    "/var/run/netns",
];

/// The machine around a program.
pub(crate) struct Surroundings<'a, 'b>(pub(crate) &'a mut Context<'b>);

impl Surroundings<'_, '_> {
    /// Whether something of this name is below a folder that the kernel fills.
    fn of_the_kernel(&mut self, path: &str) -> Option<bool> {
        let Context { stack, namespace, .. } = &mut *self.0;
        if let Some(name) = path.strip_prefix("/var/run/netns/").or_else(|| path.strip_prefix("/run/netns/"))
        {
            let name = NamespaceName::new(name).ok()?;
            return stack.has_namespace(&name).ok()?.then_some(false);
        }
        if let Some(name) = path.strip_prefix("/sys/class/net/") {
            let name: LinkName = name.parse().ok()?;
            return stack.link_by_name(namespace, &name).ok()?.map(|_| true);
        }
        let setting = path.strip_prefix("/proc/sys/")?;
        stack.sysctl(namespace, &sysctl::dotted(setting)).ok().map(|_| false)
    }
}

fn told(error: StackError) -> String {
    match error {
        StackError::Refused { errno, .. } => errno.to_string(),
        other => other.to_string(),
    }
}

impl System for Surroundings<'_, '_> {
    fn read(&mut self, path: &str) -> Result<String, String> {
        if path.starts_with("/proc/") {
            return cat::text(path, self.0).map_err(|failure| match failure {
                Failure::Exit { message, .. } => {
                    let words = message.trim_end();
                    words.strip_prefix(&format!("cat: {path}: ")).unwrap_or(words).to_owned()
                }
                _ => Errno::ENOENT.to_string(),
            });
        }
        match self.0.files.read(path) {
            Some(text) => Ok(text.to_string()),
            None if self.folder(path) == Some(true) => Err(Errno::EISDIR.to_string()),
            None => Err(Errno::ENOENT.to_string()),
        }
    }

    fn open(&mut self, path: &str, append: bool) -> Result<(), String> {
        if let Some(setting) = path.strip_prefix("/proc/sys/") {
            let name = sysctl::dotted(setting);
            return self.0.stack.sysctl(&self.0.namespace, &name).map(drop).map_err(told);
        }
        if path.starts_with("/proc/") || path.starts_with("/sys/") || path.starts_with("/dev/") {
            return Err(Errno::EACCES.to_string());
        }
        if self.folder(path) == Some(true) {
            return Err(Errno::EISDIR.to_string());
        }
        match self.0.files.read(path) {
            Some(_) if append => Ok(()),
            _ => self.0.files.write(path, "").map_err(|errno| errno.to_string()),
        }
    }

    fn write(&mut self, path: &str, text: &str) -> Result<(), String> {
        if let Some(setting) = path.strip_prefix("/proc/sys/") {
            return sysctl::write(&sysctl::dotted(setting), text.trim_end_matches('\n'), self.0)
                .map_err(told);
        }
        let before = self.0.files.read(path).unwrap_or_else(|| "".into());
        self.0.files.write(path, &format!("{before}{text}")).map_err(|errno| errno.to_string())
    }

    fn folder(&mut self, path: &str) -> Option<bool> {
        let trimmed = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        if FOLDERS.contains(&trimmed) {
            return Some(true);
        }
        if self.0.files.read(path).is_some()
            || matches!(path, "/dev/null" | "/dev/stdin" | "/dev/stdout" | "/dev/stderr")
        {
            return Some(false);
        }
        if cat::FILES.contains(&path) {
            return Some(false);
        }
        self.of_the_kernel(trimmed)
    }

    fn paths(&mut self) -> Vec<String> {
        self.0.files.names()
    }

    fn has_program(&mut self, name: &str) -> bool {
        table::program(name).is_some()
    }

    fn random(&mut self) -> u32 {
        // A script that draws numbers draws the same ones on every machine: it goes by the time.
        let nanoseconds = self.0.stack.now().as_nanos();
        (nanoseconds.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32
    }

    fn seconds(&mut self) -> u64 {
        self.0.stack.now().as_nanos() / 1_000_000_000
    }

    fn print(&mut self, is_error: bool, text: &str) {
        if is_error { self.0.console.err(text) } else { self.0.console.out(text) }
    }
}
