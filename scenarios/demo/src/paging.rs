//! `?page=&per_page=` in, one page of a list with `Link` and `X-Total-Count` headers out.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::input::param_or;
use crate::problem::Problem;

const PER_PAGE: usize = 20;
const MOST_PER_PAGE: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    pub fn from_params(params: &[(String, String)]) -> Result<Self, Problem> {
        let number = param_or(params, "page", 1)?;
        let size = param_or(params, "per_page", PER_PAGE)?;
        if number == 0 {
            return Err(Problem::field("page", "pages are counted from 1"));
        }
        if size == 0 || size > MOST_PER_PAGE {
            return Err(Problem::field(
                "per_page",
                format!("must be between 1 and {MOST_PER_PAGE}"),
            ));
        }
        Ok(Self { number, size })
    }

    pub fn skip(self) -> usize {
        (self.number - 1).saturating_mul(self.size)
    }

    pub fn size(self) -> usize {
        self.size
    }

    pub fn headers(self, path: &str, params: &[(String, String)], total: usize) -> HeaderMap {
        let last = total.div_ceil(self.size).max(1);
        let mut links = vec![("first", 1), ("last", last)];
        if self.number > 1 {
            links.push(("prev", (self.number - 1).min(last)));
        }
        if self.number < last {
            links.push(("next", self.number + 1));
        }
        let links: Vec<String> = links
            .into_iter()
            .map(|(rel, number)| format!("<{}>; rel=\"{rel}\"", self.address(path, params, number)))
            .collect();
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&links.join(", ")) {
            headers.insert(header::LINK, value);
        }
        headers.insert("x-total-count", HeaderValue::from(total));
        headers
    }

    fn address(self, path: &str, params: &[(String, String)], number: usize) -> String {
        let mut address = format!("{path}?page={number}&per_page={}", self.size);
        for (name, value) in params
            .iter()
            .filter(|(name, _)| name != "page" && name != "per_page")
        {
            address.push_str(&format!("&{}={}", escape(name), escape(value)));
        }
        address
    }
}

/// Percent-encodes a part of a query.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(byte.into())
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect()
    }

    #[test]
    fn a_middle_page_links_both_ways_and_keeps_the_filter() {
        let params = params(&[("page", "2"), ("per_page", "10"), ("state", "A B")]);
        let page = Page::from_params(&params).expect("a page");
        let headers = page.headers("/tasks", &params, 25);
        let link = headers[header::LINK].to_str().expect("text");
        assert!(
            link.contains("</tasks?page=3&per_page=10&state=A%20B>; rel=\"next\""),
            "{link}"
        );
        assert!(
            link.contains("page=1&per_page=10&state=A%20B>; rel=\"prev\""),
            "{link}"
        );
        assert_eq!(headers["x-total-count"], "25");
    }

    #[test]
    fn an_empty_list_has_one_page() {
        let page = Page::from_params(&[]).expect("the default page");
        let headers = page.headers("/tasks", &[], 0);
        let link = headers[header::LINK].to_str().expect("text");
        assert!(!link.contains("next") && !link.contains("prev"), "{link}");
    }

    #[test]
    fn pages_out_of_bounds_are_refused() {
        for wrong in [
            ("page", "0"),
            ("page", "x"),
            ("per_page", "0"),
            ("per_page", "101"),
            ("page", "-1"),
        ] {
            assert!(Page::from_params(&params(&[wrong])).is_err(), "{wrong:?}");
        }
        let far = Page::from_params(&params(&[("page", "18446744073709551615")])).expect("a page");
        assert_eq!(far.skip(), usize::MAX);
    }
}
