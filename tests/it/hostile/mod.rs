//! Attacks by a server: each has a stated bound of memory, time or text.

mod identity;
mod numbers;
mod paging;
mod replies;
mod server;
