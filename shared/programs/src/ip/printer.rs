//! One pass that prints either text or JSON (`lib/json_print.c` and `lib/json_writer.c`).

use super::options::{Options, When};

/// What is coloured, and how, on a light background as on an unknown one (`enum color_attr` and `attr_colors_light` in
/// `lib/color.c`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// The name of a link.
    Link,
    /// An Ethernet address.
    Ethernet,
    /// An address or prefix of IPv4.
    Inet,
    /// A link that works.
    Up,
    /// A link that does not.
    Down,
    /// Nothing.
    None,
}

impl Colour {
    fn code(self) -> Option<u8> {
        match self {
            Colour::Link => Some(36),
            Colour::Ethernet => Some(33),
            Colour::Inet => Some(35),
            Colour::Up => Some(32),
            Colour::Down => Some(31),
            Colour::None => None,
        }
    }
}

/// Collects what a listing prints: text, or the same things as JSON.
#[derive(Debug)]
pub(crate) struct Printer {
    out: String,
    json: Option<Json>,
    colours: bool,
    line_end: &'static str,
}

/// Where a JSON writer is.
#[derive(Debug, Default)]
struct Json {
    pretty: bool,
    depth: usize,
    /// Whether something stands before the next value, so that a comma must come between.
    separate: bool,
}

impl Printer {
    /// Begins a listing; as JSON it is one array.
    pub(crate) fn new(options: &Options) -> Printer {
        let json = options.json.then(|| Json { pretty: options.pretty, ..Json::default() });
        let line_end = if options.one_line { "\\" } else { "\n" };
        // JSON has none (`check_enable_color`).
        let colours = options.colour == When::Always && json.is_none();
        let mut printer = Printer { out: String::new(), json, colours, line_end };
        printer.begin_array();
        printer
    }

    /// Ends the listing.
    pub(crate) fn finish(mut self) -> String {
        if self.json.is_some() {
            self.end_array();
            self.out.push('\n');
        }
        self.out
    }

    /// Whether this is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json.is_some()
    }

    /// Text that JSON does not have.
    pub(crate) fn text(&mut self, text: &str) {
        if self.json.is_none() {
            self.out.push_str(text);
        }
    }

    /// The end of a line within one entry: a backslash with `-o` (`print_nl`).
    pub(crate) fn line_end(&mut self) {
        self.text(self.line_end);
    }

    /// A string: in JSON its value under a name, else the text.
    pub(crate) fn string(&mut self, name: &str, value: &str, text: &str) {
        if self.json.is_some() {
            self.name(name);
            self.put_string(value);
        } else {
            self.out.push_str(text);
        }
    }

    /// The same with what stands before it in text, which has no colour (`print_color_string`).
    pub(crate) fn coloured(&mut self, colour: Colour, name: &str, value: &str, before: &str, text: &str) {
        let code = colour.code().filter(|_| self.colours);
        match code {
            Some(code) => self.string(name, value, &format!("{before}\x1b[{code}m{text}\x1b[0m")),
            None => self.string(name, value, &format!("{before}{text}")),
        }
    }

    /// A number, true, false or null: in JSON its value under a name, else the text.
    pub(crate) fn value(&mut self, name: &str, value: impl std::fmt::Display, text: &str) {
        if self.json.is_some() {
            self.name(name);
            self.put(&value.to_string());
        } else {
            self.out.push_str(text);
        }
    }

    /// An element of an array of strings: the text where this is not JSON.
    pub(crate) fn element(&mut self, value: &str, text: &str) {
        if self.json.is_some() {
            self.put_string(value);
        } else {
            self.out.push_str(text);
        }
    }

    /// Begins an object that is an element.
    pub(crate) fn open_object(&mut self) {
        self.begin('{');
    }

    /// Begins an object that has a name.
    pub(crate) fn open_named_object(&mut self, name: &str) {
        self.name(name);
        self.begin('{');
    }

    /// Ends an object.
    pub(crate) fn close_object(&mut self) {
        self.end('}');
    }

    /// Begins an array; the text where this is not JSON.
    pub(crate) fn open_array(&mut self, name: &str, text: &str) {
        self.text(text);
        self.name(name);
        self.begin_array();
    }

    /// Ends an array; the text where this is not JSON.
    pub(crate) fn close_array(&mut self, text: &str) {
        self.text(text);
        self.end_array();
    }

    fn begin_array(&mut self) {
        self.begin('[');
        if self.json.as_ref().is_some_and(|json| json.pretty) {
            self.out.push(' ');
        }
    }

    fn end_array(&mut self) {
        if let Some(json) = &mut self.json {
            if json.pretty && json.separate {
                self.out.push(' ');
            }
            json.separate = false;
        }
        self.end(']');
    }

    fn name(&mut self, name: &str) {
        self.separate();
        self.new_line();
        let Some(json) = &mut self.json else { return };
        json.separate = false;
        let space = if json.pretty { " " } else { "" };
        self.out.push_str(&format!("\"{name}\":{space}"));
    }

    fn put(&mut self, value: &str) {
        self.separate();
        self.out.push_str(value);
    }

    fn put_string(&mut self, value: &str) {
        self.separate();
        self.out.push('"');
        for character in value.chars() {
            match character {
                '\t' => self.out.push_str("\\t"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '"' | '\\' => self.out.extend(['\\', character]),
                other => self.out.push(other),
            }
        }
        self.out.push('"');
    }

    fn begin(&mut self, bracket: char) {
        self.separate();
        let Some(json) = &mut self.json else { return };
        json.depth += 1;
        json.separate = false;
        self.out.push(bracket);
    }

    fn end(&mut self, bracket: char) {
        let Some(json) = &mut self.json else { return };
        json.depth = json.depth.saturating_sub(1);
        if json.separate {
            self.new_line();
        }
        self.out.push(bracket);
        self.json.iter_mut().for_each(|json| json.separate = true);
    }

    fn separate(&mut self) {
        let Some(json) = &mut self.json else { return };
        if json.separate {
            self.out.push(',');
        }
        json.separate = true;
    }

    fn new_line(&mut self) {
        let Some(json) = self.json.as_ref().filter(|json| json.pretty) else { return };
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("    ", json.depth));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(options: &Options) -> String {
        let mut printer = Printer::new(options);
        printer.open_object();
        printer.value("ifindex", 1, "1: ");
        printer.open_array("flags", "<");
        printer.element("UP", "UP,");
        printer.element("B\"", "B");
        printer.close_array("> ");
        printer.open_array("addr_info", "");
        printer.close_array("");
        printer.close_object();
        printer.text("\n");
        printer.finish()
    }

    #[test]
    fn the_same_calls_give_text_or_json() {
        let options = Options::default();
        assert_eq!(sample(&options), "1: <UP,B> \n");
        let json = Options { json: true, ..options };
        assert_eq!(sample(&json), "[{\"ifindex\":1,\"flags\":[\"UP\",\"B\\\"\"],\"addr_info\":[]}]\n");
        let pretty = Options { pretty: true, ..json };
        let text = "[ {\n        \"ifindex\": 1,\n        \"flags\": [ \"UP\",\"B\\\"\" ],\n        \"addr_info\": [ ]\n    } ]\n";
        assert_eq!(sample(&pretty), text);
    }
}
