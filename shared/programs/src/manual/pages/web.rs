//! The pages of the programs that speak HTTP and TCP to people.

use super::{Form, Help, LONG, NONE, Page, SHORT_TOO};

pub(crate) const CURL: Page = Page {
    examples: &[
        Form("curl http://10.0.0.2:8000/", "the page that is served there"),
        Form("curl -s -o /dev/null -w '%{http_code}\\n' 10.0.0.2", "the status of the answer alone"),
    ],
    remark: "There is no resolver: the host is an address, or localhost. There are no files: -o takes /dev/null alone, and no @FILE is read. No progress meter is drawn, as at a terminal. One URL at a time. -L, -k, -u, -F, -T, -x, https and other options are not modelled.",
    help: LONG,
    ..Page::new(
        "curl",
        "ask a web server for a page",
        &[
            Form("curl [OPTIONS] URL", "print what http://HOST[:PORT]/PATH is"),
            Form("-s, -S", "no word of what goes wrong; a word all the same"),
            Form("-i, -I", "with the head of the answer; only that (HEAD)"),
            Form("-v", "say what is done, sent and received"),
            Form("-f", "an answer of status 400 and above is an error"),
            Form("-o /dev/null", "throw away what is received"),
            Form(
                "-w FORMAT",
                "print this at the end: %{http_code} %{remote_ip} %{remote_port} %{local_ip} %{local_port} %{size_download} %{time_total} %{time_connect} %{exitcode} %{errormsg} … and \\n",
            ),
            Form("-m SECONDS", "how long all may take"),
            Form("--connect-timeout SECONDS", "how long the connection may take"),
            Form("--interface LINK|ADDRESS", "by this link, or from this address"),
            Form("-H 'NAME: VALUE'", "a header; 'NAME:' takes one away"),
            Form("-d DATA, -X METHOD", "send data (POST); another method"),
            Form("-A AGENT, -e URL, -0", "say who asks; where from; HTTP/1.0"),
        ],
    )
};

pub(crate) const PYTHON3: Page = Page {
    examples: &[
        Form("python3 -m http.server 80 &", "a web server in the background"),
        Form("ip netns exec red python3 -m http.server &", "one in another namespace, at port 8000"),
    ],
    remark: "This module alone is modelled, no Python. There are no files: it serves one page, at / and /index.html, that names its namespace; -d, -p and --cgi are refused. Where Python prints a traceback, there is its last line. A condition such as If-Modified-Since is not looked at.",
    help: NONE,
    ..Page::new(
        "python3",
        "serve a page (http.server)",
        &[Form(
            "python3 -m http.server [PORT]",
            "until Ctrl-C; at port 8000, unless another is said; behind it --bind ADDRESS: at this address alone",
        )],
    )
};

pub(crate) const WGET: Page = Page {
    examples: &[
        Form("wget -qO- http://10.0.0.2:8000/", "the page that is served there"),
        Form("wget -q --spider -T 1 -t 1 10.0.0.2", "status 0 where it is there"),
    ],
    remark: "There is no resolver, and there are no files: -O takes - or /dev/null. Redirections, https and other options are not modelled.",
    help: SHORT_TOO,
    ..Page::new(
        "wget",
        "get a page from a web server",
        &[
            Form("wget [OPTIONS] -O - URL", "print what http://HOST[:PORT]/PATH is"),
            Form("-q, -nv", "say nothing; say little"),
            Form("-O -, -O /dev/null", "print the page; throw it away"),
            Form("--spider", "only ask whether it is there (HEAD)"),
            Form("-S", "show the head of the answer"),
            Form("-T SECONDS, -t TRIES", "how long to wait each time; how often to try: 20 times otherwise"),
            Form("-U AGENT, -4", "say who asks; IPv4"),
        ],
    )
};

pub(crate) const TELNET: Page = Page {
    examples: &[Form("telnet 10.0.0.2 80 </dev/null", "whether somebody answers at this port")],
    remark: "At a prompt nothing that is typed reaches the other end: lines are for the shell, and Ctrl-C ends it. Behind </dev/null it ends as soon as it is connected, as the tool does. Options of the protocol and its port 23 are not modelled.",
    help: Help { words: &["-?", "--help"], to_stdout: true, status: 0 },
    ..Page::new(
        "telnet",
        "connect to a port, and show what comes",
        &[
            Form("telnet [-4] HOST PORT", "connect; a service can be named: http"),
            Form("-b ADDRESS", "from this address"),
            Form("-c, -K", "no file of settings, no login: there are none here"),
        ],
    )
};

pub(crate) const NETSTAT: Page = Page {
    examples: &[
        Form("netstat -tln", "who takes in connections, and where"),
        Form("netstat -tan", "all sockets of TCP"),
        Form("netstat -rn", "the main table of routes"),
    ],
    remark: "Programs have no numbers here: -p shows none. -e with sockets, -s, -g, -c, IPv6 and other kinds of sockets are not modelled. 'ss', 'ip route' and 'ip -s link' show more.",
    help: SHORT_TOO,
    ..Page::new(
        "netstat",
        "show sockets, routes or links",
        &[
            Form("netstat [-t] [-u]", "sockets of TCP, of UDP, that are connected; without either all kinds"),
            Form("-l, -a", "those that listen; all"),
            Form("-n, -o, -p, -W", "no names; timers; programs; do not cut addresses"),
            Form("netstat -r [-n]", "the main table of routes; -e: other columns"),
            Form("netstat -i [-a]", "links with their counters"),
        ],
    )
};
