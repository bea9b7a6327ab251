//! What an editor or a prompt offers while a script is being written: completions, signatures, documentation, where a
//! name comes from. Pure: a text and a place in it go in. Works on tokens, so a text that does not parse yet is as good
//! as one that does. Knows no protocol, no files and no terminal.

mod around;
mod docs;
mod exports;
mod infer;
mod offer;
mod outline;
mod scope;
mod signature;
mod symbol;
#[cfg(test)]
mod tests;
mod text;

pub use docs::doc_of;
pub use exports::{Export, exports};
pub use offer::{Completion, Kind, Offers, complete};
pub use outline::{Item, ItemKind, outline};
pub use signature::{Signature, Signatures, signature_at};
pub use symbol::{Symbol, hover, symbol_at};

use crate::source::declare;
use scenario_stdlib::catalog::Book;
use std::sync::OnceLock;

/// What is known beside the text.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub book: &'a Book,
    /// Variables that do not stand in the text, with the type of their value in the words of a script (`text`,
    /// `Response`; empty if unknown): those of a prompt.
    pub locals: &'a [(String, String)],
    /// The text of the module behind a path as `import` writes it.
    pub module: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Context<'a> {
    /// Nothing but what every script can say.
    pub fn plain(book: &'a Book) -> Self {
        Self {
            book,
            locals: &[],
            module: &embedded,
        }
    }
}

/// The text of a module that is part of the program: `std/postgres`.
pub fn embedded(path: &str) -> Option<String> {
    let name = path.strip_prefix("std/")?;
    let modules = scenario_stdlib::MODULES;
    let (_, text) = modules.iter().find(|(known, _)| *known == name)?;
    Some((*text).to_owned())
}

/// The book of this program. Made on first need, which takes milliseconds.
pub fn book() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    BOOK.get_or_init(|| Book::new(&[declare::PRIMITIVE]))
}
