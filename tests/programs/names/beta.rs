// SPDX-License-Identifier: GPL-3.0-or-later
// A dependency that implements what alpha declares.
use alpha::shapes::round::Circle;
use alpha::Measure;

#[path = "beta_tasks.rs"]
pub mod tasks;

pub struct Guard(pub String); //@ beta Guard type

impl Drop for Guard {
    fn drop(&mut self) { //@ beta drop
        alpha::DROPS.fetch_add(self.0.len() as u64, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Measure for Guard {
    fn measure(&self) -> u64 { //@ beta measure
        self.0.len() as u64
    }
    fn twice(&self) -> u64 { //@ beta twice
        self.measure() + 2
    }
}

pub trait Shout {
    fn shout(&self) -> String;
}

impl Shout for str {
    fn shout(&self) -> String { //@ beta shout
        self.chars().map(|c| c.to_ascii_uppercase()).collect() //@ beta shout closure
    }
}

impl Shout for Circle {
    fn shout(&self) -> String { //@ beta shout
        self.label.shout()
    }
}

impl<T: Shout> Shout for [T] {
    fn shout(&self) -> String { //@ beta shout
        self.iter().map(Shout::shout).collect::<Vec<_>>().join("-")
    }
}

impl<F: Fn() -> u64> Shout for Wrapped<F> {
    fn shout(&self) -> String { //@ beta shout
        (self.0)().to_string()
    }
}

pub struct Wrapped<F>(pub F);

pub mod queue {
    pub mod heap {
        use std::cmp::Ordering;
        use std::collections::BinaryHeap;

        #[derive(Eq, PartialEq)] //@ beta::queue::heap eq,assert_receiver_is_total_eq,assert_fields_are_eq
        pub struct Job {
            pub cost: u32,
        }

        impl Ord for Job {
            fn cmp(&self, other: &Self) -> Ordering { //@ beta::queue::heap cmp
                other.cost.cmp(&self.cost)
            }
        }

        impl PartialOrd for Job {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> { //@ beta::queue::heap partial_cmp
                Some(self.cmp(other))
            }
        }

        pub fn drain(costs: &[u32]) -> Vec<u32> { //@ beta::queue::heap drain
            let mut heap: BinaryHeap<Job> = costs.iter().map(|&cost| Job { cost }).collect(); //@ beta::queue::heap drain closure
            std::iter::from_fn(|| heap.pop().map(|job| job.cost)).collect() //@ beta::queue::heap drain closure
        }

        pub fn drain_by<K: Ord, F>(costs: &mut [u32], key: F) //@ beta::queue::heap drain_by
        where
            F: Fn(&u32) -> K + Copy,
        {
            costs.sort_by(|a, b| key(a).cmp(&key(b))); //@ beta::queue::heap drain_by closure
            costs.sort_by_key(|x| { //@ beta::queue::heap drain_by closure
                let more = || key(x); //@ beta::queue::heap drain_by closure
                more()
            });
        }
    }
}
