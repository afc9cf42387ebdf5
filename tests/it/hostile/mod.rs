//! Attacks by a server: each has a stated bound of memory, time or text.

mod analyses;
mod echo;
mod gzip;
mod identity;
mod numbers;
mod paging;
mod printed;
mod replies;
mod session;
mod text;
mod threads;
mod tokens;
mod waits;

use ica_batch_tests::hostile_server as server;
