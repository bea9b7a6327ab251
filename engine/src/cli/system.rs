//! The system under test as a run finds it: where the settings say, or `demo:`, which lives as long as this process.

use super::tell::Trouble;
use crate::config::{DEMO, Settings};
use scenario_demo::{Demo, Options};
use tokio::runtime::Runtime;

/// Where it is, and the demo system if it is that.
pub struct System {
    pub base_url: Option<String>,
    demo: Option<Demo>,
}

impl System {
    /// Starts the demo system if the settings name it.
    pub fn start(settings: &Settings, runtime: &Runtime) -> Result<Self, Trouble> {
        let configured = settings.http.base_url.clone();
        if configured.as_deref() != Some(DEMO) {
            return Ok(Self {
                base_url: configured,
                demo: None,
            });
        }
        let demo = runtime.block_on(scenario_demo::serve(Options::default()))?;
        Ok(Self {
            base_url: Some(demo.url()),
            demo: Some(demo),
        })
    }

    /// Why nothing that talks to it can be parked, if so.
    pub fn unparkable(&self) -> Option<String> {
        let why = "not parked, because the system of `demo:` ends with this run; start it apart with `scenario demo`";
        self.demo.as_ref().map(|_| why.to_owned())
    }

    pub fn stop(self, runtime: &Runtime) {
        if let Some(demo) = self.demo {
            runtime.block_on(demo.stop());
        }
    }
}
