// SPDX-License-Identifier: GPL-3.0-or-later
//! A summary as text for people and as JSON. Keys come in printable ASCII without quotes and
//! backslashes (hit.rs, route.rs and agent.rs see to it), so JSON needs no escapes.

use crate::sections::{ClientRow, RouteRow};
use crate::summary::Summary;
use crate::table::Table;

use std::fmt::Write;
use std::str;

/// Nearest rank of sorted values. 0 for none.
fn percentile(sorted: &[u32], pct: usize) -> u32 {
    if sorted.is_empty() {
        return 0;
    }
    let rank = (sorted.len() * pct + 99) / 100;
    sorted[rank.max(1) - 1]
}

fn sorted(values: &[u32]) -> Vec<u32> {
    let mut copy = values.to_vec();
    copy.sort_unstable();
    copy
}

fn all_sorted(routes: &Table<RouteRow>) -> Vec<u32> {
    let mut all = Vec::with_capacity(routes.rows().map(|(_, row)| row.took_us.len()).sum());
    for (_, row) in routes.rows() {
        all.extend_from_slice(&row.took_us);
    }
    all.sort_unstable();
    all
}

fn key_text(key: &[u8]) -> &str {
    str::from_utf8(key).expect("keys are ASCII")
}

fn n_half_hours(clients: &Table<ClientRow>) -> u64 {
    clients.rows().map(|(_, row)| u64::from(row.half_hours.count_ones())).sum()
}

pub fn json(summary: &Summary, n_top: usize) -> String {
    let mut out = String::new();
    write_json(&mut out, summary, n_top).expect("a String takes everything");
    out
}

fn write_json(out: &mut String, summary: &Summary, n_top: usize) -> std::fmt::Result {
    let traffic = &summary.traffic;
    let (first_s, last_s) =
        if summary.n_hits > 0 { (traffic.first_s, traffic.last_s) } else { (0, 0) };
    let took_us = all_sorted(&summary.routes.table);
    writeln!(out, "{{")?;
    writeln!(
        out,
        " \"lines\": {}, \"hits\": {}, \"empty\": {}, \"too_long\": {}, \"broken\": {},",
        summary.n_lines, summary.n_hits, summary.n_empty, summary.n_too_long, summary.n_broken
    )?;
    writeln!(
        out,
        " \"bytes\": {}, \"pages\": {}, \"first_s\": {}, \"last_s\": {},",
        traffic.n_bytes, traffic.n_pages, first_s, last_s
    )?;
    write!(out, " \"took_us\": {{")?;
    write_percentiles(out, &took_us)?;
    writeln!(out, "}},")?;
    write!(out, " \"hours\": [")?;
    for (hour, n) in traffic.by_hour.iter().enumerate() {
        write!(out, "{}{}", if hour > 0 { ", " } else { "" }, n)?;
    }
    writeln!(out, "],")?;
    write!(out, " \"status\": {{")?;
    let used = traffic.by_status.iter().enumerate().filter(|(_, n)| **n > 0);
    for (i, (status, n)) in used.enumerate() {
        write!(out, "{}\"{}\": {}", if i > 0 { ", " } else { "" }, status, n)?;
    }
    writeln!(out, "}},")?;
    write_routes(out, &summary.routes.table, n_top)?;
    write_clients(out, &summary.clients.table, n_top)?;
    write_counts(out, "agent_words", &summary.agents.table, n_top)?;
    writeln!(out, ",")?;
    write_counts(out, "referrers", &summary.referrers.table, n_top)?;
    writeln!(out, ",")?;
    write_counts(out, "parameters", &summary.parameters.table, n_top)?;
    writeln!(out, "\n}}")
}

fn write_percentiles(out: &mut String, sorted: &[u32]) -> std::fmt::Result {
    write!(
        out,
        "\"p50\": {}, \"p90\": {}, \"p99\": {}, \"max\": {}",
        percentile(sorted, 50),
        percentile(sorted, 90),
        percentile(sorted, 99),
        percentile(sorted, 100)
    )
}

fn write_routes(out: &mut String, routes: &Table<RouteRow>, n_top: usize) -> std::fmt::Result {
    write!(out, " \"n_routes\": {}, \"routes\": [", routes.len())?;
    for (i, (key, row)) in routes.top(n_top, |row| row.took_us.len() as u64).iter().enumerate() {
        write!(
            out,
            "{}\n  {{\"route\": \"{}\", \"hits\": {}, \"bytes\": {}, \"errors\": {}, ",
            if i > 0 { "," } else { "" },
            key_text(key),
            row.took_us.len(),
            row.n_bytes,
            row.n_errors
        )?;
        write_percentiles(out, &sorted(&row.took_us))?;
        write!(out, "}}")?;
    }
    writeln!(out, "],")
}

fn write_clients(out: &mut String, clients: &Table<ClientRow>, n_top: usize) -> std::fmt::Result {
    write!(
        out,
        " \"n_clients\": {}, \"n_half_hours\": {}, \"clients\": [",
        clients.len(),
        n_half_hours(clients)
    )?;
    for (i, (key, row)) in clients.top(n_top, |row| row.n_hits).iter().enumerate() {
        write!(
            out,
            "{}\n  {{\"client\": \"{}\", \"hits\": {}, \"pages\": {}, \"bytes\": {}, \
             \"half_hours\": {}}}",
            if i > 0 { "," } else { "" },
            key_text(key),
            row.n_hits,
            row.n_pages,
            row.n_bytes,
            row.half_hours.count_ones()
        )?;
    }
    writeln!(out, "],")
}

fn write_counts(
    out: &mut String,
    name: &str,
    table: &Table<u64>,
    n_top: usize,
) -> std::fmt::Result {
    write!(out, " \"n_{}\": {}, \"{}\": {{", name, table.len(), name)?;
    for (i, (key, n)) in table.top(n_top, |n| *n).iter().enumerate() {
        write!(out, "{}\n  \"{}\": {}", if i > 0 { "," } else { "" }, key_text(key), n)?;
    }
    write!(out, "}}")
}

pub fn text(summary: &Summary, n_top: usize) -> String {
    let mut out = String::new();
    write_text(&mut out, summary, n_top).expect("a String takes everything");
    out
}

fn write_text(out: &mut String, summary: &Summary, n_top: usize) -> std::fmt::Result {
    let took_us = all_sorted(&summary.routes.table);
    writeln!(
        out,
        "{} hits in {} lines ({} empty, {} too long, {} broken), {} bytes sent",
        summary.n_hits,
        summary.n_lines,
        summary.n_empty,
        summary.n_too_long,
        summary.n_broken,
        summary.traffic.n_bytes
    )?;
    writeln!(
        out,
        "p50 {} us, p90 {} us, p99 {} us, {} clients, {} routes",
        percentile(&took_us, 50),
        percentile(&took_us, 90),
        percentile(&took_us, 99),
        summary.clients.table.len(),
        summary.routes.table.len()
    )?;
    writeln!(out, "\n{:>9} {:>9} {:>9}  route", "hits", "p50 us", "p99 us")?;
    for (key, row) in summary.routes.table.top(n_top, |row| row.took_us.len() as u64) {
        let took_us = sorted(&row.took_us);
        writeln!(
            out,
            "{:>9} {:>9} {:>9}  {}",
            took_us.len(),
            percentile(&took_us, 50),
            percentile(&took_us, 99),
            key_text(key)
        )?;
    }
    writeln!(out, "\n{:>9} {:>9}  client", "hits", "pages")?;
    for (key, row) in summary.clients.table.top(n_top, |row| row.n_hits) {
        writeln!(out, "{:>9} {:>9}  {}", row.n_hits, row.n_pages, key_text(key))?;
    }
    for (title, table) in [
        ("agent word", &summary.agents.table),
        ("referrer", &summary.referrers.table),
        ("parameter", &summary.parameters.table),
    ] {
        writeln!(out, "\n{:>9}  {}", "count", title)?;
        for (key, n) in table.top(n_top, |n| *n) {
            writeln!(out, "{:>9}  {}", n, key_text(key))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let values: Vec<u32> = (1..=10).collect();
        assert_eq!(percentile(&values, 50), 5);
        assert_eq!(percentile(&values, 90), 9);
        assert_eq!(percentile(&values, 99), 10);
        assert_eq!(percentile(&[7], 50), 7);
        assert_eq!(percentile(&[], 50), 0);
    }
}
