//! The `vethlab` command as a program.

use std::path::PathBuf;
use std::process::Command;
use std::{env, io};

/// Where the program is: where `VETHLAB_BINARY` says, or where cargo, asked to, builds it.
///
/// # Errors
/// It cannot be built.
pub fn path() -> io::Result<PathBuf> {
    if let Some(path) = env::var_os("VETHLAB_BINARY") {
        return Ok(path.into());
    }
    let tests = env::current_exe()?;
    let profile = tests.ancestors().nth(2).ok_or_else(|| io::Error::other("no folder of the build"))?;
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--quiet", "--package", "vethlab"]);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    match build.status()?.success() {
        true => Ok(profile.join("vethlab")),
        false => Err(io::Error::other("the vethlab command cannot be built")),
    }
}
