# Sourced by every script here: pinned packages in the script's temporary folder $work, private namespaces, and the
# comparison of what is seen now with what was seen when the finding was written.
set -euo pipefail
changed=0

# The packages could not be had: that says nothing about the finding.
not_tried() {
    echo "not tried: $*" >&2
    exit 2
}

# debian NAME=VERSION|NAME …: unpacks the packages below $work/debian and puts their programs and libraries first.
debian() {
    mkdir -p "$work/archive"
    chmod 755 "$work"
    if ! (cd "$work/archive" && apt-get download -qq "$@" >"$work/archive.log" 2>&1); then
        [ "$(id -u)" -ne 0 ] || apt-get update -qq >/dev/null 2>&1 || true
        (cd "$work/archive" && apt-get download -qq "$@" >"$work/archive.log" 2>&1) || not_tried "$(cat "$work/archive.log")"
    fi
    local archive
    for archive in "$work"/archive/*.deb; do dpkg -x "$archive" "$work/debian"; done
    export PATH=$work/debian/usr/sbin:$work/debian/usr/bin:$work/debian/sbin:$work/debian/bin:$PATH:/usr/sbin:/sbin
    local libraries
    libraries=lib/$(uname -m)-linux-gnu
    export LD_LIBRARY_PATH=$work/debian/usr/$libraries:$work/debian/$libraries
}

# python_packages NAME==VERSION …: a virtual environment; its interpreter is $python.
python_packages() {
    python3 -m venv "$work/python" || not_tried 'python3 -m venv'
    python=$work/python/bin/python
    "$python" -m pip install --quiet --disable-pip-version-check "$@" || not_tried "pip install $*"
}

# node_packages NAME@VERSION …: below $work/node; run programs there.
node_packages() {
    mkdir -p "$work/node"
    (cd "$work/node" && npm install --silent --no-audit --no-fund --ignore-scripts "$@") || not_tried "npm install $*"
}

# rust_program 'CRATE = "=VERSION"' …: builds the program on standard input with these dependencies; it is $program.
rust_program() {
    mkdir -p "$work/rust/src"
    {
        printf '[package]\nname = "program"\nversion = "0.0.0"\nedition = "2021"\n[profile.dev]\ndebug = false\n[dependencies]\n'
        printf '%s\n' "$@"
    } >"$work/rust/Cargo.toml"
    cat >"$work/rust/src/main.rs"
    (cd "$work/rust" && CARGO_TARGET_DIR=$work/rust/target cargo build --quiet) || not_tried "cargo build with $*"
    program=$work/rust/target/debug/program
}

# private COMMAND …: in a network and a mount namespace of its own, with an empty /run and a loopback that is up.
private() {
    local user=()
    [ "$(id -u)" -eq 0 ] || user=(--user --map-root-user)
    unshare "${user[@]}" --net --mount --propagation private -- \
        sh -c 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"' sh "$@"
}

# expect WHAT SEEN_THEN SEEN_NOW: prints what is seen now, and remembers when it is no longer what was seen then.
expect() {
    printf '%s:\n%s\n' "$1" "$(sed 's/^/    /' <<<"$3")"
    if [ "$2" != "$3" ]; then
        printf '  CHANGED, it was:\n%s\n' "$(sed 's/^/    /' <<<"$2")"
        changed=1
    fi
}

# The last line of every script.
verdict() {
    [ "$changed" -eq 0 ] || { echo 'The behaviour has changed.'; exit 1; }
    echo 'As described.'
}
