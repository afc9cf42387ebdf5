//! Submitting a manifest exactly once.

mod again;
mod basics;
mod changes;
mod child;
mod clock;
mod damage;
mod elsewhere;
mod expiry;
mod failing;
mod files;
mod finishing;
mod fixture;
mod journal;
mod killed;
mod late;
mod owner;
mod planning;
mod rejection;
mod schedules;
mod stopping;
mod telling;
mod together;
mod uncertain;
mod unreadable;
mod waiting;
