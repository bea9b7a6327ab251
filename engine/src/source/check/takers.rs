//! What the primitives that take closures do with them, as a table. Pure data.

/// How many parameters a closure may have.
pub(super) type Parameters = (usize, usize);

const NONE: Parameters = (0, 0);
const UP_TO_ONE: Parameters = (0, 1);

/// A primitive that takes closures.
pub(super) struct Taker {
    pub name: &'static str,
    /// Called as a method: `page.route(…)`.
    pub method: bool,
    /// A closure given directly. `None`: any number of parameters.
    pub body: Option<Parameters>,
    /// Closures under these keys of a map of options.
    pub options: &'static [(&'static str, Parameters)],
    /// Closures in a list.
    pub list: Option<Parameters>,
    pub runs: Runs,
    /// Whether anyone looks at the value of a closure given directly.
    pub value: Value,
    /// An option with which it is a question after all.
    pub asks: Option<&'static str>,
}

/// When and on what the closures run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// Before the call returns, on the variables themselves.
    AtOnce,
    /// Later or elsewhere, on a copy of what they captured. The text says what to do instead of
    /// assigning to `NAME`.
    OnACopy(&'static str),
}

/// What becomes of the value of a closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Used,
    Dropped,
    /// It is the value of the call.
    Passed,
}

const STATE: &str = "only `state` crosses phases: write `state.NAME`";
const RESULT: &str = "let the closure return it: `parallel` gives back what its closures return";
const APART: &str = "only what the closure returns, and what it puts on `state`, leaves it";

const AT_ONCE: Taker = Taker {
    name: "",
    method: false,
    body: Some(NONE),
    options: &[],
    list: None,
    runs: Runs::AtOnce,
    value: Value::Used,
    asks: None,
};

const ON_A_COPY: Taker = Taker {
    body: None,
    runs: Runs::OnACopy(APART),
    ..AT_ONCE
};

const TAKERS: &[Taker] = &[
    Taker {
        name: "scenario",
        body: Some(UP_TO_ONE),
        runs: Runs::OnACopy(STATE),
        value: Value::Dropped,
        ..AT_ONCE
    },
    Taker {
        name: "phase",
        body: Some(UP_TO_ONE),
        options: &[("ready", UP_TO_ONE)],
        runs: Runs::OnACopy(STATE),
        value: Value::Dropped,
        asks: Some("during"),
        ..AT_ONCE
    },
    Taker {
        name: "step",
        value: Value::Passed,
        ..AT_ONCE
    },
    Taker {
        name: "defer",
        value: Value::Dropped,
        ..AT_ONCE
    },
    Taker {
        name: "wait_until",
        ..AT_ONCE
    },
    Taker {
        name: "never",
        ..AT_ONCE
    },
    Taker {
        name: "fixture",
        ..AT_ONCE
    },
    Taker {
        name: "parallel",
        list: Some(NONE),
        runs: Runs::OnACopy(RESULT),
        ..AT_ONCE
    },
    Taker {
        name: "spawn_service",
        options: &[("ready", UP_TO_ONE)],
        ..ON_A_COPY
    },
    Taker {
        name: "stack",
        ..ON_A_COPY
    },
    Taker {
        name: "webhook",
        ..ON_A_COPY
    },
    Taker {
        name: "mock_server",
        ..ON_A_COPY
    },
    Taker {
        name: "route",
        method: true,
        ..ON_A_COPY
    },
];

/// The taker of this name, called as a function or as a method.
pub(super) fn taker(name: &str, method: bool) -> Option<&'static Taker> {
    TAKERS
        .iter()
        .find(|taker| taker.name == name && taker.method == method)
}

impl Taker {
    /// The parameters a closure under this key of the options may have.
    pub fn option(&self, key: &str) -> Option<Parameters> {
        let (_, parameters) = self.options.iter().find(|(name, _)| *name == key)?;
        Some(*parameters)
    }
}
