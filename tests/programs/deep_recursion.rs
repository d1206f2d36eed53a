// SPDX-License-Identifier: GPL-3.0-or-later
// A stack thousands of frames deep, with work at every level. usage: deep_recursion [SECONDS [DEPTH]]
use std::time::{Duration, Instant};

// The standard one came with Rust 1.66.
fn black_box<T>(value: T) -> T {
    unsafe {
        let copy = std::ptr::read_volatile(&value);
        std::mem::forget(value);
        copy
    }
}

struct Tree {
    value: u64,
    child: Option<Box<Tree>>,
}

fn build(depth: u32) -> Option<Box<Tree>> {
    let mut tree = None;
    for value in 0..depth {
        tree = Some(Box::new(Tree { value: u64::from(value), child: tree }));
    }
    tree
}

#[inline(never)]
fn work(seed: u64) -> u64 {
    let mut x = seed | 1;
    for _ in 0..4000 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    black_box(x)
}

#[inline(never)]
fn visit(tree: &Tree, until: Instant) -> u64 {
    let mine = work(tree.value);
    if Instant::now() >= until {
        return mine;
    }
    let below = match &tree.child {
        Some(child) => visit(child, until),
        None => 0,
    };
    black_box(mine.wrapping_add(below)) // used after the call: no tail call
}

// The default way of dropping would recurse; so does this program, but where it means to.
fn take_apart(mut tree: Option<Box<Tree>>) {
    while let Some(mut node) = tree {
        tree = node.child.take();
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().map_or(1.0, |text| text.parse().expect("SECONDS"));
    let depth: u32 = arguments.next().map_or(5000, |text| text.parse().expect("DEPTH"));
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let tree = build(depth);
    let mut sum = 0u64;
    while Instant::now() < until {
        if let Some(root) = &tree {
            sum = sum.wrapping_add(visit(root, until));
        }
    }
    take_apart(tree);
    println!("{sum}");
}
