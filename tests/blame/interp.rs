// SPDX-License-Identifier: GPL-3.0-or-later
//! A small interpreter that slower copies of itself can be built from: source text to tokens, to a
//! tree, to code, to a stack machine with native functions. usage: interp ROUNDS
//!
//!     rustc -O -g --edition 2021 [--cfg 'feature="regress_NAME"'] -o interp interp.rs
//!
//! What a feature injects, and which functions are then to blame, is said in `truth` beside this
//! file. Every build prints the same. Functions that the injections touch are kept out of each
//! other's code, so that what is injected is what changes.
#![allow(unknown_lints, unexpected_cfgs)]

mod lexer {
    #[derive(Clone, Debug, PartialEq)]
    pub enum Token {
        Number(i64),
        Text(String),
        Name(String),
        Sign(char),
        End,
    }

    /// All tokens of `source`, with one `End`.
    pub fn tokens(source: &str) -> Vec<Token> {
        let mut found = Vec::new();
        let mut rest = source.chars().peekable();
        while let Some(&first) = rest.peek() {
            let mut take = |wanted: &dyn Fn(char) -> bool| -> String {
                let mut word = String::new();
                while let Some(&c) = rest.peek().filter(|c| wanted(**c)) {
                    word.push(c);
                    rest.next();
                }
                word
            };
            if first.is_ascii_digit() {
                found.push(Token::Number(take(&|c| c.is_ascii_digit()).parse().expect("a number")));
            } else if first.is_ascii_alphabetic() {
                found.push(Token::Name(take(&|c| c.is_ascii_alphanumeric())));
            } else if first == '"' {
                rest.next();
                let mut text = String::new();
                text.extend(rest.by_ref().take_while(|c| *c != '"'));
                found.push(Token::Text(text));
            } else {
                rest.next();
                if !first.is_whitespace() {
                    found.push(Token::Sign(first));
                }
            }
        }
        found.push(Token::End);
        found
    }
}

mod tree {
    use super::lexer::Token;

    pub enum Expr {
        Number(i64),
        Text(String),
        Name(String),
        Call(String, Vec<Expr>),
        Binary(char, Box<Expr>, Box<Expr>),
    }

    pub enum Step {
        Assign(String, Expr),
        While(Expr, Vec<Step>),
    }

    /// Recursive descent; a mistake in the program text ends the interpreter.
    pub struct Parser {
        tokens: Vec<Token>,
        at: usize,
    }

    impl Parser {
        pub fn new(tokens: Vec<Token>) -> Self {
            Parser { tokens, at: 0 }
        }

        fn next(&mut self) -> Token {
            let token = self.tokens[self.at].clone();
            self.at += 1;
            token
        }

        fn eat(&mut self, sign: char) -> bool {
            let is_there = self.tokens[self.at] == Token::Sign(sign);
            self.at += usize::from(is_there);
            is_there
        }

        pub fn steps(&mut self) -> Vec<Step> {
            let mut found = Vec::new();
            loop {
                match self.next() {
                    Token::Name(word) if word == "while" => {
                        let condition = self.expr(0);
                        assert!(self.eat('{'), "while wants a block");
                        found.push(Step::While(condition, self.steps()));
                    }
                    Token::Name(name) => {
                        assert!(self.eat('='), "{} wants a value", name);
                        found.push(Step::Assign(name, self.expr(0)));
                        self.eat(';');
                    }
                    Token::End | Token::Sign('}') => return found,
                    other => panic!("not the start of a step: {:?}", other),
                }
            }
        }

        fn expr(&mut self, least: u8) -> Expr {
            let mut left = self.atom();
            while let Token::Sign(sign) = self.tokens[self.at] {
                let rank = match sign {
                    '<' => 1,
                    '+' | '-' => 2,
                    '*' | '%' => 3,
                    _ => break,
                };
                if rank <= least {
                    break;
                }
                self.at += 1;
                left = Expr::Binary(sign, Box::new(left), Box::new(self.expr(rank)));
            }
            left
        }

        fn atom(&mut self) -> Expr {
            match self.next() {
                Token::Number(value) => Expr::Number(value),
                Token::Text(text) => Expr::Text(text),
                Token::Name(name) if self.eat('(') => {
                    let mut arguments = Vec::new();
                    while !self.eat(')') {
                        arguments.push(self.expr(0));
                        self.eat(',');
                    }
                    Expr::Call(name, arguments)
                }
                Token::Name(name) => Expr::Name(name),
                other => panic!("not a value: {:?}", other),
            }
        }
    }
}

mod value {
    use std::rc::Rc;

    #[derive(Clone, Debug, PartialEq)]
    pub enum Value {
        Int(i64),
        Text(Rc<str>),
    }

    impl Value {
        pub fn int(&self) -> i64 {
            match self {
                Value::Int(value) => *value,
                Value::Text(text) => text.len() as i64,
            }
        }
    }

    #[inline(never)]
    pub fn binary(sign: char, left: i64, right: i64) -> i64 {
        match sign {
            '<' => i64::from(left < right),
            '+' => left.wrapping_add(right),
            '-' => left.wrapping_sub(right),
            '*' => left.wrapping_mul(right),
            _ => left % right.max(1),
        }
    }
}

mod code {
    use super::table::Table;
    use super::tree::{Expr, Step};
    use super::value::Value;
    use std::rc::Rc;

    pub enum Op {
        Constant(usize),
        Load(usize),
        Store(usize),
        Binary(char),
        Call(usize, usize),
        JumpIfZero(usize),
        Jump(usize),
    }

    #[derive(Default)]
    pub struct Code {
        pub ops: Vec<Op>,
        pub constants: Vec<Value>,
        pub places: Table<Rc<str>, usize>,
    }

    impl Code {
        fn place(&mut self, name: &str) -> usize {
            let n = self.places.len();
            *self.places.entry(Rc::from(name), n)
        }

        fn constant(&mut self, value: Value) {
            self.ops.push(Op::Constant(self.constants.len()));
            self.constants.push(value);
        }

        pub fn steps(&mut self, steps: &[Step], natives: &[&str]) {
            for step in steps {
                match step {
                    Step::Assign(name, value) => {
                        self.expr(value, natives);
                        let place = self.place(name);
                        self.ops.push(Op::Store(place));
                    }
                    Step::While(condition, body) => {
                        let start = self.ops.len();
                        self.expr(condition, natives);
                        let exit = self.ops.len();
                        self.ops.push(Op::Jump(0));
                        self.steps(body, natives);
                        self.ops.push(Op::Jump(start));
                        self.ops[exit] = Op::JumpIfZero(self.ops.len());
                    }
                }
            }
        }

        fn expr(&mut self, expr: &Expr, natives: &[&str]) {
            match expr {
                Expr::Number(value) => self.constant(Value::Int(*value)),
                Expr::Text(text) => self.constant(Value::Text(Rc::from(text.as_str()))),
                Expr::Name(name) => {
                    let place = self.place(name);
                    self.ops.push(Op::Load(place));
                }
                Expr::Binary(sign, left, right) => {
                    self.expr(left, natives);
                    self.expr(right, natives);
                    self.ops.push(Op::Binary(*sign));
                }
                Expr::Call(name, arguments) => {
                    arguments.iter().for_each(|argument| self.expr(argument, natives));
                    let native = natives.iter().position(|known| known == name);
                    self.ops.push(Op::Call(native.expect("a native function"), arguments.len()));
                }
            }
        }
    }
}

mod table {
    use std::rc::Rc;

    pub trait Key: Eq {
        fn hash(&self) -> u64;
    }

    impl Key for Rc<str> {
        #[inline(never)]
        fn hash(&self) -> u64 {
            let bytes = self.as_bytes();
            let mut hash = 0xcbf2_9ce4_8422_2325u64; // FNV-1a, 64 bits
            for &byte in bytes {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
            hash ^ hash >> 29
        }
    }

    type Slot<K, V> = Option<(u64, K, V)>;

    /// Open addressing with linear probing, at most half full.
    pub struct Table<K, V> {
        slots: Vec<Slot<K, V>>,
        n_used: usize,
    }

    impl<K, V> Default for Table<K, V> {
        fn default() -> Self {
            Table { slots: Vec::new(), n_used: 0 }
        }
    }

    impl<K: Key, V> Table<K, V> {
        pub fn len(&self) -> usize {
            self.n_used
        }

        /// Where the key of that hash is, or the free slot that it belongs in.
        #[inline(never)]
        fn find(slots: &[Slot<K, V>], key: &K, hash: u64) -> usize {
            let mask = slots.len() - 1;
            #[cfg(not(feature = "regress_slower"))]
            let mut at = hash as usize & mask;
            #[cfg(feature = "regress_slower")]
            let mut at = 0;
            loop {
                match &slots[at] {
                    Some(slot) if slot.0 != hash || slot.1 != *key => {}
                    _ => return at,
                }
                at = (at + 1) & mask;
            }
        }

        #[inline(never)]
        fn grow(&mut self) {
            let n_slots = (self.slots.len() * 2).max(8);
            let old = std::mem::take(&mut self.slots);
            self.slots.resize_with(n_slots, || None);
            for (hash, key, value) in old.into_iter().flatten() {
                let at = Self::find(&self.slots, &key, hash);
                self.slots[at] = Some((hash, key, value));
            }
        }

        /// The value of `key`; `first` if it had none.
        pub fn entry(&mut self, key: K, first: V) -> &mut V {
            if self.n_used * 2 >= self.slots.len() {
                self.grow();
            }
            let hash = key.hash();
            let at = Self::find(&self.slots, &key, hash);
            self.n_used += usize::from(self.slots[at].is_none());
            &mut self.slots[at].get_or_insert((hash, key, first)).2
        }
    }
}

mod image {
    pub const N_PIXELS: usize = 128;

    #[cfg_attr(not(feature = "regress_inline"), inline(always))]
    #[cfg_attr(feature = "regress_inline", inline(never))]
    fn blend(a: u32, b: u32, c: u32) -> u32 {
        (a ^ b >> 3) + (c & 0xffff) + (b << 1 & 0xff)
    }

    #[inline(never)]
    pub fn smooth(from: &[u32; N_PIXELS], to: &mut [u32; N_PIXELS], level: u32) {
        let mut i = 0;
        while i < N_PIXELS {
            to[i] = blend(from[i] & 0xff_ffff, to[i] & 0xff_ffff, level);
            i += 1;
        }
    }
}

mod digest {
    /// One word more into a running sum.
    #[inline(never)]
    pub fn fold(state: u64, word: u64) -> u64 {
        let mut sum = state ^ word;
        let mut i = 0;
        while i < 6 {
            sum ^= sum << 13;
            sum ^= sum >> 7;
            sum ^= sum << 17;
            i += 1;
        }
        sum
    }
}

#[cfg(feature = "regress_new")]
mod audit {
    use super::value::Value;

    /// Work that did not exist: looks whether all places hold what they may.
    #[inline(never)]
    pub fn all_in_range(places: &[Value], n_turns: u32) -> bool {
        let (mut sum, mut turn) = (0u64, 0);
        while turn < n_turns {
            for place in places {
                if let Value::Int(value) = place {
                    sum ^= (*value as u64 ^ sum) % 0xffff_fff1;
                    sum += u64::from(turn);
                }
            }
            turn += 1;
        }
        sum != u64::MAX
    }
}

mod natives {
    use super::image::{self, N_PIXELS};
    use super::table::Table;
    use super::value::Value;
    use std::rc::Rc;

    pub type Native = Box<dyn FnMut(&[Value]) -> Value>;

    const SYLLABLES: [&str; 8] = ["ka", "lo", "mi", "ne", "ru", "sa", "ti", "vu"];

    fn names() -> Vec<Rc<str>> {
        let pair = |i: usize| [SYLLABLES[i % 8], SYLLABLES[i / 8 % 8], SYLLABLES[i % 5]].concat();
        (0..120).map(|i| Rc::from(pair(i))).collect()
    }

    /// The native functions by name; each keeps its state to itself.
    pub fn all() -> Vec<(&'static str, Native)> {
        let known = names();
        let mut counts: Table<Rc<str>, i64> = Table::default();
        let mut images = [[1u32; N_PIXELS], [7u32; N_PIXELS]];
        vec![
            ("pick", Box::new(move |a| Value::Text(known[a[0].int() as usize % known.len()].clone()))),
            ("tally", Box::new(move |a| match &a[0] {
                Value::Text(name) => {
                    let count = counts.entry(name.clone(), 0);
                    *count += 1;
                    Value::Int(*count)
                }
                Value::Int(value) => Value::Int(*value),
            })),
            ("smooth", Box::new(move |a| {
                let [from, to] = &mut images;
                image::smooth(from, to, a[0].int() as u32);
                std::mem::swap(from, to);
                Value::Int(i64::from(images[0][5]))
            })),
            ("mix", Box::new(move |a| {
                let (mut x, mut n) = (a[0].int() as u64, 0);
                #[cfg(not(feature = "regress_closure"))]
                const N_TURNS: u32 = 6;
                #[cfg(feature = "regress_closure")]
                const N_TURNS: u32 = 66; // the generator has period 60 on these few values
                while n < N_TURNS {
                    x = TURNED[x as usize & 63];
                    n += 1;
                }
                Value::Int(x as i64)
            })),
        ]
    }

    /// A permutation of 0..60 in one cycle, and of 60..64 into it.
    static TURNED: [u64; 64] = turned();

    const fn turned() -> [u64; 64] {
        let (mut table, mut i) = ([0; 64], 0);
        while i < 60 {
            table[i * 17 % 60] = ((i + 1) * 17 % 60) as u64;
            i += 1;
        }
        while i < 64 {
            table[i] = table[i - 60];
            i += 1;
        }
        table
    }
}

mod machine {
    use super::code::{Code, Op};
    use super::digest;
    use super::natives::Native;
    use super::value::{self, Value};
    #[cfg(feature = "regress_alloc")]
    use std::rc::Rc;

    pub struct Machine {
        pub places: Vec<Value>,
        pub state: u64,
        pub n_steps: Counter,
        stack: Vec<Value>,
    }

    #[cfg(not(feature = "regress_lock"))]
    type Counter = u64;
    #[cfg(feature = "regress_lock")]
    type Counter = std::sync::Mutex<u64>;

    impl Machine {
        pub fn new(n_places: usize) -> Self {
            Machine {
                places: vec![Value::Int(0); n_places],
                state: 1,
                n_steps: Counter::default(),
                stack: Vec::new(),
            }
        }

        #[cfg(not(feature = "regress_lock"))]
        #[inline(never)]
        fn count_step(&mut self) {
            self.n_steps += 1;
        }

        #[cfg(feature = "regress_lock")]
        #[inline(never)]
        fn count_step(&mut self) {
            *self.n_steps.lock().expect("nobody failed") += 1;
        }

        #[cfg(not(feature = "regress_lock"))]
        pub fn n_steps(&self) -> u64 {
            self.n_steps
        }

        #[cfg(feature = "regress_lock")]
        pub fn n_steps(&self) -> u64 {
            *self.n_steps.lock().expect("nobody failed")
        }

        #[cfg(not(feature = "regress_alloc"))]
        #[inline(never)]
        fn push_copy(&mut self, value: &Value) {
            self.stack.push(value.clone());
        }

        /// Text was shared and is copied.
        #[cfg(feature = "regress_alloc")]
        #[inline(never)]
        fn push_copy(&mut self, value: &Value) {
            self.stack.push(match value {
                Value::Text(text) => Value::Text(Rc::from(String::from(&**text))),
                other => other.clone(),
            });
        }

        #[inline(never)]
        fn pop_int(&mut self) -> i64 {
            self.stack.pop().expect("code that was compiled").int()
        }

        #[inline(never)]
        fn call(&mut self, native: &mut Native, n_arguments: usize) {
            let base = self.stack.len() - n_arguments;
            let result = native(&self.stack[base..]);
            self.state = digest::fold(self.state, result.int() as u64);
            self.stack.truncate(base);
            self.stack.push(result);
        }

        #[inline(never)]
        fn store(&mut self, place: usize) {
            #[cfg(feature = "regress_often")]
            {
                let mut turn = 1;
                while turn < 8 {
                    assert!(digest::fold(place as u64, turn) != 1); // for nothing
                    turn += 1;
                }
            }
            #[cfg(feature = "regress_new")]
            assert!(super::audit::all_in_range(&self.places, 2));
            self.places[place] = self.stack.pop().expect("code that was compiled");
        }

        #[inline(never)]
        pub fn run(&mut self, code: &Code, natives: &mut [Native]) {
            let mut at = 0;
            while at < code.ops.len() {
                self.count_step();
                let op = &code.ops[at];
                at += 1;
                match op {
                    Op::Constant(n) => self.push_copy(&code.constants[*n]),
                    Op::Load(place) => {
                        let value = self.places[*place].clone();
                        self.push_copy(&value);
                    }
                    Op::Store(place) => self.store(*place),
                    Op::Binary(sign) => {
                        let right = self.pop_int();
                        let left = self.pop_int();
                        self.stack.push(Value::Int(value::binary(*sign, left, right)));
                    }
                    Op::Call(native, n) => self.call(&mut natives[*native], *n),
                    Op::JumpIfZero(to) if self.pop_int() == 0 => at = *to,
                    Op::JumpIfZero(_) => {}
                    Op::Jump(to) => at = *to,
                }
            }
        }
    }
}

const PROGRAM: &str = "
    i = 0; sum = 0; word = \"start\";
    while i < rounds {
        x = mix(i + sum % 1000);
        word = pick(x * 7 + i);
        seen = tally(word) + tally(pick(i));
        sum = sum + seen % 10 * x + smooth(mix(x)) % 100;
        last = word; lost = last; gone = lost; kept = gone;
        i = i + 1;
    }
";

fn main() {
    let rounds: i64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let (names, mut natives): (Vec<&str>, Vec<natives::Native>) = natives::all().into_iter().unzip();
    let steps = tree::Parser::new(lexer::tokens(PROGRAM)).steps();
    let mut code = code::Code::default();
    let place = *code.places.entry("rounds".into(), 0);
    code.steps(&steps, &names);
    let mut machine = machine::Machine::new(code.places.len());
    machine.places[place] = value::Value::Int(rounds);
    machine.run(&code, &mut natives);
    println!("{} steps, sum {:?}, state {:x}", machine.n_steps(), machine.places, machine.state);
}
