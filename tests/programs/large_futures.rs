// SPDX-License-Identifier: GPL-3.0-or-later
// Futures that hold large arrays across awaits, polled on the stack as an async runtime does: frames of more
// than 64 KB lie between the innermost function and main. usage: large_futures [SECONDS]
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use std::time::{Duration, Instant};

// The standard one came with Rust 1.66.
fn black_box<T>(value: T) -> T {
    unsafe {
        let copy = std::ptr::read_volatile(&value);
        std::mem::forget(value);
        copy
    }
}

const VTABLE: RawWakerVTable = RawWakerVTable::new(|data| RawWaker::new(data, &VTABLE), |_| (), |_| (), |_| ());

struct YieldOnce(bool);

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

#[inline(never)]
fn work(buffer: &mut [u8], rounds: u64) -> u64 {
    let mut x = 88172645463325252u64;
    for round in 0..rounds {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        let at = (x as usize) % buffer.len();
        buffer[at] = buffer[at].wrapping_add(round as u8);
    }
    black_box(x)
}

async fn leaf() -> u64 {
    let mut page = [1u8; 4096];
    let first = work(&mut page, 20_000);
    YieldOnce(false).await;
    first.wrapping_add(work(&mut page, 20_000))
}

async fn middle() -> u64 {
    let mut large = [2u8; 70_000];
    let before = work(&mut large, 1000);
    let inner = leaf().await;
    before.wrapping_add(inner).wrapping_add(work(&mut large, 1000))
}

// Moves a large value through its own frame, as generated code often does.
#[inline(never)]
fn on_the_stack(context: &mut Context<'_>, future: Pin<&mut dyn Future<Output = u64>>) -> Poll<u64> {
    let mut scratch = [0u8; 80_000];
    work(&mut scratch, 10);
    let polled = future.poll(context);
    black_box(&scratch);
    polled
}

async fn outer(until: Instant) -> u64 {
    let mut larger = [3u8; 120_000];
    let mut sum = 0u64;
    while Instant::now() < until {
        sum = sum.wrapping_add(middle().await).wrapping_add(work(&mut larger, 100));
    }
    sum
}

fn main() {
    let seconds: f64 = std::env::args().nth(1).map_or(1.0, |text| text.parse().expect("SECONDS"));
    let waker = unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &VTABLE)) };
    let mut context = Context::from_waker(&waker);
    let mut future = outer(Instant::now() + Duration::from_secs_f64(seconds));
    let mut future = unsafe { Pin::new_unchecked(&mut future) }; // shadowed: it cannot move any more
    loop {
        if let Poll::Ready(sum) = on_the_stack(&mut context, future.as_mut()) {
            println!("{sum}");
            return;
        }
    }
}
