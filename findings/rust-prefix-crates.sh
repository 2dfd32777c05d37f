#!/usr/bin/env bash
# crates.io's ipnet 2.12.2, ipnetwork 0.21.1, ip_network 0.4.1 and cidr 0.3.2.
#
# One would expect: the crates agree on which addresses of a /31 and a /32 are hosts' (two, RFC 3021, and one), and a
# prefix that one of them prints can be read by the others.
# Seen: `ip_network` has no host in a /31 and none in a /32; for the same prefixes `ipnet` has two and one, `ipnetwork`
# likewise. `cidr` prints a host's prefix without its length, and `ipnet` and `ip_network` refuse that text, although
# `cidr` reads theirs; `{:#}` prints the length. `ipnetwork` counts one address too few in 0.0.0.0/0, 4294967295, as its
# count is a u32.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
rust_program 'ipnet = "=2.12.2"' 'ipnetwork = "=0.21.1"' 'ip_network = "=0.4.1"' 'cidr = "=0.3.2"' <<'END'
fn main() {
    for text in ["10.0.0.0/30", "10.0.0.0/31", "10.0.0.0/32"] {
        let ipnet: ipnet::Ipv4Net = text.parse().unwrap();
        let ip_network: ip_network::Ipv4Network = text.parse().unwrap();
        println!("{text}: {} hosts by ipnet, {} by ip_network", ipnet.hosts().count(), ip_network.hosts().count());
    }
    let host: cidr::Ipv4Cidr = "10.0.0.1/32".parse().unwrap();
    println!("cidr prints {host} and {host:#}");
    let text = host.to_string();
    println!("ipnet reads it: {}", text.parse::<ipnet::Ipv4Net>().is_ok());
    println!("ip_network reads it: {}", text.parse::<ip_network::Ipv4Network>().is_ok());
    println!("ipnetwork reads it: {}", text.parse::<ipnetwork::Ipv4Network>().is_ok());
    for text in ["128.0.0.0/1", "0.0.0.0/0"] {
        println!("ipnetwork counts {} in {text}", text.parse::<ipnetwork::Ipv4Network>().unwrap().size());
    }
}
END
expect 'what the crates say' '10.0.0.0/30: 2 hosts by ipnet, 2 by ip_network
10.0.0.0/31: 2 hosts by ipnet, 0 by ip_network
10.0.0.0/32: 1 hosts by ipnet, 0 by ip_network
cidr prints 10.0.0.1 and 10.0.0.1/32
ipnet reads it: false
ip_network reads it: false
ipnetwork reads it: true
ipnetwork counts 2147483648 in 128.0.0.0/1
ipnetwork counts 4294967295 in 0.0.0.0/0' "$("$program")"
verdict
