//! Attacks by a server: each has a stated bound of memory, time or text.

mod gzip;
mod threads;

use ica_batch_tests::hostile_server as server;
