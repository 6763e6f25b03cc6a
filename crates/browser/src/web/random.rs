//! Randomness, from the browser's own generator.

/// Fresh random bytes; `None` where the browser has no generator.
pub fn bytes<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    web_sys::window()?
        .crypto()
        .ok()?
        .get_random_values_with_u8_array(&mut bytes)
        .ok()?;
    Some(bytes)
}

/// A fresh UUIDv7 of a time in milliseconds since 1970.
pub fn uuid(time: u64) -> Option<String> {
    Some(sayso_core::id::uuid_v7(time, bytes()?))
}
