# What comes on standard input.
iptables-restore < /dev/null
iptables-restore -n --test < /dev/null
echo | iptables-restore
echo hello | iptables-restore
echo '*filter' | iptables-restore
echo '*filter' | iptables-restore --test
echo '*foo' | iptables-restore
iptables -N mine
iptables -A mine -j DROP
iptables -t nat -A OUTPUT -j RETURN
echo -e '*filter\n-A INPUT -j ACCEPT\nCOMMIT' | iptables-restore --test
iptables -S
echo -e '*filter\n-A INPUT -j ACCEPT -c 3 4\nCOMMIT' | iptables-restore -n
iptables -S
echo -e '*filter\n:INPUT DROP\n:other -\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j other\nCOMMIT' | iptables-restore
iptables -S
iptables -t nat -S
echo -e '*filter\n-A INPUT -j FOO\nCOMMIT' | iptables-restore -n --test
echo -e '*filter\n-A NONE -j DROP\nCOMMIT' | iptables-restore -n --test
echo -e '*filter\n-A NONE -j DROP\nCOMMIT' | iptables-restore -n
echo -e '*filter\n-A INPUT -j DROP\n' | iptables-restore -n --test
echo -e '*filter\n-A INPUT -j DROP\n-A INPUT --foo\nCOMMIT' | iptables-restore -n
# All of a table, or nothing.
echo -e '*filter\n-A INPUT -j DROP\n-A NONE -j DROP\nCOMMIT' | iptables-restore -n
iptables -S
# One table is done before the next is read.
echo -e '*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n*filter\n-A NONE -j DROP\nCOMMIT' | iptables-restore
iptables -S
iptables -t nat -S
echo -e '# words\n*filter\n:INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n# more' | iptables-restore -v
echo -e '*filter\n-A INPUT -i lo -j ACCEPT\nCOMMIT' | iptables-restore -v -t
echo -e '*filter\n:INPUT ACCEPT [7:8]\n[1:2] -A INPUT -i lo -j ACCEPT\nCOMMIT' | iptables-restore -c
iptables -S -v
echo -e '*filter\n:INPUT ACCEPT\nCOMMIT' | iptables-restore -c
echo -e '*raw\n-A OUTPUT -j DROP\nCOMMIT\n*filter\n-A OUTPUT -j DROP\nCOMMIT' | iptables-restore -T filter
iptables -t raw -S
iptables -S
echo -e one\\ctwo
echo
echo -e -E 'a\nb'
echo -E -ne 'a\nb\n'
