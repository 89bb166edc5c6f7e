//! Places: from a path inside a YAML file, and a fault inside a scalar, to a finding.

use std::sync::Arc;

use crate::diag::{Fault, Finding, Findings};
use crate::source::SourceFault;
use crate::spec::{Document, Seg};

/// A path of keys.
pub fn path<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<Seg> {
    keys.into_iter().map(key).collect()
}

/// A key of a path.
pub fn key(name: &str) -> Seg {
    Seg::Key(name.to_owned())
}

/// A part of a fault's path: a number is an index.
pub fn segment(part: &str) -> Seg {
    part.parse().map_or_else(|_| key(part), Seg::Index)
}

/// Collects findings about one part of one file.
pub struct Faults<'a> {
    document: &'a Arc<Document>,
    base: Vec<Seg>,
    findings: &'a mut Findings,
}

impl<'a> Faults<'a> {
    /// Faults of the part of a file below a path.
    pub fn new(document: &'a Arc<Document>, base: Vec<Seg>, findings: &'a mut Findings) -> Self {
        Self { document, base, findings }
    }

    fn full(&self, below: &[Seg]) -> Vec<Seg> {
        self.base.iter().chain(below).cloned().collect()
    }

    /// A finding about the key of the part itself.
    pub fn on_key(&mut self, finding: Finding) {
        let place = self.document.key(&self.base);
        self.findings.push(finding.at(Some(place)));
    }

    /// A finding about the value at a path below the part.
    pub fn at(&mut self, below: &[Seg], finding: Finding) {
        let place = self.document.value(&self.full(below));
        self.findings.push(finding.at(Some(place)));
    }

    /// A finding about the key at a path below the part.
    pub fn at_key(&mut self, below: &[Seg], finding: Finding) {
        let place = self.document.key(&self.full(below));
        self.findings.push(finding.at(Some(place)));
    }

    /// A fault inside the scalar at a path below the part.
    pub fn inside(&mut self, below: &[Seg], fault: Fault) {
        let place = self.document.within(&self.full(below), fault.span);
        let mut finding = Finding::error(fault.code, fault.message).at(Some(place));
        finding.hints.extend(fault.hint);
        self.findings.push(finding);
    }

    /// A mistake that a dataset's checker found below the part.
    pub fn source(&mut self, fault: SourceFault) {
        self.below(&fault.path, fault.key, fault.fault);
    }

    /// A fault at a path whose numbers are indexes; on the key where the key is meant.
    pub fn below(&mut self, below: &[String], on_key: bool, fault: Fault) {
        let below: Vec<Seg> = below.iter().map(|part| segment(part)).collect();
        if on_key {
            let mut finding = Finding::error(fault.code, fault.message);
            finding.hints.extend(fault.hint);
            self.at_key(&below, finding);
        } else {
            self.inside(&below, fault);
        }
    }

    /// The value of a result; its fault becomes a finding inside the scalar at a path below the part.
    pub fn take<T>(&mut self, below: &[Seg], result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.inside(below, fault)).ok()
    }
}
