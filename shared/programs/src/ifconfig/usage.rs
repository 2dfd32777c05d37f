//! The fixed texts of net-tools 2.10.

/// The words that `ifconfig` takes.
pub(super) const WORDS: &str = concat!(
    "Usage:\n",
    "  ifconfig [-a] [-v] [-s] <interface> [[<AF>] <address>]\n",
    "  [add <address>[/<prefixlen>]]\n",
    "  [del <address>[/<prefixlen>]]\n",
    "  [[-]broadcast [<address>]]  [[-]pointopoint [<address>]]\n",
    "  [netmask <address>]  [dstaddr <address>]  [tunnel <address>]\n",
    "  [outfill <NN>] [keepalive <NN>]\n",
    "  [hw <HW> <address>]  [mtu <NN>]\n",
    "  [[-]trailers]  [[-]arp]  [[-]allmulti]\n",
    "  [multicast]  [[-]promisc]\n",
    "  [mem_start <NN>]  [io_addr <NN>]  [irq <NN>]  [media <type>]\n",
    "  [txqueuelen <NN>]\n",
    "  [name <newname>]\n",
    "  [[-]dynamic]\n",
    "  [up|down] ...\n",
    "\n",
    "  <HW>=Hardware Type.\n",
    "  List of possible hardware types:\n",
);

/// The kinds of hardware that `ifconfig hw` knows.
pub(super) const HARDWARE: &str = concat!(
    "    loop (Local Loopback) slip (Serial Line IP) cslip (VJ Serial Line IP) \n",
    "    slip6 (6-bit Serial Line IP) cslip6 (VJ 6-bit Serial Line IP) adaptive (Adaptive Serial Line IP) \n",
    "    ash (Ash) ether (Ethernet) ax25 (AMPR AX.25) \n",
    "    netrom (AMPR NET/ROM) rose (AMPR ROSE) tunnel (IPIP Tunnel) \n",
    "    ppp (Point-to-Point Protocol) hdlc ((Cisco)-HDLC) lapb (LAPB) \n",
    "    arcnet (ARCnet) dlci (Frame Relay DLCI) frad (Frame Relay Access Device) \n",
    "    sit (IPv6-in-IPv4) fddi (Fiber Distributed Data Interface) hippi (HIPPI) \n",
    "    irda (IrLAP) ec (Econet) x25 (generic X.25) \n",
    "    eui64 (Generic EUI-64) \n",
);

/// What stands before the address families.
pub(super) const FAMILIES_TITLE: &str =
    concat!("  <AF>=Address family. Default: inet\n", "  List of possible address families:\n",);

/// The address families.
pub(super) const FAMILIES: &str = concat!(
    "    unix (UNIX Domain) inet (DARPA Internet) inet6 (IPv6) \n",
    "    ax25 (AMPR AX.25) netrom (AMPR NET/ROM) rose (AMPR ROSE) \n",
    "    ipx (Novell IPX) ddp (Appletalk DDP) ec (Econet) \n",
    "    ash (Ash) x25 (CCITT X.25) \n",
);
