//! `ifconfig`, as in net-tools 2.10.

mod set;
mod show;
mod steps;
mod usage;

use super::{Context, Failure, Parsed, SHOWS, Status, refused};
use set::Handle;
use show::{Interface, SHORT_HEADER};
use usage::{FAMILIES, FAMILIES_TITLE, HARDWARE, WORDS};
use vethlab_explain::journal::Effect;
use vethlab_shared::family::Family;
use vethlab_shared::view::LinkFlags;
use vethlab_shared::words::WordList;

/// How to show interfaces.
#[derive(Clone, Copy, Debug, Default)]
struct Style {
    /// Those that are down too.
    all: bool,
    /// One line each.
    short: bool,
}

/// Reads the words behind `ifconfig`.
pub(super) fn parse(words: &WordList) -> Parsed {
    let operands = words.iter().skip_while(|word| word.starts_with('-')).count();
    Parsed::once("ifconfig", words, if operands <= 1 { SHOWS } else { Effect::Alters }, run)
}

/// Runs `ifconfig`.
fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut style = Style::default();
    let options = words.iter().take_while(|word| word.starts_with('-')).count();
    let (options, words) = words.split_at(options);
    for option in options {
        match option.as_str() {
            "-a" => style.all = true,
            "-s" => style.short = true,
            "-v" => {}
            "-V" | "-version" | "--version" => {
                context.console.out("net-tools 2.10\n");
                return Ok(0);
            }
            "-?" | "-h" | "-help" | "--help" => {
                context.console.out(&[WORDS, FAMILIES_TITLE].concat());
                context.console.err(&[HARDWARE, FAMILIES].concat());
                return Ok(0);
            }
            _ => {
                let hint = "ifconfig: `--help' gives usage information.";
                let message = format!("ifconfig: option `{option}' not recognised.\n{hint}");
                return Err(Failure::exit(1, message));
            }
        }
    }
    match words {
        [] => show_all(style, context),
        [name] => show_one(cut(name), style, context),
        [name, words @ ..] => set(cut(name), words, context),
    }
}

/// A name as it fits into `struct ifreq`: 15 bytes.
fn cut(name: &str) -> &str {
    let end = (0..=name.len().min(15)).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
    &name[..end]
}

/// Every interface: links by their names, and labels that differ from them.
fn interfaces(context: &mut Context<'_>) -> Result<Vec<Interface>, Failure> {
    let failed = |error| refused(error, 1, |errno| format!("SIOCGIFCONF: {errno}"));
    let links = context.stack.links(&context.namespace).map_err(failed)?;
    let addresses = context.stack.addresses(&context.namespace, Family::Inet).map_err(failed)?;
    let mut interfaces = Vec::new();
    for link in links {
        let own = || addresses.iter().filter(|address| address.link == link.index);
        let mut names = vec![link.name.as_str().to_owned()];
        names.extend(own().map(|address| address.label.clone()));
        names.sort_by_key(|name| show::sort_key(name));
        names.dedup();
        interfaces.extend(names.into_iter().map(|name| {
            let address = own().find(|address| address.label == name).cloned();
            Interface { name, link: link.clone(), address }
        }));
    }
    interfaces.sort_by_key(|interface| show::sort_key(&interface.name));
    Ok(interfaces)
}

fn show_all(style: Style, context: &mut Context<'_>) -> Result<Status, Failure> {
    let shown: Vec<Interface> = interfaces(context)?
        .into_iter()
        .filter(|interface| style.all || interface.link.has(LinkFlags::UP))
        .collect();
    show(&shown, style, context);
    Ok(0)
}

/// The table of `netstat -i`: that of the short form, with a wider head.
pub(crate) fn interface_table(all: bool, context: &mut Context<'_>) -> Result<Status, Failure> {
    let shown: Vec<Interface> = interfaces(context)?
        .into_iter()
        .filter(|interface| all || interface.link.has(LinkFlags::UP))
        .collect();
    let head = SHORT_HEADER.replacen("Iface      ", "Iface             ", 1);
    let lines: String = shown.iter().map(Interface::short).collect();
    context.console.out(&format!("Kernel Interface table\n{head}{lines}"));
    Ok(0)
}

fn show_one(name: &str, style: Style, context: &mut Context<'_>) -> Result<Status, Failure> {
    let interfaces = interfaces(context)?;
    let base = name.split(':').next().unwrap_or_default();
    let exact = interfaces.iter().find(|interface| interface.name == name).cloned();
    // A label that nobody has still shows the link.
    let found = exact.or_else(|| {
        let link = interfaces.iter().find(|interface| interface.name == base)?.link.clone();
        Some(Interface { name: name.to_owned(), link, address: None })
    });
    let Some(interface) = found else {
        show(&[], style, context);
        let message = format!("{name}: error fetching interface information: Device not found");
        return Err(Failure::exit(1, message));
    };
    show(&[interface], style, context);
    Ok(0)
}

fn show(interfaces: &[Interface], style: Style, context: &mut Context<'_>) {
    if style.short {
        context.console.out(SHORT_HEADER);
    }
    for interface in interfaces {
        let text = if style.short { interface.short() } else { interface.to_string() };
        context.console.out(&text);
    }
}

fn set(name: &str, words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let (steps, failure) = steps::parse(name, words)?;
    let mut status = 0;
    for step in steps {
        status |= (Handle { name, context }).take(&step)?;
    }
    failure.map_or(Ok(status), Err)
}
