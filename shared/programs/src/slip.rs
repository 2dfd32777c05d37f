//! A word that a person mistyped in a command: which one it is, and the word that was meant perhaps.

use crate::completion::{self, Next};
use crate::manual::{Form, Page};
use crate::nearest::typo;
use crate::table::program;
use crate::{Failure, ip, tcpdump};
use vethlab_explain::journal::{Results, Slip};

/// So many words of a line are looked at.
const MOST_WORDS: usize = 64;

/// How the tools begin where a name of a link or of a namespace is not there, and not a word of the command.
const NAMES: [&str; 3] = ["Cannot find device", "Device ", "Cannot open network namespace"];

/// What was mistyped in a command that its program refused before it asked the stack for anything.
pub(crate) fn of(words: &[String], failure: &Failure, results: &Results) -> Option<Slip> {
    let asked = results.changes > 0 || results.no_way.is_some();
    let about_words = match failure {
        Failure::Exit { message, .. } | Failure::Mistyped { message, .. } => {
            !NAMES.iter().any(|begin| message.starts_with(begin))
        }
        // A wrong word made the tool print its help.
        Failure::NotModelled(what) => what.contains(" help") && !words.iter().any(|word| word == "help"),
        Failure::Past | Failure::Exhausted(_) => false,
    };
    if asked || !about_words { None } else { find(words) }
}

/// The first word that is none of those that may stand at its place, and is nearly one of them.
fn find(words: &[String]) -> Option<Slip> {
    let words: Vec<&str> = words.iter().take(MOST_WORDS).map(String::as_str).collect();
    (1..words.len()).find_map(|place| {
        let (before, word) = (&words[..place], words[place]);
        // A filter may be one word with blanks in it.
        word.split(' ').find_map(|word| at(before, word))
    })
}

fn at(before: &[&str], word: &str) -> Option<Slip> {
    let meant = if word.starts_with('-') { option(before, word) } else { plain(before, word) }?;
    Some(Slip { typed: word.to_owned(), meant })
}

/// The words of the program that runs in the end: `sudo` and `ip netns exec` run another one.
fn innermost<'w, 'a>(words: &'w [&'a str]) -> &'w [&'a str] {
    let mut words = words;
    while let ["sudo", rest @ ..]
    | ["ip", "netns", "exec", _, rest @ ..]
    | ["ip", "-n", _, "netns", "exec", _, rest @ ..] = words
    {
        words = rest;
    }
    words
}

/// The option that was meant.
fn option(before: &[&str], word: &str) -> Option<String> {
    let [name, others @ ..] = innermost(before) else { return None };
    let program = program(name)?;
    let (option, value) = word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
    // Of two letters and a dash each could be the other.
    if option.chars().count() < 4 || (*name == "ip" && others.iter().any(|word| !word.starts_with('-'))) {
        return None;
    }
    let longs = (program.longs)();
    let mut known: Vec<String> = longs.iter().map(|long| format!("--{long}")).collect();
    known.extend(program.page.options().map(str::to_owned));
    if *name == "ip" {
        known.extend(ip::options().map(str::to_owned));
    }
    if known.iter().any(|known| known.starts_with(option)) {
        return None;
    }
    let near = typo(option, known.iter().map(String::as_str));
    match (near, value) {
        (Some(near), None) => Some(near.to_owned()),
        (Some(near), Some(value)) => Some(format!("{near}={value}")),
        (None, _) => letter(program.page, option.strip_prefix("--")?, value),
    }
}

/// The option of a letter whose value a page calls so: `-c COUNT` for `--count`.
fn letter(page: &Page, long: &str, value: Option<&str>) -> Option<String> {
    let valued: Vec<(&str, String)> =
        valued(page).map(|(letter, value)| (letter, value.to_lowercase())).collect();
    let name = typo(long, valued.iter().map(|(_, name)| name.as_str()))?;
    let (letter, _) = valued.iter().find(|(_, known)| known == name)?;
    Some(value.map_or_else(|| (*letter).to_owned(), |value| format!("{letter} {value}")))
}

/// The options of a page that have a value, each with how it is called or which there are.
fn valued(page: &Page) -> impl Iterator<Item = (&'static str, &'static str)> {
    let options = page.forms.iter().filter(|Form(form, _)| form.starts_with('-'));
    options.flat_map(|Form(form, _)| form.split(", ")).filter_map(|option| option.split_once(' '))
}

/// The word that was meant, which is no option.
fn plain(before: &[&str], word: &str) -> Option<String> {
    // Numbers, addresses and most names of links are values; a file is no number.
    if word.contains(|letter: char| letter.is_ascii_digit()) && !word.starts_with('/') {
        return None;
    }
    let known = known(before);
    // `ip` takes a beginning for the whole word.
    let short = innermost(before).first() == Some(&"ip");
    let fits = |known: &&str| *known == word || (short && known.starts_with(word));
    if word.is_empty() || known.iter().any(fits) {
        return None;
    }
    typo(word, known).map(str::to_owned)
}

/// The words that may stand behind these.
fn known(before: &[&str]) -> Vec<&'static str> {
    let next = completion::next(before).into_iter();
    let mut known: Vec<&str> =
        next.filter_map(|next| if let Next::Word(word) = next { Some(word) } else { None }).collect();
    let Some((name, others)) = innermost(before).split_first() else { return known };
    let Some(program) = program(name).filter(|program| program.name != "ip") else { return known };
    let option = others.last().filter(|last| last.starts_with('-'));
    let values = option.and_then(|option| valued(program.page).find(|(letter, _)| letter == option));
    if let Some((_, values)) = values {
        let plain = |value: &&str| value.bytes().all(|byte| byte.is_ascii_lowercase());
        return values.split('|').filter(plain).collect();
    }
    known.extend(of_page(program.page));
    known
}

/// The words that a page names: those of its forms, and what it quotes beside them.
fn of_page(page: &'static Page) -> impl Iterator<Item = &'static str> {
    let forms = page.forms.iter().filter(|Form(form, _)| !form.starts_with('-'));
    let texts = forms
        .flat_map(|Form(form, about)| std::iter::once(*form).chain(about.split('\'').skip(1).step_by(2)));
    let words = texts.flat_map(|text| text.split([' ', '[', ']', '|', ',']));
    let of_filter = tcpdump::filter_words().filter(|_| page.command == "tcpdump");
    let plain = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.filter(plain).filter(|word| *word != page.command).chain(of_filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(line: &str) -> Option<(String, String)> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        find(&words).map(|slip| (slip.typed, slip.meant))
    }

    #[test]
    fn a_mistyped_word_has_a_nearest_one() {
        let mut wrong = Vec::new();
        for (line, typed, word) in [
            ("ip link set veth0 upp", "upp", "up"),
            ("ip link add a0 tpye veth peer name b0", "tpye", "type"),
            ("ip link add a0 type vteh peer name b0", "vteh", "veth"),
            ("ip link add a0 type veth pere name b0", "pere", "peer"),
            ("ip link add a0 type veth peer nmae b0", "nmae", "name"),
            ("ip link set a0 arp offf", "offf", "off"),
            ("ip addr add 10.0.0.1/24 deb veth0", "deb", "dev"),
            ("ip addr add 10.0.0.1/24 dev veth0 brodcast +", "brodcast", "broadcast"),
            ("ip addr add 10.0.0.1/24 dev veth0 scope lnik", "lnik", "link"),
            ("ip -n red addr add 10.0.0.1/24 deb veth0", "deb", "dev"),
            ("ip -br addr show devv veth0", "devv", "dev"),
            ("ip route add default vai 10.0.0.1", "vai", "via"),
            ("ip route add defualt via 10.0.0.1", "defualt", "default"),
            ("ip route add blakhole 10.0.0.0/8", "blakhole", "blackhole"),
            ("ip route add default via 10.0.0.1 metrik 5", "metrik", "metric"),
            ("ip route get 10.0.0.1 form 10.0.0.2", "form", "from"),
            ("ip route show tabel main", "tabel", "table"),
            ("ip route show table mian", "mian", "main"),
            ("ip neigh add 10.0.0.2 laddr 02:00:00:00:00:01 dev veth0", "laddr", "lladdr"),
            ("ip neigh add 10.0.0.2 dev veth0 nud permanet", "permanet", "permanent"),
            ("ip netns exce red ping", "exce", "exec"),
            ("ip netns exec red ip route add default vai 10.0.0.1", "vai", "via"),
            ("sudo ip link set veth0 dwon", "dwon", "down"),
            ("ip -statistcs link", "-statistcs", "-statistics"),
            ("ip --breif link", "--breif", "-brief"),
            ("ip -ntens red link", "-ntens", "-netns"),
            ("ping --cout 3 10.0.0.1", "--cout", "-c"),
            ("ip netns exec red ping --count=3 10.0.0.1", "--count=3", "-c 3"),
            ("ping -M dontt 10.0.0.1", "dontt", "dont"),
            ("traceroute --sprot=5 10.0.0.1", "--sprot=5", "--sport=5"),
            ("traceroute --fist 2 10.0.0.1", "--fist", "--first"),
            ("tcpdump --interfce any", "--interfce", "--interface"),
            ("tcpdump -i any imcp", "imcp", "icmp"),
            ("sysctl --wirte net.ipv4.ip_forward=1", "--wirte", "--write"),
            ("ifconfig veth0 dwon", "dwon", "down"),
            ("ifconfig veth0 10.0.0.1 netmsk 255.0.0.0", "netmsk", "netmask"),
            ("route add defualt gw 10.0.0.1", "defualt", "default"),
            ("arp --delte 10.0.0.1", "--delte", "--delete"),
            ("iptables --lits", "--lits", "--list"),
            ("packet 1 --jsno", "--jsno", "--json"),
            ("why pakcet 3", "pakcet", "packet"),
            ("cat /proc/net/rout", "/proc/net/rout", "/proc/net/route"),
        ] {
            let found = meant(line);
            if found != Some((typed.to_owned(), word.to_owned())) {
                wrong.push(format!("{line}: {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_right_word_and_a_value_have_none() {
        for line in [
            "",
            "ip",
            "ip a",
            "ip a a 10.0.0.1/24 brd + dev veth0 sc link",
            "ip link set dev0 up",
            "ip link add name vio type veth peer name viy",
            "ip route add default via 10.0.0.1 dev vai",
            "ip route add 10.0.0.0/8 via 10.0.0.1 metric 5",
            "ip netns add exce",
            "ping -c 3 -I devv 10.0.0.1",
            "ping -Z 10.0.0.1",
            "tcpdump -ni any icmp and host 10.0.0.1",
            "traceroute -n 10.0.0.1",
            "sysctl -w net.ipv4.ip_forward=1",
            "nonsense wrods",
        ] {
            assert_eq!(meant(line), None, "{line}");
        }
        // A line of so many words is not read to its end.
        let long = "ip netns exec red ".repeat(10_000) + "ip link set veth0 upp";
        assert_eq!(meant(&long), None);
    }
}
