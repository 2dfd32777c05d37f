//! What was seen on Linux 6.18, played again.

use super::*;
use crate::fib::fixture::{Lab, Refusal, at, refused};
use crate::link::InDevice;
use vethlab_shared::time::Duration;
use vethlab_shared::view::table::{LOCAL, MAIN};

fn addresses(lab: &Lab, name: &str) -> Vec<String> {
    let link = &lab.links[&lab.index(name)];
    let word = |address: &Address| {
        let secondary = if address.is_secondary() { " secondary" } else { "" };
        format!("{}/{}{secondary} {}", address.local, address.prefix_length, address.label)
    };
    link.addresses().iter().map(word).collect()
}

#[test]
fn addresses_are_refused_as_the_kernel_does() {
    let cases: &[(&str, Refusal)] = &[
        ("10.0.0.1/24 dev v0", (Errno::EEXIST, "ipv4: Address already assigned")),
        ("10.0.0.2/24 dev v0 scope link", (Errno::EINVAL, "ipv4: Invalid scope value")),
        ("10.0.0.2/24 dev nothing", (Errno::ENODEV, "ipv4: Device not found")),
        ("10.0.0.2/24 dev v0 label v0:12345678901234", (Errno::ERANGE, "Attribute failed policy validation")),
    ];
    for (words, refusal) in cases {
        assert_eq!(Lab::with_address().address(words), Err(refused(*refusal)), "{words}");
    }
    let mut lab = Lab::with_address();
    let mut spec = AddressSpec { prefix_length: 33, ..lab.address_spec("10.0.0.2/24 dev v0") };
    let mut add = |spec: &AddressSpec| {
        let request = Request::of(spec)?;
        add(&mut lab.links, &mut lab.fib, &lab.sysctls, Modify::ADD, &request)
    };
    assert_eq!(add(&spec), Err(refused((Errno::EINVAL, "ipv4: Invalid prefix length"))));
    spec = AddressSpec { prefix_length: 24, local: None, ..spec };
    assert_eq!(add(&spec), Err(refused((Errno::EINVAL, "ipv4: Local address is not supplied"))));
    spec.local = Some(Ipv4Addr::UNSPECIFIED.into());
    assert_eq!(add(&spec), Ok(Vec::new()));
    let missing = refused((Errno::EADDRNOTAVAIL, "ipv4: Address not found"));
    assert_eq!(lab.delete_address("10.0.0.7/24 dev v0"), Err(missing));
    let missing = refused((Errno::ENODEV, "ipv4: Device not found"));
    assert_eq!(lab.delete_address("10.0.0.1/24 dev nothing"), Err(missing));
}

#[test]
fn an_address_brings_its_routes() {
    let mut lab = Lab::with_address();
    for words in [
        "10.2.0.1/32 dev v0",
        "10.2.0.2/31 dev v0",
        "10.2.1.1/24 dev v0 brd 10.2.1.255 noprefixroute",
        "10.3.0.1/24 dev v0 peer 10.4.0.1",
        "224.0.0.5/24 dev v0",
    ] {
        lab.address(words).expect("a good address");
    }
    assert_eq!(
        lab.show(MAIN),
        [
            "10.0.0.0/24 dev v0 src 10.0.0.1",
            "10.2.0.2/31 dev v0 src 10.2.0.2",
            "10.4.0.0/24 dev v0 src 10.3.0.1",
        ]
    );
    let local = lab.show(LOCAL);
    assert_eq!(
        local.iter().filter(|line| !line.contains("127.")).map(String::as_str).collect::<Vec<_>>(),
        [
            "local 10.0.0.1/32 dev v0 src 10.0.0.1",
            "broadcast 10.0.0.255/32 dev v0 src 10.0.0.1",
            "local 10.2.0.1/32 dev v0 src 10.2.0.1",
            "local 10.2.0.2/32 dev v0 src 10.2.0.2",
            "local 10.2.1.1/32 dev v0 src 10.2.1.1",
            "broadcast 10.2.1.255/32 dev v0 src 10.2.1.1",
            "local 10.3.0.1/32 dev v0 src 10.3.0.1",
            "broadcast 10.4.0.255/32 dev v0 src 10.3.0.1",
            "local 224.0.0.5/32 dev v0 src 224.0.0.5",
        ]
    );
}

#[test]
fn a_primary_takes_its_secondaries_along() {
    let mut lab = Lab::with_address();
    for words in ["10.0.0.4/24 dev v0", "10.3.0.1/24 dev v0", "10.0.0.5/24 dev v0"] {
        lab.address(words).expect("a good address");
    }
    lab.route("1.2.3.0/24 dev v0 src 10.0.0.1").expect("a good route");
    let deleted: Vec<Ipv4Addr> = lab
        .delete_address("10.0.0.1/24 dev v0")
        .expect("an address that is there")
        .into_iter()
        .filter_map(|event| match event {
            AddressEvent::Deleted(address) => Some(address.local),
            AddressEvent::Added(_) | AddressEvent::Disabled => None,
        })
        .collect();
    assert_eq!(deleted, [at("10.0.0.4"), at("10.0.0.5"), at("10.0.0.1")]);
    assert_eq!(addresses(&lab, "v0"), ["10.3.0.1/24 v0"]);
    assert_eq!(lab.show(MAIN), ["10.3.0.0/24 dev v0 src 10.3.0.1"]);
}

#[test]
fn a_secondary_is_promoted_where_the_setting_says_so() {
    let mut lab = Lab::with_address();
    lab.set("all.promote_secondaries", "1");
    for words in [
        "10.1.0.1/24 dev v0",
        "10.1.0.3/24 dev v0",
        "10.1.0.2/24 dev v0",
        "10.1.1.3/24 dev v0 scope link",
        "10.1.2.4/24 dev v0",
    ] {
        lab.address(words).expect("a good address");
    }
    lab.delete_address("10.1.0.1/24 dev v0").expect("an address that is there");
    assert_eq!(
        addresses(&lab, "v0"),
        ["10.1.1.3/24 v0", "10.0.0.1/24 v0", "10.1.2.4/24 v0", "10.1.0.3/24 v0", "10.1.0.2/24 secondary v0"]
    );
    assert_eq!(lab.show(MAIN)[1], "10.1.0.0/24 dev v0 src 10.1.0.3");
    assert!(lab.show(LOCAL).contains(&"local 10.1.0.2/32 dev v0 src 10.1.0.3".to_owned()));
}

#[test]
fn the_last_address_takes_all_routes_along() {
    let mut lab = Lab::with_address();
    lab.route("1.2.3.0/24 dev v0").expect("a good route");
    let events = lab.delete_address("10.0.0.1/24 dev v0").expect("an address that is there");
    assert_eq!(events.last(), Some(&AddressEvent::Disabled));
    assert!(lab.show(MAIN).is_empty());
}

#[test]
fn loopback_gets_its_address_whenever_it_comes_up() {
    let mut lab = Lab::new();
    assert!(addresses(&lab, "lo").is_empty());
    lab.up("lo");
    assert_eq!(addresses(&lab, "lo"), ["127.0.0.1/8 lo"]);
    lab.delete_address("127.0.0.1/8 dev lo").expect("an address that is there");
    lab.down("lo");
    lab.up("lo");
    assert_eq!(addresses(&lab, "lo"), ["127.0.0.1/8 lo"]);
}

#[test]
fn a_small_mtu_takes_ipv4_off() {
    let mut lab = Lab::with_address();
    let index = lab.index("lo");
    lab.link_mut("lo").mtu = 60;
    detach(&mut lab.links, &mut lab.fib, &lab.sysctls, index);
    assert!(addresses(&lab, "lo").is_empty());
    assert_eq!(lab.address("1.1.1.1/8 dev lo"), Err(Errno::ENOBUFS.into()));
    assert_eq!(lab.send("10.0.0.1"), Err(Errno::EINVAL));
    lab.link_mut("lo").mtu = 65536;
    lab.link_mut("lo").inet = Some(InDevice::new(lab.sysctls.new_link(), Duration::ZERO));
    assert_eq!(lab.address("1.1.1.1/8 dev lo").map(|events| events.len()), Ok(1));
}
