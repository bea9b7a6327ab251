//! A request and what is expected of its answer, as plain values.

use serde_json::Value;

/// What a script is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Where it came from, in words: `a curl command`.
    pub origin: String,
    pub scenarios: Vec<Planned>,
}

/// One scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planned {
    pub name: String,
    pub exchanges: Vec<Exchange>,
}

/// A request and its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    pub request: Request,
    /// `None`: nothing is known before it was sent.
    pub expected: Option<Expected>,
}

/// What is known of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    pub status: u16,
    /// The pattern its JSON matches, as `to_match` takes it.
    pub shape: Option<Value>,
    /// Its media type, if it is no JSON.
    pub media_type: Option<String>,
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    pub method: String,
    /// With neither query nor user.
    pub url: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub auth: Option<Auth>,
    pub body: Body,
    /// Redirects are followed.
    pub redirects: Option<u32>,
    /// In seconds.
    pub timeout: Option<f64>,
    pub retries: Option<u32>,
    /// Options of the client: key and value as a script writes them.
    pub client: Vec<(&'static str, Value)>,
}

/// Who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    Basic(String, String),
    Bearer(String),
}

/// What it carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    #[default]
    None,
    Json(Value),
    Form(Vec<(String, String)>),
    Multipart(Vec<Part>),
    Text(String),
    /// The path of a file.
    File(String),
}

/// A part of a multipart form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub content: Content,
    pub filename: Option<String>,
    pub content_type: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(String),
    File(String),
}

impl Request {
    /// Takes query and user out of an address.
    pub fn to(method: &str, address: &str) -> Option<Self> {
        let mut url = url::Url::parse(address).ok()?;
        let query: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let decoded = |text: &str| {
            let pairs = format!("x={}", text.replace('+', "%2B"));
            let value = url::form_urlencoded::parse(pairs.as_bytes()).next();
            value
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let auth = (!url.username().is_empty()).then(|| {
            let password = url.password().unwrap_or_default();
            Auth::Basic(decoded(url.username()), decoded(password))
        });
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        Some(Self {
            method: method.to_uppercase(),
            url: url.to_string(),
            query,
            auth,
            ..Self::default()
        })
    }

    /// Method and path: `GET /users/1`.
    pub fn title(&self) -> String {
        let path = match url::Url::parse(&self.url) {
            Ok(url) => url.path().to_owned(),
            Err(_) => self.url.clone(),
        };
        format!("{} {path}", self.method)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Takes a header away and gives its value.
    pub fn take_header(&mut self, name: &str) -> Option<String> {
        let value = self.header(name)?.to_owned();
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        Some(value)
    }

    /// Reads `Authorization` for what it says.
    pub fn understand_authorization(&mut self) {
        use base64::Engine;
        let Some(value) = self.header("authorization").map(str::to_owned) else {
            return;
        };
        let (scheme, rest) = value.split_once(' ').unwrap_or((&value, ""));
        let auth = match scheme.to_lowercase().as_str() {
            "bearer" => Some(Auth::Bearer(rest.trim().to_owned())),
            "basic" => base64::engine::general_purpose::STANDARD
                .decode(rest.trim())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|text| {
                    let (user, password) = text.split_once(':')?;
                    Some(Auth::Basic(user.to_owned(), password.to_owned()))
                }),
            _ => None,
        };
        if auth.is_some() {
            self.auth = auth;
            self.take_header("authorization");
        }
    }

    /// Reads a body by its media type, and leaves the header out that goes without saying then.
    pub fn understand_body(&mut self, text: String) {
        let media = self.header("content-type").unwrap_or_default();
        let media = media
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        let is_json = media == "application/json" || media.ends_with("+json");
        let json = is_json.then(|| serde_json::from_str(&text).ok()).flatten();
        self.body = match (json, media.as_str()) {
            (Some(json), "application/json") => {
                self.take_header("content-type");
                Body::Json(json)
            }
            (Some(json), _) => Body::Json(json),
            (None, "application/x-www-form-urlencoded") => {
                self.take_header("content-type");
                Body::Form(form(&text))
            }
            _ => Body::Text(text),
        };
    }
}

/// The fields of an encoded form.
pub fn form(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

impl Expected {
    /// What is claimed of an answer that came.
    pub fn of_answer(status: u16, media_type: Option<&str>, text: &str) -> Self {
        let media = media_type.unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        let json = media
            .contains("json")
            .then(|| serde_json::from_str(text).ok())
            .flatten();
        let shape = json.map(|json: Value| super::shape::of_value(&json));
        Self {
            status,
            media_type: (shape.is_none() && !media.is_empty()).then(|| media.to_owned()),
            shape,
        }
    }
}

/// What is claimed of an answer as a script of [`super::Style::attach`] keeps it.
pub fn expected(kept: &str) -> Option<Expected> {
    let kept: Value = serde_json::from_str(kept).ok()?;
    let status = kept["status"].as_u64()?;
    Some(Expected::of_answer(
        u16::try_from(status).ok()?,
        kept["type"].as_str(),
        kept["text"].as_str().unwrap_or_default(),
    ))
}
