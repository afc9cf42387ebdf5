//! Attacks by a server: each has a stated bound of memory, time or text.

mod gzip;
mod server;
mod threads;
