//! Structures of C, field by field.

use std::net::Ipv4Addr;

/// A structure that is written. Fields are aligned to their size.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn u8(self, number: u8) -> Writer {
        self.bytes(&[number])
    }

    pub(super) fn u16(self, number: u16) -> Writer {
        self.aligned(2).bytes(&number.to_ne_bytes())
    }

    pub(super) fn u32(self, number: u32) -> Writer {
        self.aligned(4).bytes(&number.to_ne_bytes())
    }

    /// A number in network order.
    pub(super) fn be16(self, number: u16) -> Writer {
        self.aligned(2).bytes(&number.to_be_bytes())
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Writer {
        self.0.extend(bytes);
        self
    }

    /// A text that fills so many bytes, at least one of them a NUL.
    pub(super) fn text(mut self, text: &str, size: usize) -> Writer {
        let end = self.0.len() + size;
        let fits = text.len().min(size - 1);
        self.0.extend(&text.as_bytes()[..fits]);
        self.0.resize(end, 0);
        self
    }

    /// An address (`struct in_addr`).
    pub(super) fn address(self, address: Ipv4Addr) -> Writer {
        self.aligned(4).bytes(&address.octets())
    }

    /// An address of either family (`union nf_inet_addr`).
    pub(super) fn wide_address(self, address: Ipv4Addr) -> Writer {
        self.address(address).bytes(&[0; 12])
    }

    /// The structure, with its padding to a size.
    pub(super) fn end(mut self, size: usize) -> Vec<u8> {
        debug_assert!(self.0.len() <= size, "{} bytes, and not {size}", self.0.len());
        self.0.resize(size, 0);
        self.0
    }

    fn aligned(mut self, alignment: usize) -> Writer {
        self.0.resize(self.0.len().next_multiple_of(alignment), 0);
        self
    }
}

/// A structure that is read. Behind its end there are zeros; its length is checked before.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Reader<'a> {
    /// Of bytes that have this size with what `XT_ALIGN` adds.
    pub(super) fn new(bytes: &'a [u8], size: usize) -> Option<Reader<'a>> {
        (bytes.len() == size.next_multiple_of(super::ALIGNMENT)).then_some(Reader { bytes, place: 0 })
    }

    pub(super) fn u8(&mut self) -> u8 {
        u8::from_ne_bytes(self.take(1))
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_ne_bytes(self.take(2))
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_ne_bytes(self.take(4))
    }

    /// A number in network order.
    pub(super) fn be16(&mut self) -> u16 {
        u16::from_be_bytes(self.take(2))
    }

    /// Two numbers.
    pub(super) fn pair(&mut self) -> (u16, u16) {
        (self.u16(), self.u16())
    }

    pub(super) fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(1)
    }

    /// A text in so many bytes.
    pub(super) fn text<const N: usize>(&mut self) -> Option<String> {
        let bytes: [u8; N] = self.take(1);
        let end = bytes.iter().position(|&byte| byte == 0)?;
        String::from_utf8(bytes[..end].to_vec()).ok()
    }

    pub(super) fn address(&mut self) -> Ipv4Addr {
        Ipv4Addr::from(self.take::<4>(4))
    }

    /// An address of either family, of which only the first four bytes count.
    pub(super) fn wide_address(&mut self) -> Ipv4Addr {
        let address = self.address();
        self.take::<12>(1);
        address
    }

    fn take<const N: usize>(&mut self, alignment: usize) -> [u8; N] {
        let begin = self.place.next_multiple_of(alignment);
        self.place = begin + N;
        let found = self.bytes.get(begin..self.place).and_then(|bytes| bytes.try_into().ok());
        found.unwrap_or([0; N])
    }
}
