//! The fixed texts of net-tools 2.10.

/// What `route --help` prints.
pub(super) const USAGE: &str = concat!(
    "Usage: route [-nNvee] [-FC] [<AF>]           List kernel routing tables\n",
    "       route [-v] [-FC] {add|del|flush} ...  Modify routing table for AF.\n",
    "\n",
    "       route {-h|--help} [<AF>]              Detailed usage syntax for specified AF.\n",
    "       route {-V|--version}                  Display version/author and exit.\n",
    "\n",
    "        -v, --verbose            be verbose\n",
    "        -n, --numeric            don't resolve names\n",
    "        -e, --extend             display other/more information\n",
    "        -F, --fib                display Forwarding Information Base (default)\n",
    "        -C, --cache              display routing cache instead of FIB\n",
    "\n",
    "  <AF>=Use -4, -6, '-A <af>' or '--<af>'; default: inet\n",
    "  List of possible address families (which support routing):\n",
);

/// The address families that can be routed.
pub(super) const FAMILIES: &str = concat!(
    "    inet (DARPA Internet) inet6 (IPv6) ax25 (AMPR AX.25) \n",
    "    netrom (AMPR NET/ROM) rose (AMPR ROSE) ipx (Novell IPX) \n",
    "    ddp (Appletalk DDP) x25 (CCITT X.25) \n",
);

/// What `route add` without more prints.
pub(super) const INET_USAGE: &str = concat!(
    "Usage: inet_route [-vF] del {-host|-net} Target[/prefix] [gw Gw] [metric M] [[dev] If]\n",
    "       inet_route [-vF] add {-host|-net} Target[/prefix] [gw Gw] [metric M]\n",
    "                              [netmask N] [mss Mss] [window W] [irtt I]\n",
    "                              [mod] [dyn] [reinstate] [[dev] If]\n",
    "       inet_route [-vF] add {-host|-net} Target[/prefix] [metric M] reject\n",
    "       inet_route [-FC] flush      NOT supported\n",
);
