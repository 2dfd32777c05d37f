//! Where a command reads from and writes to.

use crate::System;
use crate::expand::{Expanded, Expander, Trouble};
use brush_parser::ast::{IoFileRedirectKind, IoFileRedirectTarget, IoRedirect};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much text is kept of what commands print, in bytes of one substitution or stage.
pub(crate) const MOST_KEPT: usize = 1 << 22;

/// What a file descriptor stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Handle {
    /// The standard input of the shell itself.
    Input,
    /// Its standard output, or its standard error.
    Output { is_error: bool },
    /// `/dev/null`.
    Nowhere,
    /// A file that is written.
    File(String),
    /// Text that is kept for a substitution or the next stage of a pipeline, by number.
    Kept(usize),
    /// Text that is read, by number.
    Text(usize),
}

/// The open file descriptors.
pub(crate) type Handles = BTreeMap<i32, Handle>;

/// A redirection whose words have been expanded.
#[derive(Clone, Debug)]
pub(crate) enum Redirection {
    Read { fd: i32, path: String },
    Write { fd: i32, path: String, append: bool },
    Both { path: String, append: bool },
    Duplicate { fd: i32, of: i32 },
    Close { fd: i32 },
    Text { fd: i32, text: String },
}

impl Expander<'_> {
    pub(crate) fn redirections(&mut self, redirects: &[IoRedirect]) -> Expanded<Vec<Redirection>> {
        redirects.iter().map(|redirect| self.redirection(redirect)).collect()
    }

    fn redirection(&mut self, redirect: &IoRedirect) -> Expanded<Redirection> {
        Ok(match redirect {
            IoRedirect::OutputAndError(word, append) => {
                Redirection::Both { path: self.path(&word.value)?, append: *append }
            }
            IoRedirect::HereString(fd, word) => {
                Redirection::Text { fd: fd.unwrap_or(0), text: self.single(&word.value)? + "\n" }
            }
            IoRedirect::HereDocument(fd, document) => {
                let text = match document.requires_expansion {
                    true => self.document(&document.doc.value)?,
                    false => document.doc.value.clone(),
                };
                Redirection::Text { fd: fd.unwrap_or(0), text }
            }
            IoRedirect::File(fd, kind, target) => {
                let reads = matches!(
                    kind,
                    IoFileRedirectKind::Read
                        | IoFileRedirectKind::ReadAndWrite
                        | IoFileRedirectKind::DuplicateInput
                );
                let fd = fd.unwrap_or(if reads { 0 } else { 1 });
                match target {
                    IoFileRedirectTarget::Fd(of) => Redirection::Duplicate { fd, of: *of },
                    IoFileRedirectTarget::Duplicate(word) => {
                        let word = self.single(&word.value)?;
                        match (word.as_str(), word.parse()) {
                            ("-", _) => Redirection::Close { fd },
                            (_, Ok(of)) => Redirection::Duplicate { fd, of },
                            _ if matches!(kind, IoFileRedirectKind::DuplicateOutput) => {
                                Redirection::Both { path: word, append: false }
                            }
                            _ => return Err(Trouble::error(format!("{word}: ambiguous redirect"))),
                        }
                    }
                    IoFileRedirectTarget::Filename(word) => {
                        let path = self.path(&word.value)?;
                        match kind {
                            IoFileRedirectKind::Read => Redirection::Read { fd, path },
                            IoFileRedirectKind::ReadAndWrite => {
                                return Err(Trouble::NotModelled("<>".to_owned()));
                            }
                            kind => {
                                let append = matches!(kind, IoFileRedirectKind::Append);
                                Redirection::Write { fd, path, append }
                            }
                        }
                    }
                    IoFileRedirectTarget::ProcessSubstitution(..) => {
                        return Err(Trouble::NotModelled("<( … )".to_owned()));
                    }
                }
            }
        })
    }

    /// The name of a file: exactly one word.
    fn path(&mut self, word: &str) -> Expanded<String> {
        let words = self.words(&[word.to_owned()])?;
        match &words[..] {
            [path] => Ok(path.clone()),
            _ => Err(Trouble::discards(format!("{word}: ambiguous redirect"))),
        }
    }
}

/// Texts that are kept, and texts that are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    kept: Vec<String>,
    /// With how far each has been read, in bytes.
    read: Vec<(Arc<str>, usize)>,
}

impl Texts {
    /// A new text to be kept.
    pub(crate) fn keep(&mut self) -> Handle {
        self.kept.push(String::new());
        Handle::Kept(self.kept.len() - 1)
    }

    /// The text that was kept, which was the last one.
    pub(crate) fn take(&mut self, handle: &Handle) -> String {
        match handle {
            Handle::Kept(number) => self.kept.get_mut(*number).map(std::mem::take).unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// A text to be read.
    pub(crate) fn read(&mut self, text: String) -> Handle {
        self.read.push((text.into(), 0));
        Handle::Text(self.read.len() - 1)
    }

    /// Forgets texts beyond those that there were.
    pub(crate) fn shrink(&mut self, kept: usize, read: usize) {
        self.kept.truncate(kept);
        self.read.truncate(read);
    }

    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.kept.len(), self.read.len())
    }

    /// All that is left to read.
    pub(crate) fn rest(&self, number: usize) -> Arc<str> {
        match self.read.get(number) {
            Some((text, 0)) => text.clone(),
            Some((text, at)) => text[*at..].into(),
            None => "".into(),
        }
    }

    /// Somebody has read what was left but for so many bytes.
    pub(crate) fn skip_to_last(&mut self, number: usize, bytes: usize) {
        if let Some((text, at)) = self.read.get_mut(number) {
            *at = text.floor_char_boundary(text.len().saturating_sub(bytes)).max(*at);
        }
    }

    /// The next line with its end, unless none is left.
    pub(crate) fn line(&mut self, number: usize) -> Option<String> {
        let (text, at) = self.read.get_mut(number)?;
        let rest = &text[*at..];
        if rest.is_empty() {
            return None;
        }
        let line = rest.find('\n').map_or(rest, |end| &rest[..=end]).to_owned();
        *at += line.len();
        Some(line)
    }

    /// Writes to a descriptor.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(crate) fn write(
        &mut self,
        handle: Option<&Handle>,
        text: &str,
        system: &mut dyn System,
    ) -> Result<(), String> {
        match handle {
            Some(Handle::Output { is_error }) => system.print(*is_error, text),
            Some(Handle::File(path)) => return system.write(path, text),
            Some(Handle::Kept(number)) => {
                let Some(kept) = self.kept.get_mut(*number) else { return Ok(()) };
                if kept.len() + text.len() > MOST_KEPT {
                    return Err("No space left on device".to_owned());
                }
                kept.push_str(text);
            }
            Some(Handle::Nowhere) => {}
            Some(Handle::Input | Handle::Text(_)) | None => return Err("Bad file descriptor".to_owned()),
        }
        Ok(())
    }

    /// Opens what redirections name, one after the other.
    ///
    /// # Errors
    /// What bash says of the first that cannot be opened.
    pub(crate) fn open(
        &mut self,
        redirections: &[Redirection],
        handles: &mut Handles,
        system: &mut dyn System,
    ) -> Result<(), String> {
        for redirection in redirections {
            match redirection {
                Redirection::Read { fd, path } => {
                    let handle = match path.as_str() {
                        "/dev/null" => Handle::Nowhere,
                        "/dev/stdin" => handles.get(&0).cloned().unwrap_or(Handle::Nowhere),
                        path => {
                            let text = system.read(path).map_err(|error| format!("{path}: {error}"))?;
                            self.read(text)
                        }
                    };
                    handles.insert(*fd, handle);
                }
                Redirection::Write { fd, path, append } => {
                    let handle = written(path, *append, handles, system)?;
                    handles.insert(*fd, handle);
                }
                Redirection::Both { path, append } => {
                    let handle = written(path, *append, handles, system)?;
                    handles.insert(1, handle.clone());
                    handles.insert(2, handle);
                }
                Redirection::Duplicate { fd, of } => {
                    let handle =
                        handles.get(of).cloned().ok_or_else(|| format!("{of}: Bad file descriptor"))?;
                    handles.insert(*fd, handle);
                }
                Redirection::Close { fd } => drop(handles.remove(fd)),
                Redirection::Text { fd, text } => {
                    let handle = self.read(text.clone());
                    handles.insert(*fd, handle);
                }
            }
        }
        Ok(())
    }
}

fn written(path: &str, append: bool, handles: &Handles, system: &mut dyn System) -> Result<Handle, String> {
    let duplicate =
        |fd: i32| handles.get(&fd).cloned().ok_or_else(|| format!("{path}: No such file or directory"));
    match path {
        "/dev/null" => Ok(Handle::Nowhere),
        "/dev/stdout" => duplicate(1),
        "/dev/stderr" => duplicate(2),
        path => {
            system.open(path, append).map_err(|error| format!("{path}: {error}"))?;
            Ok(Handle::File(path.to_owned()))
        }
    }
}
