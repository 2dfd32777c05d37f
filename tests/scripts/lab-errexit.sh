# With set -e, set -u and pipefail, within shells of their own.
bash -c 'set -e; echo one; false; echo two'; echo "status $?"
bash -c 'set -e; false || echo caught; if false; then :; fi; echo on; (exit 4); echo never'; echo "status $?"
bash -c 'set -u; echo ${x:-none}; echo $x; echo never' 2>/dev/null; echo "more than 0: $(( $? > 0 ))"
bash -c 'set -o pipefail; false | true; echo $?; true | true; echo $?'
bash -c 'trap "echo cleaned" EXIT; ip netns add red; exit 2'; echo "status $?"
bash -ec 'ip netns add blue; ip netns add blue; echo never' 2>/dev/null; echo "status $?"
ip netns list | sort
bash -c 'f() { return 7; }; f; echo $?; g() { local v=in; echo $v; }; v=out; g; echo $v'
export GREETING=hello
bash -c 'echo $GREETING $#  $0 $1' name word
GREETING=bye bash -c 'echo $GREETING'; echo $GREETING
sh -c 'for i in 1 2; do echo $i; done | tac'
