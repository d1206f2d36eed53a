// SPDX-License-Identifier: GPL-3.0-or-later
// Stacks about 30 frames deep, as Rust programs have them: generics, closures and trait objects that
// call each other. Writes a byte when it is there and goes on until it is killed.
use std::io::Write;

// The standard one came with Rust 1.66.
fn black_box<T>(value: T) -> T {
    unsafe {
        let copy = std::ptr::read_volatile(&value);
        std::mem::forget(value);
        copy
    }
}

trait Shape {
    fn visit(&self, depth: u32, next: &dyn Fn(u32) -> u64) -> u64;
}

struct Circle(u64);
struct Square(Vec<u64>);

impl Shape for Circle {
    #[inline(never)]
    fn visit(&self, depth: u32, next: &dyn Fn(u32) -> u64) -> u64 {
        let below = next(depth);
        black_box(below.wrapping_mul(31) ^ self.0)
    }
}

impl Shape for Square {
    #[inline(never)]
    fn visit(&self, depth: u32, next: &dyn Fn(u32) -> u64) -> u64 {
        let below: u64 = self.0.iter().map(|x| x.rotate_left(depth)).sum();
        black_box(below ^ next(depth))
    }
}

#[inline(never)]
fn leaf(seed: u64) -> u64 {
    let mut numbers: Vec<u64> = (0..32).map(|i| (seed ^ i).wrapping_mul(0x9e3779b97f4a7c15)).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    let text: String = numbers.iter().take(4).map(|n| n.to_string()).collect();
    black_box(text.len() as u64 + numbers[0])
}

#[inline(never)]
fn generic<T: Copy + Into<u64>>(shapes: &[Box<dyn Shape>], value: T, depth: u32) -> u64 {
    if depth == 0 {
        return leaf(value.into());
    }
    let shape = &shapes[depth as usize % shapes.len()];
    shape.visit(depth, &|at| {
        if at % 2 == 0 {
            black_box(generic::<u32>(shapes, at, at - 1)) + 1
        } else {
            black_box(generic::<u64>(shapes, u64::from(at), at - 1)) + 2
        }
    })
}

fn main() {
    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Circle(7)), Box::new(Square((0..5).collect()))];
    let mut out = std::io::stdout();
    out.write_all(b"r").and_then(|()| out.flush()).expect("stdout");
    let mut sum = 0u64;
    loop {
        sum = sum.wrapping_add(generic::<u64>(&shapes, sum, 8));
        black_box(sum);
    }
}
