//! What a page downloads.

use serde_json::Value;
use std::path::PathBuf;

/// One download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    id: String,
    pub url: String,
    /// The name the server gave it.
    pub name: String,
    pub end: Option<DownloadEnd>,
}

/// How a download ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadEnd {
    /// Where it is now.
    Complete(PathBuf),
    Canceled,
}

/// The downloads of a page, in the order in which they began.
#[derive(Default)]
pub struct Downloads(pub Vec<Download>);

impl Downloads {
    pub fn happened(&mut self, name: &str, params: &Value) {
        let text = |key: &str| params[key].as_str().unwrap_or_default().to_owned();
        // Drivers without an id tell the navigation.
        let id = match text("download") {
            id if id.is_empty() => text("navigation"),
            id => id,
        };
        if name == "downloadWillBegin" {
            self.0.push(Download {
                id,
                url: text("url"),
                name: text("suggestedFilename"),
                end: None,
            });
            return;
        }
        let end = match params["filepath"].as_str() {
            Some(path) if params["status"] == "complete" => DownloadEnd::Complete(path.into()),
            _ => DownloadEnd::Canceled,
        };
        let begun = self.0.iter_mut().rev();
        if let Some(download) = begun.into_iter().find(|download| download.id == id) {
            download.end = Some(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_download_is_known_from_its_beginning_to_its_end() {
        let mut downloads = Downloads::default();
        let began = json!({ "download": "d1", "url": "http://x/a", "suggestedFilename": "a.txt" });
        downloads.happened("downloadWillBegin", &began);
        assert_eq!(downloads.0[0].end, None);
        let ended = json!({ "download": "d1", "status": "complete", "filepath": "/t/a.txt" });
        downloads.happened("downloadEnd", &ended);
        assert_eq!(
            downloads.0[0].end,
            Some(DownloadEnd::Complete("/t/a.txt".into()))
        );
        assert_eq!(downloads.0[0].name, "a.txt");
    }
}
