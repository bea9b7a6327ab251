//! The way to a place in a JSON value, written as `$.items[2]["odd key"]`.

use super::show::push_escaped;

/// A path that grows and shrinks while a tree is walked.
#[derive(Debug, Clone)]
pub(super) struct Path {
    text: String,
    /// The length of `text` before each step down.
    marks: Vec<usize>,
}

impl Path {
    pub(super) fn root() -> Self {
        Self {
            text: "$".to_string(),
            marks: Vec::new(),
        }
    }

    pub(super) fn push_key(&mut self, key: &str) {
        self.marks.push(self.text.len());
        if is_plain(key) {
            self.text.push('.');
            self.text.push_str(key);
        } else {
            self.text.push_str("[\"");
            push_escaped(&mut self.text, key);
            self.text.push_str("\"]");
        }
    }

    pub(super) fn push_index(&mut self, index: usize) {
        self.marks.push(self.text.len());
        self.text.push_str(&format!("[{index}]"));
    }

    pub(super) fn pop(&mut self) {
        if let Some(mark) = self.marks.pop() {
            self.text.truncate(mark);
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The path a JSON pointer such as `/items/2/name` names. Array steps are told by being digits only.
    pub(super) fn from_pointer(pointer: &str) -> Self {
        let mut path = Self::root();
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            match part.parse::<usize>() {
                Ok(index) => path.push_index(index),
                Err(_) => path.push_key(&part),
            }
        }
        path
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_not_plain_are_quoted() {
        let mut path = Path::root();
        path.push_key("items");
        path.push_index(2);
        path.push_key("odd \"key\"");
        assert_eq!(path.as_str(), r#"$.items[2]["odd \"key\""]"#);
        path.pop();
        path.push_key("name");
        assert_eq!(path.as_str(), "$.items[2].name");
    }

    #[test]
    fn a_pointer_becomes_a_path() {
        assert_eq!(Path::from_pointer("/a~1b/0/c").as_str(), r#"$["a/b"][0].c"#);
        assert_eq!(Path::from_pointer("").as_str(), "$");
    }
}
