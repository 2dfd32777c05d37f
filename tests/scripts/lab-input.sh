# Who reads what stands on the standard input of a loop.
printf 'red\nblue\ngreen\n' > names
echo "red is known" > known
while read -r name; do
  grep -c "$name" known
  ip netns add "$name"
  bash -c 'echo "made $0"' "$name"
done < names
ip netns list | sort
{ read -r first; echo "first $first"; cat; } < names
{ read -r first; bash -c 'read -r second; echo "second $second"'; cat; } < names
while read -r name; do ip netns del "$name"; done < names
ip netns list | wc -l
cat names | { read -r one; tr a-z A-Z; cat; }
for name in $(cat names); do echo "$name"; done | while read -r name; do echo "<$name>"; done
