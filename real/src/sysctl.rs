//! The files below `/proc/sys/net`. The kernel shows a reader those of the reader's own namespace, so all of
//! this is done on a visit there.

use crate::error::io_refused;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use vethlab_shared::error::{Errno, StackError};

const TREE: &str = "/proc/sys";
/// Old names that `sysctl -a` leaves out (`is_deprecated` in procps); the same with `_ms` behind took over.
const DEPRECATED: [&str; 2] = ["base_reachable_time", "retrans_time"];

/// Reads a file, without its final newline.
pub(crate) fn read(name: &str) -> Result<String, StackError> {
    let mut text = fs::read_to_string(path(name)?).map_err(io_refused)?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

/// Writes a value, and a newline as `sysctl -w` does.
pub(crate) fn write(name: &str, value: &str) -> Result<(), StackError> {
    fs::write(path(name)?, format!("{value}\n")).map_err(io_refused)
}

/// The names of all readable files whose name begins with `prefix`, in the order of their directories, which
/// is that of `sysctl -a`.
pub(crate) fn names(prefix: &str) -> Result<Vec<String>, StackError> {
    let mut names = Vec::new();
    walk(&Path::new(TREE).join("net"), "net", prefix, &mut names)?;
    Ok(names)
}

fn walk(directory: &Path, name: &str, prefix: &str, names: &mut Vec<String>) -> Result<(), StackError> {
    for entry in fs::read_dir(directory).map_err(io_refused)? {
        let entry = entry.map_err(io_refused)?;
        let file = entry.file_name();
        let file = file.to_string_lossy().replace('.', "/");
        if DEPRECATED.contains(&file.as_str()) {
            continue;
        }
        let name = format!("{name}.{file}");
        let metadata = entry.metadata().map_err(io_refused)?;
        if metadata.is_dir() {
            let related = name.starts_with(prefix) || prefix.starts_with(&name);
            if related {
                walk(&entry.path(), &name, prefix, names)?;
            }
        } else if metadata.permissions().mode() & 0o400 != 0 && name.starts_with(prefix) {
            names.push(name);
        }
    }
    Ok(())
}

/// The file that a name means. As in procps (`slashdot`), the first separator decides: `net.ipv4.conf.a/b`
/// and `net/ipv4/conf/a.b` are both about the link `a.b`.
fn path(name: &str) -> Result<PathBuf, StackError> {
    let dotted = name.find(['.', '/']).is_none_or(|position| name.as_bytes()[position] == b'.');
    let relative: String = match dotted {
        true => name
            .chars()
            .map(|c| {
                if c == '.' {
                    '/'
                } else if c == '/' {
                    '.'
                } else {
                    c
                }
            })
            .collect(),
        false => name.to_owned(),
    };
    if relative.split('/').any(|part| part == "..") || relative.contains('\0') {
        return Err(Errno::ENOENT.into());
    }
    // What lies outside belongs to the machine, not to a namespace.
    if relative != "net" && !relative.starts_with("net/") {
        return Err(StackError::NotModelled(format!("sysctl {name}")));
    }
    Ok(Path::new(TREE).join(relative))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> String {
        path(name).expect("a name below net").to_string_lossy().into_owned()
    }

    #[test]
    fn the_first_separator_says_which_one_it_is() {
        assert_eq!(file("net.ipv4.ip_forward"), "/proc/sys/net/ipv4/ip_forward");
        assert_eq!(file("net/ipv4/ip_forward"), "/proc/sys/net/ipv4/ip_forward");
        assert_eq!(file("net.ipv4.conf.a/b.rp_filter"), "/proc/sys/net/ipv4/conf/a.b/rp_filter");
        assert_eq!(file("net/ipv4/conf/a.b/rp_filter"), "/proc/sys/net/ipv4/conf/a.b/rp_filter");
    }

    #[test]
    fn nothing_leads_out_of_the_namespace() {
        assert_eq!(path("kernel.hostname"), Err(StackError::NotModelled("sysctl kernel.hostname".into())));
        assert_eq!(path("net/../kernel/hostname"), Err(Errno::ENOENT.into()));
        assert!(path("/etc/passwd").is_err());
    }
}
