//! The network for programs that draw graphs: Graphviz and Mermaid.

use super::network::{End, Network, Part};
use std::fmt::Write;

/// The network in the DOT language (<https://graphviz.org/doc/info/lang.html>): a cluster for each namespace, a node
/// for each link, an edge for each wire, dashed where nothing passes.
pub fn dot(network: &Network) -> String {
    let mut text = String::from("graph vethlab {\n  node [shape=box, style=rounded]\n");
    for (place, namespace) in network.namespaces.iter().enumerate() {
        let title = quoted(&namespace.title());
        let _ = writeln!(text, "  subgraph cluster_{place} {{\n    label={title}");
        for number in 0..namespace.links.len() {
            let end = End { namespace: place, link: number };
            let part = network.link(end).part;
            if part == Some(Part::Bridge) {
                let name = quoted(network.link(end).name.as_str());
                let _ = writeln!(text, "    subgraph cluster_{place}_{number} {{\n    label={name}");
            }
            let label = quoted(&label(network, end, "\n"));
            let _ = writeln!(text, "    {} [label={label}]", node(end));
            if part == Some(Part::LastPort) {
                text.push_str("    }\n");
            }
        }
        text.push_str("  }\n");
    }
    for wire in &network.wires {
        let [one, other] = wire.ends.map(node);
        let style = if wire.live { "" } else { " [style=dashed]" };
        let _ = writeln!(text, "  {one} -- {other}{style}");
    }
    text.push_str("}\n");
    text
}

/// The network as a Mermaid flowchart (<https://mermaid.js.org/syntax/flowchart.html>).
pub fn mermaid(network: &Network) -> String {
    let mut text = String::from("flowchart LR\n");
    for (place, namespace) in network.namespaces.iter().enumerate() {
        let _ = writeln!(text, "  subgraph ns{place}[\"{}\"]", escaped(&namespace.title()));
        for number in 0..namespace.links.len() {
            let end = End { namespace: place, link: number };
            let part = network.link(end).part;
            if part == Some(Part::Bridge) {
                let name = escaped(network.link(end).name.as_str());
                let _ = writeln!(text, "    subgraph br{place}_{number}[\"{name}\"]");
            }
            let _ = writeln!(text, "    {}[\"{}\"]", node(end), escaped(&label(network, end, "\n")));
            if part == Some(Part::LastPort) {
                text.push_str("    end\n");
            }
        }
        text.push_str("  end\n");
    }
    for wire in &network.wires {
        let [one, other] = wire.ends.map(node);
        let line = if wire.live { "---" } else { "-.-" };
        let _ = writeln!(text, "  {one} {line} {other}");
    }
    text
}

fn node(end: End) -> String {
    format!("n{}_{}", end.namespace, end.link)
}

/// The name, the state and the notes of a link, one a line.
fn label(network: &Network, end: End, newline: &str) -> String {
    let link = network.link(end);
    let head = [link.name.to_string(), link.state.word().to_owned()];
    head.iter().chain(&link.notes).map(String::as_str).collect::<Vec<_>>().join(newline)
}

/// A string of the DOT language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// Text within a Mermaid label, which takes HTML's character references.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("<br>"),
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | '/' | '-' | '_' | '(' | ')' | ':' => {
                escaped.push(character);
            }
            other => {
                let _ = write!(escaped, "#{};", u32::from(other));
            }
        }
    }
    escaped
}
