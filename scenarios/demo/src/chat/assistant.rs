//! What the assistant says. It knows nothing but the text it answers.

/// The answer always holds the text it answers.
pub(super) fn answer(text: &str) -> String {
    let lower = text.to_lowercase();
    let advice = [
        (
            "refund",
            "Refunds reach your account within three working days.",
        ),
        ("order", "You find your orders under /api/orders."),
        (
            "task",
            "The list of tasks is on the start page; failed ones tell their reason.",
        ),
        (
            "human",
            "I am passing you on to a colleague; please stay on the line.",
        ),
        ("hello", "Hello! How can I help you today?"),
        ("bye", "Good-bye, and come back soon."),
    ];
    let advice = advice
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map_or("Tell me more, and I will look into it.", |(_, advice)| {
            advice
        });
    format!("You said “{text}”. {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_holds_the_text_and_fits_it() {
        let reply = answer("Where is my ORDER <b>7</b>?");
        assert!(
            reply.contains("Where is my ORDER <b>7</b>?") && reply.contains("/api/orders"),
            "{reply}"
        );
    }
}
