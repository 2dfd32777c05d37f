//! What `-s` adds to a link (`print_stats64` in `ip/ipaddress.c`).

use super::printer::Printer;
use vethlab_shared::view::LinkStatistics;

/// The widths that the columns have at least.
const WIDTHS: [usize; 6] = ["*X errors:".len(), 7, 6, 7, 7, 7];

/// Prints both directions. JSON gives them one object named `stats64`.
pub(super) fn print(statistics: &LinkStatistics, printer: &mut Printer) {
    let s = statistics;
    if printer.is_json() {
        printer.open_named_object("stats64");
        let receive = [
            ("bytes", s.rx_bytes),
            ("packets", s.rx_packets),
            ("errors", s.rx_errors),
            ("dropped", s.rx_dropped),
            ("over_errors", s.rx_over_errors),
            ("multicast", s.multicast),
        ];
        let send = [
            ("bytes", s.tx_bytes),
            ("packets", s.tx_packets),
            ("errors", s.tx_errors),
            ("dropped", s.tx_dropped),
            ("carrier_errors", s.tx_carrier_errors),
            ("collisions", s.collisions),
        ];
        for (name, counters) in [("rx", receive), ("tx", send)] {
            printer.open_named_object(name);
            counters.iter().for_each(|(name, value)| printer.value(name, value, ""));
            printer.close_object();
        }
        printer.close_object();
        return;
    }
    let receive = [s.rx_bytes, s.rx_packets, s.rx_errors, s.rx_dropped, s.rx_missed_errors, s.multicast];
    let send = [s.tx_bytes, s.tx_packets, s.tx_errors, s.tx_dropped, s.tx_carrier_errors, s.collisions];
    let mut widths = WIDTHS;
    for (place, width) in widths.iter_mut().enumerate() {
        let longest = receive[place].max(send[place]).to_string().len();
        *width = longest.max(*width);
    }
    direction("RX", ["missed", "mcast"], &receive, &widths, printer);
    printer.line_end();
    direction("TX", ["carrier", "collsns"], &send, &widths, printer);
}

/// One direction: a line of names and a line of numbers.
fn direction(name: &str, last: [&str; 2], values: &[u64; 6], widths: &[usize; 6], printer: &mut Printer) {
    let [first, rest @ ..] = widths;
    let titles = ["packets", "errors", "dropped", last[0], last[1]];
    printer.text(&format!("    {name}: {:>1$}", "bytes", first - 4));
    for (title, width) in titles.iter().zip(rest) {
        printer.text(&format!(" {title:>width$}"));
    }
    // The column of compressed packets, which Ethernet does not have.
    printer.text(&format!(" {:10}", ""));
    printer.line_end();
    printer.text("    ");
    for (value, width) in values.iter().zip(widths) {
        printer.text(&format!("{value:>width$} "));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;

    #[test]
    fn columns_grow_with_their_numbers() {
        let statistics =
            LinkStatistics { rx_bytes: 12_345_678_901, tx_packets: 3, ..LinkStatistics::default() };
        let mut printer = Printer::new(&Options::default());
        print(&statistics, &mut printer);
        let expected = [
            "    RX:   bytes packets errors dropped  missed   mcast           ",
            "    12345678901       0      0       0       0       0 ",
            "    TX:   bytes packets errors dropped carrier collsns           ",
            "              0       3      0       0       0       0 ",
        ];
        assert_eq!(printer.finish(), expected.join("\n"));
    }
}
