//! What goes wrong with machines, done for real: the `jiesu` binary under load is killed, its database goes away, its disk fills up, its
//! connections are cut, its clock leaps. How often and how long is said by the environment:
//!
//! * `KILLS=200` kills in all (20 without it), `SEED=n` the same ones again;
//! * `GONE_SECONDS=60` how long the database is gone (3 without it).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod client;
mod clock;
mod cut;
mod damaged;
mod disk;
mod gateway;
mod gone;
mod kill;
mod kit;
mod load;
mod proxy;
mod rewound;
mod rng;
mod stop;
mod tls;
mod workers;
