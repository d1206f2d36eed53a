// SPDX-License-Identifier: GPL-3.0-or-later
//! The words of a User-Agent header and the host of a Referer.

/// The words of a user agent: products with their major version, systems, remarks. A word is
/// printable ASCII without quotes and backslashes, and ends at its first full stop.
pub fn words(agent: &[u8]) -> impl Iterator<Item = &[u8]> {
    agent
        .split(|&b| !b.is_ascii_graphic() || b"()[];,\"\\".contains(&b))
        .map(|word| word.split(|&b| b == b'.').next().unwrap_or(word))
        .filter(|word| !word.is_empty())
}

/// The host of a referrer, in lower case, in `host`. False where there is none.
pub fn host_of(referrer: &[u8], host: &mut Vec<u8>) -> bool {
    host.clear();
    if referrer.is_empty() || referrer == b"-" {
        return false;
    }
    let start = match referrer.windows(3).position(|w| w == b"://") {
        Some(at) => at + 3,
        None => 0,
    };
    for &byte in &referrer[start..] {
        match byte {
            b'/' | b':' | b'?' | b'#' => break,
            b'-' | b'.' | b'_' => host.push(byte),
            _ if byte.is_ascii_alphanumeric() => host.push(byte.to_ascii_lowercase()),
            _ => host.push(b'?'),
        }
    }
    !host.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_falls_into_words() {
        let agent = b"Mozilla/5.0 (X11; Linux x86_64; rv:109.0)  Firefox/115.0\0\xff\".x";
        let found: Vec<&[u8]> = words(agent).collect();
        let wanted: [&[u8]; 6] =
            [b"Mozilla/5", b"X11", b"Linux", b"x86_64", b"rv:109", b"Firefox/115"];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_referrer_has_a_host_or_none() {
        let mut host = Vec::new();
        assert!(host_of(b"https://WWW.Example.org:8080/x", &mut host));
        assert_eq!(host, b"www.example.org");
        assert!(!host_of(b"-", &mut host));
        assert!(!host_of(b"https:///x", &mut host));
        assert!(host_of(b"a\0b", &mut host));
        assert_eq!(host, b"a?b");
    }
}
