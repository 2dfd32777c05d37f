//! The `vethlab` command as a program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, io};

/// Where the program is: where `VETHLAB_BINARY` says, or where cargo, asked to the first time, builds it.
///
/// # Errors
/// It cannot be built.
pub fn path() -> io::Result<&'static Path> {
    static PATH: LazyLock<Result<PathBuf, String>> =
        LazyLock::new(|| build().map_err(|error| error.to_string()));
    PATH.as_deref().map_err(|error| io::Error::other(error.clone()))
}

fn build() -> io::Result<PathBuf> {
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
