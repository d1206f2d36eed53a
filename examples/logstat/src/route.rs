// SPDX-License-Identifier: GPL-3.0-or-later
//! The normal form of a request's path (RFC 3986 section 6.2.2), with numbers and hashes replaced
//! by placeholders, so that requests for the same kind of thing count together.
//! The result is printable ASCII without quotes and backslashes.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Writes the route of `target` into `route`, whose former content is dropped.
#[inline(never)]
pub fn normalise(target: &[u8], route: &mut Vec<u8>) {
    let end = target.iter().position(|&b| b == b'?' || b == b'#').unwrap_or(target.len());
    route.clear();
    decode(&target[..end], route);
    let n_bytes = collapse(route);
    route.truncate(n_bytes);
}

/// Appends `raw` to `out`: what needs no percent sign loses it, what needs one gets it.
#[cfg(not(feature = "regress_decode"))]
#[inline(never)]
pub fn decode(raw: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < raw.len() {
        let (byte, n_used) = match raw[at..] {
            [b'%', high, low, ..] => match (hex_value(high), hex_value(low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => (b'%', 1),
            },
            [byte, ..] => (byte, 1),
            [] => break,
        };
        push_encoded(byte, n_used == 3, out);
        at += n_used;
    }
}

/// The mistake: takes characters from the front of a string, which moves all others each time.
#[cfg(feature = "regress_decode")]
#[inline(never)]
pub fn decode(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest: String = raw.iter().map(|&byte| byte as char).collect();
    while !rest.is_empty() {
        let first = rest.remove(0) as u8;
        let mut next = rest.bytes();
        let digits = (next.next().and_then(hex_value), next.next().and_then(hex_value));
        match (first, digits) {
            (b'%', (Some(high), Some(low))) => {
                rest.drain(..2);
                push_encoded(high << 4 | low, true, out);
            }
            _ => push_encoded(first, false, out),
        }
    }
}

fn hex_value(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

fn push_encoded(byte: u8, was_encoded: bool, out: &mut Vec<u8>) {
    let plain = byte.is_ascii_alphanumeric()
        || b"-._~".contains(&byte)
        || (!was_encoded && b"/!$&'()*+,;=:@".contains(&byte));
    if plain {
        out.push(byte);
    } else {
        out.push(b'%');
        out.push(HEX[usize::from(byte >> 4)]);
        out.push(HEX[usize::from(byte & 15)]);
    }
}

/// Resolves empty, `.` and `..` segments and puts the placeholders in. Works in place, as nothing
/// written is longer than what was read: a placeholder is kept only where it fits. Returns the
/// length of the result.
fn collapse(path: &mut Vec<u8>) -> usize {
    let n_read = path.len();
    let (mut from, mut to) = (0, 0);

    if path.first() != Some(&b'/') {
        path.insert(0, b'/');
        return collapse(path);
    }
    while from < n_read {
        from += 1; // the slash
        let n = path[from..].iter().position(|&b| b == b'/').unwrap_or(n_read - from);
        let segment = from..from + n;
        from += n;
        match &path[segment.clone()] {
            b"" | b"." => {}
            b".." => to = path[..to].iter().rposition(|&b| b == b'/').unwrap_or(0),
            other => {
                let place = placeholder(other);
                path[to] = b'/';
                if place.is_empty() {
                    path.copy_within(segment, to + 1);
                    to += 1 + n;
                } else {
                    path[to + 1..to + 1 + place.len()].copy_from_slice(place);
                    to += 1 + place.len();
                }
            }
        }
    }
    if to == 0 {
        1 // nothing but the first slash is left
    } else {
        to
    }
}

/// `#` for a number, `{hex}` for a hash or a UUID, nothing for a name.
fn placeholder(segment: &[u8]) -> &'static [u8] {
    let n_digits = segment.iter().filter(|b| b.is_ascii_digit()).count();
    if n_digits == segment.len() {
        b"#"
    } else if n_digits > 0
        && segment.len() >= 8
        && segment.iter().all(|&b| b.is_ascii_hexdigit() || b == b'-')
    {
        b"{hex}"
    } else {
        b""
    }
}

/// The names in the query of `target`, still encoded.
pub fn parameters(target: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = target.split(|&b| b == b'#').next().unwrap_or(target);
    let query = match whole.iter().position(|&b| b == b'?') {
        Some(mark) => &whole[mark + 1..],
        None => &[],
    };
    query
        .split(|&b| b == b'&')
        .map(|pair| pair.split(|&b| b == b'=').next().unwrap_or(pair))
        .filter(|name| !name.is_empty())
}

/// Whether people ask for it, and not a page on their behalf.
pub fn is_page(route: &[u8]) -> bool {
    const ASSETS: [&[u8]; 6] = [b"css", b"ico", b"js", b"png", b"svg", b"woff2"];
    let name = route.rsplit(|&b| b == b'/').next().unwrap_or(route);
    match name.iter().rposition(|&b| b == b'.') {
        Some(dot) => !ASSETS.contains(&&name[dot + 1..]),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_one_spelling() {
        for (target, route) in [
            ("/", "/"),
            ("", "/"),
            ("*", "/*"),
            ("//a//b/", "/a/b"),
            ("/a/./b/../c?x=/../y", "/a/c"),
            ("/../../x", "/x"),
            ("/a/..", "/"),
            ("/%7Euser/%2e%2e/%41", "/A"),
            ("/a%2fb/%zz%", "/a%2Fb/%25zz%25"),
            ("/caf\u{e9}/\"\\", "/caf%C3%A9/%22%5C"),
            ("/users/7/photos/1234", "/users/#/photos/#"),
            ("/o/9f86d081-884c7d65", "/o/{hex}"),
            ("/o/deadbeefcafe", "/o/deadbeefcafe"),
            ("9", "/#"),
        ] {
            let mut out = b"old".to_vec();
            normalise(target.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), route, "{}", target);
        }
    }

    #[test]
    fn a_query_has_names() {
        let found: Vec<&[u8]> = parameters(b"/a?b=1&&c=&d&=2#e?f=3").collect();
        assert_eq!(found, [b"b", b"c", b"d"]);
        assert_eq!(parameters(b"/a#b?c=1").count(), 0);
        assert_eq!(parameters(b"/a").count(), 0);
    }

    #[test]
    fn assets_are_not_pages() {
        assert!(is_page(b"/a.css/b"));
        assert!(is_page(b"/release-1.2"));
        assert!(!is_page(b"/static/app.min.js"));
    }
}
