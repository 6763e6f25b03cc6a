//! The body is a plain function, which core's own tests run as well.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sayso_fuzz::proof::check(data));
