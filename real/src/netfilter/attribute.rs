//! Attributes of netlink (`struct nlattr`), written and read.

use crate::error::internal;
use netlink_packet_core::NlasIterator;
use vethlab_shared::error::StackError;

/// `NLA_F_NESTED`: attributes stand inside.
const NESTED: u16 = 1 << 15;
/// `NLA_TYPE_MASK`.
const KIND: u16 = !(3 << 14);
/// `NLA_HDRLEN`.
const HEADER_LENGTH: usize = 4;

/// Attributes to send, one behind the other. Numbers are in network order, as `nf_tables` has them.
#[derive(Debug, Default)]
pub(super) struct Attributes(Vec<u8>);

impl Attributes {
    /// With these bytes.
    pub(super) fn bytes(mut self, kind: u16, bytes: &[u8]) -> Attributes {
        let length = (HEADER_LENGTH + bytes.len()) as u16;
        self.0.extend(length.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    /// With a text and the NUL that ends it.
    pub(super) fn text(self, kind: u16, text: &str) -> Attributes {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        self.bytes(kind, &bytes)
    }

    /// With a number of four bytes.
    pub(super) fn u32(self, kind: u16, number: u32) -> Attributes {
        self.bytes(kind, &number.to_be_bytes())
    }

    /// With a number of eight bytes.
    pub(super) fn u64(self, kind: u16, number: u64) -> Attributes {
        self.bytes(kind, &number.to_be_bytes())
    }

    /// With attributes inside.
    pub(super) fn nest(self, kind: u16, inner: &Attributes) -> Attributes {
        self.bytes(kind | NESTED, &inner.0)
    }

    /// With what is wanted only sometimes.
    pub(super) fn maybe<T>(
        self,
        value: Option<T>,
        put: impl FnOnce(Attributes, T) -> Attributes,
    ) -> Attributes {
        match value {
            Some(value) => put(self, value),
            None => self,
        }
    }

    /// All of them.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Attributes that the kernel sent.
#[derive(Debug)]
pub(super) struct Received<'a>(Vec<(u16, &'a [u8])>);

impl<'a> Received<'a> {
    /// Takes bytes apart.
    ///
    /// # Errors
    /// They are no attributes.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Received<'a>, StackError> {
        let mut attributes = Vec::new();
        for attribute in NlasIterator::new(bytes) {
            let attribute = attribute.map_err(|error| internal(format!("nf_tables: {error}")))?;
            let begin = attribute.value().as_ptr() as usize - bytes.as_ptr() as usize;
            let value = &bytes[begin..begin + attribute.value().len()];
            attributes.push((attribute.kind() & KIND, value));
        }
        Ok(Received(attributes))
    }

    /// The bytes of an attribute.
    pub(super) fn bytes(&self, kind: u16) -> Option<&'a [u8]> {
        self.0.iter().find(|(this, _)| *this == kind).map(|(_, bytes)| *bytes)
    }

    /// All attributes of a kind.
    pub(super) fn all(&self, kind: u16) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |(this, _)| *this == kind).map(|(_, bytes)| *bytes)
    }

    /// A text, without the NUL that ends it.
    pub(super) fn text(&self, kind: u16) -> Option<String> {
        let bytes = self.bytes(kind)?;
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }

    /// A number of four bytes.
    pub(super) fn u32(&self, kind: u16) -> Option<u32> {
        self.bytes(kind)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// A number of eight bytes.
    pub(super) fn u64(&self, kind: u16) -> Option<u64> {
        self.bytes(kind)?.try_into().ok().map(u64::from_be_bytes)
    }

    /// The attributes inside one.
    pub(super) fn nested(&self, kind: u16) -> Option<Received<'a>> {
        Received::new(self.bytes(kind)?).ok()
    }
}
