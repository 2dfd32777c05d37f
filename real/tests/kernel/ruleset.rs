//! Packet filters: what the installed tools write is read as typed expressions, and written again as it was.

use nix::sched::{CloneFlags, unshare};
use std::process::Command;
use std::thread;
use vethlab_real::{Unavailable, apply_ruleset_here, ruleset_here};
use vethlab_shared::change::Modify;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::netfilter::{
    ChainSpec, Expression, Match, RulePlace, RuleSpec, Ruleset, RulesetChange, TableId, Target,
};

/// What the tools are given: each match, each target, and what `nft` writes by itself.
const COMMANDS: &str = "
    iptables -N mine
    iptables -A INPUT -s 10.0.0.1 -d 10.1.0.0/16 -i eth0 -p tcp --dport 80 -j ACCEPT
    iptables -A FORWARD ! -s 10.0.0.0/255.0.255.0 ! -i e+ -o eth+ ! -p udp -f -j mine
    iptables -A INPUT -p udp --sport 1:1024 ! --dport 53 -g mine
    iptables -A INPUT -p udp -m udp -j RETURN
    iptables -A INPUT -p tcp -m tcp -j DROP
    iptables -A INPUT -p tcp --tcp-option 4 --syn -j REJECT --reject-with tcp-reset
    iptables -A INPUT -p icmp --icmp-type 3/4 -j REJECT --reject-with icmp-net-prohibited
    iptables -A INPUT -p tcp -m multiport ! --ports 1,3:5,9 -j LOG --log-prefix hello --log-level 3 --log-tcp-options
    iptables -A INPUT -m conntrack ! --ctstate NEW,DNAT --ctproto 6 --ctorigsrc 10.0.0.0/8 --ctorigdstport 80:90 --ctdir REPLY
    iptables -A INPUT -m conntrack --ctstatus ASSURED --ctexpire 10:20 ! --ctrepldst 1.2.3.4
    iptables -A INPUT -m state --state RELATED,UNTRACKED
    iptables -A INPUT -m comment --comment words
    iptables -A INPUT -m addrtype --src-type LOCAL ! --dst-type BROADCAST,MULTICAST --limit-iface-in
    iptables -A INPUT -m pkttype ! --pkt-type multicast -m mac ! --mac-source 02:00:00:00:00:01
    iptables -A INPUT -m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 10.0.0.3-10.0.0.4
    iptables -A INPUT -m ttl --ttl-gt 3 -m length ! --length 100:200 -m connmark --mark 4/0xff
    iptables -A INPUT -m statistic --mode nth --every 3 --packet 1 -m statistic --mode random ! --probability 0.5
    iptables -A INPUT -m limit --limit 5/min --limit-burst 7 -m mark --mark 1/3 -c 5 6 -j ACCEPT
    iptables -P FORWARD DROP
    iptables -t mangle -A PREROUTING -j MARK --set-mark 5/7
    iptables -t mangle -A PREROUTING -j TTL --ttl-inc 2
    iptables -t mangle -A FORWARD -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu
    iptables -t mangle -A FORWARD -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xf0
    iptables -t nat -A POSTROUTING -p tcp -j SNAT --to-source 1.2.3.4-1.2.3.9:1000-2000 --persistent
    iptables -t nat -A POSTROUTING -p udp -j MASQUERADE --to-ports 1000-2000 --random
    iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4:80-90/1000
    iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 8080
    iptables -t raw -A PREROUTING -j NOTRACK
    iptables -t raw -A OUTPUT -j CT --notrack
    nft add table inet guard
    nft add chain inet guard input { type filter hook input priority 5 ; policy drop ; }
    nft add chain inet guard other
    nft add rule inet guard input ip saddr 10.0.0.0/24 tcp dport 80-90 iifname eth0 counter accept comment \"hello world\"
    nft add rule inet guard input meta mark 1 ct state new,established limit rate over 5 kbytes/hour log prefix \"x\" level info drop
    nft add rule inet guard input ct mark set 5 meta mark set 7 jump other
    nft add rule inet guard input reject with icmpx admin-prohibited
    nft add rule inet guard input ip protocol tcp reject with tcp reset
    nft add rule inet guard input ip protocol icmp reject with icmp host-unreachable
    nft add table ip own
    nft add chain ip own post { type nat hook postrouting priority 100 ; }
    nft add chain ip own pre { type nat hook prerouting priority -100 ; }
    nft add chain ip own first { type filter hook prerouting priority -300 ; }
    nft add rule ip own first notrack
    nft add rule ip own post ip protocol tcp masquerade to :1000-2000 random
    nft add rule ip own post snat to 1.2.3.4
    nft add rule ip own pre tcp dport 80 dnat to 1.2.3.4:80
    nft add rule ip own pre tcp dport 80 redirect to :8080
";

/// Does something in a namespace of its own.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace");
            work()
        });
        worker.join().expect("the work is done")
    })
}

fn run(line: &str) -> String {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh").args(["-c", line]).env("PATH", path).output().expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A command of the list, with the braces and semicolons of `nft` kept from the shell.
fn quoted(line: &str) -> String {
    line.replace('{', "'{'").replace('}', "'}'").replace(" ;", " ';'").replace('"', "'\"'")
}

/// Everything in a ruleset, as the changes that make it.
fn remade(ruleset: &Ruleset) -> Vec<RulesetChange> {
    let mut changes = Vec::new();
    for table in &ruleset.tables {
        changes.push(RulesetChange::AddTable { how: Modify::ADD, table: table.id.clone() });
        for chain in &table.chains {
            let base = chain.base.as_ref();
            let spec = ChainSpec {
                name: chain.name.clone(),
                base: base.map(|base| (base.kind, base.hook, base.priority)),
                policy: base.map(|base| base.policy),
                counters: base.and_then(|base| base.counters),
            };
            changes.push(RulesetChange::AddChain { how: Modify::ADD, table: table.id.clone(), chain: spec });
        }
        for chain in &table.chains {
            for rule in &chain.rules {
                let rule = RuleSpec {
                    expressions: rule.expressions.clone(),
                    comment: rule.comment.clone(),
                    id: None,
                };
                let (table, chain) = (table.id.clone(), chain.name.clone());
                changes.push(RulesetChange::AddRule { table, chain, place: RulePlace::Last, rule });
            }
        }
    }
    changes
}

/// Takes away what differs between two namespaces: the numbers of things.
fn without_handles(mut ruleset: Ruleset) -> Ruleset {
    for table in &mut ruleset.tables {
        table.handle = 0;
        for chain in &mut table.chains {
            chain.handle = 0;
            chain.rules.iter_mut().for_each(|rule| rule.handle = 0);
        }
    }
    ruleset
}

pub(crate) fn what_the_tools_write_is_read_and_written_again() -> Result<(), Unavailable> {
    let (ruleset, listed) = apart(|| {
        for line in COMMANDS.lines().map(str::trim).filter(|line| !line.is_empty()) {
            run(&quoted(line));
        }
        (ruleset_here().expect("a ruleset"), run("nft list ruleset"))
    });
    let chains = ruleset.tables.iter().flat_map(|table| &table.chains);
    for expression in chains.flat_map(|chain| &chain.rules).flat_map(|rule| &rule.expressions) {
        let is_known = !matches!(
            expression,
            Expression::Other { .. }
                | Expression::Match(Match::Other(_))
                | Expression::Target(Target::Other(_))
        );
        assert!(is_known, "{expression:?}");
    }
    assert_eq!(ruleset.tables.len(), 6);

    let changes = remade(&ruleset);
    let (again, listed_again) = apart(|| {
        apply_ruleset_here(&changes).expect("the ruleset is written");
        (ruleset_here().expect("a ruleset"), run("nft list ruleset"))
    });
    assert_eq!(without_handles(again), without_handles(ruleset));
    assert_eq!(listed_again, listed);
    Ok(())
}

pub(crate) fn a_refused_change_is_named_and_leaves_nothing() -> Result<(), Unavailable> {
    apart(|| {
        let table = TableId::ip("filter");
        let add = |chain: &str| RulesetChange::AddRule {
            table: table.clone(),
            chain: chain.to_owned(),
            place: RulePlace::Last,
            rule: RuleSpec::default(),
        };
        let changes = [
            RulesetChange::AddTable { how: Modify::CREATE, table: table.clone() },
            RulesetChange::AddChain {
                how: Modify::CREATE,
                table: table.clone(),
                chain: ChainSpec::new("mine"),
            },
            add("mine"),
            add("missing"),
            add("missing too"),
        ];
        assert_eq!(apply_ruleset_here(&changes), Err(StackError::in_list(3, Errno::ENOENT)));
        assert_eq!(ruleset_here(), Ok(Ruleset::default()));
        assert_eq!(apply_ruleset_here(&changes[..3]), Ok(()));
        assert_eq!(ruleset_here().map(|ruleset| ruleset.tables[0].chains[0].rules.len()), Ok(1));
        assert_eq!(apply_ruleset_here(&[]), Ok(()));
        // More than the usual room for a message holds.
        let many: Vec<RulesetChange> = (0..5_000).map(|_| add("mine")).collect();
        assert_eq!(apply_ruleset_here(&many), Ok(()));
        assert_eq!(ruleset_here().map(|ruleset| ruleset.tables[0].chains[0].rules.len()), Ok(5_001));
    });
    Ok(())
}
