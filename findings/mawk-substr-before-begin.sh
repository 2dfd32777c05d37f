#!/usr/bin/env bash
# mawk 1.3.4-20200120, which is the `awk` of Debian 12, beside gawk 5.2.1 and the original awk of 2022-09-12.
#
# One would expect (POSIX, "String Functions"): substr(s, m, n) gives at most n characters.
# Seen: where m lies before the first character, mawk gives one more than was asked for: "hell" for three from -1. gawk and
# the original awk begin at the first character then, and give "hel".
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian mawk=1.3.4.20200120-3.1 gawk=1:5.2.1-2 original-awk=2022-09-12-1 libsigsegv2 libmpfr6
program='BEGIN { print substr("hello", 0, 2), substr("hello", -1, 3), substr("hello", 0), substr("hello", 2, 2) }'
expect 'mawk' 'he hell hello el' "$(mawk "$program")"
expect 'gawk' 'he hel hello el' "$(gawk "$program")"
expect 'original awk' 'he hel hello el' "$(original-awk "$program")"
verdict
