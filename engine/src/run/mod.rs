//! Running a plan: a pure dispatcher decides, a pump moves messages, workers execute attempts. Knows neither where
//! events are stored nor how they are shown.

mod asking;
pub mod attempt;
pub mod dispatcher;
pub mod job;
pub mod locks;
pub mod lounge;
pub mod notes;
pub mod polls;
pub mod pump;
pub mod threads;
pub mod wanting;
pub mod worker;
