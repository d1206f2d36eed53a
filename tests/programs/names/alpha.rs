// SPDX-License-Identifier: GPL-3.0-or-later
// A dependency of a dependency: traits, generics and types that others use.
use std::fmt;
use std::sync::atomic::AtomicU64;

pub static DROPS: AtomicU64 = AtomicU64::new(0);

pub trait Measure {
    fn measure(&self) -> u64;
    fn twice(&self) -> u64 { //@ alpha twice
        self.measure() * 2
    }
    fn sum_with<F: Fn(u64) -> u64>(&self, f: F) -> u64 { //@ alpha sum_with
        let add = |x: u64| f(x) + self.measure(); //@ alpha sum_with closure
        add(1) + add(2)
    }
}

impl Measure for u64 {
    fn measure(&self) -> u64 { //@ alpha measure
        *self
    }
}

impl Measure for str {
    fn measure(&self) -> u64 { //@ alpha measure
        self.len() as u64
    }
}

impl<T: Measure> Measure for [T] {
    fn measure(&self) -> u64 { //@ alpha measure
        self.iter().map(|x| x.measure()).sum() //@ alpha measure closure
    }
}

impl<T: Measure> Measure for Vec<T> {
    fn measure(&self) -> u64 { //@ alpha measure
        self.as_slice().measure()
    }
}

impl<A: Measure, B: Measure> Measure for (A, B) {
    fn measure(&self) -> u64 { //@ alpha measure
        self.0.measure() + self.1.measure()
    }
}

impl<T: Measure + ?Sized> Measure for Box<T> {
    fn measure(&self) -> u64 { //@ alpha measure
        (**self).measure() + 1
    }
}

impl<T: Measure> Measure for Option<&T> {
    fn measure(&self) -> u64 { //@ alpha measure
        self.map_or(0, |x| x.measure()) //@ alpha measure closure
    }
}

impl Measure for fn(u64) -> u64 {
    fn measure(&self) -> u64 { //@ alpha measure
        self(3)
    }
}

pub mod shapes {
    pub mod round {
        #[derive(Clone, Debug, PartialEq, PartialOrd, Default, Hash)] //@ alpha::shapes::round clone,fmt,eq,partial_cmp,default,hash
        pub struct Circle {
            pub radius: u64,
            pub label: String,
        }

        impl Circle {
            pub fn new(radius: u64) -> Circle { //@ alpha::shapes::round new
                Circle { radius, label: format!("c{radius}") }
            }
            pub fn grow<const N: usize>(&mut self) -> &mut Self { //@ alpha::shapes::round grow
                self.radius += N as u64;
                self
            }
            pub fn scaled<T, F>(&self, by: T, how: F) -> u64 //@ alpha::shapes::round scaled
            where
                F: Fn(&T, u64) -> u64,
            {
                fn inner(x: u64) -> u64 { //@ alpha::shapes::round inner
                    x + 1
                }
                let outer = |r: u64| { //@ alpha::shapes::round scaled closure
                    let nested = |q: u64| how(&by, q); //@ alpha::shapes::round scaled closure
                    nested(inner(r))
                };
                outer(self.radius)
            }
        }

        impl crate::Measure for Circle {
            fn measure(&self) -> u64 { //@ alpha::shapes::round measure
                self.radius * 3
            }
        }

        impl Drop for Circle {
            fn drop(&mut self) { //@ alpha::shapes::round drop
                crate::DROPS.fetch_add(self.radius, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    pub struct Stack<T> {
        pub items: Vec<T>,
    }

    impl<T> Stack<T> {
        pub fn push(&mut self, item: T) -> usize { //@ alpha::shapes push
            self.items.push(item);
            self.items.len()
        }
    }

    impl<T> std::ops::Index<usize> for Stack<T> {
        type Output = T;
        fn index(&self, at: usize) -> &T { //@ alpha::shapes index
            &self.items[at]
        }
    }

    impl<T> Iterator for Stack<T> {
        type Item = T;
        fn next(&mut self) -> Option<T> { //@ alpha::shapes next
            self.items.pop()
        }
    }
}

pub mod convert {
    use super::shapes::round::Circle;

    // Elsewhere than the type: only the path of the impl tells the module.
    impl Circle {
        pub fn to_square(&self) -> u64 { //@ alpha::convert to_square
            self.radius * self.radius
        }
    }

    impl From<Circle> for Vec<u8> {
        fn from(circle: Circle) -> Vec<u8> { //@ alpha::convert from
            circle.label.clone().into_bytes()
        }
    }

    impl From<&Circle> for String {
        fn from(circle: &Circle) -> String { //@ alpha::convert from
            circle.label.clone()
        }
    }

    impl PartialEq<Circle> for u64 {
        fn eq(&self, other: &Circle) -> bool { //@ alpha::convert eq
            *self == other.radius
        }
    }
}

pub fn apply<T, R>(value: T, f: impl FnOnce(T) -> R) -> R { //@ alpha apply
    f(value)
}

pub fn fold_all<T: Measure>(items: &[T]) -> u64 { //@ alpha fold_all
    items.iter().filter(|x| x.measure() > 1).fold(0, |sum, x| sum + x.measure()) //@ alpha fold_all closure
}

impl fmt::Display for shapes::Stack<u64> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { //@ alpha fmt
        self.items.iter().try_for_each(|x| write!(f, "{x} ")) //@ alpha fmt closure
    }
}
