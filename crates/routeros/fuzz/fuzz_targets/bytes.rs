//! Any bytes, as if a router had sent them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| routeros::hostile::take(bytes));
