//! What the code of a phase comes to, so that a resume can tell whether a script was edited: its call, the functions it
//! reaches, what its closures captured, and the modules of its file as a whole.

use super::check;
use super::declare::RawPhase;
use super::resolver::Resolver;
use crate::model::CodeHash;
use rhai::Position;
use scenario_stdlib::host::json;
use scenario_stdlib::host::script::Deferred;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// Characters of a captured value that count.
const CAPTURE: usize = 64 * 1024;

/// Hashes phases of one file.
pub struct Hasher<'a> {
    file: &'a str,
    text: &'a str,
    resolver: &'a Resolver,
    modules: Option<String>,
    /// Loops declare many phases with the same call.
    calls: HashMap<(u32, u32), String>,
}

impl<'a> Hasher<'a> {
    pub fn new(file: &'a str, text: &'a str, resolver: &'a Resolver) -> Self {
        Self {
            file,
            text,
            resolver,
            modules: None,
            calls: HashMap::new(),
        }
    }

    pub fn of(&mut self, phase: &RawPhase) -> CodeHash {
        let mut hash = Sha256::new();
        hash.update(self.call(phase.position));
        let closures = [phase.body.as_ref(), phase.options.ready.as_ref()];
        for captured in closures.into_iter().flatten().flat_map(Deferred::captured) {
            hash.update(json::show(captured, CAPTURE));
            hash.update([0]);
        }
        hash.update(self.modules());
        let first = hash
            .finalize()
            .iter()
            .take(8)
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        CodeHash(first)
    }

    fn call(&mut self, position: Position) -> &str {
        let place = (
            position.line().unwrap_or(1) as u32,
            position.position().unwrap_or(1) as u32,
        );
        let text = self.text;
        self.calls.entry(place).or_insert_with(|| {
            check::call_span(text, place.0, place.1)
                .map(|span| check::phase_hash(text, span))
                .unwrap_or_default()
        })
    }

    fn modules(&mut self) -> &str {
        let (file, text, resolver) = (self.file, self.text, self.resolver);
        self.modules.get_or_insert_with(|| {
            let mut found = BTreeMap::new();
            resolver.texts(Some(file), text, &mut found);
            // Those of the binary do not change under a run.
            found.retain(|name, _| !Resolver::is_embedded(name));
            let mut hash = Sha256::new();
            for (name, text) in found {
                for part in [name, check::canonical(&text, 0..text.len())] {
                    hash.update(part);
                    hash.update([0]);
                }
            }
            hash.finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect()
        })
    }
}
