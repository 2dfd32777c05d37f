//! Names in the place of numbers: of ports, protocols, stations and hosts.
//!
//! There is no resolver, only what a Debian 12 has in its files: `localhost` in `/etc/hosts`, and
//! `/etc/services` of netbase 6.4, whose names are those of IANA's registry of services.

use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;

/// Name, port, and whether over TCP, UDP or both.
const SERVICES: &str = "\
    tcpmux 1 t; echo 7 tu; discard 9 tu; systat 11 t; daytime 13 tu; netstat 15 t; qotd 17 t;\
    chargen 19 tu; ftp-data 20 t; ftp 21 t; fsp 21 u; ssh 22 t; telnet 23 t; smtp 25 t; time 37 tu;\
    whois 43 t; tacacs 49 tu; domain 53 tu; bootps 67 u; bootpc 68 u; tftp 69 u; gopher 70 t; finger 79 t;\
    http 80 t; kerberos 88 tu; iso-tsap 102 t; acr-nema 104 t; poppassd 106 t; pop3 110 t; sunrpc 111 tu;\
    auth 113 t; nntp 119 t; ntp 123 u; epmap 135 t; netbios-ns 137 u; netbios-dgm 138 u; netbios-ssn 139 t;\
    imap2 143 t; snmp 161 tu; snmp-trap 162 tu; cmip-man 163 tu; cmip-agent 164 tu; mailq 174 t;\
    xdmcp 177 u; bgp 179 t; smux 199 t; qmtp 209 t; z3950 210 t; ipx 213 u; ptp-event 319 u;\
    ptp-general 320 u; pawserv 345 t; zserv 346 t; rpc2portmap 369 tu; codaauth2 370 tu; clearcase 371 u;\
    ldap 389 tu; svrloc 427 tu; https 443 tu; snpp 444 t; microsoft-ds 445 t; kpasswd 464 tu;\
    submissions 465 t; saft 487 t; isakmp 500 u; exec 512 t; biff 512 u; login 513 t; who 513 u;\
    shell 514 t; syslog 514 u; printer 515 t; talk 517 u; ntalk 518 u; route 520 u; gdomap 538 tu;\
    uucp 540 t; klogin 543 t; kshell 544 t; dhcpv6-client 546 u; dhcpv6-server 547 u; afpovertcp 548 t;\
    rtsp 554 tu; nntps 563 t; submission 587 t; nqs 607 t; asf-rmcp 623 u; qmqp 628 t; ipp 631 t;\
    ldaps 636 tu; ldp 646 tu; tinc 655 tu; silc 706 t; kerberos-adm 749 t; kerberos4 750 ut;\
    kerberos-master 751 ut; passwd-server 752 u; krb-prop 754 t; moira-db 775 t; moira-update 777 t;\
    moira-ureg 779 u; spamd 783 t; domain-s 853 tu; supfilesrv 871 t; rsync 873 t; ftps-data 989 t;\
    ftps 990 t; telnets 992 t; imaps 993 t; pop3s 995 t; socks 1080 t; proofd 1093 t; rootd 1094 t;\
    rmiregistry 1099 t; supfiledbg 1127 t; skkserv 1178 t; openvpn 1194 tu; predict 1210 u; rmtcfg 1236 t;\
    xtel 1313 t; xtelw 1314 t; lotusnote 1352 t; ms-sql-s 1433 t; ms-sql-m 1434 u; ingreslock 1524 t;\
    datametrics 1645 tu; sa-msg-port 1646 tu; kermit 1649 t; groupwise 1677 t; l2f 1701 u; radius 1812 tu;\
    radius-acct 1813 tu; cisco-sccp 2000 t; nfs 2049 tu; gnunet 2086 tu; rtcm-sc104 2101 tu;\
    zephyr-srv 2102 u; zephyr-clt 2103 u; zephyr-hm 2104 u; gsigatekeeper 2119 t; iprop 2121 t;\
    gris 2135 t; cvspserver 2401 t; venus 2430 tu; venus-se 2431 tu; codasrv 2432 tu; codasrv-se 2433 tu;\
    mon 2583 tu; zebrasrv 2600 t; zebra 2601 t; ripd 2602 t; ripngd 2603 t; ospfd 2604 t; bgpd 2605 t;\
    ospf6d 2606 t; ospfapi 2607 t; isisd 2608 t; dict 2628 t; f5-globalsite 2792 t; gsiftp 2811 t;\
    gpsd 2947 t; gds-db 3050 t; icpv2 3130 u; isns 3205 tu; iscsi-target 3260 t; mysql 3306 t;\
    ms-wbt-server 3389 t; nut 3493 tu; distcc 3632 t; daap 3689 t; svn 3690 t; suucp 4031 t; sysrqd 4094 t;\
    sieve 4190 t; f5-iquery 4353 t; epmd 4369 t; remctl 4373 t; ntske 4460 t; ipsec-nat-t 4500 u;\
    fax 4557 t; hylafax 4559 t; iax 4569 u; mtn 4691 t; radmin-port 4899 t; munin 4949 t; sip 5060 tu;\
    sip-tls 5061 tu; xmpp-client 5222 t; xmpp-server 5269 t; cfengine 5308 t; mdns 5353 u;\
    postgresql 5432 t; rplay 5555 u; freeciv 5556 t; nrpe 5666 t; nsca 5667 t; amqps 5671 t; amqp 5672 t;\
    canna 5680 t; x11 6000 t; x11-1 6001 t; x11-2 6002 t; x11-3 6003 t; x11-4 6004 t; x11-5 6005 t;\
    x11-6 6006 t; x11-7 6007 t; gnutella-svc 6346 tu; gnutella-rtr 6347 tu; redis 6379 t;\
    sge-qmaster 6444 t; sge-execd 6445 t; mysql-proxy 6446 t; syslog-tls 6514 t; sane-port 6566 t;\
    ircd 6667 t; babel 6696 u; ircs-u 6697 t; bbs 7000 t; afs3-fileserver 7000 u; afs3-callback 7001 u;\
    afs3-prserver 7002 u; afs3-vlserver 7003 u; afs3-kaserver 7004 u; afs3-volser 7005 u; afs3-bos 7007 u;\
    afs3-update 7008 u; afs3-rmtsys 7009 u; font-service 7100 t; zope-ftp 8021 t; http-alt 8080 t;\
    tproxy 8081 t; omniorb 8088 t; puppet 8140 t; clc-build-daemon 8990 t; xinetd 9098 t;\
    bacula-dir 9101 t; bacula-fd 9102 t; bacula-sd 9103 t; git 9418 t; xmms2 9667 t; zope 9673 t;\
    webmin 10000 t; zabbix-agent 10050 t; zabbix-trapper 10051 t; amanda 10080 t; kamanda 10081 t;\
    amandaidx 10082 t; amidxtape 10083 t; nbd 10809 t; dicom 11112 t; hkp 11371 t; sgi-cmsd 17001 u;\
    sgi-crsd 17002 u; sgi-gcd 17003 u; sgi-cad 17004 t; db-lsp 17500 t; dcap 22125 t; gsidcap 22128 t;\
    wnn6 22273 t; binkp 24554 t; asp 27374 tu; csync2 30865 t; dircproxy 57000 t; tfido 60177 t;\
    fido 60179 t";

/// Protocols over IP by number, `-` where one has no name (`netdb_protocol_names` of tcpdump 4.99.3).
const PROTOCOLS: &str = "\
    hopopt icmp igmp ggp ipencap st tcp cbt egp igp bbn-rcc-mon nvp-ii pup argus emcon xnet chaos udp mux \
    dcn-meas hmp prm xns-idp trunk-1 trunk-2 leaf-1 leaf-2 rdp irtp iso-tp4 netblt mfe-nsp merit-inp dccp \
    3pc idpr xtp ddp idpr-cmtp tp++ il ipv6 sdrp ipv6-route ipv6-frag idrp rsvp gre dsr bna esp ah i-nlsp \
    swipe narp mobile tlsp skip ipv6-icmp ipv6-nonxt ipv6-opts - cftp - sat-expak kryptolan rvd ippc - \
    sat-mon visa ipcv cpnx rspf wsn pvp br-sat-mon sun-nd wb-mon wb-expak iso-ip vmtp secure-vmtp vines ttp \
    nsfnet-igp dgp tcf eigrp ospf sprite-rpc larp mtp ax.25 ipip micp scc-sp etherip encap - gmtp ifmp pnni \
    pim aris scps qnx a/n ipcomp snp compaq-peer ipx-in-ip vrrp pgm - l2tp ddx iatp stp srp uti smp sm ptp \
    isis fire crtp crudp sscopmce iplt sps pipe sctp fc rsvp-e2e-ignore mobility-header udplite mpls-in-ip \
    manet hip shim6 wesp rohc";

/// The makers of stations that tcpdump knows, by the first three bytes (`oui_values`).
const MAKERS: &[(u32, &str)] = &[
    (0x00_0000, "Ethernet"),
    (0x00_000c, "Cisco"),
    (0x00_005e, "IANA"),
    (0x00_0081, "Nortel Networks SONMP"),
    (0x00_00f8, "Cisco bridged"),
    (0x00_80c2, "Ethernet bridged"),
    (0x00_a03e, "ATM Forum"),
    (0x00_e02f, "DOCSIS Spanning Tree"),
    (0x08_0007, "Appletalk"),
    (0x00_9069, "Juniper"),
    (0x08_0009, "Hewlett-Packard"),
    (0x00_120f, "IEEE 802.3 Private"),
    (0x00_12bb, "ANSI/TIA"),
    (0x00_1b21, "DCBX"),
    (0x00_2320, "Nicira Networks"),
    (0x5c_16c7, "Big Switch Networks"),
    (0xb0_d2f5, "Vello Systems"),
    (0x00_2481, "HP"),
    (0x00_04ea, "HP-Labs"),
    (0x74_8771, "Infoblox Inc"),
    (0xa4_2305, "Open Networking Lab"),
    (0x00_049f, "Freescale"),
    (0x00_15ad, "Netronome"),
    (0x00_1018, "Broadcom"),
    (0x00_e004, "PMC-Sierra"),
    (0xd0_f0db, "Ericsson"),
];

fn services() -> impl Iterator<Item = (&'static str, u16, &'static str)> {
    SERVICES.split(';').filter_map(|entry| {
        let mut words = entry.split_whitespace();
        Some((words.next()?, words.next()?.parse().ok()?, words.next()?))
    })
}

fn letter(tcp: bool) -> char {
    if tcp { 't' } else { 'u' }
}

/// The port of a service over TCP, or else over UDP.
pub(crate) fn port_number(name: &str, tcp: bool) -> Option<u16> {
    services().find(|(known, _, over)| *known == name && over.contains(letter(tcp))).map(|found| found.1)
}

/// The name of a port, where it has one.
pub(crate) fn service(port: u16, tcp: bool) -> Option<&'static str> {
    services().find(|(_, number, over)| *number == port && over.contains(letter(tcp))).map(|(name, ..)| name)
}

/// A port as shown: by name, or where `numeric`, or where it has none, as a number.
pub(crate) fn port(port: u16, tcp: bool, numeric: bool) -> String {
    match service(port, tcp) {
        Some(name) if !numeric => name.to_owned(),
        _ => port.to_string(),
    }
}

/// The name of a protocol over IP.
pub(super) fn protocol(number: u8) -> Option<&'static str> {
    PROTOCOLS.split(' ').nth(number.into()).filter(|name| *name != "-")
}

/// The number of a protocol in `/etc/protocols`, of those that it has in common with tcpdump's own table.
pub(super) fn protocol_number(name: &str) -> Option<u32> {
    let place = PROTOCOLS.split(' ').position(|known| known == name && known != "-")?;
    u32::try_from(place).ok()
}

/// An address as shown.
pub(super) fn host(address: Ipv4Addr, numeric: bool) -> String {
    if address == Ipv4Addr::LOCALHOST && !numeric { "localhost".to_owned() } else { address.to_string() }
}

/// An Ethernet address as shown; by its maker too, unless `numeric`.
pub(super) fn station(address: MacAddress, numeric: bool) -> String {
    if numeric {
        return address.to_string();
    }
    if address == MacAddress::BROADCAST {
        return "Broadcast".to_owned();
    }
    let [a, b, c, ..] = address.0;
    let prefix = u32::from_be_bytes([0, a, b, c]);
    let maker = MAKERS.iter().find(|(known, _)| *known == prefix).map_or("Unknown", |(_, name)| name);
    format!("{address} (oui {maker})")
}
