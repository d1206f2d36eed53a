// SPDX-License-Identifier: GPL-3.0-or-later
//! The parts of the report. Each takes what it wants from a hit and can join with the same part of
//! another stretch of the log. Nothing depends on the order of the hits.

use crate::agent;
use crate::hit::Hit;
use crate::route;
use crate::table::Table;

pub trait Section {
    fn add(&mut self, hit: &Hit);
}

#[cfg(not(feature = "regress_repeat"))]
fn asks_for_page(hit: &Hit) -> bool {
    route::is_page(&hit.route)
}

/// The mistake: works the route out again for everyone who asks, although the hit has it.
#[cfg(feature = "regress_repeat")]
fn asks_for_page(hit: &Hit) -> bool {
    let mut route = Vec::new();
    route::normalise(&hit.target, &mut route);
    route::is_page(&route)
}

/// When and how the server answered.
pub struct Traffic {
    pub n_bytes: u64,
    pub n_pages: u64,
    pub first_s: i64,
    pub last_s: i64,
    pub by_hour: [u64; 24],
    pub by_status: [u64; 600],
}

impl Default for Traffic {
    fn default() -> Self {
        Traffic {
            n_bytes: 0,
            n_pages: 0,
            first_s: i64::MAX,
            last_s: i64::MIN,
            by_hour: [0; 24],
            by_status: [0; 600],
        }
    }
}

impl Section for Traffic {
    fn add(&mut self, hit: &Hit) {
        self.n_bytes = self.n_bytes.saturating_add(hit.n_bytes);
        self.n_pages += u64::from(asks_for_page(hit));
        self.first_s = self.first_s.min(hit.time_s);
        self.last_s = self.last_s.max(hit.time_s);
        self.by_hour[hit.time_s.rem_euclid(86400) as usize / 3600] += 1;
        self.by_status[usize::from(hit.status)] += 1;
    }
}

impl Traffic {
    pub fn join(&mut self, other: Self) {
        self.n_bytes = self.n_bytes.saturating_add(other.n_bytes);
        self.n_pages += other.n_pages;
        self.first_s = self.first_s.min(other.first_s);
        self.last_s = self.last_s.max(other.last_s);
        self.by_hour.iter_mut().zip(other.by_hour).for_each(|(sum, n)| *sum += n);
        self.by_status.iter_mut().zip(other.by_status).for_each(|(sum, n)| *sum += n);
    }
}

#[derive(Default)]
pub struct RouteRow {
    pub n_bytes: u64,
    pub n_errors: u64,
    /// One value for each hit.
    pub took_us: Vec<u32>,
}

#[derive(Default)]
pub struct Routes {
    pub table: Table<RouteRow>,
}

impl Section for Routes {
    #[inline(never)]
    fn add(&mut self, hit: &Hit) {
        let row = self.table.row(&hit.route);
        row.n_bytes = row.n_bytes.saturating_add(hit.n_bytes);
        row.n_errors += u64::from(hit.status >= 500);
        row.took_us.push(hit.took_us);
    }
}

impl Routes {
    pub fn join(&mut self, other: Self) {
        for (key, row) in other.table.into_rows() {
            let sum = self.table.row(&key);
            sum.n_bytes = sum.n_bytes.saturating_add(row.n_bytes);
            sum.n_errors += row.n_errors;
            sum.took_us.extend(row.took_us);
        }
    }
}

#[derive(Default)]
pub struct ClientRow {
    pub n_hits: u64,
    pub n_pages: u64,
    pub n_bytes: u64,
    /// Bit n: seen in the n-th half hour of a day.
    pub half_hours: u64,
}

#[derive(Default)]
pub struct Clients {
    pub table: Table<ClientRow>,
}

impl Section for Clients {
    #[inline(never)]
    fn add(&mut self, hit: &Hit) {
        let is_page = asks_for_page(hit);
        let row = self.table.row(&hit.client);
        row.n_hits += 1;
        row.n_pages += u64::from(is_page);
        row.n_bytes = row.n_bytes.saturating_add(hit.n_bytes);
        row.half_hours |= 1 << (hit.time_s.rem_euclid(86400) / 1800);
    }
}

impl Clients {
    pub fn join(&mut self, other: Self) {
        for (key, row) in other.table.into_rows() {
            let sum = self.table.row(&key);
            sum.n_hits += row.n_hits;
            sum.n_pages += row.n_pages;
            sum.n_bytes = sum.n_bytes.saturating_add(row.n_bytes);
            sum.half_hours |= row.half_hours;
        }
    }
}

/// Words of the user agents. A word counts as often as it is written.
#[derive(Default)]
pub struct Agents {
    pub table: Table<u64>,
}

impl Section for Agents {
    #[inline(never)]
    fn add(&mut self, hit: &Hit) {
        for word in agent::words(&hit.agent) {
            *self.table.row(word) += 1;
        }
    }
}

impl Agents {
    pub fn join(&mut self, other: Self) {
        for (key, n) in other.table.into_rows() {
            *self.table.row(&key) += n;
        }
    }
}

/// Hosts that sent the visitors.
#[derive(Default)]
pub struct Referrers {
    pub table: Table<u64>,
    host: Vec<u8>,
}

impl Section for Referrers {
    #[inline(never)]
    fn add(&mut self, hit: &Hit) {
        if agent::host_of(&hit.referrer, &mut self.host) {
            *self.table.row(&self.host) += 1;
        }
    }
}

impl Referrers {
    pub fn join(&mut self, other: Self) {
        for (key, n) in other.table.into_rows() {
            *self.table.row(&key) += n;
        }
    }
}

/// Names of the parameters in queries, decoded.
#[derive(Default)]
pub struct Parameters {
    pub table: Table<u64>,
    name: Vec<u8>,
}

impl Section for Parameters {
    #[inline(never)]
    fn add(&mut self, hit: &Hit) {
        for name in route::parameters(&hit.target) {
            self.name.clear();
            route::decode(name, &mut self.name);
            *self.table.row(&self.name) += 1;
        }
    }
}

impl Parameters {
    pub fn join(&mut self, other: Self) {
        for (key, n) in other.table.into_rows() {
            *self.table.row(&key) += n;
        }
    }
}
