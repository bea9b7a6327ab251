//! What looks at a page from inside it: plain JavaScript, one file a question, put together here. Nothing is built and nothing
//! is left in the page; every call looks anew. `toolkit.js` tells what may be called.

/// All of it, as the body of a function that ends with `toolkit` defined.
pub const SOURCE: &str = concat!(
    include_str!("text.js"),
    include_str!("tree.js"),
    include_str!("visible.js"),
    include_str!("roles.js"),
    include_str!("states.js"),
    include_str!("name.js"),
    include_str!("css.js"),
    include_str!("find.js"),
    include_str!("explain.js"),
    include_str!("propose.js"),
    include_str!("poll.js"),
    include_str!("hit.js"),
    include_str!("fill.js"),
    include_str!("prepare.js"),
    include_str!("expect.js"),
    include_str!("query.js"),
    include_str!("aria.js"),
    include_str!("aria_match.js"),
    include_str!("snapshot.js"),
    include_str!("picture.js"),
    include_str!("accessibility.js"),
    include_str!("toolkit.js"),
);

/// The JSON that the functions of the toolkit take for a time.
pub fn millis(time: std::time::Duration) -> serde_json::Value {
    serde_json::json!((time.as_secs_f64() * 1000.0).round())
}
