//! From the events of a browser to what a person did. Pure: events go in, [`Heard`] comes out.

use super::heard::{Heard, What};
use serde_json::Value;
use std::collections::HashMap;

/// What is known of the pages so far.
pub struct Follower {
    user_context: String,
    token: String,
    pages: Vec<Followed>,
    /// The document each frame is in.
    frames: HashMap<String, String>,
    /// What was told last, with its time.
    last: String,
}

struct Followed {
    id: String,
    is_closed: bool,
    /// The page itself asked for the navigation that comes next.
    by_page: bool,
    /// The navigation on its way was asked for by the person.
    by_person: bool,
    /// Where it is.
    url: String,
}

fn text<'a>(params: &'a Value, key: &str) -> &'a str {
    params[key].as_str().unwrap_or_default()
}

/// Pages that nobody asked for.
fn is_blank(url: &str) -> bool {
    let blank = ["", "about:blank", "data:,"];
    blank.contains(&url) || url.starts_with("chrome:") || url.starts_with("devtools:")
}

impl Follower {
    pub fn new(user_context: &str, token: String) -> Self {
        Self {
            user_context: user_context.to_owned(),
            token,
            pages: Vec::new(),
            frames: HashMap::new(),
            last: String::new(),
        }
    }

    /// Whether there were pages, and all are closed.
    pub fn is_over(&self) -> bool {
        !self.pages.is_empty() && self.pages.iter().all(|page| page.is_closed)
    }

    fn number(&self, id: &str) -> Option<u32> {
        let at = self.pages.iter().position(|page| page.id == id)?;
        Some(at as u32 + 1)
    }

    fn page(&mut self, id: &str) -> Option<(u32, &mut Followed)> {
        let number = self.number(id)?;
        Some((number, &mut self.pages[number as usize - 1]))
    }

    /// Takes an event in.
    pub fn take(&mut self, method: &str, params: &Value) -> Vec<Heard> {
        let heard = match method {
            "log.entryAdded" => self.told(params),
            "browsingContext.contextCreated" => self.created(params),
            "browsingContext.contextDestroyed" => {
                self.page(text(params, "context")).map(|(page, known)| {
                    known.is_closed = true;
                    Heard {
                        page,
                        what: What::Closed,
                    }
                })
            }
            "goog:cdp.Page.frameRequestedNavigation" | "goog:cdp.Page.frameScheduledNavigation" => {
                let params = params.get("params").unwrap_or(params);
                if let Some((_, known)) = self.page(text(params, "frameId")) {
                    known.by_page = true;
                }
                None
            }
            "browsingContext.navigationStarted" => self.started(params),
            // The first document of a pop-up is not announced otherwise.
            "browsingContext.navigationCommitted"
            | "browsingContext.domContentLoaded"
            | "browsingContext.fragmentNavigated"
            | "browsingContext.historyUpdated" => self.arrived(method, params),
            "browsingContext.userPromptClosed" => {
                let page = self.number(text(params, "context"));
                page.map(|page| Heard {
                    page,
                    what: What::Answered {
                        accepted: params["accepted"].as_bool().unwrap_or(false),
                        text: params["userText"].as_str().map(str::to_owned),
                    },
                })
            }
            "browsingContext.downloadWillBegin" => {
                let page = self.number(text(params, "context"));
                page.map(|page| Heard {
                    page,
                    what: What::Downloads,
                })
            }
            _ => None,
        };
        heard.into_iter().collect()
    }

    fn created(&mut self, params: &Value) -> Option<Heard> {
        let is_ours = text(params, "userContext") == self.user_context;
        let id = text(params, "context");
        if let Some(parent) = params["parent"].as_str() {
            self.frames.insert(id.to_owned(), parent.to_owned());
            return None;
        }
        if !is_ours || self.number(id).is_some() {
            return None;
        }
        let by = self.number(text(params, "originalOpener"));
        self.pages.push(Followed {
            id: id.to_owned(),
            is_closed: false,
            by_page: by.is_some(),
            by_person: false,
            url: String::new(),
        });
        Some(Heard {
            page: self.pages.len() as u32,
            what: What::Opened { by },
        })
    }

    fn started(&mut self, params: &Value) -> Option<Heard> {
        let url = text(params, "url").to_owned();
        let (page, known) = self.page(text(params, "context"))?;
        if is_blank(&url) {
            return None;
        }
        let by_page = std::mem::take(&mut known.by_page);
        known.by_person = !by_page;
        (!by_page).then_some(Heard {
            page,
            what: What::Asked { url },
        })
    }

    fn arrived(&mut self, method: &str, params: &Value) -> Option<Heard> {
        let url = text(params, "url").to_owned();
        let is_new = method == "browsingContext.navigationCommitted";
        let (page, known) = self.page(text(params, "context"))?;
        let was_asked = is_new && std::mem::take(&mut known.by_person);
        if is_blank(&url) || (known.url == url && !is_new) {
            return None;
        }
        known.url.clone_from(&url);
        Some(Heard {
            page,
            what: What::Arrived { url, was_asked },
        })
    }

    /// A line of a console, which may be the recorder's.
    fn told(&mut self, params: &Value) -> Option<Heard> {
        let deed = text(params, "text").strip_prefix(&self.token)?;
        if self.last == deed {
            return None;
        }
        deed.clone_into(&mut self.last);
        let page = self.page_of(params["source"]["context"].as_str()?)?;
        let deed = serde_json::from_str(deed).ok()?;
        Some(Heard {
            page,
            what: What::Did(deed),
        })
    }

    /// The page that a document is, or is in.
    fn page_of(&self, id: &str) -> Option<u32> {
        let mut at = id;
        // Frames cannot be nested deeper than there are frames.
        for _ in 0..=self.frames.len() {
            if let Some(page) = self.number(at) {
                return Some(page);
            }
            at = self.frames.get(at)?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::heard::{Act, Deed};
    use super::*;
    use serde_json::json;

    fn begun() -> Follower {
        let mut follower = Follower::new("u", "key".into());
        let opened = follower.take(
            "browsingContext.contextCreated",
            &json!({ "context": "p", "userContext": "u", "url": "about:blank" }),
        );
        assert_eq!(opened.len(), 1);
        follower
    }

    fn went(follower: &mut Follower, context: &str, url: &str) -> Vec<What> {
        let params = json!({ "context": context, "url": url, "navigation": "n" });
        let mut heard = follower.take("browsingContext.navigationStarted", &params);
        heard.extend(follower.take("browsingContext.navigationCommitted", &params));
        heard.into_iter().map(|heard| heard.what).collect()
    }

    #[test]
    fn an_address_is_asked_for_by_the_person_unless_the_page_did() {
        let mut follower = begun();
        assert_eq!(
            went(&mut follower, "p", "http://a/"),
            [
                What::Asked {
                    url: "http://a/".into()
                },
                What::Arrived {
                    url: "http://a/".into(),
                    was_asked: true
                }
            ]
        );
        let by_page =
            json!({ "session": "s", "params": { "frameId": "p", "reason": "anchorClick" } });
        follower.take("goog:cdp.Page.frameRequestedNavigation", &by_page);
        assert_eq!(
            went(&mut follower, "p", "http://a/b"),
            [What::Arrived {
                url: "http://a/b".into(),
                was_asked: false
            }]
        );
    }

    #[test]
    fn what_is_told_in_a_frame_belongs_to_its_page_and_only_ours_is_believed() {
        let mut follower = begun();
        let frame = json!({ "context": "f", "parent": "p", "userContext": "u" });
        follower.take("browsingContext.contextCreated", &frame);
        let said = |text: &str| json!({ "text": text, "source": { "context": "f" } });
        let told = r#"key{"act":"press","at":"locator(\"a\")","key":"Enter","frames":["iframe"]}"#;
        let heard = follower.take("log.entryAdded", &said(told));
        let deed = Deed {
            at: "locator(\"a\")".into(),
            frames: vec!["iframe".into()],
            act: Act::Press {
                key: "Enter".into(),
            },
        };
        assert_eq!(
            heard,
            [Heard {
                page: 1,
                what: What::Did(deed)
            }]
        );
        let forged = told.replace("key{", "guess{");
        assert_eq!(follower.take("log.entryAdded", &said(&forged)), []);
    }

    #[test]
    fn it_is_over_when_the_last_page_is_closed() {
        let mut follower = begun();
        let other = json!({ "context": "q", "userContext": "u", "originalOpener": "p" });
        let opened = follower.take("browsingContext.contextCreated", &other);
        assert_eq!(opened[0].what, What::Opened { by: Some(1) });
        follower.take(
            "browsingContext.contextDestroyed",
            &json!({ "context": "p" }),
        );
        assert!(!follower.is_over());
        follower.take(
            "browsingContext.contextDestroyed",
            &json!({ "context": "q" }),
        );
        assert!(follower.is_over());
    }
}
