//! What every measurement has alike, so that results of the bench and of the load tests are told in one way.
//!
//! | file | holds |
//! |---|---|
//! | `statistics` | percentiles of raw samples |
//! | `slope` | whether something grows, with the interval |
//! | `machine` | what was measured on, and what a process takes |
//! | `about` | under which circumstances: the head of every result file |
//! | `page` | figures for a reader, and the part of a page that belongs to a program |
//! | `scenario` | a run under load or faults, and its file |

pub mod about;
pub mod machine;
pub mod page;
pub mod scenario;
pub mod slope;
pub mod statistics;
