#![no_main]

use ica_batch_tests::fuzz_targets;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz_targets::run("manifest_files", data));
