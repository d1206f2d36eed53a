// SPDX-License-Identifier: GPL-3.0-or-later
//! One line of the log, taken apart. A `Hit` keeps its buffers, so that it can be filled again for
//! the next line without asking the allocator.

use crate::route;

/// Longer lines are refused unread, as servers refuse such requests. It bounds every field.
pub const MAX_LINE_BYTES: usize = 8192;

#[derive(Clone, Default)]
pub struct Hit {
    pub client: Vec<u8>,
    /// Seconds since 1970, UTC.
    pub time_s: i64,
    pub method: Vec<u8>,
    /// As requested, with the query.
    pub target: Vec<u8>,
    /// The target's path in its normal form, see route.rs.
    pub route: Vec<u8>,
    pub status: u16,
    pub n_bytes: u64,
    pub referrer: Vec<u8>,
    pub agent: Vec<u8>,
    pub took_us: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refused {
    Empty,
    TooLong,
    Broken,
}

/// Fills `hit` from one line without its end of line. After a refusal its content is unspecified.
#[inline(never)]
pub fn parse_line(line: &[u8], hit: &mut Hit) -> Result<(), Refused> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(Refused::Empty);
    }
    if line.len() > MAX_LINE_BYTES {
        return Err(Refused::TooLong);
    }
    parse_fields(Cursor { rest: line }, hit).ok_or(Refused::Broken)?;
    route::normalise(&hit.target, &mut hit.route);
    Ok(())
}

fn parse_fields(mut cursor: Cursor, hit: &mut Hit) -> Option<()> {
    cursor.client(&mut hit.client)?;
    cursor.skip_word()?; // the identity, which nobody sends
    cursor.skip_word()?; // the user's name
    hit.time_s = cursor.time()?;
    cursor.byte(b' ')?;
    cursor.request(&mut hit.method, &mut hit.target)?;
    cursor.byte(b' ')?;
    hit.status = cursor.status()?;
    cursor.byte(b' ')?;
    hit.n_bytes = cursor.size()?;
    cursor.byte(b' ')?;
    cursor.quoted(&mut hit.referrer)?;
    cursor.byte(b' ')?;
    cursor.quoted(&mut hit.agent)?;
    cursor.byte(b' ')?;
    hit.took_us = cursor.duration()?;
    if cursor.rest.is_empty() {
        Some(())
    } else {
        None
    }
}

/// What is left of the line. Each step takes its field from the front, or says None.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn byte(&mut self, wanted: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[wanted])?;
        Some(())
    }

    /// Up to the next blank, which is eaten.
    fn word(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|&b| b == b' ')?;
        let word = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        if word.is_empty() {
            None
        } else {
            Some(word)
        }
    }

    fn skip_word(&mut self) -> Option<()> {
        self.word().map(|_| ())
    }

    fn client(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let word = self.word()?;
        if !word.iter().all(|b| b.is_ascii_alphanumeric() || b".:-_".contains(b)) {
            return None;
        }
        out.clear();
        out.extend_from_slice(word);
        Some(())
    }

    /// A number of exactly `n` digits.
    fn digits(&mut self, n: usize) -> Option<u32> {
        if self.rest.len() < n || !self.rest[..n].iter().all(u8::is_ascii_digit) {
            return None;
        }
        let value = self.rest[..n].iter().fold(0, |sum, b| sum * 10 + u32::from(b - b'0'));
        self.rest = &self.rest[n..];
        Some(value)
    }

    /// `[12/Mar/2024:06:25:24 +0100]`
    fn time(&mut self) -> Option<i64> {
        self.byte(b'[')?;
        let day = self.digits(2)?;
        self.byte(b'/')?;
        let month = month_of(self.rest.get(..3)?)?;
        self.rest = &self.rest[3..];
        self.byte(b'/')?;
        let year = self.digits(4)?;
        self.byte(b':')?;
        let hour = self.digits(2)?;
        self.byte(b':')?;
        let minute = self.digits(2)?;
        self.byte(b':')?;
        let second = self.digits(2)?;
        self.byte(b' ')?;
        let east = match self.rest.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let (zone_hour, zone_minute) = (self.digits(2)?, self.digits(2)?);
        self.byte(b']')?;
        if !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 || zone_minute > 59 {
            return None;
        }
        let local_s = i64::from(hour * 3600 + minute * 60 + second);
        let zone_s = east * i64::from(zone_hour * 3600 + zone_minute * 60);
        Some(days_since_1970(year, month, day) * 86400 + local_s - zone_s)
    }

    /// `"GET /path?query HTTP/1.1"`
    fn request(&mut self, method: &mut Vec<u8>, target: &mut Vec<u8>) -> Option<()> {
        self.byte(b'"')?;
        let verb = self.word()?;
        if verb.len() > 16 || !verb.iter().all(u8::is_ascii_uppercase) {
            return None;
        }
        method.clear();
        method.extend_from_slice(verb);
        let path = self.word()?;
        target.clear();
        target.extend_from_slice(path);
        self.rest = self.rest.strip_prefix(b"HTTP/")?;
        let end = self.rest.iter().position(|&b| b == b'"')?;
        let version = &self.rest[..end];
        if version.is_empty() || !version.iter().all(|&b| b.is_ascii_digit() || b == b'.') {
            return None;
        }
        self.rest = &self.rest[end + 1..];
        Some(())
    }

    fn status(&mut self) -> Option<u16> {
        let status = self.digits(3)?;
        if (100..600).contains(&status) {
            Some(status as u16)
        } else {
            None
        }
    }

    /// Bytes sent, or `-` for none. At most 18 digits, so that it fits.
    fn size(&mut self) -> Option<u64> {
        if self.byte(b'-').is_some() {
            return Some(0);
        }
        let n = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if n == 0 || n > 18 {
            return None;
        }
        let value = self.rest[..n].iter().fold(0, |sum, b| sum * 10 + u64::from(b - b'0'));
        self.rest = &self.rest[n..];
        Some(value)
    }

    /// A string in quotes, in which a backslash makes the next byte an ordinary one.
    fn quoted(&mut self, out: &mut Vec<u8>) -> Option<()> {
        self.byte(b'"')?;
        out.clear();
        let mut at = 0;
        loop {
            match *self.rest.get(at)? {
                b'"' => break,
                b'\\' => {
                    out.push(*self.rest.get(at + 1)?);
                    at += 2;
                }
                other => {
                    out.push(other);
                    at += 1;
                }
            }
        }
        self.rest = &self.rest[at + 1..];
        Some(())
    }

    /// Seconds, three digits at most, with exactly six decimals or three.
    fn duration(&mut self) -> Option<u32> {
        let n = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if n == 0 || n > 3 {
            return None;
        }
        let seconds = self.digits(n)?;
        self.byte(b'.')?;
        let decimals = match self.rest.len() {
            6 => self.digits(6)?,
            3 => self.digits(3)? * 1000,
            _ => return None,
        };
        Some(seconds * 1_000_000 + decimals)
    }
}

fn month_of(name: &[u8]) -> Option<u32> {
    const NAMES: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    NAMES.chunks(3).position(|known| known == name).map(|at| at as u32 + 1)
}

/// Days of the Gregorian calendar, by counting from 1 March so that the leap day comes last.
fn days_since_1970(year: u32, month: u32, day: u32) -> i64 {
    let (year, month) = if month > 2 {
        (i64::from(year), i64::from(month) - 3)
    } else {
        (i64::from(year) - 1, i64::from(month) + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (month * 153 + 2) / 5 + i64::from(day) - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = b"203.0.113.7 - eve [29/Feb/2024:23:59:59 +0100] \"GET /a/../b%7e?q=1 \
        HTTP/1.1\" 404 512 \"-\" \"Tool \\\"x\\\"/1.2\" 0.043512";

    #[test]
    fn a_good_line_gives_every_field() {
        let mut hit = Hit::default();
        assert_eq!(parse_line(LINE, &mut hit), Ok(()));
        assert_eq!(hit.client, b"203.0.113.7");
        assert_eq!(hit.time_s, 1_709_247_599); // date -u -d '2024-02-29 22:59:59' +%s
        assert_eq!(hit.method, b"GET");
        assert_eq!(hit.target, b"/a/../b%7e?q=1");
        assert_eq!(hit.route, b"/b~");
        assert_eq!((hit.status, hit.n_bytes, hit.took_us), (404, 512, 43_512));
        assert_eq!(hit.agent, b"Tool \"x\"/1.2");
    }

    #[test]
    fn every_truncation_is_refused() {
        let mut hit = Hit::default();
        for end in 1..LINE.len() {
            // Cut after three decimals, a duration is whole again.
            if end == LINE.len() - 3 {
                continue;
            }
            assert_eq!(parse_line(&LINE[..end], &mut hit), Err(Refused::Broken), "at {}", end);
        }
    }

    #[test]
    fn empty_and_long_lines_have_their_own_names() {
        let mut hit = Hit::default();
        assert_eq!(parse_line(b"\r", &mut hit), Err(Refused::Empty));
        assert_eq!(parse_line(&[b'x'; MAX_LINE_BYTES + 1], &mut hit), Err(Refused::TooLong));
    }

    #[test]
    fn days_are_counted_across_centuries() {
        assert_eq!(days_since_1970(1970, 1, 1), 0);
        assert_eq!(days_since_1970(2000, 3, 1), 11_017);
        assert_eq!(days_since_1970(1900, 3, 1), -25_508);
        assert_eq!(days_since_1970(0, 1, 1), -719_528);
    }
}
