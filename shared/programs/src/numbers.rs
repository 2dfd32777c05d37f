//! Numbers and addresses as the C library reads them from text.

use std::net::Ipv4Addr;

/// What `strtol(3)` makes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Long<'a> {
    /// The number; the nearest that fits where it is too large.
    pub(crate) value: i64,
    /// What stands behind the number; the whole text where there is none.
    pub(crate) rest: &'a str,
    /// Whether it was too large (`ERANGE`).
    pub(crate) overflow: bool,
}

/// Reads an integer (`strtol`): white space, a sign, digits. Base 0 takes `0x` and a leading `0` as C does.
pub(crate) fn strtol(text: &str, base: u32) -> Long<'_> {
    let trimmed = text.trim_start_matches(is_space);
    let (negative, unsigned) = sign(trimmed);
    let hexadecimal = unsigned
        .strip_prefix("0x")
        .or(unsigned.strip_prefix("0X"))
        .filter(|rest| starts_with_digit(rest, 16));
    let (base, digits) = match (base, hexadecimal) {
        (0 | 16, Some(digits)) => (16, digits),
        (0, None) if unsigned.starts_with('0') => (8, unsigned),
        (0, None) => (10, unsigned),
        (base, _) => (base, unsigned),
    };
    let length = digits.find(|c: char| !c.is_digit(base)).unwrap_or(digits.len());
    if length == 0 {
        return Long { value: 0, rest: text, overflow: false };
    }
    let limit = if negative { i64::MIN } else { i64::MAX };
    let parsed = digits[..length].chars().try_fold(0i64, |value, c| {
        let digit = i64::from(c.to_digit(base)?);
        let scaled = value.checked_mul(i64::from(base))?;
        if negative { scaled.checked_sub(digit) } else { scaled.checked_add(digit) }
    });
    Long { value: parsed.unwrap_or(limit), rest: &digits[length..], overflow: parsed.is_none() }
}

/// Reads a number (`strtod`) and says what stands behind it. `infinity` and `nan` are numbers too; of
/// hexadecimal ones only the whole part is taken.
pub(crate) fn strtod(text: &str) -> (f64, &str) {
    let trimmed = text.trim_start_matches(is_space);
    let (_, unsigned) = sign(trimmed);
    if unsigned.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x")) {
        let whole = strtol(trimmed, 16);
        return (whole.value as f64, whole.rest);
    }
    let signed = trimmed.len() - unsigned.len();
    let lower = unsigned.to_ascii_lowercase();
    let word = ["infinity", "inf", "nan"].into_iter().find(|word| lower.starts_with(word));
    let length = word.map_or_else(|| decimal_length(unsigned), str::len);
    let (number, rest) = trimmed.split_at(signed + length);
    number.parse().map_or((0.0, text), |value| (value, rest))
}

/// How much of the text is digits with at most one point, and an exponent where a whole one follows.
fn decimal_length(text: &str) -> usize {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let whole = digits(text);
    let fraction = text[whole..].strip_prefix('.').map_or(0, |behind| 1 + digits(behind));
    let mantissa = whole + fraction;
    if mantissa == 0 || text[..mantissa] == *"." {
        return 0;
    }
    let Some(exponent) = text[mantissa..].strip_prefix(['e', 'E']) else { return mantissa };
    let (_, unsigned) = sign(exponent);
    match digits(unsigned) {
        0 => mantissa,
        length => mantissa + 1 + (exponent.len() - unsigned.len()) + length,
    }
}

/// Reads an address with one to four parts, each decimal, octal or hexadecimal, the last one filling what
/// is left (`inet_aton`): `127.1` is 127.0.0.1.
pub(crate) fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u32> = text
        .split('.')
        .map(|part| {
            let number = strtol(part, 0);
            let clean = number.rest.is_empty() && part.starts_with(|c: char| c.is_ascii_digit());
            u32::try_from(number.value).ok().filter(|_| clean)
        })
        .collect::<Option<_>>()?;
    let (&last, leading) = parts.split_last()?;
    if leading.len() > 3 || leading.iter().any(|&part| part > 0xff) {
        return None;
    }
    let room = 32 - 8 * leading.len();
    let head = leading.iter().fold(0u32, |head, part| head << 8 | part);
    let fits = room == 32 || last >> room == 0;
    fits.then(|| Ipv4Addr::from_bits(if room == 32 { last } else { head << room | last }))
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn starts_with_digit(text: &str, base: u32) -> bool {
    text.starts_with(|c: char| c.is_digit(base))
}

fn is_space(c: char) -> bool {
    c == ' ' || ('\t'..='\r').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_c_does() {
        assert_eq!(strtol(" +12x", 10), Long { value: 12, rest: "x", overflow: false });
        assert_eq!(strtol("x", 10), Long { value: 0, rest: "x", overflow: false });
        assert_eq!(strtol("99999999999999999999", 10), Long { value: i64::MAX, rest: "", overflow: true });
        assert_eq!(strtol("-9223372036854775808", 10).value, i64::MIN);
        assert_eq!(strtol("0x1f", 0).value, 31);
        assert_eq!(strtol("017", 0).value, 15);
        assert_eq!(strtol("08", 0), Long { value: 0, rest: "8", overflow: false });
    }

    #[test]
    fn fractions_are_read_as_c_does() {
        assert_eq!(strtod("0.2x"), (0.2, "x"));
        assert_eq!(strtod("-.5"), (-0.5, ""));
        assert_eq!(strtod("1e3"), (1000.0, ""));
        assert_eq!(strtod("1e"), (1.0, "e"));
        assert_eq!(strtod("-0x1fs"), (-31.0, "s"));
        assert_eq!(strtod("."), (0.0, "."));
        assert_eq!(strtod("x"), (0.0, "x"));
        assert!(strtod("-inf").0.is_infinite());
    }

    #[test]
    fn addresses_may_be_shortened() {
        let address = |text: &str| text.parse::<Ipv4Addr>().ok();
        assert_eq!(inet_aton("127.1"), address("127.0.0.1"));
        assert_eq!(inet_aton("10.0.513"), address("10.0.2.1"));
        assert_eq!(inet_aton("0x7f000001"), address("127.0.0.1"));
        assert_eq!(inet_aton("0300.0250.1.1"), address("192.168.1.1"));
        assert_eq!(inet_aton("0"), address("0.0.0.0"));
        for bad in ["", "1.2.3.4.5", "1.2.3.256", "256.1", "1..2", "08.1", "1.2.3.4x", "-1"] {
            assert_eq!(inet_aton(bad), None, "{bad}");
        }
    }
}
