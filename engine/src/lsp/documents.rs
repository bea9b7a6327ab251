//! The texts that are open in the editor, as they stand there.

use super::position::offset;
use std::collections::HashMap;
use std::sync::Arc;
use tower_lsp_server::ls_types::{TextDocumentContentChangeEvent as Change, Uri};

/// An open text.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub version: i32,
    pub text: Arc<str>,
}

/// All open texts.
#[derive(Debug, Default)]
pub struct Documents {
    open: HashMap<Uri, Document>,
}

impl Documents {
    pub fn open(&mut self, uri: Uri, version: i32, text: String) {
        let text = text.into();
        self.open.insert(uri, Document { version, text });
    }

    /// Applies edits in their order. A text that was never opened cannot be changed.
    pub fn change(&mut self, uri: &Uri, version: i32, changes: Vec<Change>) {
        let Some(document) = self.open.get_mut(uri) else {
            return;
        };
        let mut text = document.text.to_string();
        for change in changes {
            apply(&mut text, change);
        }
        document.version = version;
        document.text = text.into();
    }

    pub fn close(&mut self, uri: &Uri) {
        self.open.remove(uri);
    }

    pub fn get(&self, uri: &Uri) -> Option<Document> {
        self.open.get(uri).cloned()
    }

    pub fn all(&self) -> Vec<(Uri, Document)> {
        let all = self.open.iter();
        all.map(|(uri, document)| (uri.clone(), document.clone()))
            .collect()
    }
}

fn apply(text: &mut String, change: Change) {
    let Some(range) = change.range else {
        *text = change.text;
        return;
    };
    let start = offset(text, range.start);
    let end = offset(text, range.end).max(start);
    text.replace_range(start..end, &change.text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower_lsp_server::ls_types::{Position, Range};

    fn change(from: (u32, u32), to: (u32, u32), text: &str) -> Change {
        Change {
            range: Some(Range {
                start: Position::new(from.0, from.1),
                end: Position::new(to.0, to.1),
            }),
            range_length: None,
            text: text.into(),
        }
    }

    fn changed(text: &str, change: Change) -> String {
        let mut text = text.to_owned();
        apply(&mut text, change);
        text
    }

    #[test]
    fn an_edit_replaces_its_range() {
        assert_eq!(changed("a🙂c\nd", change((0, 1), (0, 3), "b")), "abc\nd");
        assert_eq!(changed("ab\ncd", change((0, 1), (1, 1), "")), "ad");
    }

    #[test]
    fn an_odd_edit_harms_nothing() {
        assert_eq!(changed("ab", change((9, 9), (0, 0), "x")), "abx");
        assert_eq!(changed("ab", change((0, 2), (0, 1), "x")), "abx");
        let mut documents = Documents::default();
        let uri: Uri = "file:///a.rhai".parse().unwrap();
        documents.change(&uri, 1, vec![change((0, 0), (0, 0), "x")]);
        assert!(documents.get(&uri).is_none());
    }
}
