// SPDX-License-Identifier: GPL-3.0-or-later
// Asynchronous code and code behind pointers.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

struct Quiet;

impl Wake for Quiet {
    fn wake(self: Arc<Self>) {} //@ beta::tasks wake
}

pub struct Countdown(pub u32);

impl Future for Countdown {
    type Output = u32;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<u32> { //@ beta::tasks poll
        if self.0 == 0 {
            return Poll::Ready(7);
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

pub async fn count(n: u32) -> u32 { //@ beta::tasks count any
    Countdown(n).await + 1
}

pub async fn count_twice<F: Fn(u32) -> u32>(n: u32, f: F) -> u32 { //@ beta::tasks count_twice any
    let first = count(n).await;
    let g = |x| f(x); //@ beta::tasks count_twice closure
    g(first) + count(n).await
}

pub fn block_on<F: Future>(future: F) -> F::Output { //@ beta::tasks block_on
    let waker: Waker = Arc::new(Quiet).into();
    let mut context = Context::from_waker(&waker);
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

pub type Handler = Box<dyn Fn(u32) -> u32>;

pub fn handlers(add: u32) -> Vec<Handler> { //@ beta::tasks handlers
    vec![
        Box::new(move |x| x + add), //@ beta::tasks handlers closure
        Box::new(plain),
        Box::new(|x| x * 2), //@ beta::tasks handlers closure
    ]
}

fn plain(x: u32) -> u32 { //@ beta::tasks plain
    x ^ 5
}

pub extern "C" fn callback(x: u32) -> u32 { //@ beta::tasks callback
    x.rotate_left(3)
}
