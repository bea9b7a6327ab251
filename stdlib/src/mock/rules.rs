//! Which answer is next: what was said for one call only, else what was said last for requests like it.

use super::answer::Answer;
use super::handler::Handler;
use super::route::Route;
use std::collections::VecDeque;

/// An answer, or who makes it.
#[derive(Clone, Debug)]
pub enum Reply {
    Canned(Answer),
    Closure(Handler),
}

#[derive(Debug)]
struct Rule {
    route: Route,
    /// In turn; the last one stays.
    replies: VecDeque<Reply>,
}

/// All that a server was told.
#[derive(Debug, Default)]
pub struct Rules {
    once: Vec<(Route, Reply)>,
    rules: Vec<Rule>,
}

impl Rules {
    /// From now on requests of this route get these answers, one after the other, and then always the last.
    pub fn on(&mut self, route: Route, replies: VecDeque<Reply>) {
        self.rules.retain(|rule| rule.route != route);
        self.rules.push(Rule { route, replies });
    }

    /// The next request of this route gets this answer.
    pub fn once(&mut self, route: Route, reply: Reply) {
        self.once.push((route, reply));
    }

    /// The answer to a request, if one was said.
    pub fn next(&mut self, method: &str, path: &str) -> Option<Reply> {
        let meant = |(route, _): &(Route, Reply)| route.matches(method, path);
        if let Some(index) = self.once.iter().position(meant) {
            return Some(self.once.remove(index).1);
        }
        let mut rules = self.rules.iter_mut().rev();
        let rule = rules.find(|rule| rule.route.matches(method, path))?;
        match rule.replies.len() {
            0 | 1 => rule.replies.front().cloned(),
            _ => rule.replies.pop_front(),
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
