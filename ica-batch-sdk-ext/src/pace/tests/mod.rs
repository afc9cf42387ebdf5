//! Tests of the pace: properties of its decisions, servers with limits in simulated time, and calls
//! that wait.

mod decisions;
mod server;
mod turns;
