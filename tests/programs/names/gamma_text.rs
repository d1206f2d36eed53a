// SPDX-License-Identifier: GPL-3.0-or-later
#[derive(Hash, PartialEq, Eq)] //@ gamma::text hash,eq,assert_receiver_is_total_eq,assert_fields_are_eq
pub struct Word(String);

impl Word {
    pub fn new(text: &str) -> Word { //@ gamma::text new
        fn clean(text: &str) -> String { //@ gamma::text clean
            text.trim().to_string()
        }
        Word(clean(text))
    }
}

macro_rules! made {
    ($name:ident, $by:expr) => {
        pub fn $name(x: u64) -> u64 { //@ gamma::text length,größe
            x + $by
        }
    };
}

made!(length, 1);
made!(größe, 2);

pub async fn tally(text: &str) -> u32 { //@ gamma::text tally any
    let mut n = 0;
    for word in text.split(' ') {
        n += beta::tasks::count(word.len() as u32).await;
    }
    n
}

#[derive(Debug)] //@ gamma::text fmt
pub struct Bad(#[allow(dead_code)] u64);

impl From<std::num::ParseIntError> for Bad {
    fn from(_: std::num::ParseIntError) -> Bad { //@ gamma::text from
        Bad(0)
    }
}

impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { //@ gamma::text fmt
        f.write_str("bad")
    }
}

impl std::error::Error for Bad {}

pub fn checked(total: u64) -> Result<u64, Bad> { //@ gamma::text checked
    struct InBody(u64);
    impl InBody {
        fn parsed(&self) -> Result<u64, std::num::ParseIntError> { //@ gamma::text parsed
            self.0.to_string().parse::<u64>()
        }
    }
    let value = InBody(total).parsed()?;
    if value == 0 {
        return Err(Bad(größe(value)));
    }
    Ok(value)
}
