// SPDX-License-Identifier: GPL-3.0-or-later
//! A web server's log that never was: busy pages and rare ones, people and robots, a few broken
//! lines. The same seed and size give the same bytes on every machine.

use std::io::{self, Write};

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Dice {
    state: u64,
}

impl Dice {
    fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 .. n-1, all alike.
    fn below(&mut self, n: u64) -> u64 {
        ((self.roll() >> 32) * n) >> 32
    }

    /// 0 .. n-1, the low ones far more often.
    fn skewed(&mut self, n: u64) -> u64 {
        let (a, b) = (self.below(n), self.below(n));
        a * b / n
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.skewed(list.len() as u64) as usize]
    }
}

// In what follows # becomes a number, @ a hash, $ one of WORDS and ^ a version.
const TARGETS: [&str; 30] = [
    "/products/$?ref=home&position=#",
    "/api/v1/users/#/profile?fields=name,avatar,last%5Flogin",
    "/api/v1/users/#/orders?page=#&per%5Fpage=50",
    "/",
    "/static/css/site.min.css?v=^&build=@",
    "/static/js/app.min.js?v=^",
    "/search?q=$+$&page=#&sort=price%5Fasc",
    "/api/v1/orders/#/items/#",
    "/img/thumbs/@/small.png",
    "/products/$/reviews?page=#",
    "/shop/%7Eoffers/$/",
    "/blog/2024/#/how%2Dto%2Dchoose%2D$",
    "/api/v2/sessions/@/refresh",
    "/static/fonts/inter%2Dregular.woff2",
    "/favicon.ico",
    "/help/articles/$?lang=en%2DGB&from=footer",
    "/login?next=%2Faccount%2Forders%2F#",
    "/account/../account/orders/#/invoice.pdf",
    "/api/v1/carts/@/lines/#",
    "/img/%70roducts/@/large.png",
    "//feeds//$.xml",
    "/caf%C3%A9/menu/$",
    "/robots.txt",
    "/api/v1/stock?sku=#&warehouse=#&fresh=true",
    "/static/svg/icons/./$.svg",
    "/wp-login.php",
    "/api/v1/telemetry/@?t=#",
    "/docs/$/install#linux",
    "/admin/reports/#/export?format=csv",
    "/.well-known/security.txt",
];

const WORDS: [&str; 16] = [
    "lamp",
    "desk",
    "oak%20table",
    "chair",
    "sofa",
    "rug",
    "mirror",
    "shelf",
    "blue%20vase",
    "clock",
    "curtain",
    "bench",
    "stool",
    "cr%C3%A8me%20cushion",
    "wardrobe",
    "crate",
];

const AGENTS: [&str; 12] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/12^.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_^ like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
     Gecko) Version/17.^ Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 1^; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12^.0.0.0 \
     Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:12^.0) Gecko/20100101 Firefox/12^.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
     Version/17.^ Safari/605.1.15",
    "Mozilla/5.0 (compatible; ExampleBot/2.^; +https://bot.example/about)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:12^.0) Gecko/20100101 Firefox/12^.0",
    "ExampleShop/4.^ (Android 1^; build 4^) okhttp/4.^",
    "curl/8.^.0",
    "ExampleMonitor/1.^ \\\"uptime\\\" check",
    "python-requests/2.3^",
    "-",
];

const REFERRERS: [&str; 8] = [
    "-",
    "https://shop.example/",
    "https://shop.example/products/$",
    "https://search.example/?q=$",
    "https://www.shop.example/search?page=#",
    "https://News.Example.org:8443/item?id=#",
    "https://social.example/p/@",
    "android-app://com.example.mail",
];

const METHODS: [&str; 8] = ["GET", "GET", "GET", "GET", "GET", "POST", "HEAD", "PUT"];
const STATUSES: [&str; 10] = ["200", "200", "200", "200", "304", "302", "404", "201", "500", "503"];

const BROKEN: [&str; 4] = ["", "-", "198.51.100.9 - - [04/Mar/2024:10:00", "\u{16}\u{3}\u{1}"];

/// Writes whole lines until there are at least `n_bytes` bytes.
pub fn write_log(out: &mut impl Write, seed: u64, n_bytes: u64) -> io::Result<()> {
    let mut dice = Dice { state: seed };
    let mut line = String::new();
    let (mut n_written, mut time_s) = (0, 0);
    while n_written < n_bytes {
        line.clear();
        if dice.below(500) == 0 {
            line.push_str(BROKEN[dice.below(4) as usize]);
        } else {
            time_s += dice.below(4);
            push_line(&mut line, time_s, &mut dice);
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
        n_written += line.len() as u64;
    }
    Ok(())
}

/// The clock starts on 1 March 2024 and stays in the first 28 days of it.
fn push_line(line: &mut String, time_s: u64, dice: &mut Dice) {
    push_client(line, dice);
    line.push_str(&format!(
        " - - [{:02}/Mar/2024:{:02}:{:02}:{:02} +0000] \"",
        time_s / 86400 % 28 + 1,
        time_s / 3600 % 24,
        time_s / 60 % 60,
        time_s % 60
    ));
    line.push_str(dice.pick(&METHODS));
    line.push(' ');
    let target = dice.pick(&TARGETS);
    push_filled(line, target, dice);
    line.push_str(" HTTP/1.1\" ");
    line.push_str(dice.pick(&STATUSES));
    let n_sent = dice.skewed(60_000);
    line.push_str(&format!(" {} \"", n_sent));
    let referrer = dice.pick(&REFERRERS);
    push_filled(line, referrer, dice);
    line.push_str("\" \"");
    let agent = dice.pick(&AGENTS);
    push_filled(line, agent, dice);
    let slowest_us = 1 + dice.skewed(900_000);
    let took_us = 180 + n_sent / 9 + dice.skewed(slowest_us);
    line.push_str(&format!("\" {}.{:06}", took_us / 1_000_000, took_us % 1_000_000));
}

fn push_client(line: &mut String, dice: &mut Dice) {
    let who = dice.skewed(1500);
    if who % 5 == 4 {
        line.push_str(&format!("2001:db8::{:x}:{:x}", who, who * 7919 % 65536));
    } else {
        line.push_str(&format!("10.20.{}.{}", who / 200, who * 37 % 256));
    }
}

fn push_filled(line: &mut String, template: &str, dice: &mut Dice) {
    for c in template.chars() {
        match c {
            '#' => line.push_str(&dice.below(10_000).to_string()),
            '@' => line.push_str(&format!("{:016x}", dice.roll() | 1 << 60)),
            '$' => {
                let word = dice.pick(&WORDS);
                line.push_str(word);
            }
            '^' => line.push_str(&dice.skewed(10).to_string()),
            other => line.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_its_published_numbers() {
        // The first outputs for seed 1234567, as the reference implementation prints them.
        let mut dice = Dice { state: 1_234_567 };
        assert_eq!(dice.roll(), 6_457_827_717_110_365_317);
        assert_eq!(dice.roll(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn the_seed_decides_everything() {
        let log = |seed| {
            let mut out = Vec::new();
            write_log(&mut out, seed, 20_000).unwrap();
            out
        };
        assert_eq!(log(7), log(7));
        assert_ne!(log(7), log(8));
        assert!(log(7).len() >= 20_000);
    }
}
