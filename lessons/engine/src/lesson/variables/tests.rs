use super::*;

fn variables(text: &str) -> Result<Variables, LessonError> {
    let table = toml::from_str(text).expect("TOML");
    Variables::read(table, |place| 1 + super::super::error::line_breaks(text, place))
}

const ALL: &str = "\
lan = { subnet = '10.0.0.0/8', length = 24 }
dmz = { subnet = '10.0.0.0/8', length = 25 }
server = { host = 'lan' }
client = { host = 'lan' }
people = { shuffle = ['ann', 'bob', 'cid'] }
fault = { pick = ['link', 'route'] }
count = { number = [3, 5] }
card = { mac = true }
";

fn drawn(seed: u64) -> Values {
    variables(ALL).expect("good variables").draw("test", seed).expect("room")
}

fn fill(seed: u64, line: &str) -> String {
    drawn(seed).fill(line).expect(line)
}

#[test]
fn the_same_seed_gives_the_same_values_on_every_machine() {
    let line = "{lan} {lan.1} {dmz} {server}/{server.length} {people.1} {fault} {count} {card} {{x}}";
    assert_eq!(fill(0, line), fill(0, line));
    assert_eq!(fill(0, line), EXPECTED, "a change of the generator changes every exercise");
    let different: BTreeSet<String> = (0..50).map(|seed| fill(seed, line)).collect();
    assert_eq!(different.len(), 50);
}

const EXPECTED: &str =
    "10.117.219.0/24 10.117.219.1 10.158.234.0/25 10.117.219.177/24 cid route 5 02:c7:cc:fc:11:02 {x}";

#[test]
fn another_variable_does_not_alter_the_others() {
    let fewer = variables("fault = { pick = ['link', 'route'] }").expect("good");
    for seed in 0..20 {
        let fewer = fewer.draw("test", seed).expect("room").fill("{fault}");
        assert_eq!(fewer, Ok(fill(seed, "{fault}")));
    }
}

#[test]
fn every_word_comes_up_and_nothing_is_taken_twice() {
    let mut words = BTreeSet::new();
    for seed in 0..200 {
        let values = drawn(seed);
        words.insert(values.fill("{fault} {people.1} {people.2} {people.3} {count}").expect("filled"));
        assert_ne!(values.fill("{server}"), values.fill("{client}"));
        let (Some(Value::Subnet(lan)), Some(Value::Subnet(dmz))) = (values.0.get("lan"), values.0.get("dmz"))
        else {
            panic!("subnets")
        };
        assert!(!lan.contains(dmz.address));
        let Some(Value::Host(server)) = values.0.get("server") else { panic!("a host") };
        assert!(lan.contains(server.address) && server.address.octets()[3] >= 128);
        assert_ne!(server.address, lan.broadcast());
    }
    assert_eq!(words.len(), 2 * 6 * 3, "every combination within 200 seeds");
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, line, words) in [
        ("\na = { pick = ['x'] }", 2, "two words or more"),
        ("a = { pick = ['x', 'x'] }", 1, "twice"),
        ("a = { pick = ['x', 'y'], of = 1 }", 1, "'of' does not go with 'pick'"),
        ("a = { subnet = '10.0.0.0/8', length = 7 }", 1, "from 8 to 30"),
        (
            "a = { subnet = '10.0.0.0/8', length = 31 }",
            1,
            "'length' cannot be 31: write a number from 8 to 30",
        ),
        ("a = { subnet = '0.0.0.0/0', length = 0 }", 1, "'length' cannot be 0: write a number from 1 to 30"),
        ("a = { subnet = '10.0.0.0/31', length = 31 }", 1, "no subnet with two hosts in '10.0.0.0/31'"),
        ("a = { subnet = '10.0.0.0/32', length = 30 }", 1, "write a prefix of 30 bits or less"),
        ("a = { subnet = '10.0.0.0', length = 24 }", 1, "is no prefix"),
        ("a = { subnet = '10.0.0.0/8' }", 1, "missing field `length`"),
        ("a = { host = 'b' }", 1, "no subnet of this lesson"),
        ("a = { number = [3, 3] }", 1, "smaller number first"),
        ("A = { mac = true }", 1, "small letters"),
        ("a = { picks = [] }", 1, "add one of pick"),
    ] {
        let error = variables(text).expect_err(text);
        assert!(error.problem.contains(words), "{error}");
        assert_eq!(error.line, line, "{error}");
    }
    let full =
        variables("a = { subnet = '10.0.0.0/24', length = 24 }\nb = { subnet = '10.0.0.0/24', length = 25 }");
    assert!(full.expect("good").draw("x", 1).expect_err("no room").contains("widen"));
}

#[test]
fn a_placeholder_that_means_nothing_is_an_error() {
    let values = drawn(0);
    for (line, words) in [
        ("{nobody}", "there is no variable 'nobody'"),
        ("{people}", "write '{people.1}' to '{people.3}'"),
        ("{people.4}", "a list of 3 words"),
        ("{lan.255}", ".1 to .254"),
        ("{server.9}", ".length or .mask"),
        ("{fault.1}", "has no parts"),
        ("a { b", "a lone '{'"),
        ("a } b", "a lone '}'"),
    ] {
        let error = values.fill(line).expect_err(line);
        assert!(error.contains(words), "{line}: {error}");
    }
}
