//! The pages of the programs of the packet filter.

use super::{Form, NONE, Page, SHORT_TOO};

pub(crate) const CONNTRACK: Page = Page {
    examples: &[
        Form("conntrack -L", "the connections, a line each"),
        Form("conntrack -L -p tcp --dport 80", "those to port 80; with -D they are forgotten"),
    ],
    remark: "A namespace tracks nothing until a rule needs it: 'ctstate', 'ct state', or any rule of a table nat. The tables expect, dying and unconfirmed, zones other than 0, labels, XML, buffer sizes, and -G, -I, -A, -U, -S, -R and -z are not modelled. Of a connection that began before anybody listened -E tells nothing, as the kernel.",
    help: NONE,
    ..Page::new(
        "conntrack",
        "connections that are tracked",
        &[
            Form("conntrack -L [FILTER]", "the connections"),
            Form("conntrack -D [FILTER]", "delete them, and show what was deleted"),
            Form("conntrack -F", "delete all"),
            Form("conntrack -C", "how many there are"),
            Form(
                "conntrack -E [-e NEW,UPDATES,DESTROY] [FILTER]",
                "what they go through, until it is stopped",
            ),
            Form("-s, -d ADDRESS[/BITS]", "source and destination of the first packet"),
            Form("-r, -q ADDRESS", "source and destination of the answers"),
            Form(
                "-p PROTOCOL",
                "tcp and udp with --sport, --dport, --reply-port-src, --reply-port-dst PORT; tcp with --state STATE; icmp with --icmp-type, --icmp-code, --icmp-id NUMBER",
            ),
            Form("-u STATUS[,…]", "ASSURED, SEEN_REPLY, UNREPLIED"),
            Form("-n, -g, -j [ADDRESS[:PORT]]", "translated source, destination, either"),
            Form("-m MARK[/MASK], -f ipv4, -w 0", "this mark, family, zone"),
            Form(
                "-o extended,id,save,timestamp",
                "with the family; a number; as commands; -E: with the time",
            ),
        ],
    )
};

pub(crate) const IPTABLES: Page = Page {
    examples: &[
        Form("iptables -L -n -v", "the chains with their rules and counters"),
        Form("iptables -t nat -S", "the rules of the table nat, as commands"),
    ],
    remark: "Tables (-t): filter, nat, mangle, raw, security. Matches (-m): tcp, udp, icmp, multiport, conntrack, state, comment, addrtype, mark, connmark, mac, pkttype, iprange, ttl, length, limit, statistic. Targets (-j): ACCEPT, DROP, RETURN, REJECT, LOG, MARK, CONNMARK, TTL, TCPMSS, DNAT, SNAT, MASQUERADE, REDIRECT, NOTRACK, CT --notrack, and chains of one's own. 'owner' is not modelled, as there are no users here. As the tool, it makes a table and its chains when they are first needed.",
    help: SHORT_TOO,
    ..Page::new(
        "iptables",
        "the packet filter",
        &[
            Form("iptables [-t TABLE] -L [CHAIN [N]]", "the rules; -n -v -x --line-numbers as in iptables"),
            Form("iptables [-t TABLE] -S [CHAIN [N]]", "the rules as commands; -v: with counters"),
            Form("iptables [-t TABLE] -A CHAIN RULE", "append a rule; -C: is there such a rule?"),
            Form("iptables [-t TABLE] -I CHAIN [N] RULE", "insert a rule; -R: replace rule N"),
            Form("iptables [-t TABLE] -D CHAIN RULE|N", "delete a rule"),
            Form("iptables [-t TABLE] -F|-Z [CHAIN]", "delete all rules; set counters to zero"),
            Form("iptables [-t TABLE] -N|-X CHAIN", "make a chain; delete it"),
            Form("iptables [-t TABLE] -E CHAIN NAME", "give a chain another name"),
            Form(
                "iptables [-t TABLE] -P CHAIN ACCEPT|DROP",
                "what becomes of a packet that no rule decides on",
            ),
            Form(
                "RULE",
                "[!] -s -d ADDRESS[/MASK][,…], [!] -p PROTOCOL, [!] -i -o LINK[+], [!] -f, -m MATCH …, -j TARGET … or -g CHAIN, -c PACKETS BYTES",
            ),
        ],
    )
};

pub(crate) const IPTABLES_SAVE: Page = Page {
    examples: &[Form("iptables-save -c", "all rules with their counters")],
    help: NONE,
    ..Page::new(
        "iptables-save",
        "write the rules of iptables",
        &[
            Form("iptables-save [-c] [-t TABLE]", "as iptables-restore reads them; -c: with counters"),
            Form("iptables-save … -f FILE", "into a file of this session, which 'cat' shows"),
        ],
    )
};

pub(crate) const IPTABLES_RESTORE: Page = Page {
    remark: "A table is replaced as a whole or not at all. Standard input is 'echo -e … |' or </dev/null; there are no files but those that 'iptables-save -f' wrote.",
    help: SHORT_TOO,
    ..Page::new(
        "iptables-restore",
        "read rules of iptables",
        &[
            Form("iptables-restore FILE", "in place of all that is in the tables that it names"),
            Form(
                "echo -e … | iptables-restore",
                "the same of lines with \\n between: '*filter\\n…\\nCOMMIT'",
            ),
            Form("iptables-restore -n FILE", "(--noflush) beside what is there"),
            Form("iptables-restore -c FILE", "with the counters of the file"),
            Form("iptables-restore -t FILE", "(--test) only read it"),
            Form("iptables-restore -T TABLE FILE", "this table alone"),
        ],
    )
};

pub(crate) const NFT: Page = Page {
    examples: &[Form("nft list ruleset", "all tables, with chains and rules")],
    remark: "What iptables made is shown in nft's own words, and a warning on standard error says so. Rules are of family ip, of the words above, accept, drop, return, jump, goto, counter, limit, log, reject, snat, dnat, masquerade, redirect, notrack and comment. A field may be looked up in a set, @NAME or { VALUE, FIRST-LAST, … }, and by vmap in a map of verdicts. Maps of values in rules, time-outs, concatenations and files are not modelled.",
    help: SHORT_TOO,
    ..Page::new(
        "nft",
        "list the packet filter",
        &[
            Form(
                "nft [-a] [-s] [-n] [-y] list ruleset",
                "-a: with handles; -s: without counters; -n: numbers, no names; -y: of priorities",
            ),
            Form("nft … list tables|chains [FAMILY]", "the tables; their chains without rules"),
            Form("nft … list table [FAMILY] TABLE", "one table"),
            Form("nft … list chain [FAMILY] TABLE CHAIN", "one chain of it"),
            Form("nft add|create|delete|flush table TABLE", "a table; flush: all its rules"),
            Form(
                "nft add|create chain TABLE CHAIN ['{ type T hook H priority P; }']",
                "a chain; with braces, one that packets enter",
            ),
            Form("nft delete|flush chain TABLE CHAIN", "a chain; its rules"),
            Form("nft rename chain TABLE CHAIN NAME", "another name for it"),
            Form(
                "nft add|insert rule TABLE CHAIN [handle N|index N] RULE",
                "behind or in front of the others, or of one of them",
            ),
            Form("nft replace rule TABLE CHAIN handle N RULE", "in the place of one"),
            Form("nft delete rule TABLE CHAIN handle N", "one rule (nft -a list shows N)"),
            Form(
                "nft add|create set TABLE SET '{ type T; flags interval; elements = { … }; }'",
                "a set of ipv4_addr, inet_service, inet_proto, icmp_type, mark, ct_state or ifname",
            ),
            Form("nft add|create map TABLE MAP '{ type T : verdict; }'", "a map, to verdicts or to a type"),
            Form("nft delete|flush set|map TABLE SET", "a set or map; its elements"),
            Form("nft add|create|delete element TABLE SET '{ … }'", "elements, with ': VERDICT' in a map"),
            Form("nft … list sets|maps, nft … list set|map TABLE SET", "all sets or maps; one of them"),
            Form("nft flush ruleset", "nothing is left"),
            Form(
                "RULE: ip saddr|daddr|protocol|ttl, tcp|udp sport|dport, tcp flags, icmp type",
                "what a packet has",
            ),
            Form(
                "RULE: iif, oif, iifname, oifname, meta mark|l4proto|pkttype, ct state|mark",
                "what is known of it",
            ),
        ],
    )
};
