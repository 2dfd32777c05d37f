//! `cat` of the files that a stack can give: some below `/proc/net`, and the settings below `/proc/sys/net`.

use crate::arp::proc_file as arp;
use crate::conntrack::render::{Form, line};
use crate::route::proc_file as route;
use crate::{Context, Failure, Status, refused, sysctl, text as tools};
use std::fmt::Write;
use vethlab_shared::error::Errno;
use vethlab_shared::family::Family;
use vethlab_shared::view::LinkStatistics;

/// The files below `/proc/net` that there are.
pub(crate) const FILES: &[&str] = &[
    "/proc/net/arp",
    "/proc/net/dev",
    "/proc/net/nf_conntrack",
    "/proc/net/route",
    "/proc/sys/net/ipv4/ip_forward",
];

/// `cat FILE…`, as of coreutils.
pub(crate) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if words.is_empty() || words.iter().any(|word| word.starts_with('-')) {
        return tools::run("cat", words, context);
    }
    let mut status = 0;
    for file in words {
        match text(file, context) {
            Ok(text) => context.console.out(&text),
            Err(Failure::Exit { message, status: failed }) => {
                context.console.err(&message);
                status = failed;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(status)
}

/// What stands in a file.
pub(crate) fn text(file: &str, context: &mut Context<'_>) -> Result<String, Failure> {
    if let Some(path) = file.strip_prefix("/proc/sys/") {
        return setting(file, path, context);
    }
    // `/proc/net` is a link to `self/net`.
    let name = file.strip_prefix("/proc/net/").or_else(|| file.strip_prefix("/proc/self/net/"));
    match name {
        Some("arp") => arp::text(context),
        Some("dev") => devices(context),
        Some("nf_conntrack") => connections(context),
        Some("route") => route::text(context),
        _ if context.files.read(file).is_some() => {
            Ok(context.files.read(file).map(|text| text.to_string()).unwrap_or_default())
        }
        _ => Err(Failure::Exit {
            message: format!(
                "vethlab: '{file}' is not modelled; what is: /proc/net/arp, /proc/net/dev, /proc/net/nf_conntrack, \
                 /proc/net/route, and /proc/sys/net/… as 'sysctl -a' names it\n"
            ),
            status: 2,
        }),
    }
}

/// A setting: its path has slashes where `sysctl` has dots, and the dots of a link's name stay.
fn setting(file: &str, path: &str, context: &mut Context<'_>) -> Result<String, Failure> {
    let name = sysctl::dotted(path);
    let failed = |error| refused(error, 1, |errno| format!("cat: {file}: {errno}"));
    match context.stack.sysctl(&context.namespace, &name) {
        Ok(value) => Ok(format!("{value}\n")),
        Err(error) => {
            // What has others below it is a directory.
            let below = format!("{}.", name.trim_end_matches('.'));
            let names = context.stack.sysctl_names(&context.namespace, &below).map_err(failed)?;
            Err(failed(if names.is_empty() { error } else { Errno::EISDIR.into() }))
        }
    }
}

/// `/proc/net/nf_conntrack` (`ct_seq_show`).
fn connections(context: &mut Context<'_>) -> Result<String, Failure> {
    let failed = |error| refused(error, 1, |errno| format!("cat: /proc/net/nf_conntrack: {errno}"));
    let connections = context.stack.connections(&context.namespace, Family::Inet).map_err(failed)?;
    Ok(connections.iter().map(|connection| line(connection, Form::File)).collect())
}

/// `/proc/net/dev` (`dev_seq_show`).
fn devices(context: &mut Context<'_>) -> Result<String, Failure> {
    let failed = |error| refused(error, 1, |errno| format!("cat: /proc/net/dev: {errno}"));
    let mut text = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
"
    .to_owned();
    for link in context.stack.links(&context.namespace).map_err(failed)? {
        let LinkStatistics { rx_bytes, rx_packets, rx_errors, rx_fifo_errors, .. } = link.statistics;
        let LinkStatistics { tx_bytes, tx_packets, tx_errors, tx_dropped, tx_fifo_errors, .. } =
            link.statistics;
        let LinkStatistics { rx_dropped, rx_missed_errors, rx_over_errors, rx_frame_errors, .. } =
            link.statistics;
        let LinkStatistics { multicast, collisions, tx_carrier_errors, .. } = link.statistics;
        // Packets are compressed on no link that there is.
        let compressed = 0;
        let _ = writeln!(
            text,
            "{:>6}: {rx_bytes:7} {rx_packets:7} {rx_errors:4} {:4} {rx_fifo_errors:4} {:5} {compressed:10} {multicast:9} \
             {tx_bytes:8} {tx_packets:7} {tx_errors:4} {tx_dropped:4} {tx_fifo_errors:4} {collisions:5} \
             {tx_carrier_errors:7} {compressed:10}",
            link.name,
            rx_dropped + rx_missed_errors,
            rx_over_errors + rx_frame_errors,
        );
    }
    Ok(text)
}
