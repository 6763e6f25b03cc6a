//! Ids: UUID version 7 (RFC 9562 section 5.7), made from a time and random bytes that the caller brings.

/// A UUIDv7 in its canonical spelling.
pub fn uuid_v7(time_ms: u64, random: [u8; 10]) -> String {
    let mut bytes = [0u8; 16];
    bytes[..6].copy_from_slice(&time_ms.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&random);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let mut text = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
    }
    text
}

/// Whether a text is a UUIDv7 in its canonical spelling: lower case, version 7, variant 10.
pub fn is_uuid_v7(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            14 => *b == b'7',
            19 => matches!(b, b'8' | b'9' | b'a' | b'b'),
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(b),
        })
}

/// The milliseconds since 1970 inside a UUIDv7.
pub fn time_of(uuid: &str) -> Option<u64> {
    if !is_uuid_v7(uuid) {
        return None;
    }
    let (high, low) = (uuid.get(..8)?, uuid.get(9..13)?);
    let hex = |text| u64::from_str_radix(text, 16).ok();
    Some(hex(high)? << 16 | hex(low)?)
}
