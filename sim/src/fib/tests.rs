//! What was seen on Linux 6.18, played again.

use super::fixture::{Lab, Refusal, refused};
use vethlab_shared::change::Modify;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::view::table::{LOCAL, MAIN};

#[test]
fn new_routes_are_refused_as_the_kernel_does() {
    let cases: &[(&str, Refusal)] = &[
        ("1.2.3.4/24 dev v0", (Errno::EINVAL, "Invalid prefix for given prefix length")),
        ("1.2.3.0/24 dev v0 tos 17", (Errno::EINVAL, "Invalid dsfield (tos): ECN bits must be 0")),
        ("1.2.3.0/24", (Errno::ENODEV, "")),
        ("1.2.3.0/24 dev nothing", (Errno::ENODEV, "")),
        ("1.2.3.0/24 dev v2", (Errno::ENETDOWN, "Device for nexthop is not up")),
        ("1.2.3.0/24 via 10.1.0.2", (Errno::ENETUNREACH, "Nexthop has invalid gateway")),
        ("1.2.3.0/24 via 10.0.0.2 dev v1", (Errno::ENETUNREACH, "Nexthop has invalid gateway")),
        ("1.2.3.0/24 via 10.0.0.255", (Errno::EINVAL, "Nexthop has invalid gateway")),
        ("1.2.3.0/24 via 10.0.0.2 scope link", (Errno::ENETUNREACH, "Nexthop has invalid gateway")),
        (
            "1.2.3.0/24 via 10.0.0.2 scope host",
            (Errno::EINVAL, "Route with host scope can not have a gateway"),
        ),
        ("1.2.3.0/24 via 10.0.0.2 onlink", (Errno::ENODEV, "Nexthop device required for onlink")),
        ("1.2.3.0/24 via 9.9.9.9 dev v2 onlink", (Errno::ENETDOWN, "Nexthop device is not up")),
        ("1.2.3.0/24 via 10.0.0.1 dev v0 onlink", (Errno::EINVAL, "Nexthop has invalid gateway")),
        ("1.2.3.0/24 via 9.9.9.9 dev v0 onlink scope link", (Errno::EINVAL, "Nexthop has invalid scope")),
        (
            "1.2.3.0/24 dev v0 onlink",
            (Errno::EINVAL, "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set"),
        ),
        ("1.2.3.0/24 dev v0 dead", (Errno::EINVAL, "Invalid rtm_flags - can not contain DEAD or LINKDOWN")),
        ("1.2.3.0/24 dev v0 scope nowhere", (Errno::EINVAL, "Invalid scope")),
        ("local 1.2.3.0/24 dev v0 scope link", (Errno::EINVAL, "Invalid scope")),
        ("1.2.3.0/24 dev v0 src 1.1.1.1", (Errno::EINVAL, "Invalid prefsrc address")),
        (
            "blackhole 1.2.3.0/24 dev v0",
            (Errno::EINVAL, "Gateway, device and multipath can not be specified for this route type"),
        ),
        ("10.0.0.0/24 dev v0", (Errno::EEXIST, "")),
    ];
    for (words, refusal) in cases {
        let mut lab = Lab::with_address();
        assert_eq!(lab.route(words), Err(refused(*refusal)), "{words}");
    }
}

#[test]
fn routes_are_replaced_and_ordered_as_the_kernel_does() {
    let mut lab = Lab::with_address();
    let append = Modify::CREATE | Modify::APPEND;
    let replace = Modify::CREATE | Modify::REPLACE;
    let steps: &[(Modify, &str, Option<Errno>)] = &[
        (append, "10.9.0.0/16 via 10.0.0.2", None),
        (append, "10.9.0.0/16 via 10.0.0.3", None),
        (append, "10.9.0.0/16 via 10.0.0.3", Some(Errno::EEXIST)),
        (Modify::CREATE, "10.9.0.0/16 via 10.0.0.9", None),
        (Modify::CREATE, "10.9.0.0/16 via 10.0.0.3", Some(Errno::EEXIST)),
        (replace, "10.9.0.0/16 via 10.0.0.3", Some(Errno::EEXIST)),
        (replace, "10.9.0.0/16 via 10.0.0.9", None),
        (Modify::REPLACE, "10.10.0.0/16 via 10.0.0.9", Some(Errno::ENOENT)),
        (Modify::REPLACE, "10.9.0.0/16 via 10.0.0.77", None),
        (Modify::ADD, "10.9.0.0/16 via 10.0.0.5 metric 5", None),
        (Modify::ADD, "10.9.0.0/16 via 10.0.0.6 tos 16", None),
        (Modify::ADD, "10.9.0.0/24 via 10.0.0.7", None),
    ];
    for (how, words, errno) in steps {
        let expected = errno.map_or(Ok(()), |errno| Err(errno.into()));
        assert_eq!(lab.route_how(*how, words), expected, "{words}");
    }
    assert_eq!(
        lab.show(MAIN),
        [
            "10.0.0.0/24 dev v0 src 10.0.0.1",
            "10.9.0.0/24 via 10.0.0.7 dev v0",
            "10.9.0.0/16 tos 16 via 10.0.0.6 dev v0",
            "10.9.0.0/16 via 10.0.0.77 dev v0",
            "10.9.0.0/16 via 10.0.0.2 dev v0",
            "10.9.0.0/16 via 10.0.0.3 dev v0",
            "10.9.0.0/16 via 10.0.0.5 dev v0 metric 5",
        ]
    );
}

#[test]
fn a_choice_between_default_routes_is_not_modelled() {
    let mut lab = Lab::with_address();
    let append = Modify::CREATE | Modify::APPEND;
    assert_eq!(lab.route_how(append, "0.0.0.0/0 via 10.0.0.2"), Ok(()));
    assert_eq!(lab.route_how(append, "0.0.0.0/0 via 10.0.0.2"), Err(Errno::EEXIST.into()));
    assert_eq!(lab.route("0.0.0.0/0 via 10.0.0.3"), Err(Errno::EEXIST.into()));
    assert_eq!(lab.route("0.0.0.0/0 via 10.0.0.3 metric 5"), Ok(()));
    let refusal = lab.route_how(append, "0.0.0.0/0 via 10.0.0.3");
    assert!(matches!(refusal, Err(StackError::NotModelled(_))));
}

#[test]
fn deletion_takes_the_first_that_matches() {
    let mut lab = Lab::new();
    let missing_table = refused((Errno::ESRCH, "FIB table does not exist"));
    assert_eq!(lab.delete_route("1.2.3.0/24"), Err(missing_table.clone()));
    lab = Lab::with_address();
    assert_eq!(lab.delete_route("1.2.3.0/24"), Err(Errno::ESRCH.into()));
    assert_eq!(lab.delete_route("1.2.3.0/24 table 77"), Err(missing_table));
    lab.route("1.2.3.0/24 via 10.0.0.2 metric 5 mtu 70000").expect("a good route");
    for words in ["1.2.3.0/24 metric 4", "1.2.3.0/24 via 10.0.0.3", "1.2.3.0/24 dev v1", "1.2.3.0/25"] {
        assert_eq!(lab.delete_route(words), Err(Errno::ESRCH.into()), "{words}");
    }
    // The MTU is stored as 65520; what is asked for is compared as it stands.
    assert_eq!(lab.delete_route("1.2.3.0/24 mtu 70000"), Err(Errno::ESRCH.into()));
    assert_eq!(lab.delete_route("1.2.3.0/24"), Ok(()));
}

#[test]
fn a_link_takes_its_routes_along() {
    let mut lab = Lab::with_address();
    lab.route("10.9.0.0/16 via 10.0.0.2").expect("a good route");
    lab.down("v1");
    assert_eq!(
        lab.show(MAIN),
        ["10.0.0.0/24 dev v0 src 10.0.0.1 linkdown", "10.9.0.0/16 via 10.0.0.2 dev v0 linkdown"]
    );
    lab.set("all.ignore_routes_with_linkdown", "1");
    assert_eq!(lab.send("10.9.0.1"), Err(Errno::ENETUNREACH));
    assert_eq!(lab.show(MAIN)[1], "10.9.0.0/16 via 10.0.0.2 dev v0 dead linkdown");
    lab.up("v1");
    assert_eq!(lab.show(MAIN), ["10.0.0.0/24 dev v0 src 10.0.0.1", "10.9.0.0/16 via 10.0.0.2 dev v0"]);
    lab.down("v0");
    assert!(lab.show(MAIN).is_empty());
    assert_eq!(
        lab.show(LOCAL),
        [
            "local 10.0.0.1/32 dev v0 src 10.0.0.1",
            "local 127.0.0.0/8 dev lo src 127.0.0.1",
            "local 127.0.0.1/32 dev lo src 127.0.0.1",
            "broadcast 127.255.255.255/32 dev lo src 127.0.0.1",
        ]
    );
}
