//! Accounts and sessions in memory. It knows nothing of HTTP.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ADA_EMAIL, ADA_PASSWORD, CLIENT_ID};

/// Beyond it the oldest sessions end, so that a long benchmark cannot fill the memory.
const MOST_SESSIONS: usize = 100_000;
const MOST_USERS: usize = 100_000;
pub(crate) const SESSION_LASTS: Duration = Duration::from_secs(3600);

#[derive(Debug, Serialize)]
pub(crate) struct User {
    pub id: u64,
    pub email: String,
    pub name: String,
    #[serde(skip)]
    password: [u8; 32],
}

#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    Taken,
    Full,
}

pub(crate) struct Accounts {
    users: RwLock<HashMap<String, Arc<User>>>,
    sessions: RwLock<Sessions>,
}

#[derive(Default)]
struct Sessions {
    live: HashMap<String, Session>,
    order: VecDeque<String>,
}

struct Session {
    user: Arc<User>,
    until: Instant,
}

impl Accounts {
    pub fn new() -> Self {
        let accounts = Self {
            users: RwLock::default(),
            sessions: RwLock::default(),
        };
        accounts.reset();
        accounts
    }

    pub fn reset(&self) {
        let ada = User {
            id: 1,
            email: ADA_EMAIL.to_owned(),
            name: "Ada Lovelace".to_owned(),
            password: digest(ADA_EMAIL, ADA_PASSWORD),
        };
        *self.users.write().unwrap_or_else(PoisonError::into_inner) =
            HashMap::from([(ADA_EMAIL.to_owned(), Arc::new(ada))]);
        *self
            .sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Sessions::default();
    }

    /// `email` and `name` have been checked by the caller; addresses differ not by case.
    pub fn register(&self, email: &str, name: &str, password: &str) -> Result<Arc<User>, Refused> {
        let email = email.to_lowercase();
        let password = digest(&email, password);
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        if users.contains_key(&email) {
            return Err(Refused::Taken);
        }
        if users.len() >= MOST_USERS {
            return Err(Refused::Full);
        }
        let id = users.len() as u64 + 1;
        let user = Arc::new(User {
            id,
            email: email.clone(),
            name: name.to_owned(),
            password,
        });
        users.insert(email, user.clone());
        Ok(user)
    }

    /// The user when the password is right. Unknown address and wrong password look the same to the caller.
    pub fn check(&self, email: &str, password: &str) -> Option<Arc<User>> {
        let email = email.to_lowercase();
        let given = digest(&email, password);
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        users
            .get(&email)
            .filter(|user| user.password == given)
            .cloned()
    }

    /// Begins a session and returns its secret.
    pub fn begin_session(&self, user: Arc<User>) -> String {
        let token = Uuid::new_v4().simple().to_string();
        self.keep_session(token.clone(), user, SESSION_LASTS);
        token
    }

    /// A session for a token made elsewhere: the OAuth2 client's.
    pub fn begin_client_session(&self, token: String, lasts: Duration) {
        let user = User {
            id: 0,
            email: String::new(),
            name: CLIENT_ID.to_owned(),
            password: [0; 32],
        };
        self.keep_session(token, Arc::new(user), lasts);
    }

    fn keep_session(&self, token: String, user: Arc<User>, lasts: Duration) {
        let mut sessions = self
            .sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if sessions.order.len() >= MOST_SESSIONS
            && let Some(oldest) = sessions.order.pop_front()
        {
            sessions.live.remove(&oldest);
        }
        sessions.order.push_back(token.clone());
        sessions.live.insert(
            token,
            Session {
                user,
                until: Instant::now() + lasts,
            },
        );
    }

    /// Whether there was such a session.
    pub fn end_session(&self, token: &str) -> bool {
        // Its place in `order` stays until it is the oldest: searching for it would cost more than it saves.
        self.sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .live
            .remove(token)
            .is_some()
    }

    pub fn who(&self, token: &str) -> Option<Arc<User>> {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        sessions
            .live
            .get(token)
            .filter(|session| Instant::now() < session.until)
            .map(|session| session.user.clone())
    }

    pub fn count_sessions(&self) -> usize {
        self.sessions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .live
            .len()
    }
}

/// One round of a fast hash, salted with the address. A product would use a slow one; here logging in must cost
/// so little that benchmarks measure the client.
fn digest(email: &str, password: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(email)
        .chain_update([0])
        .chain_update(password)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_user_signs_in_and_out() {
        let accounts = Accounts::new();
        let ada = accounts
            .check("Ada@Example.com", ADA_PASSWORD)
            .expect("the known user");
        let token = accounts.begin_session(ada);
        assert_eq!(accounts.who(&token).map(|user| user.id), Some(1));
        assert!(accounts.end_session(&token));
        assert!(accounts.who(&token).is_none());
        assert!(!accounts.end_session(&token), "a session ends once");
    }

    #[test]
    fn wrong_passwords_and_unknown_addresses_are_refused() {
        let accounts = Accounts::new();
        assert!(accounts.check(ADA_EMAIL, "wrong").is_none());
        assert!(accounts.check("nobody@example.com", ADA_PASSWORD).is_none());
    }

    #[test]
    fn an_address_is_taken_whatever_its_case() {
        let accounts = Accounts::new();
        assert_eq!(
            accounts
                .register("ADA@example.com", "Other", "password")
                .err(),
            Some(Refused::Taken)
        );
    }

    #[test]
    fn the_oldest_sessions_end_when_there_are_too_many() {
        let accounts = Accounts::new();
        let ada = accounts
            .check(ADA_EMAIL, ADA_PASSWORD)
            .expect("the known user");
        let first = accounts.begin_session(ada.clone());
        for _ in 0..MOST_SESSIONS {
            accounts.begin_session(ada.clone());
        }
        assert!(accounts.who(&first).is_none());
        assert_eq!(accounts.count_sessions(), MOST_SESSIONS);
    }
}
