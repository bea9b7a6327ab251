//! What `complete` knows, in the protocol's words.

use super::position;
use crate::complete::{Completion, Kind, Offers, Signatures};
use std::ops::Range;
use tower_lsp_server::ls_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, Hover, HoverContents,
    InsertTextFormat, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel,
    SignatureHelp, SignatureInformation, TextEdit,
};

/// From so many completions on, only the first paragraph of what is said of each is sent.
const MANY: usize = 60;

/// Completions; `snippets`: the editor can put its cursor between the brackets of a call.
pub fn completions(text: &str, offers: Offers, snippets: bool) -> Vec<CompletionItem> {
    let range = position::range(text, &offers.range);
    let many = offers.items.len() > MANY;
    let items = offers.items.into_iter().enumerate();
    items
        .map(|(index, item)| {
            let is_call = snippets && item.insert.ends_with('(');
            let new_text = if is_call {
                format!("{}$0)", escaped(&item.insert))
            } else {
                item.insert.clone()
            };
            CompletionItem {
                kind: Some(kind(&item)),
                detail: (!item.detail.is_empty()).then(|| item.detail.clone()),
                documentation: documentation(if many { first(&item.docs) } else { &item.docs }),
                sort_text: Some(format!("{index:04}")),
                filter_text: Some(item.label.clone()),
                insert_text_format: is_call.then_some(InsertTextFormat::SNIPPET),
                text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
                label: item.label,
                ..CompletionItem::default()
            }
        })
        .collect()
}

/// A snippet gives a meaning to these.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('$', "\\$")
        .replace('}', "\\}")
}

fn first(docs: &str) -> &str {
    docs.split("\n\n").next().unwrap_or_default()
}

fn kind(item: &Completion) -> CompletionItemKind {
    match item.kind {
        Kind::Option => CompletionItemKind::FIELD,
        Kind::Variable => CompletionItemKind::VARIABLE,
        Kind::Property => CompletionItemKind::PROPERTY,
        Kind::Method => CompletionItemKind::METHOD,
        Kind::Function => CompletionItemKind::FUNCTION,
        Kind::Module => CompletionItemKind::MODULE,
        Kind::Keyword => CompletionItemKind::KEYWORD,
    }
}

/// What is said of the name in these bytes.
pub fn hover(text: &str, bytes: &Range<usize>, told: String) -> Hover {
    Hover {
        contents: HoverContents::Markup(markdown(told)),
        range: Some(position::range(text, bytes)),
    }
}

/// The signatures of a call.
pub fn signatures(found: Signatures) -> SignatureHelp {
    let argument = found.argument as u32;
    let all = found.all.into_iter();
    SignatureHelp {
        signatures: all
            .map(|signature| SignatureInformation {
                documentation: documentation(&signature.docs),
                parameters: Some(
                    signature
                        .parameters
                        .into_iter()
                        .map(|parameter| ParameterInformation {
                            label: ParameterLabel::Simple(parameter),
                            documentation: None,
                        })
                        .collect(),
                ),
                label: signature.label,
                active_parameter: None,
            })
            .collect(),
        active_signature: Some(found.active as u32),
        active_parameter: Some(argument),
    }
}

fn documentation(docs: &str) -> Option<Documentation> {
    (!docs.is_empty()).then(|| Documentation::MarkupContent(markdown(docs.to_owned())))
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent {
        kind: MarkupKind::Markdown,
        value,
    }
}
