//! The written form of changes, questions and events: what was saved before the line knew address families is read, and
//! written back to the same bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vethlab_shared::change::Change;
use vethlab_shared::event::json;
use vethlab_shared::family::Family;
use vethlab_shared::view::RouteQuery;
use vethlab_tests::files;
use vethlab_tests::operation::Operation;

/// Changes and a question as they were written then.
const CHANGES: &[&str] = &[
    r#"{"AddAddress":{"how":"EXCLUSIVE | CREATE","address":{"link":2,"local":"10.0.0.1","peer":"10.0.0.9","prefix_length":24,"broadcast":"10.0.0.255","label":"a:1","scope":0,"flags":"NO_PREFIX_ROUTE"}}}"#,
    r#"{"DeleteAddress":{"link":2,"local":null,"peer":null,"prefix_length":0,"broadcast":null,"label":"a","scope":0,"flags":""}}"#,
    r#"{"AddRoute":{"how":"REPLACE | CREATE","route":{"destination":{"address":"0.0.0.0","length":0},"tos":0,"table":254,"kind":"unicast","protocol":3,"scope":0,"metric":10,"gateway":"10.0.0.2","output":2,"preferred_source":"10.0.0.1","mtu":1400,"flags":"ON_LINK"}}}"#,
    r#"{"DeleteRoute":{"destination":{"address":"10.0.1.0","length":24},"tos":0,"table":254,"kind":"unspecified","protocol":0,"scope":255,"metric":null,"gateway":null,"output":null,"preferred_source":null,"mtu":null,"flags":""}}"#,
    r#"{"AddNeighbour":{"how":"EXCLUSIVE | CREATE","neighbour":{"link":3,"destination":"10.0.1.3","address":"02:00:00:00:00:05","state":"PERMANENT"}}}"#,
    r#"{"DeleteNeighbour":{"link":3,"destination":"10.0.1.3"}}"#,
];
const QUESTION: &str = r#"{"destination":"10.0.1.3","source":"10.0.0.1","output":2,"input":null,"tos":16}"#;

/// Events as they were written then: one of each kind that has addresses in it.
const EVENTS: &str = r#"{"format":"vethlab-events","version":1}
{"number":1,"time":62000000,"namespace":"near","packet":null,"event":"neigh_create","link":"n1","destination":"10.0.2.77","state":""}
{"number":2,"time":62000000,"namespace":"near","packet":null,"event":"neigh_update","link":"n1","destination":"10.0.2.77","from":"","to":"PERMANENT","cause":"administrator"}
{"number":5,"time":68000000,"namespace":"near","packet":null,"event":"fib_table_lookup","destination":"10.9.0.1","source":null,"input":null,"considered":[{"rule":32766,"table":254,"prefix":{"address":"10.9.0.0","length":16},"kind":"unicast","metric":0,"gateway":"10.0.2.2","output":"n1","verdict":"taken"}],"decision":"unicast","errno":null,"gateway":"10.0.2.2","output":"n1","chosen_source":"10.0.2.1","source_by":"link"}
{"number":7,"time":68000000,"namespace":"near","packet":null,"event":"sys_enter_sendto","socket":1,"destination":"10.9.0.1","length":64}
{"number":8,"time":68000000,"namespace":"near","packet":null,"event":"sys_exit","call":"connect","socket":1,"address":"10.9.0.1","errno":101}
{"number":14,"time":68000000,"namespace":"near","packet":1,"event":"neigh_event_send_done","link":"n1","destination":"10.0.2.2","waiting":1}
{"number":19,"time":68010000,"namespace":"far","packet":2,"event":"arp_process","link":"f0","operation":"request","sender":"10.0.2.1","target":"10.0.2.2","outcome":"answered"}
{"number":33,"time":68030000,"namespace":"far","packet":1,"event":"fib_validate_source","source":"10.0.2.1","input":"f0","output":"f0","considered":[{"rule":32766,"table":254,"prefix":{"address":"10.0.2.0","length":24},"kind":"unicast","metric":0,"gateway":null,"output":"f0","verdict":"taken"}],"rp_filter":0,"accepted":true}
{"number":34,"time":68030000,"namespace":"far","packet":1,"event":"icmpv4_xrlim_allow","kind":3,"code":1,"to":"10.0.2.1","allowed":true}
{"number":35,"time":68030000,"namespace":"far","packet":1,"event":"icmp_send","kind":5,"code":1,"to":"10.0.2.1"}
{"number":49,"time":68040000,"namespace":"near","packet":4,"event":"update_or_create_fnhe","destination":"10.9.0.1","gateway":"10.0.2.77","mtu":null}
{"number":52,"time":68040000,"namespace":"near","packet":null,"event":"neigh_cleanup_and_release","link":"n1","destination":"10.0.2.2"}
"#;

fn is_written_back<T: Serialize + DeserializeOwned>(text: &str) -> T {
    let read: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(serde_json::to_string(&read).expect("plain data"), text);
    read
}

#[test]
fn changes_and_questions_are_written_back_to_the_same_bytes() {
    for text in CHANGES {
        let change: Change = is_written_back(text);
        if let Change::AddAddress { address, .. } | Change::DeleteAddress(address) = change {
            assert_eq!(address.family, Family::Inet, "it goes without saying");
        }
    }
    let _: RouteQuery = is_written_back(QUESTION);
}

#[test]
fn events_are_written_back_to_the_same_bytes() {
    let events = json::read(EVENTS).expect("events");
    assert_eq!(events.len(), EVENTS.lines().count() - 1);
    assert_eq!(json::header().expect("plain data") + &json::lines(&events).expect("plain data"), EVENTS);
}

#[test]
fn regressions_are_written_back_as_they_were() {
    // Some were broken into lines by hand, and some are older than this field, and do without it.
    let plain =
        |text: &str| text.split_whitespace().collect::<String>().replace(r#""mtu_discovery":null,"#, "");
    let files = files::read_all("regressions", "json").expect("regressions");
    assert!(!files.is_empty());
    for file in files {
        let operations: Vec<Operation> = serde_json::from_str(&file.text).expect("operations");
        let written = serde_json::to_string(&operations).expect("plain data");
        assert_eq!(plain(&written), plain(&file.text), "{}", file.name);
    }
}

#[test]
fn the_other_family_has_the_same_form() {
    let texts = [
        r#"{"AddAddress":{"how":"EXCLUSIVE | CREATE","address":{"family":"inet6","link":2,"local":"2001:db8::1","peer":"2001:db8::1","prefix_length":64,"broadcast":null,"label":null,"scope":0,"flags":""}}}"#,
        r#"{"DeleteNeighbour":{"link":3,"destination":"fe80::2"}}"#,
    ];
    for text in texts {
        let _: Change = is_written_back(text);
    }
    let _: RouteQuery =
        is_written_back(&QUESTION.replace("10.0.1.3", "2001:db8::3").replace("10.0.0.1", "::1"));
    let text = EVENTS
        .replace("10.9.0.1\"", "2001:db8:9::1\"")
        .replace("10.9.0.0\",\"length\":16", "2001:db8:9::\",\"length\":48");
    let events = json::read(&text).expect("events");
    assert_eq!(json::header().expect("plain data") + &json::lines(&events).expect("plain data"), text);
}
