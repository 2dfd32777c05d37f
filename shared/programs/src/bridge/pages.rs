//! The pages of `bridge` and of what it works on.

use crate::ip::pages::HELP;
use crate::manual::{Form, Help, Page};

/// How `bridge` answers behind an object.
const OF_OBJECT: Help = Help { words: &["help"], to_stdout: false, status: 255 };

pub(crate) const BRIDGE: Page = Page {
    command: "bridge",
    about: "ports of bridges, and which station is behind which",
    forms: &[
        Form("bridge [-d] link", "the ports of all bridges; -d: all that is set on them"),
        Form("bridge [-s] fdb", "the forwarding databases; -s: the age of each row"),
        Form("-j, -p, -o, -c, -n NAMESPACE", "as in 'ip': JSON, a line each, colours, elsewhere"),
    ],
    remark: "Groups (mdb), virtual LANs (vlan) and 'monitor' are not modelled.",
    examples: &[Form("bridge fdb show dynamic", "what was learned")],
    help: HELP,
    objects: &[LINK, FDB],
    ..Page::NONE
};

pub(super) const LINK: Page = Page {
    command: "bridge link",
    about: "the ports of bridges",
    forms: &[
        Form("show [dev PORT]", "all ports, or one; 'bridge -d link' has more of them"),
        Form("set dev PORT hairpin on|off", "whether a frame may leave by the port that it came in by"),
        Form("… isolated on|off", "whether it gives out frames of other isolated ports"),
        Form("… learning, flood, mcast_flood, bcast_flood", "what it learns, and which frames it floods"),
        Form("… locked on|off", "whether only stations that are written down may send by it"),
        Form("… cost N, priority N, state STATE", "its place in a tree; disabled, listening, learning, …"),
    ],
    remark: "Root guards, groups, tunnels and backup ports are not modelled.",
    examples: &[Form("bridge link show", "the ports and their states")],
    help: OF_OBJECT,
    ..Page::NONE
};

pub(super) const FDB: Page = Page {
    command: "bridge fdb",
    about: "the forwarding database: which station is behind which port",
    forms: &[
        Form("show [br BRIDGE] [dev PORT] [state STATE] [dynamic]", "all rows, or some"),
        Form("add MAC dev PORT master static", "a station that is behind a port for good"),
        Form("… dynamic, sticky, use", "one that ages; one that stays there; as if it was heard"),
        Form("… permanent, self", "an address of the bridge's own; one that a link takes in"),
        Form("append …, replace …", "the same words, where there may be one already"),
        Form("delete MAC dev PORT [master]", "forget one"),
        Form("flush dev BRIDGE [brport PORT] [nopermanent|static|…]", "forget many"),
    ],
    remark: "Without 'master' a row is the link's own. 'get', vlan and words for VXLAN are not modelled.",
    examples: &[Form("bridge fdb show", "all rows, groups that links have joined too")],
    help: OF_OBJECT,
    ..Page::NONE
};
