// SPDX-License-Identifier: GPL-3.0-or-later
// The program: its own modules, and what it makes of the generics of others.
use alpha::shapes::{round::Circle, Stack};
use alpha::Measure;
use beta::{Guard, Shout, Wrapped};

#[path = "gamma_text.rs"]
mod text;

struct Local {
    name: String,
    guard: Option<Guard>,
}

impl Measure for Local {
    fn measure(&self) -> u64 { //@ gamma measure
        self.name.len() as u64 + self.guard.as_ref().map_or(0, |g| g.measure()) //@ gamma measure closure
    }
}

impl Shout for Local {
    fn shout(&self) -> String { //@ gamma shout
        self.name.shout()
    }
}

impl std::ops::Add<&Local> for Local {
    type Output = u64;
    fn add(self, other: &Local) -> u64 { //@ gamma add
        self.measure() + other.measure()
    }
}

impl<'a> FromIterator<&'a str> for Local {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Local { //@ gamma from_iter
        Local { name: words.into_iter().map(|w| w.to_string()).collect(), guard: None } //@ gamma from_iter closure
    }
}

mod deep {
    pub mod deeper {
        pub struct Pair<A, B>(pub A, pub B);

        impl<A: Clone, B> Pair<A, B> {
            pub fn first(&self) -> A { //@ gamma::deep::deeper first
                self.0.clone()
            }
            pub fn map<C>(self, f: impl FnOnce(B) -> C) -> Pair<A, C> { //@ gamma::deep::deeper map
                Pair(self.0, f(self.1))
            }
        }

        pub trait Visit {
            const DEPTH: usize;
            fn visit(&mut self, n: usize);
            fn visit_all(&mut self) { //@ gamma::deep::deeper visit_all
                (0..Self::DEPTH).for_each(|n| self.visit(n)); //@ gamma::deep::deeper visit_all closure
            }
        }

        impl Visit for Vec<usize> {
            const DEPTH: usize = 3;
            fn visit(&mut self, n: usize) { //@ gamma::deep::deeper visit
                self.push(n);
            }
        }
    }
}

fn generic_here<T: Measure + ?Sized>(x: &T) -> u64 { //@ gamma generic_here
    x.sum_with(|n| n + 1) //@ gamma generic_here closure
}

fn with_dyn(items: &[Box<dyn Measure2>]) -> u64 { //@ gamma with_dyn
    items.iter().map(|item| item.measure2()).sum() //@ gamma with_dyn closure
}

trait Measure2 {
    fn measure2(&self) -> u64;
}

impl<T: Measure> Measure2 for T {
    fn measure2(&self) -> u64 { //@ gamma measure2
        self.measure() + 2
    }
}

fn main() { //@ gamma main
    use deep::deeper::{Pair, Visit};
    let mut circle = Circle::new(2);
    let mut total = circle.grow::<3>().grow::<4>().to_square() + circle.clone().twice();
    total += circle.scaled(5u8, |by, r| u64::from(*by) + r); //@ gamma main closure
    total += circle.scaled("x".to_string(), |by, r| by.len() as u64 + r); //@ gamma main closure
    total += u64::from(5u64 == circle) + u64::from(circle == Circle::default());
    total += circle.partial_cmp(&Circle::new(1)).map_or(0, |o| o as i8 as u64 & 3); //@ gamma main closure
    println!("{:?} {} {}", circle, String::from(&circle), circle.shout());
    total += Vec::<u8>::from(circle).len() as u64;
    let mut set = std::collections::HashMap::new();
    *set.entry(text::Word::new("one")).or_insert(0u64) += 1;
    let local: Local = "a b".split(' ').collect();
    let other = Local { name: "other".into(), guard: Some(Guard("held".into())) };
    total += local.measure() + generic_here(&local) + generic_here("text") + generic_here(&vec![1u64, 2]);
    total += other.guard.as_ref().map_or(0, |g| g.twice()) + Some(&7u64).measure(); //@ gamma main closure
    println!("{} {} {}", local.shout(), [other].shout(), Wrapped(|| 4).shout()); //@ gamma main closure
    total += Local { name: String::new(), guard: None } + &local;
    total += alpha::apply(Guard("g".into()), |g| g.measure()); //@ gamma main closure
    total += alpha::fold_all(&[1u64, 2, 3]) + alpha::fold_all(&[(1u64, 2u64)]) + (beta::tasks::callback(2) as u64);
    total += (text::length as fn(u64) -> u64).measure() + Box::new(3u64).measure();
    total += with_dyn(&[Box::new(1u64), Box::new(Local { name: "d".into(), guard: None }), Box::new((1u64, 2u64))]);
    let mut stack = Stack { items: vec![1u64, 2] };
    total += stack.push(4) as u64 + stack[0];
    println!("{stack} {}", stack.by_ref().map(|x| x + 1).filter(|x| x % 2 == 1).sum::<u64>()); //@ gamma main closure
    let mut guards = Stack { items: vec![Guard("s".into())] };
    total += guards.push(Guard("t".into())) as u64 + guards.count() as u64;
    let pair = Pair("p".to_string(), 3u32).map(|n| n + 1); //@ gamma main closure
    total += pair.first().len() as u64 + u64::from(pair.1);
    let mut visited: Vec<usize> = Vec::new();
    visited.visit_all();
    total += beta::queue::heap::drain(&[3, 1, 2]).len() as u64 + visited.len() as u64;
    let mut costs = [3, 2, 9];
    beta::queue::heap::drain_by(&mut costs, |x| x % 3); //@ gamma main closure
    total += u64::from(beta::tasks::block_on(beta::tasks::count_twice(2, |x| x + 1))); //@ gamma main closure
    total += beta::tasks::handlers(3).iter().map(|f| u64::from(f(4))).sum::<u64>(); //@ gamma main closure
    let task = async { beta::tasks::count(1).await + text::tally("a bc").await }; //@ gamma main closure
    total += u64::from(beta::tasks::block_on(task));
    let thread = std::thread::spawn(move || text::checked(total)); //@ gamma main closure
    println!("{:?} {}", thread.join().ok(), set.len());
}
