// SPDX-License-Identifier: GPL-3.0-or-later
//! The program of the example workflows: `app ROUNDS` does ROUNDS times the same work.

const CHECKS: u32 = 1; // a change that makes it slower makes this 3

#[inline(never)]
fn scramble(table: &mut [u64]) {
    for i in 1..table.len() {
        table[i] = (table[i] ^ table[i - 1].rotate_left(13)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[inline(never)]
fn checksum(table: &[u64], start: u64) -> u64 {
    table.iter().fold(start, |sum, value| (sum ^ value).wrapping_mul(0x0100_0000_01b3))
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
