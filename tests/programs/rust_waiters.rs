// SPDX-License-Identifier: GPL-3.0-or-later
// Threads that wait for the locks of std, for a test to look at. Says who they are, a line each:
//   thread NAME TID       function NAME ADDRESS       lock NAME ADDRESS SIZE
// and "ready". The end of stdin ends it.
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, RwLock};
use std::thread;
use std::time::Duration;

static STATIC: Mutex<u64> = Mutex::new(0);
// One each: a lock with waiters of both kinds has the value of a parked thread.
static READ: RwLock<u64> = RwLock::new(0);
static WRITTEN: RwLock<u64> = RwLock::new(0);
static N_ABOUT_TO_BLOCK: AtomicUsize = AtomicUsize::new(0);

fn about_to_block(name: &str) {
    let link = std::fs::read_link("/proc/thread-self").expect("/proc");
    let tid = link.file_name().unwrap().to_string_lossy().into_owned();
    println!("thread {name} {tid}");
    N_ABOUT_TO_BLOCK.fetch_add(1, Ordering::SeqCst);
}

// Threads other than the first that do not sleep: about to block is not blocked yet.
fn n_awake() -> usize {
    let own = std::process::id().to_string();
    std::fs::read_dir("/proc/self/task")
        .expect("/proc")
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|tid| *tid != own)
        .filter_map(|tid| std::fs::read_to_string(format!("/proc/self/task/{tid}/stat")).ok())
        .filter(|stat| !stat[stat.rfind(')').unwrap()..].starts_with(") S"))
        .count()
}

#[inline(never)]
fn contend(mutex: &Mutex<u64>, name: &str) -> u64 {
    about_to_block(name);
    let mut value = mutex.lock().unwrap();
    *value += 1;
    *value
}

fn main() {
    let boxed: &'static Mutex<u64> = Box::leak(Box::new(Mutex::new(0)));
    let pair: &'static (Mutex<bool>, Condvar) = Box::leak(Box::new((Mutex::new(false), Condvar::new())));
    let _held = STATIC.lock().unwrap();
    let _held_boxed = boxed.lock().unwrap();
    let _locked = (READ.write().unwrap(), WRITTEN.write().unwrap());
    let mut n = 0;
    let mut start = |body: Box<dyn FnOnce() + Send>| {
        n += 1;
        thread::spawn(body)
    };

    for _ in 0..3 {
        start(Box::new(|| {
            contend(&STATIC, "static");
        }));
    }
    start(Box::new(move || {
        contend(boxed, "boxed");
    }));
    start(Box::new(|| {
        about_to_block("reader");
        drop(READ.read().unwrap());
    }));
    start(Box::new(|| {
        about_to_block("writer");
        drop(WRITTEN.write().unwrap());
    }));
    start(Box::new(move || {
        about_to_block("condvar");
        let mut done = pair.0.lock().unwrap();
        while !*done {
            done = pair.1.wait_timeout(done, Duration::from_secs(3600)).unwrap().0;
        }
    }));
    let parked = start(Box::new(|| {
        about_to_block("park");
        loop {
            thread::park();
        }
    }));
    start(Box::new(move || {
        about_to_block("join");
        let _ = parked.join();
    }));
    while N_ABOUT_TO_BLOCK.load(Ordering::SeqCst) < n {
        thread::sleep(Duration::from_millis(1));
    }
    while n_awake() > 0 {
        thread::sleep(Duration::from_millis(1));
    }
    println!("function contend {:p}", contend as *const ());
    println!("lock static {:p} {}", &STATIC, std::mem::size_of_val(&STATIC));
    println!("lock boxed {:p} {}", boxed, std::mem::size_of_val(boxed));
    println!("lock read {:p} {}", &READ, std::mem::size_of_val(&READ));
    println!("lock written {:p} {}", &WRITTEN, std::mem::size_of_val(&WRITTEN));
    println!("ready");
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    std::process::exit(0);
}
