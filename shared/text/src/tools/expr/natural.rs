//! Integers of any size: `expr` of coreutils counts with GMP.

use std::cmp::Ordering;

/// An integer: its sign, and its decimal digits, the lowest first, without zeros at the end.
#[derive(Clone, Debug)]
pub(super) struct Integer {
    negative: bool,
    digits: Vec<u8>,
}

impl Integer {
    /// Reads digits, and a minus before them.
    pub(super) fn read(text: &[u8]) -> Option<Integer> {
        let (negative, digits) = match text.strip_prefix(b"-") {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        Some(Integer::of(negative, digits.iter().rev().map(|digit| digit - b'0').collect()))
    }

    fn of(negative: bool, mut digits: Vec<u8>) -> Integer {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Integer { negative: negative && !digits.is_empty(), digits }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(super) fn is_negative(&self) -> bool {
        self.negative
    }

    /// How large it is, up to the largest size.
    pub(super) fn size(&self) -> usize {
        let add = |size: usize, digit: &u8| size.saturating_mul(10).saturating_add(usize::from(*digit));
        self.digits.iter().rev().fold(0, add)
    }

    pub(super) fn written(&self) -> Vec<u8> {
        if self.is_zero() {
            return b"0".to_vec();
        }
        let sign = if self.negative { &b"-"[..] } else { b"" };
        sign.iter().copied().chain(self.digits.iter().rev().map(|digit| digit + b'0')).collect()
    }

    pub(super) fn negated(&self) -> Integer {
        Integer { negative: !self.negative && !self.is_zero(), digits: self.digits.clone() }
    }

    pub(super) fn compare(&self, other: &Integer) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => larger(&self.digits, &other.digits),
            (true, true) => larger(&other.digits, &self.digits),
        }
    }

    pub(super) fn add(&self, other: &Integer) -> Integer {
        if self.negative == other.negative {
            let mut digits = Vec::new();
            let mut carry = 0;
            for at in 0..self.digits.len().max(other.digits.len()) {
                let digit = |number: &Integer| number.digits.get(at).copied().unwrap_or(0);
                let sum = digit(self) + digit(other) + carry;
                digits.push(sum % 10);
                carry = sum / 10;
            }
            digits.push(carry);
            return Integer::of(self.negative, digits);
        }
        match larger(&self.digits, &other.digits) {
            Ordering::Less => Integer::of(other.negative, less(&other.digits, &self.digits)),
            _ => Integer::of(self.negative, less(&self.digits, &other.digits)),
        }
    }

    pub(super) fn multiply(&self, other: &Integer) -> Integer {
        let mut sums = vec![0u64; self.digits.len() + other.digits.len() + 1];
        for (at, one) in self.digits.iter().enumerate() {
            for (place, two) in other.digits.iter().enumerate() {
                sums[at + place] += u64::from(*one) * u64::from(*two);
            }
        }
        let mut carry = 0;
        let digits = sums.into_iter().map(|sum| {
            carry += sum;
            let digit = (carry % 10) as u8;
            carry /= 10;
            digit
        });
        Integer::of(self.negative != other.negative, digits.collect())
    }

    /// The quotient, cut towards zero, and the rest, with the sign of what is divided.
    pub(super) fn divide(&self, by: &Integer) -> (Integer, Integer) {
        let mut quotient = vec![0; self.digits.len()];
        let mut rest: Vec<u8> = Vec::new();
        for at in (0..self.digits.len()).rev() {
            rest.insert(0, self.digits[at]);
            while rest.last() == Some(&0) {
                rest.pop();
            }
            while larger(&rest, &by.digits) != Ordering::Less {
                rest = less(&rest, &by.digits);
                quotient[at] += 1;
            }
        }
        (Integer::of(self.negative != by.negative, quotient), Integer::of(self.negative, rest))
    }
}

fn larger(left: &[u8], right: &[u8]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.iter().rev().cmp(right.iter().rev()))
}

/// The difference of two, of which the first is not the smaller one.
fn less(from: &[u8], take: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut digits: Vec<u8> = Vec::with_capacity(from.len());
    for (at, digit) in from.iter().enumerate() {
        let take = take.get(at).copied().unwrap_or(0) + borrow;
        borrow = u8::from(*digit < take);
        digits.push(digit + 10 * borrow - take);
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
}
