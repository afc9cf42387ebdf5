//! Attacks by a server: each has a stated bound of memory, time or text.

mod echo;
mod printed;
mod server;
mod session;
mod text;
mod tokens;
