//! What a text declares, as the editor's list of symbols.

use super::position;
use crate::complete::{Item, ItemKind, outline};
use tower_lsp_server::ls_types::{DocumentSymbol, SymbolKind};

pub fn symbols(text: &str) -> Vec<DocumentSymbol> {
    let items = outline(text).into_iter();
    items
        .filter(|item| item.kind != ItemKind::Script)
        .map(|item| symbol(text, item))
        .collect()
}

fn symbol(text: &str, item: Item) -> DocumentSymbol {
    let (kind, detail) = match item.kind {
        ItemKind::Scenario => (SymbolKind::CLASS, "scenario"),
        ItemKind::Phase => (SymbolKind::METHOD, "phase"),
        ItemKind::Stack => (SymbolKind::OBJECT, "stack"),
        ItemKind::Function | ItemKind::Script => (SymbolKind::FUNCTION, "fn"),
    };
    let children: Vec<DocumentSymbol> = item
        .children
        .into_iter()
        .map(|child| symbol(text, child))
        .collect();
    #[expect(deprecated, reason = "a field of the struct, though nobody reads it")]
    DocumentSymbol {
        name: item.name,
        detail: Some(detail.into()),
        kind,
        tags: None,
        deprecated: None,
        range: position::range(text, &item.span),
        selection_range: position::range(text, &item.word),
        children: (!children.is_empty()).then_some(children),
    }
}
