//! What the tests across the crates are made of: scripts through the installed tools, and random operations
//! with what they lead to; and workloads to measure by.
#![forbid(unsafe_code)]

pub mod binary;
pub mod classroom;
pub mod files;
pub mod fuzz;
pub mod generate;
pub mod machine;
pub mod networks;
pub mod numbers;
pub mod operation;
pub mod packets;
pub mod randomness;
pub mod recording;
pub mod report;
pub mod row;
pub mod scripted;
pub mod stacks;
pub mod tools;
pub mod trial;
pub mod workload;
