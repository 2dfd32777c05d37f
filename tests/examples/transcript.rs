//! Plays scripts through the installed tools and prints what they say: how a new script is written.
//!
//! `cargo run -p vethlab-tests --example transcript -- tests/scripts/walkthrough.sh`

use std::{env, error::Error, fs};
use vethlab_tests::tools;

fn main() -> Result<(), Box<dyn Error>> {
    for path in env::args().skip(1) {
        let commands = vethlab_engine::script::commands(&fs::read(&path)?)?;
        for entry in tools::play(&commands)? {
            print!("$ {}\n{}{}", entry.command, entry.stdout, entry.stderr);
            if entry.status != 0 {
                println!("[exit status {}]", entry.status);
            }
        }
    }
    Ok(())
}
