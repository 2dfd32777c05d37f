//! The words of `ping` for times and ICMP messages.

use std::net::Ipv4Addr;

/// A round trip in microseconds, with as many digits as `gather_statistics` of iputils gives it.
pub(super) fn round_trip(time: i64) -> String {
    match time {
        ..1000 => format!("0.{time:03}"),
        1000..9995 => format!("{}.{:02}", (time + 5) / 1000, (time + 5) % 1000 / 10),
        9995..99_950 => format!("{}.{}", (time + 50) / 1000, (time + 50) % 1000 / 100),
        _ => ((time + 500) / 1000).to_string(),
    }
}

/// What an ICMP error says (`pr_icmph`). `info` is the MTU, the pointer, or the address of the gateway.
pub(super) fn icmp_error(kind: u8, code: u8, info: u32) -> String {
    let text = match (kind, code) {
        (3, 0) => "Destination Net Unreachable",
        (3, 1) => "Destination Host Unreachable",
        (3, 2) => "Destination Protocol Unreachable",
        (3, 3) => "Destination Port Unreachable",
        (3, 4) => return format!("Frag needed and DF set (mtu = {info})"),
        (3, 5) => "Source Route Failed",
        (3, 6) => "Destination Net Unknown",
        (3, 7) => "Destination Host Unknown",
        (3, 8) => "Source Host Isolated",
        (3, 9) => "Destination Net Prohibited",
        (3, 10) => "Destination Host Prohibited",
        (3, 11) => "Destination Net Unreachable for Type of Service",
        (3, 12) => "Destination Host Unreachable for Type of Service",
        (3, 13) => "Packet filtered",
        (3, 14) => "Precedence Violation",
        (3, 15) => "Precedence Cutoff",
        (3, _) => return format!("Dest Unreachable, Bad Code: {code}"),
        (4, _) => "Source Quench",
        (5, _) => return redirect(code, Ipv4Addr::from_bits(info)),
        (11, 0) => "Time to live exceeded",
        (11, 1) => "Frag reassembly time exceeded",
        (11, _) => return format!("Time exceeded, Bad Code: {code}"),
        (12, _) => return format!("Parameter problem: pointer = {info}"),
        _ => return format!("Bad ICMP type: {kind}"),
    };
    text.to_owned()
}

fn redirect(code: u8, gateway: Ipv4Addr) -> String {
    let what = match code {
        0 => "Redirect Network",
        1 => "Redirect Host",
        2 => "Redirect Type of Service and Network",
        3 => "Redirect Type of Service and Host",
        _ => return format!("Redirect, Bad Code: {code}(New nexthop: {gateway})"),
    };
    format!("{what}(New nexthop: {gateway})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lose_digits_as_they_grow() {
        let cases = [
            (0, "0.000"),
            (45, "0.045"),
            (999, "0.999"),
            (1000, "1.00"),
            (1235, "1.24"),
            (9994, "9.99"),
            (9995, "10.0"),
            (99_949, "99.9"),
            (99_950, "100"),
            (1_000_499, "1000"),
        ];
        for (time, text) in cases {
            assert_eq!(round_trip(time), text, "{time}");
        }
    }

    #[test]
    fn errors_are_worded_as_iputils_does() {
        assert_eq!(icmp_error(3, 1, 0), "Destination Host Unreachable");
        assert_eq!(icmp_error(3, 4, 1400), "Frag needed and DF set (mtu = 1400)");
        assert_eq!(icmp_error(11, 0, 0), "Time to live exceeded");
        assert_eq!(icmp_error(5, 1, 0x0a00_0001), "Redirect Host(New nexthop: 10.0.0.1)");
    }
}
