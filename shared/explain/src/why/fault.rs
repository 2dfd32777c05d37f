//! One fault: what is wrong, where, and what may mend it.

use super::cause::Cause;
use super::evidence::{Evidence, Fact};
use super::mend::{Fix, Mend};
use vethlab_shared::name::NamespaceName;

/// A fault that a packet met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) cause: Cause,
    pub(super) namespace: NamespaceName,
    pub(super) evidence: Vec<Evidence>,
    /// What happened there and because of what.
    pub(super) sentences: Vec<String>,
    /// What may mend it, each with all its commands; what is preferred stands first.
    pub(super) mends: Vec<Mend>,
}

impl Fault {
    pub(super) fn new(cause: Cause, namespace: &NamespaceName) -> Fault {
        let (evidence, sentences, mends) = (Vec::new(), Vec::new(), Vec::new());
        Fault { cause, namespace: namespace.clone(), evidence, sentences, mends }
    }

    pub(super) fn seen(mut self, namespace: &NamespaceName, fact: Fact) -> Fault {
        self.evidence.push(Evidence { namespace: namespace.clone(), fact });
        self
    }

    pub(super) fn seen_all(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Fault {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn told(mut self, sentence: impl Into<String>) -> Fault {
        self.sentences.push(sentence.into());
        self
    }

    /// One more command of what may mend it.
    pub(super) fn mended_by(mut self, namespace: &NamespaceName, command: impl Into<String>) -> Fault {
        let fix = Fix::new(namespace, command);
        match self.mends.last_mut() {
            Some(mend) => mend.push(fix),
            None => self.mends.push(vec![fix]),
        }
        self
    }

    /// Something else that may mend it, where nothing before does.
    pub(super) fn or_by(mut self, mend: Mend) -> Fault {
        if !mend.is_empty() && !self.mends.contains(&mend) {
            self.mends.push(mend);
        }
        self
    }

    /// The same for several, in their order.
    pub(super) fn or_by_all(self, mends: impl IntoIterator<Item = Mend>) -> Fault {
        mends.into_iter().fold(self, Fault::or_by)
    }
}
