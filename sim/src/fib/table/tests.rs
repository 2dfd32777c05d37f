//! A table, small or large, against the plainest one that there is.

use super::*;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Entries by prefix, the higher type of service first, then the lower metric.
type Plain = BTreeMap<(PrefixKey, Reverse<u8>, u32), Entry>;

/// A source of routes and addresses that often meet: few values in each byte of an address.
struct Draw(Pcg64Mcg);

impl Draw {
    fn below(&mut self, count: u32) -> u32 {
        self.0.next_u32() % count
    }

    fn address(&mut self) -> u32 {
        let bytes = [(); 4].map(|()| if self.below(8) == 0 { self.below(256) } else { self.below(20) * 13 });
        bytes.into_iter().fold(0, |address, byte| address << 8 | byte)
    }

    fn route(&mut self) -> (Ipv4Prefix, Entry) {
        let length = if self.below(40) == 0 { 0 } else { 1 + self.below(32) };
        let prefix = Ipv4Prefix::new(Ipv4Addr::from_bits(self.address()), length as u8).network();
        let entry = Entry {
            tos: if self.below(10) == 0 { 16 } else { 0 },
            kind: RouteKind::Unicast,
            protocol: Protocol::KERNEL,
            scope: Scope::UNIVERSE,
            metric: 1 + self.below(2),
            preferred_source: None,
            mtu: None,
            gateway: Some(Ipv4Addr::from_bits(self.below(6))),
            output: Some(IfIndex(self.below(5))),
            on_link: false,
            hop_scope: Scope::LINK,
            link_down: false,
        };
        (prefix, entry)
    }
}

fn key_of(prefix: Ipv4Prefix, entry: &Entry) -> (PrefixKey, Reverse<u8>, u32) {
    (prefix.into(), Reverse(entry.tos), entry.metric)
}

fn all(table: &Table) -> Vec<(PrefixKey, Entry)> {
    table.iter().map(|(prefix, entry)| (prefix.into(), *entry)).collect()
}

fn all_plain(plain: &Plain) -> Vec<(PrefixKey, Entry)> {
    plain.iter().map(|(&(key, ..), entry)| (key, *entry)).collect()
}

/// The prefixes that an address is in, the longest first, each with its entries.
fn matches_plain(plain: &Plain, address: u32) -> Vec<(u8, Vec<Entry>)> {
    let mut found: BTreeMap<Reverse<u8>, Vec<Entry>> = BTreeMap::new();
    for (&(key, ..), entry) in plain.iter().filter(|((key, ..), _)| key.contains(address)) {
        found.entry(Reverse(key.length())).or_default().push(*entry);
    }
    found.into_iter().map(|(Reverse(length), entries)| (length, entries)).collect()
}

fn matches_of(table: &Table, address: Ipv4Addr) -> Vec<(u8, Vec<Entry>)> {
    let first = table.longest(address);
    let all = std::iter::successors(first, |&(length, _)| table.shorter(address, length));
    all.map(|(length, entries)| (length, entries.to_vec())).collect()
}

/// Does one thing to both.
fn alter(draw: &mut Draw, growing: bool, table: &mut Table, plain: &mut Plain) {
    let (prefix, entry) = draw.route();
    let link = entry.output.unwrap_or(IfIndex(0));
    match draw.below(3000) {
        0 => {
            let is_doomed = |entry: &Entry| entry.gateway == Some(Ipv4Addr::from_bits(3));
            table.remove_all(Some(link), is_doomed);
            plain.retain(|_, entry| entry.output != Some(link) || !is_doomed(entry));
        }
        1 => {
            table.remove_all(None, |other| other.gateway == entry.gateway);
            plain.retain(|_, other| other.gateway != entry.gateway);
        }
        2 => {
            table.alter(link, |entry| !entry.link_down, |entry| entry.link_down = true);
            plain
                .values_mut()
                .filter(|entry| entry.output == Some(link))
                .for_each(|entry| entry.link_down = true);
        }
        choice if (choice < 2100) == growing => {
            let expected =
                if plain.contains_key(&key_of(prefix, &entry)) { Err(Errno::EEXIST) } else { Ok(()) };
            assert_eq!(table.insert(prefix, entry, Modify::ADD), expected);
            plain.entry(key_of(prefix, &entry)).or_insert(entry);
        }
        _ => {
            let chosen = plain.range((PrefixKey::from(prefix), Reverse(255), 0)..).next();
            let Some((&(key, Reverse(tos), metric), _)) = chosen else { return };
            let spec = Config {
                destination: key.prefix(),
                tos,
                table: 254,
                kind: RouteKind::Unspecified,
                protocol: Protocol::UNSPECIFIED,
                scope: Scope::NOWHERE,
                metric: Some(metric),
                gateway: None,
                output: None,
                preferred_source: None,
                mtu: None,
                flags: vethlab_shared::view::RouteFlags::empty(),
            };
            assert_eq!(table.delete(&spec), Ok(()));
            plain.remove(&(key, Reverse(tos), metric));
        }
    }
}

#[test]
fn a_table_finds_what_a_plain_one_finds() {
    let mut largest = 0;
    for seed in 0..6 {
        let mut draw = Draw(Pcg64Mcg::seed_from_u64(seed));
        let (mut table, mut plain) = (Table::new(254), Plain::new());
        let mut kept: Vec<(Table, Vec<(PrefixKey, Entry)>)> = Vec::new();
        for step in 0..4000 {
            alter(&mut draw, step < 2600, &mut table, &mut plain);
            for _ in 0..3 {
                let address = draw.address();
                let found = matches_of(&table, Ipv4Addr::from_bits(address));
                assert_eq!(found, matches_plain(&plain, address), "seed {seed}, step {step}, {address:x}");
            }
            let (prefix, _) = draw.route();
            let here = plain.range((PrefixKey::from(prefix), Reverse(255), 0)..);
            let here =
                here.take_while(|((key, ..), _)| *key == PrefixKey::from(prefix)).map(|(_, entry)| *entry);
            assert_eq!(table.at(prefix), here.collect::<Vec<_>>());
            if step % 500 == 0 {
                assert_eq!(all(&table), all_plain(&plain), "seed {seed}, step {step}");
                kept.push((table.clone(), all_plain(&plain)));
            }
            largest = largest.max(plain.len());
        }
        assert_eq!(all(&table), all_plain(&plain), "seed {seed}");
        for (table, routes) in kept {
            assert_eq!(all(&table), routes, "seed {seed}: a table that was kept");
        }
    }
    assert!(largest > 500, "large tables are tried: {largest}");
}
