iptables -A INPUT -j ACCEPT
iptables -N mine
iptables -A mine -j DROP
iptables -t nat -A OUTPUT -j RETURN
iptables-save -f both
iptables-save -t nat -f nat
iptables -A INPUT -j DROP
iptables-restore -n both
iptables -S
iptables -t nat -S
iptables-restore --noflush nat
iptables -t nat -S
iptables-restore --test both
iptables -S
iptables-restore -T nat both
iptables -S
iptables -t nat -S
iptables-restore both
iptables -S
