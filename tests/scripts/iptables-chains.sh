iptables -N mine
iptables -N mine
iptables -N INPUT
iptables -N -x
iptables -N ACCEPT
iptables -N LOG
iptables -N 'two words'
iptables -N a-name-that-is-much-too-long-for-it
iptables -N other
iptables -N another
iptables -A INPUT -j mine
iptables -A INPUT -g other
iptables -A mine -j other
iptables -A other -j RETURN
iptables -S
iptables -L -n
iptables -L mine
iptables -L mine -n --line-numbers
iptables -X mine
iptables -X other
iptables -X
iptables -E other INPUT
iptables -E other mine
iptables -E missing new
iptables -E other renamed
iptables -E other
iptables -S
iptables -F INPUT
iptables -F mine
iptables -X mine
iptables -X mine
iptables -v -X another
iptables -F renamed
iptables -v -X
iptables -S
iptables -X missing
iptables -X INPUT
iptables -S
