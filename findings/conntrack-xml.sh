#!/usr/bin/env bash
# Debian's conntrack 1:1.4.7-1+b2 with libnetfilter-conntrack3 1.0.9-3.
#
# One would expect: `conntrack -L -o xml` prints what `conntrack -L` prints, as an XML document.
# Seen: the state of an SCTP connection is translated with TCP's names: an ESTABLISHED association reads FIN_WAIT. ICMP
# entries lose type, code and id, so that two pings between the same hosts look the same. An empty table gives no
# document at all but nothing, which no XML reader accepts, with status 0.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian conntrack=1:1.4.7-1+b2 libnetfilter-conntrack3=1.0.9-3 libnfnetlink0 libmnl0

cat >"$work/look" <<'END'
echo "empty table: $(conntrack -L -o xml 2>/dev/null | wc -c) bytes"
conntrack -I -s 10.0.0.1 -d 10.0.0.2 -p sctp --sport 1 --dport 2 --orig-vtag 1 --reply-vtag 2 --state ESTABLISHED -t 100
conntrack -I -s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1 --dport 2 --state ESTABLISHED -t 100
conntrack -I -s 10.0.0.1 -d 10.0.0.2 -p icmp --icmp-type 8 --icmp-code 0 --icmp-id 7 -t 100
for protocol in sctp tcp icmp; do
    echo "text $protocol: $(conntrack -L -p $protocol 2>/dev/null | grep -o 'ESTABLISHED\|type=8 .*id=7 ' | head -n 1)"
    echo "xml $protocol: $(conntrack -L -p $protocol -o xml 2>/dev/null |
        grep -o '<state>[A-Z_]*\|"icmp".*</layer4></meta><meta direction="reply">')"
done
END
expect 'what is printed' 'empty table: 0 bytes
text sctp: ESTABLISHED
xml sctp: <state>FIN_WAIT
text tcp: ESTABLISHED
xml tcp: <state>ESTABLISHED
text icmp: type=8 code=0 id=7 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7
xml icmp: "icmp"></layer4></meta><meta direction="reply">' "$(private bash "$work/look" 2>/dev/null | sed 's/ *$//')"
verdict
