//! `/proc/net/arp`, from which `arp` has what it shows.

use super::show::Entry;
use crate::{Context, Failure, refused};
use vethlab_shared::family::Family;

/// The file (`arp_seq_show`, `arp_format_neigh_entry`).
pub(crate) fn text(context: &mut Context<'_>) -> Result<String, Failure> {
    let failed = |error| refused(error, 1, |errno| format!("cat: /proc/net/arp: {errno}"));
    let links = context.stack.links(&context.namespace).map_err(failed)?;
    let neighbours = context.stack.neighbours(&context.namespace, Family::Inet).map_err(failed)?;
    let mut text =
        "IP address       HW type     Flags       HW address            Mask     Device\n".to_owned();
    neighbours.iter().filter_map(|neighbour| Entry::new(neighbour, &links)).for_each(|entry| {
        text += &entry.in_file();
    });
    Ok(text)
}
