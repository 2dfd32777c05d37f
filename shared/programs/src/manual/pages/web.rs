//! The pages of the programs that speak HTTP and TCP to people.

use super::{Form, LONG, NONE, Page};

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
        &[
            Form("python3 -m http.server [PORT]", "until Ctrl-C; at port 8000, unless another is said"),
            Form("-b ADDRESS, --bind ADDRESS", "at this address alone"),
        ],
    )
};
