iptables
iptables -n
iptables -Q
iptables -Qn
iptables --foo
iptables --list=INPUT
iptables --numeric=3 -L
iptables --l
iptables -L -S
iptables -L -A INPUT
iptables -A INPUT -D INPUT
iptables -A
iptables -A INPUT -j
iptables -A INPUT extra
iptables -A INPUT -- extra
iptables -A INPUT -j ACCEPT -j DROP
iptables -A INPUT -j ACCEPT --foo
iptables -A INPUT ! -j ACCEPT
iptables -A INPUT -j ACCEPT !
iptables ! -A INPUT -j ACCEPT
iptables ! -t nat -L
iptables -A INPUT ! -m tcp
iptables -A INPUT -n -j ACCEPT
iptables -A INPUT -x -j ACCEPT
iptables -D INPUT 1 -j ACCEPT
iptables -F -n
iptables -w 3 -A INPUT -j ACCEPT
iptables -w -A INPUT -j ACCEPT
iptables -w x -A INPUT -j ACCEPT
iptables -A INPUT -j a-name-that-is-much-too-long-for-it
iptables -A INPUT -j 'two words'
iptables -A INPUT -j ''
iptables -A INPUT -m a-name-that-is-much-too-long-for-it
iptables -6 -A INPUT
iptables -4 -A INPUT -j ACCEPT
iptables -V
iptables ! --version
iptables --append INPUT --protocol tcp --dport 80 --jump ACCEPT
iptables --app INPUT --proto tcp --jump DROP
iptables -AINPUT -ptcp -jACCEPT
iptables -S
