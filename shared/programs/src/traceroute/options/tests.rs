use super::*;

fn parsed(line: &str) -> Result<Command, Failure> {
    parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

fn request(line: &str) -> Request {
    match parsed(line) {
        Ok(Command::Run(request)) => request,
        other => panic!("{line}: {other:?}"),
    }
}

fn message(line: &str) -> String {
    match parsed(line) {
        Err(Failure::Exit { message, status: 2 }) => message,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn options_are_read_wherever_they_stand() {
    let request = request("-nI 127.1 -q2 -m 0x5 --first=2 100");
    assert_eq!((request.numeric, request.method), (true, Method::Icmp));
    assert_eq!((request.first_hop, request.most_hops, request.queries), (2, 5, 2));
    assert_eq!((request.target, request.packet_length), (IpAddr::V4(Ipv4Addr::LOCALHOST), Some(100)));
}

#[test]
fn waiting_is_given_in_three_numbers_at_the_most() {
    assert_eq!(request("-w 1.5 127.0.0.1").wait, Wait { most: 1.5, here: 0.0, near: 0.0 });
    assert_eq!(request("-w 1,2,3 127.0.0.1").wait, Wait { most: 1.0, here: 2.0, near: 3.0 });
    assert_eq!(message("-w 1, 127.0.0.1"), "Cannot handle `-w' option with arg `1,' (argc 2)\n");
    assert!((request("-z 250 127.0.0.1").pause - 0.25).abs() < f64::EPSILON, "more than 10 is milliseconds");
}

#[test]
fn what_is_wrong_is_said_in_traceroutes_words() {
    for (line, expected) in [
        ("-nx 127.0.0.1", "Bad option `-x' (argc 1)\n"),
        ("-q", "Option `-q' (argc 1) requires an argument: `-q nqueries'\n"),
        ("-n", "Specify \"host\" missing argument.\n"),
        ("127.0.0.1 1 2", "Extra arg `2' (position 3, argc 3)\n"),
        ("-M nosuch 127.0.0.1", "Unknown traceroute module nosuch\n"),
    ] {
        assert_eq!(message(line), expected, "{line}");
    }
    assert_eq!(parsed("-T 127.0.0.1"), Err(Failure::NotModelled("traceroute -T".to_owned())));
    assert_eq!(parsed("::1"), Err(Failure::NotModelled("traceroute ::1".to_owned())));
}
