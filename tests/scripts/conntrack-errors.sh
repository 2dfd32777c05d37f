# What `conntrack` says where the words make no sense.
conntrack
conntrack -V
conntrack -h -p tcp
conntrack -h -p udp
conntrack -h -p icmp
conntrack -h -p igmp
conntrack -p tcp
conntrack -Z
conntrack -L --foo
conntrack -L -zX
conntrack -L -Xz
conntrack -L --s 1
conntrack -L --zero=5
conntrack -L --sport 1
conntrack -L -p
conntrack -L --src
conntrack -L -p foo
conntrack -L -p 256
conntrack -L -p ''
conntrack -L -p tcp --state FOO
conntrack -L -p tcp --mask-port-src 1
conntrack -L -p tcp --tuple-port-dst 1
conntrack -L -p udp --tuple-port-src 1
conntrack -L -p tcp --sport x
conntrack -L -f ipx
conntrack -L -s 300.0.0.1
conntrack -L -s foo
conntrack -L -s 10.0.0.1/33
conntrack -L -s 10.0.0.1/x
conntrack -L -r 10.0.0.0/8
conntrack -L -q 10.0.0.0/8
conntrack -L -s 10.0.0.1 -d ::1
conntrack -L -s 10.0.0.1 -f ipv6
conntrack -L --mask-src 255.0.0.0
conntrack -L --mask-dst 255.0.0.0
conntrack -L --mask-src 255.0.0.0/8 -s 10.0.0.1
conntrack -L -t 5
conntrack -L -i 5
conntrack -L -e NEW
conntrack -L -e FOO
conntrack -L -u FOO
conntrack -L -u SEEN_REPLY,
conntrack -L -u ,ASSURED
conntrack -L -u '!'
conntrack -L -u SRC_NAT
conntrack -L -u ASSURED,DST_NAT
conntrack -L -o foo
conntrack -L -o save,id
conntrack -L -o extended,foo
conntrack -L -a 1
conntrack -L -n foo
conntrack -L -n 10.0.0.1:
conntrack -L -n 10.0.0.1:99999
conntrack -L -g 10.0.0.1:x
conntrack -L -n -j
conntrack -L -g 10.0.0.1 -j
conntrack -L --tuple-src 10.0.0.1
conntrack -L foo
conntrack -L conntrack foo
conntrack -D dying
conntrack -F unconfirmed
conntrack -U expect
conntrack -A expect
conntrack -L -D
conntrack -C -C
conntrack -F -p tcp
conntrack -F -f ipv4
conntrack -C -f ipv4
conntrack -D -t 5
conntrack -D -z
conntrack -D -j
conntrack -D
conntrack -F
conntrack -C
conntrack -V -p tcp
