//! What a run starts ends with it: also when it is killed, and when its guards are killed with it.

#[path = "../common/mod.rs"]
mod common;

mod chaos;
mod killed;
mod leaving;

use common::house::House;
