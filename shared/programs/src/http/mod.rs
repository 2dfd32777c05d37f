//! HTTP, as far as `curl` and `wget` read it: where a resource is, and what a server answers (RFC 3986, RFC 9112).

pub(crate) mod response;
pub(crate) mod url;
