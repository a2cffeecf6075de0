//! The engine against a router made of numbers and a journal in memory, both of which fail where they are told to.

mod everywhere;
mod faults;
mod journal;
mod random;
mod rules;
mod time;
mod work;
mod world;
