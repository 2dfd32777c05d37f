//! The figures of PERFORMANCE.md: every workload in turn, round after round, and the medians as a table in Markdown.
//!
//! `cargo run --release -p vethlab-tests --example figures`
//!
//! With `--before FOLDER` the programs of another build are measured in the same rounds: the folder is its
//! `target/release`. To keep all on one core: `taskset -c 1 cargo run …`.

use clap::Parser;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;
use vethlab_tests::workload::Result;

#[derive(Parser)]
struct Arguments {
    /// How many times each figure is measured; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// A build to compare with: a folder that holds `vethlab` and `examples`.
    #[arg(long)]
    before: Option<PathBuf>,
    /// Only workloads whose name holds this text.
    #[arg(long, default_value = "")]
    only: String,
    /// The figures that need the real stack, too.
    #[arg(long)]
    real: bool,
}

/// The programs of one build, and files that they read.
struct Build<'a> {
    folder: &'a Path,
    scripts: &'a Path,
}

/// How a figure is measured.
type Measure = Box<dyn Fn(&Build<'_>) -> Result<f64>>;

/// A row of the table.
struct Row {
    name: String,
    /// What the figure counts.
    unit: &'static str,
    /// It takes too long, or for ever, with the build that is compared with.
    only_now: bool,
    measure: Measure,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build =
        ["build", "--release", "--quiet", "-p", "vethlab", "-p", "vethlab-tests", "--bins", "--examples"];
    // With the profile of a release that takes minutes; the variables CARGO_PROFILE_RELEASE_* make it short.
    eprintln!("building");
    succeed(Command::new(cargo).args(build))?;
    let now = env::current_exe()?;
    let now = now.ancestors().nth(2).ok_or("this program lies in a folder examples")?;
    let scripts = TempDir::new()?;
    let mut rows = rows();
    if arguments.real {
        rows.extend(real_rows());
    }
    rows.retain(|row| row.name.contains(&arguments.only));

    let mut measured: BTreeMap<(usize, bool), Vec<f64>> = BTreeMap::new();
    for round in 1..=arguments.rounds {
        for (number, row) in rows.iter().enumerate() {
            eprintln!("round {round}: {}", row.name);
            let before = arguments.before.as_deref().filter(|_| !row.only_now);
            for (is_before, folder) in [(true, before), (false, Some(now))] {
                let Some(folder) = folder else { continue };
                let build = Build { folder, scripts: scripts.path() };
                measured.entry((number, is_before)).or_default().push((row.measure)(&build)?);
            }
        }
    }
    let mut median = |number, is_before| measured.remove(&(number, is_before)).map(median);
    let mut table = "| workload | in | before | now | before / now |\n|---|---|---|---|---|\n".to_owned();
    for (number, row) in rows.iter().enumerate() {
        let (before, now) = (median(number, true), median(number, false));
        let times = before.zip(now).map(|(before, now)| before / now);
        writeln!(
            table,
            "| {} | {} | {} | {} | {} |",
            row.name,
            row.unit,
            show(before),
            show(now),
            show(times)
        )?;
    }
    print!("{table}");
    Ok(())
}

/// What the simulator and the programs take.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (routers, pings) in [(0, 50_000), (8, 20_000), (32, 5000), (64, 3000)] {
        let command = format!("chain --routers {routers} --pings {pings} --floor");
        rows.push(floor(format!("chain, N = {routers}"), command));
    }
    let name = "chain, N = 32, with 1 000 routes more";
    rows.push(floor(name, "chain --routers 32 --pings 5000 --filler 1000 --floor"));
    for links in [10, 100, 1000] {
        rows.push(floor(
            format!("router, K = {links}"),
            format!("router --links {links} --pings 10000 --floor"),
        ));
    }
    for hosts in [10, 100, 1000] {
        let command = format!("bridge --hosts {hosts} --pings 20000 --floor");
        rows.push(Row { only_now: true, ..floor(format!("bridge, {hosts} hosts"), command) });
        let name = format!("bridge, {hosts} hosts, the first round with its ARP floods");
        let command = format!("bridge --hosts {hosts} --pings 20");
        rows.push(row(name, "ms", true, move |build| {
            Ok(1e3 * json(build, &command)?.number("first_round_cpu_seconds")?)
        }));
    }
    for count in [1000, 10_000, 100_000] {
        let row = floor(format!("setup, K = {count}"), format!("setup --namespaces {count} --floor"));
        rows.push(Row { only_now: count > 1000, ..row });
    }
    for count in [1000, 100_000] {
        let command = format!("setup --namespaces {count}");
        let name = format!("setup, K = {count}, memory a namespace");
        let row = each(name, "KiB", &command, "rss_grown_kib", "namespaces", 1.0);
        rows.push(Row { only_now: count > 1000, ..row });
    }
    for prefixes in [4, 1000, 100_000, 1_000_000] {
        let command = format!("lookup --prefixes {prefixes}");
        rows.push(floor(format!("lookup, {prefixes} prefixes"), format!("{command} --floor")));
        let name = format!("lookup, {prefixes} prefixes, one of them written");
        rows.push(each(name, "ns", &command, "insert_seconds", "prefixes", 1e9));
    }
    let command = "lookup --prefixes 1000000 --lookups 20";
    let name = "lookup, 1000000 prefixes, first write after a moment";
    rows.push(row(name, "ms", false, move |build| {
        Ok(1e3 * json(build, command)?.number("write_after_moment_seconds")?)
    }));
    rows.push(floor("explain, events taken after each ping", "chain --pings 2000 --events --floor"));
    rows.push(floor("explain, a moment kept after each ping", "chain --pings 1000 --checkpoints --floor"));
    let command = "chain --pings 1000 --checkpoints";
    rows.push(each("explain, memory a moment", "KiB", command, "rss_grown_kib", "pings", 1.0));
    rows.push(floor("frame, built and verified", "frame --floor"));
    rows.push(each(
        "grading, an answer on one core",
        "µs",
        "grade --answers 1000",
        "seconds",
        "answers",
        1e6,
    ));
    rows.push(row("vethlab list, as a process", "times --help", false, |build| {
        let of = |word| average(20, || process(Command::new(build.folder.join("vethlab")).arg(word)));
        Ok(of("list")? / of("--help")?)
    }));
    for count in [100, 300, 1000, 10_000] {
        let name = format!("vethlab run, a script of {count} namespaces");
        rows.push(row(name, "µs a namespace", count > 1000, move |build| {
            Ok(1e6 * run(build, "sim", count)?)
        }));
    }
    rows
}

/// What is held beside the kernel.
fn real_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    // The kernel keeps 1 024 neighbours for all namespaces together (`gc_thresh3`), and the router's hosts take two a link.
    for command in ["chain --routers 32 --pings 2000", "router --links 400 --pings 2000"] {
        let name = format!("{command}, the kernel's time");
        rows.push(row(name, "times sim's", false, move |build| {
            let seconds = |stack| json(build, &format!("{command} --stack {stack}"))?.number("cpu_seconds");
            Ok(seconds("real")? / seconds("sim")?)
        }));
    }
    for count in [100, 300, 1000] {
        let name = format!("vethlab run --stack real, a script of {count} namespaces");
        rows.push(row(name, "times ip -batch", count > 100, move |build| {
            Ok(run(build, "real", count)? / ip_batch(build, count)?)
        }));
    }
    rows
}

fn row(
    name: impl Into<String>,
    unit: &'static str,
    only_now: bool,
    measure: impl Fn(&Build<'_>) -> Result<f64> + 'static,
) -> Row {
    Row { name: name.into(), unit, only_now, measure: Box::new(measure) }
}

/// What an example tells as a multiple of its floor.
fn floor(name: impl Into<String>, command: impl Into<String>) -> Row {
    let command = command.into();
    row(name, "times the floor", false, move |build| json(build, &command)?.number("ratio"))
}

/// What an example tells of all, for each one, in a unit of which there are so many.
fn each(
    name: impl Into<String>,
    unit: &'static str,
    command: &str,
    all: &'static str,
    count: &'static str,
    units: f64,
) -> Row {
    let command = command.to_owned();
    row(name, unit, false, move |build| {
        let line = json(build, &command)?;
        Ok(units * line.number(all)? / line.number(count)?)
    })
}

/// The line of JSON that an example prints.
struct Line(Value);

impl Line {
    fn number(&self, key: &str) -> Result<f64> {
        Ok(self.0[key].as_f64().ok_or_else(|| format!("no number '{key}' in {}", self.0))?)
    }
}

fn json(build: &Build<'_>, command: &str) -> Result<Line> {
    let mut words = command.split(' ');
    let program = build.folder.join("examples").join(words.next().unwrap_or_default());
    let output = Command::new(&program).args(words).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{} {command}: {}", program.display(), output.status).into());
    }
    Ok(Line(serde_json::from_slice(&output.stdout)?))
}

/// Seconds a namespace that `vethlab run` takes for a script of so many.
fn run(build: &Build<'_>, stack: &str, count: usize) -> Result<f64> {
    let script = build.scripts.join(format!("{count}.sh"));
    let namespaces = (0..count).map(|number| {
        let name = |line: &String| format!("ip -n n{number} {line}\n");
        let outside = outside(number).iter().map(|line| format!("ip {line}\n")).collect::<String>();
        outside + &inside(number).iter().map(name).collect::<String>()
    });
    fs::write(&script, namespaces.collect::<String>())?;
    let vethlab = build.folder.join("vethlab");
    let spent = if stack == "real" { elapsed } else { process };
    Ok(spent(Command::new(vethlab).args(["run", "--stack", stack]).arg(script))? / count as f64)
}

/// Seconds a namespace that the installed `ip` takes for the same, apart from what is there: a batch outside, and one
/// within each namespace, which a batch cannot change.
fn ip_batch(build: &Build<'_>, count: usize) -> Result<f64> {
    let lines = |lines: [String; 4]| lines.join("\n") + "\n";
    fs::write(
        build.scripts.join("outside"),
        (0..count).map(|number| lines(outside(number))).collect::<String>(),
    )?;
    for number in 0..count {
        fs::write(build.scripts.join(format!("n{number}")), inside(number).join("\n") + "\n")?;
    }
    let script = "mount -t tmpfs tmpfs /run && ip -batch outside && \
        for name in $(seq -f n%.0f 0 $(($0 - 1))); do ip -n $name -batch $name || exit; done";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--mount", "sh", "-c", script, &count.to_string()]);
    Ok(elapsed(command.current_dir(build.scripts))? / count as f64)
}

/// What makes a namespace of a star, and its pair.
fn outside(number: usize) -> [String; 4] {
    [
        format!("netns add n{number}"),
        format!("link add v{number} type veth peer name eth0 netns n{number}"),
        format!("addr add 10.{}.{}.1/24 dev v{number}", number / 250, number % 250),
        format!("link set v{number} up"),
    ]
}

/// What is done within it.
fn inside(number: usize) -> [String; 3] {
    let (high, low) = (number / 250, number % 250);
    [
        format!("addr add 10.{high}.{low}.2/24 dev eth0"),
        "link set eth0 up".to_owned(),
        format!("route add default via 10.{high}.{low}.1"),
    ]
}

/// Seconds of the processor that a process takes, together with those that it starts.
fn process(command: &mut Command) -> Result<f64> {
    let spent = || -> Result<f64> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
        Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
    };
    let before = spent()?;
    succeed(command.stdout(Stdio::null()))?;
    Ok(spent()? - before)
}

/// Seconds until a process ends: what it asks of the kernel is partly waited for.
fn elapsed(command: &mut Command) -> Result<f64> {
    let began = Instant::now();
    succeed(command.stdout(Stdio::null()))?;
    Ok(began.elapsed().as_secs_f64())
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

fn average(times: usize, mut measure: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut sum = 0.0;
    for _ in 0..times {
        sum += measure()?;
    }
    Ok(sum / times as f64)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { values[middle - 1].midpoint(values[middle]) } else { values[middle] }
}

/// Three digits at least; a dash where there is nothing.
fn show(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value >= 100.0 => format!("{value:.0}"),
        Some(value) if value >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.2}"),
    }
}
