#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| vethlab_tests::fuzz::run("shell", bytes));
