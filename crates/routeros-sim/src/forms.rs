//! The forms in which values are read and printed: durations, rates, addresses, dates.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Writes a decimal number.
pub(crate) fn write_number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

const UNITS: [(u64, &str); 6] =
    [(604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];

/// Writes milliseconds as `1w2d3h4m5s`, `300ms`, `1s100ms`, `0s`.
pub(crate) fn write_duration(milliseconds: u64, out: &mut Vec<u8>) {
    if milliseconds == 0 {
        out.extend_from_slice(b"0s");
    }
    let mut rest = milliseconds;
    for (size, unit) in UNITS {
        if rest >= size {
            write_number(rest / size, out);
            out.extend_from_slice(unit.as_bytes());
            rest %= size;
        }
    }
}

/// As [`write_duration`], as a string.
pub(crate) fn duration(milliseconds: u64) -> String {
    let mut out = Vec::new();
    write_duration(milliseconds, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Reads `1w2d3h4m5s`, `300ms`, `1:00:00`, `1d02:03:04` and bare seconds, in milliseconds.
pub(crate) fn read_duration(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        if rest.contains(':') && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.') {
            return total.checked_add(read_clock(rest)?);
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let size = match &rest[..letters] {
            "" if rest.is_empty() => 1000,
            unit => UNITS.iter().find(|(_, name)| *name == unit)?.0,
        };
        total = total.checked_add(number.checked_mul(size)?)?;
        rest = &rest[letters..];
    }
    Some(total)
}

/// `hh:mm:ss`, `mm:ss` being minutes and seconds does not exist: `hh:mm` is hours and minutes.
pub(crate) fn read_clock(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut total = 0_u64;
    let mut size = 3_600_000_u64;
    let mut parts = 0;
    for part in whole.split(':') {
        total = total.checked_add(part.parse::<u64>().ok()?.checked_mul(size)?)?;
        size = (size / 60).max(1);
        parts += 1;
    }
    if !(2..=3).contains(&parts) || fraction.len() > 3 {
        return None;
    }
    if !fraction.is_empty() {
        total = total.checked_add(format!("{fraction:0<3}").parse().ok()?)?;
    }
    Some(total)
}

/// Reads `64k`, `5M`, `1G`, `1000`; k, M and G are decimal.
pub(crate) fn read_rate(text: &str) -> Option<u64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1_000),
        b'm' | b'M' => (&text[..text.len() - 1], 1_000_000),
        b'g' | b'G' => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1),
    };
    if digits.is_empty() || digits.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// Reads an amount of bytes: `1000`, `64k`, `2M`, `1G`, `2048KiB`; k, M and G are binary here.
pub(crate) fn read_size(text: &str) -> Option<u64> {
    let text = text.strip_suffix("iB").unwrap_or(text);
    let (digits, shift) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    if digits.is_empty() || digits.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// Reads `AA:BB:CC:DD:EE:FF` with `:`, `-`, `.` or nothing between.
pub(crate) fn read_mac(text: &str) -> Option<String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b':' | b'-' | b'.')).collect();
    if digits.len() != 12 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pairs: Vec<String> = digits.chunks(2).map(|pair| String::from_utf8_lossy(pair).to_ascii_uppercase()).collect();
    Some(pairs.join(":"))
}

/// An address with an optional length of the prefix.
pub(crate) fn read_prefix(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        None => longest,
        Some(length) => match length.parse::<u8>() {
            Ok(length) if length <= longest => length,
            Ok(_) => return None,
            Err(_) => mask_length(length.parse().ok()?)?,
        },
    };
    Some((address, length))
}

fn mask_length(mask: Ipv4Addr) -> Option<u8> {
    let bits = u32::from(mask);
    let length = bits.leading_ones();
    (bits.count_ones() == length).then(|| u8::try_from(length).unwrap_or(32))
}

/// The address with everything after the prefix cleared.
pub(crate) fn network(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length.min(32))).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(address) & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
        }
    }
}

/// Is the address inside the comma-joined prefixes? Nothing means everywhere.
pub(crate) fn inside(address: IpAddr, prefixes: &str) -> bool {
    let address = match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    prefixes.is_empty()
        || prefixes.split(',').filter_map(|one| read_prefix(one.trim())).any(|(base, length)| {
            base.is_ipv4() == address.is_ipv4() && network(address, length) == network(base, length)
        })
}
