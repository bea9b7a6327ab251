//! `load_json`, `load_csv`, `load_yaml`, `load_text`: data files beside the script.

pub mod body;
pub mod error;
