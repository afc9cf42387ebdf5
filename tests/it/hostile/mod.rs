//! Attacks by a server: each has a stated bound of memory, time or text.

mod gzip;
mod identity;
mod numbers;
mod paging;
mod replies;
mod threads;

use ica_batch_tests::hostile_server as server;
