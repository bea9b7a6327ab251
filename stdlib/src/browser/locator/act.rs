//! Doing something to an element: it is waited for in the page, then pressed with real input.

use super::wait::{Met, Missed, Spot};
use super::{CallLog, Locator, keys};
use crate::browser::{Action, Button, TabError};
use crate::host::failure::Failure;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a guard may take to answer when another document is told of. That may be the guard's own, told late.
const LAST_WORD: Duration = Duration::from_millis(500);

/// How an element is pressed.
#[derive(Clone, Debug, Default)]
pub struct Press {
    pub button: Button,
    pub count: u32,
    pub modifiers: Vec<String>,
    /// From the corner of the element, instead of its middle.
    pub position: Option<(f64, f64)>,
    /// How long the button is held.
    pub delay: Duration,
    /// Does not wait until the element is ready.
    pub force: bool,
    /// Waits, and does not press.
    pub trial: bool,
}

/// What is done to an element.
#[derive(Clone, Debug)]
pub enum Deed {
    Click(Press),
    Tap(Press),
    Hover(Press),
    /// Brings a checkbox into this state.
    Check(bool, Press),
    Fill {
        value: String,
        /// Does not wait until it can be edited.
        force: bool,
    },
    Clear,
    Select(Vec<Value>),
    Focus,
    Blur,
    ScrollIntoView,
    PressKeys(String),
    Type(String, Duration),
    SetFiles(Vec<PathBuf>),
}

impl Deed {
    /// Its name in the toolkit.
    fn name(&self) -> &'static str {
        match self {
            Self::Click(press) if press.count == 2 => "dblclick",
            Self::Click(_) => "click",
            Self::Tap(_) => "tap",
            Self::Hover(_) => "hover",
            Self::Check(true, _) => "check",
            Self::Check(false, _) => "uncheck",
            Self::Fill { .. } => "fill",
            Self::Clear => "clear",
            Self::Select(_) => "select_option",
            Self::Focus => "focus",
            Self::Blur => "blur",
            Self::ScrollIntoView => "scroll_into_view",
            Self::PressKeys(_) => "press",
            Self::Type(..) => "type",
            Self::SetFiles(_) => "set_input_files",
        }
    }

    fn press(&self) -> Option<&Press> {
        match self {
            Self::Click(press) | Self::Tap(press) | Self::Hover(press) | Self::Check(_, press) => {
                Some(press)
            }
            _ => None,
        }
    }

    /// Whether it has to hit the element and nothing else.
    fn is_guarded(&self) -> bool {
        self.press()
            .is_some_and(|press| !press.force && !press.trial)
    }

    fn args(&self) -> Map<String, Value> {
        let mut args = Map::from_iter([("action".to_owned(), json!(self.name()))]);
        if let Some(press) = self.press() {
            args.insert("force".into(), json!(press.force));
            if self.is_guarded() {
                args.insert("guarded".into(), json!(true));
            }
            if let Some((x, y)) = press.position {
                args.insert("position".into(), json!({ "x": x, "y": y }));
            }
        }
        match self {
            Self::Fill { value, force } => {
                args.insert("force".into(), json!(force));
                args.insert("value".into(), json!(value))
            }
            Self::Select(values) => args.insert("values".into(), json!(values)),
            _ => None,
        };
        args
    }
}

/// What became of a press that has to hit one element.
enum Fate {
    Hit,
    /// Something else came below the pointer, and was spared.
    Missed(String),
    Undecided,
}

/// Why a deed was not done.
#[derive(Debug)]
pub enum Undone {
    Missed(Missed),
    Usage(Failure),
}

impl<E: Into<Missed>> From<E> for Undone {
    fn from(error: E) -> Self {
        Self::Missed(error.into())
    }
}

impl Locator {
    /// Waits until the element is ready for the deed, and does it; again when something else came below the pointer.
    pub async fn act(
        &self,
        deed: &Deed,
        deadline: Instant,
        log: &mut CallLog,
    ) -> Result<Value, Undone> {
        let mut again = false;
        loop {
            let met = self.ready(deed.args(), deadline, log).await?;
            if met.answer["already"] == true || deed.press().is_some_and(|press| press.trial) {
                return Ok(met.answer);
            }
            if let (true, Deed::Hover(_)) = (again, deed) {
                // A move to where the mouse is already is none.
                let (x, y) = point(&met);
                self.perform(&met.spot, vec![moved((x + 1.0, y + 1.0))])
                    .await?;
            }
            // Asked while the press is on its way, what became of it costs no time of its own.
            let fate = async { Ok(self.fate(deed, &met).await?) };
            let ((), fate) = tokio::try_join!(self.carry_out(deed, &met), fate)?;
            let missed = match fate {
                Fate::Undecided if deed.is_guarded() => self.missed(&met, false).await?,
                Fate::Missed(other) => Some(other),
                _ => None,
            };
            if let Some(other) = missed {
                spared(&other, &met, deadline, log)?;
                again = true;
                continue;
            }
            if let Deed::Check(wanted, _) = deed {
                self.is_checked_now(*wanted, deadline, log).await?;
            }
            return Ok(met.answer);
        }
    }

    /// What would have got a press instead of the element, if something would; with `keep` it is kept from it further on.
    pub(super) async fn missed(&self, met: &Met, keep: bool) -> Result<Option<String>, TabError> {
        match self.unguard(met, keep).await? {
            Fate::Missed(other) => Ok(Some(other)),
            _ => Ok(None),
        }
    }

    /// What becomes of a press that is on its way.
    async fn fate(&self, deed: &Deed, met: &Met) -> Result<Fate, TabError> {
        let (Deed::Click(press) | Deed::Check(_, press)) = deed else {
            return Ok(Fate::Undecided);
        };
        if !deed.is_guarded() || !press.delay.is_zero() {
            return Ok(Fate::Undecided);
        }
        let ends = json!({ "ends": press.count.max(1) });
        match self.told(met, "pressed", ends).await? {
            Some(told) if told["undecided"] == true => Ok(Fate::Undecided),
            Some(_) => self.unguard(met, false).await,
            None => Ok(Fate::Hit),
        }
    }

    async fn unguard(&self, met: &Met, keep: bool) -> Result<Fate, TabError> {
        let told = self.told(met, "unguard", json!({ "keep": keep })).await?;
        let missed = told.and_then(|told| told["missed"].as_str().map(str::to_owned));
        Ok(missed.map_or(Fate::Hit, Fate::Missed))
    }

    /// What the guard tells; `None` when its document went away, which means that the press came through. The next document is
    /// not waited for: it may be busy for a while.
    async fn told(&self, met: &Met, name: &str, args: Value) -> Result<Option<Value>, TabError> {
        let tab = &self.place.tab;
        let left = async {
            tab.next_document(met.documents).await;
            tokio::time::sleep(LAST_WORD).await;
        };
        let told = tokio::select! {
            biased;
            told = tab.call(&met.spot.frame, name, &args) => told,
            () = left => Err(TabError::Navigated),
        };
        match told {
            Err(error @ TabError::Hung(_)) => Err(error),
            told => Ok(told.ok()),
        }
    }

    /// The part of a deed that is done with real input.
    async fn carry_out(&self, deed: &Deed, met: &Met) -> Result<(), Undone> {
        let input = match deed {
            Deed::Click(press) => clicks(press, point(met)),
            Deed::Check(_, press) => clicks(press, point(met)),
            Deed::Hover(press) => keys::holding(&press.modifiers, vec![moved(point(met))]),
            Deed::Tap(press) => {
                let (x, y) = point(met);
                keys::holding(&press.modifiers, vec![Action::Tap { x, y }])
            }
            Deed::PressKeys(chord) => keys::chord(chord),
            Deed::Type(text, delay) => Ok(keys::typed(text, *delay)),
            Deed::SetFiles(files) => {
                self.set_files(met, files).await?;
                Ok(Vec::new())
            }
            _ => Ok(Vec::new()),
        };
        self.perform(&met.spot, input.map_err(Undone::Usage)?)
            .await?;
        Ok(())
    }

    pub(super) async fn ready(
        &self,
        mut args: Map<String, Value>,
        deadline: Instant,
        log: &mut CallLog,
    ) -> Result<Met, Missed> {
        args.extend(self.args());
        self.place.until_done("prepare", args, deadline, log).await
    }

    pub(super) async fn perform(&self, spot: &Spot, actions: Vec<Action>) -> Result<(), Missed> {
        if actions.is_empty() {
            return Ok(());
        }
        match self
            .place
            .tab
            .perform(&spot.frame, (spot.x, spot.y), &actions)
            .await
        {
            // The press itself may have led to another document, or closed the page.
            Ok(()) | Err(TabError::Navigated | TabError::Closed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn set_files(&self, met: &Met, files: &[PathBuf]) -> Result<(), Undone> {
        if files.len() > 1 && met.answer["multiple"] != true {
            let what = format!("`{}` takes one file, not {}", self.show(), files.len());
            return Err(Undone::Usage(Failure::usage(what)));
        }
        let args = Value::Object(self.args());
        let tab = &self.place.tab;
        let element = tab
            .find(&met.spot.frame, "reach", &args)
            .await?
            .ok_or(TabError::Navigated)?;
        tab.set_files(&met.spot.frame, &element, files).await?;
        Ok(())
    }

    /// A page may refuse the click that was to check a box.
    async fn is_checked_now(
        &self,
        wanted: bool,
        deadline: Instant,
        log: &mut CallLog,
    ) -> Result<(), Missed> {
        let mut args = self.args();
        args.insert("matcher".into(), json!("to_be_checked"));
        args.insert("expected".into(), json!(wanted));
        match self.place.until_done("expect", args, deadline, log).await {
            // The click may have taken the box off the page.
            Err(Missed::Verdict(verdict)) if verdict["verdict"] == "missing" => Ok(()),
            Err(missed) => Err(missed),
            Ok(_) => Ok(()),
        }
    }
}

/// Tells of a press that something else was spared; an error when there is no time for another.
pub(super) fn spared(
    other: &str,
    met: &Met,
    deadline: Instant,
    log: &mut CallLog,
) -> Result<(), Missed> {
    log.tell(format!("{other} came below the pointer and was spared"));
    match Instant::now() < deadline {
        true => Ok(()),
        false => {
            let element = &met.answer["element"];
            let verdict = json!({ "verdict": "covered", "by": other, "element": element });
            Err(Missed::Verdict(verdict))
        }
    }
}

pub(super) fn point(met: &Met) -> (f64, f64) {
    let side = |key: &str| met.answer[key].as_f64().unwrap_or_default();
    (side("x"), side("y"))
}

pub(super) fn moved((x, y): (f64, f64)) -> Action {
    Action::Move { x, y }
}

fn clicks(press: &Press, at: (f64, f64)) -> Result<Vec<Action>, Failure> {
    let mut actions = vec![moved(at)];
    for _ in 0..press.count.max(1) {
        actions.push(Action::Down(press.button));
        if !press.delay.is_zero() {
            actions.push(Action::Pause(press.delay));
        }
        actions.push(Action::Up(press.button));
    }
    keys::holding(&press.modifiers, actions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_moves_presses_and_lets_go() {
        let press = Press {
            count: 2,
            modifiers: vec!["Shift".into()],
            ..Press::default()
        };
        let actions = clicks(&press, (3.0, 4.0)).unwrap();
        assert_eq!(actions.first(), Some(&Action::KeyDown("\u{E008}".into())));
        assert_eq!(actions[1], Action::Move { x: 3.0, y: 4.0 });
        let downs = actions
            .iter()
            .filter(|action| matches!(action, Action::Down(_)))
            .count();
        assert_eq!(downs, 2);
        assert_eq!(actions.last(), Some(&Action::KeyUp("\u{E008}".into())));
    }

    #[test]
    fn a_deed_tells_the_page_what_it_needs() {
        let press = Press {
            position: Some((1.0, 2.0)),
            force: true,
            ..Press::default()
        };
        let args = Value::Object(Deed::Click(press).args());
        assert_eq!(
            args,
            json!({ "action": "click", "force": true, "position": { "x": 1.0, "y": 2.0 } })
        );
        let fill = Deed::Fill {
            value: "x".into(),
            force: false,
        };
        assert_eq!(
            Value::Object(fill.args()),
            json!({ "action": "fill", "force": false, "value": "x" })
        );
    }
}
