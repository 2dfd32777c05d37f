#!/usr/bin/env bash
# crates.io's rustyline 19.0.0, with its default features and with its feature buffer-redux.
#
# One would expect: lines that arrive at a terminal together, typed ahead or pasted without bracketed paste, are read one
# after the other, as readline and every shell do.
# Seen: with the default features each `readline` reads the terminal through a buffer of its own and drops it with what it
# holds: of three lines that arrive at once the first is read, and two are gone, without a word. With the feature
# buffer-redux, which is not among the default ones, the buffer is kept and all three are read.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"

cat >"$work/type.py" <<'END'
import os, pty, select, sys

child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = ""

def read_until(word):
    """Reads until the program has printed this word, for 20 seconds at most."""
    global seen
    while word not in seen:
        if not select.select([terminal], [], [], 20)[0]:
            sys.exit(f"no {word!r} in {seen!r}")
        try:
            seen += os.read(terminal, 1000).decode()
        except OSError:
            return

read_until("prompt 1")
os.write(terminal, b"one\rtwo\rthree\r")
read_until("got one")
os.write(terminal, b"end\r")
read_until("got end")
print(" ".join(line.split()[1] for line in seen.replace("\r", "").split("\n") if line.startswith("got ")))
END

lines() {
    rust_program "rustyline = { version = \"=19.0.0\", $1 }" <<'END'
fn main() {
    let mut editor = rustyline::DefaultEditor::new().unwrap();
    for number in 1.. {
        let line = editor.readline(&format!("prompt {number}> ")).unwrap();
        println!("got {line}");
        if line == "end" {
            return;
        }
    }
}
END
    python3 "$work/type.py" "$program"
}

expect 'lines read, with the default features' 'one end' "$(lines 'default-features = true')"
expect 'lines read, with buffer-redux' 'one two three end' "$(lines 'features = ["buffer-redux"]')"
verdict
