//! Names of namespaces and links.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// The name of a network namespace, as `ip netns` lists it.
///
/// The namespace that plays the machine has no such name; it is [`NamespaceName::HOST`] and shows as `host`.
///
/// Every event bears one, so that copies share the text.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamespaceName(Option<Arc<str>>);

impl NamespaceName {
    /// The namespace that plays the machine. No named namespace can be equal to it.
    pub const HOST: NamespaceName = NamespaceName(None);

    /// Takes a name that `ip netns` accepts: a file name of at most 255 bytes (`invalid_name` in
    /// iproute2's `ipnetns.c`).
    ///
    /// # Errors
    /// The name is empty, `.`, `..`, too long, or holds a slash or a NUL.
    pub fn new(name: &str) -> Result<NamespaceName, InvalidName> {
        let bad = name.is_empty()
            || name.len() > 255
            || name.bytes().any(|byte| matches!(byte, b'/' | 0))
            || matches!(name, "." | "..");
        if bad { Err(InvalidName) } else { Ok(NamespaceName(Some(name.into()))) }
    }

    /// Whether this is the namespace that plays the machine.
    pub fn is_host(&self) -> bool {
        self.0.is_none()
    }

    /// The name to show: `host` for the machine.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("host")
    }
}

impl TryFrom<String> for NamespaceName {
    type Error = InvalidName;
    /// The empty name is the machine's.
    fn try_from(name: String) -> Result<NamespaceName, InvalidName> {
        if name.is_empty() { Ok(NamespaceName::HOST) } else { NamespaceName::new(&name) }
    }
}

impl From<NamespaceName> for String {
    /// The machine's name is empty.
    fn from(name: NamespaceName) -> String {
        name.0.as_deref().unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for NamespaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NamespaceName").field(&self.0.as_deref().unwrap_or_default()).finish()
    }
}

impl fmt::Display for NamespaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name of a link: 1 to 15 bytes, no slash, colon or white space (`dev_valid_name` in `net/core/dev.c`).
///
/// It is as short as that, so that it holds its text itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LinkName {
    /// The text, and zeros behind it: none of its own bytes is one.
    bytes: [u8; LinkName::LONGEST],
    length: u8,
}

impl LinkName {
    /// The longest name, in bytes (`IFNAMSIZ` less the final zero).
    const LONGEST: usize = 15;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let text = std::str::from_utf8(&self.bytes[..usize::from(self.length)]);
        text.expect("it was made of text")
    }
}

/// The text cannot be a name of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidName;

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid name")
    }
}

impl std::error::Error for InvalidName {}

impl FromStr for LinkName {
    type Err = InvalidName;
    fn from_str(name: &str) -> Result<LinkName, InvalidName> {
        let bad_byte = |byte: u8| byte == b'/' || byte == b':' || byte == b'\0' || is_space(byte);
        let bad = name.is_empty()
            || name.len() > LinkName::LONGEST
            || matches!(name, "." | "..")
            || name.bytes().any(bad_byte);
        if bad {
            return Err(InvalidName);
        }
        let mut bytes = [0; LinkName::LONGEST];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        Ok(LinkName { bytes, length: name.len() as u8 })
    }
}

/// C's `isspace`: the vertical tab counts, which `u8::is_ascii_whitespace` leaves out.
fn is_space(byte: u8) -> bool {
    byte == b' ' || (b'\t'..=b'\r').contains(&byte)
}

impl TryFrom<String> for LinkName {
    type Error = InvalidName;
    fn try_from(name: String) -> Result<LinkName, InvalidName> {
        name.parse()
    }
}

impl From<LinkName> for String {
    fn from(name: LinkName) -> String {
        name.as_str().to_owned()
    }
}

impl fmt::Debug for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LinkName").field(&self.as_str()).finish()
    }
}

impl fmt::Display for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A link's number within its namespace, from 1; 0 is no link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IfIndex(pub u32);

impl IfIndex {
    /// Loopback, in every namespace (`LOOPBACK_IFINDEX`).
    pub const LOOPBACK: IfIndex = IfIndex(1);
}

impl fmt::Display for IfIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
