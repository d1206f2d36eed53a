// SPDX-License-Identifier: GPL-3.0-or-later
//! The program of the example workflows: `app ROUNDS` does ROUNDS times the same work.

const CHECKS: u32 = 1; // a change that makes it slower makes this 3

// Plain arithmetic, so that nothing of the standard library is inlined into the two: a release build lets it overflow.
#[inline(never)]
fn scramble(table: &mut [u64]) {
    for i in 1..table.len() {
        table[i] = (table[i] ^ (table[i - 1] << 13)) * 0x9e37_79b9_7f4a_7c15 + i as u64;
    }
}

#[inline(never)]
fn checksum(table: &[u64], start: u64) -> u64 {
    let mut sum = start;
    let mut i = 0;
    while i < table.len() {
        sum = (sum ^ table[i]) * 0x0100_0000_01b3;
        i += 1;
    }
    sum
}

fn main() {
    let rounds: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut table: Vec<u64> = (0..400_000).collect();
    let mut sum = 0;
    for _ in 0..rounds {
        scramble(&mut table);
        for check in 0..CHECKS {
            sum ^= checksum(&table, u64::from(check));
        }
    }
    println!("sum {sum:x}");
}
