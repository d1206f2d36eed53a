// SPDX-License-Identifier: GPL-3.0-or-later
//! From the bytes of a log to its summary, by one thread or several.

use crate::hit::{self, Hit, Refused};
use crate::sections::{Agents, Clients, Parameters, Referrers, Routes, Section, Traffic};

use std::thread;

#[derive(Default)]
pub struct Summary {
    pub n_lines: u64,
    pub n_hits: u64,
    pub n_empty: u64,
    pub n_too_long: u64,
    pub n_broken: u64,
    pub traffic: Traffic,
    pub routes: Routes,
    pub clients: Clients,
    pub agents: Agents,
    pub referrers: Referrers,
    pub parameters: Parameters,
}

impl Summary {
    fn add(&mut self, parsed: Result<&Hit, Refused>) {
        self.n_lines += 1;
        match parsed {
            Ok(hit) => {
                self.n_hits += 1;
                self.share_out(hit);
            }
            Err(Refused::Empty) => self.n_empty += 1,
            Err(Refused::TooLong) => self.n_too_long += 1,
            Err(Refused::Broken) => self.n_broken += 1,
        }
    }

    fn sections(&mut self) -> [&mut dyn Section; 6] {
        [
            &mut self.traffic,
            &mut self.routes,
            &mut self.clients,
            &mut self.agents,
            &mut self.referrers,
            &mut self.parameters,
        ]
    }

    #[cfg(not(feature = "regress_clone"))]
    #[inline(never)]
    fn share_out(&mut self, hit: &Hit) {
        for section in self.sections() {
            section.add(hit);
        }
    }

    /// The mistake: a copy for each, although all of them only read.
    #[cfg(feature = "regress_clone")]
    #[inline(never)]
    fn share_out(&mut self, hit: &Hit) {
        for section in self.sections() {
            section.add(&hit.clone());
        }
    }

    fn join(&mut self, other: Summary) {
        self.n_lines += other.n_lines;
        self.n_hits += other.n_hits;
        self.n_empty += other.n_empty;
        self.n_too_long += other.n_too_long;
        self.n_broken += other.n_broken;
        self.traffic.join(other.traffic);
        self.routes.join(other.routes);
        self.clients.join(other.clients);
        self.agents.join(other.agents);
        self.referrers.join(other.referrers);
        self.parameters.join(other.parameters);
    }
}

/// Calls `take` with every line of `log`. What follows the last end of line is a line, too, unless
/// it is nothing.
#[cfg(not(feature = "regress_capacity"))]
#[inline(never)]
fn each_line(log: &[u8], mut take: impl FnMut(Result<&Hit, Refused>)) {
    let mut hit = Hit::default();
    for line in lines(log) {
        let parsed = hit::parse_line(line, &mut hit);
        take(parsed.map(|()| &hit));
    }
}

/// The mistake: a new record for each line, whose buffers have to grow again from nothing.
#[cfg(feature = "regress_capacity")]
#[inline(never)]
fn each_line(log: &[u8], mut take: impl FnMut(Result<&Hit, Refused>)) {
    for line in lines(log) {
        let mut hit = Hit::default();
        let parsed = hit::parse_line(line, &mut hit);
        take(parsed.map(|()| &hit));
    }
}

fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = log.strip_suffix(b"\n").unwrap_or(log);
    let n_lines = if log.is_empty() { 0 } else { usize::MAX };
    whole.split(|&b| b == b'\n').take(n_lines)
}

/// Cuts the log into at most `n` stretches of whole lines.
fn stretches(log: &[u8], n: usize) -> Vec<&[u8]> {
    let mut found = Vec::with_capacity(n);
    let mut rest = log;
    for left in (1..=n).rev() {
        let about = rest.len() / left;
        let end = rest[about..].iter().position(|&b| b == b'\n').map(|at| about + at + 1);
        let (head, tail) =
            rest.split_at(if left == 1 { rest.len() } else { end.unwrap_or(rest.len()) });
        found.push(head);
        rest = tail;
    }
    found
}

#[cfg(not(feature = "regress_lock"))]
pub fn summarise(log: &[u8], n_threads: usize) -> Summary {
    let count = |stretch: &[u8]| {
        let mut part = Summary::default();
        each_line(stretch, |parsed| part.add(parsed));
        part
    };
    if n_threads < 2 {
        return count(log);
    }
    thread::scope(|scope| {
        let workers: Vec<_> = stretches(log, n_threads)
            .into_iter()
            .map(|stretch| scope.spawn(move || count(stretch)))
            .collect();
        let mut whole = Summary::default();
        for worker in workers {
            whole.join(worker.join().expect("a worker ends"));
        }
        whole
    })
}

/// The mistake: one summary for all workers, behind a lock that is taken for every line.
#[cfg(feature = "regress_lock")]
pub fn summarise(log: &[u8], n_threads: usize) -> Summary {
    let shared = std::sync::Mutex::new(Summary::default());
    thread::scope(|scope| {
        for stretch in stretches(log, n_threads) {
            let shared = &shared;
            scope.spawn(move || {
                each_line(stretch, |parsed| shared.lock().expect("no worker fails").add(parsed))
            });
        }
    });
    let mut whole = Summary::default();
    whole.join(shared.into_inner().expect("no worker fails"));
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_whole_lines_and_miss_nothing() {
        for log in ["", "\n", "a", "a\n", "a\nbb\n\nccc", "long-line-without-end", "\n\n\n\n"] {
            for n in 1..6 {
                let parts = stretches(log.as_bytes(), n);
                assert_eq!(parts.concat(), log.as_bytes());
                let n_lines: usize = parts.iter().map(|part| lines(part).count()).sum();
                assert_eq!(n_lines, lines(log.as_bytes()).count(), "{:?} in {}", log, n);
            }
        }
    }

    #[test]
    fn the_last_line_needs_no_end() {
        assert_eq!(lines(b"").count(), 0);
        assert_eq!(lines(b"\n").count(), 1);
        assert_eq!(lines(b"a\nb").count(), 2);
        assert_eq!(lines(b"a\nb\n").count(), 2);
    }
}
