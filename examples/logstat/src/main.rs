// SPDX-License-Identifier: GPL-3.0-or-later
//! logstat: summarises a web access log (combined format plus the time taken, in seconds).
//!
//!     logstat gen [--seed N] [--mb N] > access.log       a log made of nothing but the seed
//!     logstat report [--json] [--top N] [--threads N] [FILE]
//!
//! It is the program of the rustscope demo. A feature (`cargo build --features NAME`, or
//! `rustc --cfg 'feature="NAME"'`) builds in one mistake of the kind that passes a review. What is
//! printed stays the same to the byte. What it costs, approximately: CPU time against the plain
//! build, median ratio of 40 interleaved rounds, rustc 1.95 -O, 10 MB, seed 1, one thread, on a
//! virtual machine with two cores that was busy with other work. Measure again where it matters.
//!
//!     regress_clone     1.5   summary.rs   a copy of the record for each section
//!     regress_list      1.5   table.rs     a hash map replaced by a list
//!     regress_capacity  1.3   summary.rs   buffers made anew for each line instead of reused
//!     regress_repeat    1.3   sections.rs  a path normalised three times instead of once
//!     regress_decode    1.2   route.rs     characters removed from the front of a string
//!     regress_lock      -     summary.rs   a lock per line. Nothing with one thread; wall time
//!                                          with --threads 2 came out between 1.0 (busy cores)
//!                                          and 1.4 (less busy ones), so do not build on it
//!
//! Floors: main > report > summary > sections > table, hit > route, agent. gen stands alone.

mod agent;
mod gen;
mod hit;
mod report;
mod route;
mod sections;
mod summary;
mod table;

use std::fs;
use std::io::{self, Read, Write};
use std::process::ExitCode;

const USAGE: &str = "usage: logstat gen [--seed N] [--mb N]\n       \
                     logstat report [--json] [--top N] [--threads N] [FILE]\n";

const MAX_MB: u64 = 1024;
const MAX_TOP: u64 = 1_000_000;
const MAX_THREADS: u64 = 64;

enum Failure {
    Usage,
    Io(String, io::Error),
}

struct ReportOptions {
    json: bool,
    top: usize,
    n_threads: usize,
    file: Option<String>,
}

fn main() -> ExitCode {
    let args: Vec<String> =
        std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let outcome = match args.first().map(String::as_str) {
        Some("gen") => run_gen(&args[1..]),
        Some("report") => run_report(&args[1..]),
        _ => Err(Failure::Usage),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage) => {
            let _ = io::stderr().write_all(USAGE.as_bytes());
            ExitCode::from(2)
        }
        Err(Failure::Io(what, error)) => {
            let _ = writeln!(io::stderr(), "logstat: {}: {}", what, error);
            ExitCode::from(1)
        }
    }
}

fn number(text: Option<&String>, low: u64, high: u64) -> Result<u64, Failure> {
    match text.and_then(|t| t.parse::<u64>().ok()) {
        Some(value) if value >= low && value <= high => Ok(value),
        _ => Err(Failure::Usage),
    }
}

fn run_gen(args: &[String]) -> Result<(), Failure> {
    let (mut seed, mut n_mb) = (1, 10);
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--seed" => seed = number(rest.next(), 0, u64::MAX)?,
            "--mb" => n_mb = number(rest.next(), 0, MAX_MB)?,
            _ => return Err(Failure::Usage),
        }
    }
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    gen::write_log(&mut out, seed, n_mb * 1_000_000)
        .and_then(|()| out.flush())
        .map_err(|error| Failure::Io("standard output".into(), error))
}

fn parse_report_options(args: &[String]) -> Result<ReportOptions, Failure> {
    let mut options = ReportOptions { json: false, top: 10, n_threads: 1, file: None };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--json" => options.json = true,
            "--top" => options.top = number(rest.next(), 0, MAX_TOP)? as usize,
            "--threads" => options.n_threads = number(rest.next(), 1, MAX_THREADS)? as usize,
            "-" => options.file = None,
            name if !name.starts_with('-') => options.file = Some(name.to_string()),
            _ => return Err(Failure::Usage),
        }
    }
    Ok(options)
}

fn run_report(args: &[String]) -> Result<(), Failure> {
    let options = parse_report_options(args)?;
    let log = match &options.file {
        Some(name) => fs::read(name).map_err(|error| Failure::Io(name.clone(), error))?,
        None => {
            let mut bytes = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| Failure::Io("standard input".into(), error))?;
            bytes
        }
    };
    let summary = summary::summarise(&log, options.n_threads);
    let text = if options.json {
        report::json(&summary, options.top)
    } else {
        report::text(&summary, options.top)
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::Io("standard output".into(), error))
}
