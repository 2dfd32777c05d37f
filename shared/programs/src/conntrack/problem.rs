//! How `conntrack` says that it does not go on (`exit_error`).

use crate::Failure;

/// What its lines begin with.
pub(super) const NAME: &str = "conntrack v1.4.7 (conntrack-tools)";

/// The words make no sense (`PARAMETER_PROBLEM`).
pub(super) fn wrong(message: impl std::fmt::Display) -> Failure {
    let try_help = "Try `conntrack -h' or 'conntrack --help' for more information.";
    Failure::exit(2, format_args!("{NAME}: {message}\n{try_help}"))
}

/// Something else (`OTHER_PROBLEM`).
pub(super) fn failed(message: impl std::fmt::Display) -> Failure {
    Failure::exit(1, format_args!("{NAME}: {message}"))
}

/// A word that is understood, and means something that is not modelled.
pub(super) fn not_modelled(what: &str) -> Failure {
    Failure::NotModelled(format!("conntrack {what}"))
}
