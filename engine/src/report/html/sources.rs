//! Lines of scripts, for steps and failures. Read from the project as it is now; a script that was edited after the run
//! began is said to be, and its lines are left out.

use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Larger files are no scripts that a person wrote.
const LARGEST: u64 = 4 << 20;

/// Scripts that were read.
pub struct Sources {
    project: PathBuf,
    scripts: HashMap<String, Option<Script>>,
}

struct Script {
    lines: Vec<String>,
    changed: Option<Timestamp>,
}

impl Sources {
    pub fn new(project: &Path) -> Self {
        Self {
            project: project.to_owned(),
            scripts: HashMap::new(),
        }
    }

    /// The texts of `sites` by file and line, and the files that were edited since `began`.
    pub fn lines<'a>(
        &mut self,
        sites: Vec<(&'a str, u32)>,
        began: Option<Timestamp>,
    ) -> (BTreeMap<&'a str, BTreeMap<u32, String>>, Vec<&'a str>) {
        let mut texts: BTreeMap<&str, BTreeMap<u32, String>> = BTreeMap::new();
        let mut edited = Vec::new();
        for (file, line) in sites {
            let Some(script) = self.script(file) else {
                continue;
            };
            if script.changed > began {
                if !edited.contains(&file) {
                    edited.push(file);
                }
                continue;
            }
            let place = (line as usize).checked_sub(1);
            if let Some(text) = place.and_then(|place| script.lines.get(place)) {
                let known = texts.entry(file).or_default();
                known.entry(line).or_insert_with(|| text.clone());
            }
        }
        (texts, edited)
    }

    fn script(&mut self, file: &str) -> Option<&Script> {
        if !self.scripts.contains_key(file) {
            let script = read(&self.project, file);
            self.scripts.insert(file.to_owned(), script);
        }
        self.scripts.get(file)?.as_ref()
    }
}

fn read(project: &Path, file: &str) -> Option<Script> {
    let inside = Path::new(file);
    // A stream from elsewhere may name anything.
    let stays = inside
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !stays
        || inside
            .extension()
            .is_none_or(|extension| extension != "rhai")
    {
        return None;
    }
    let path = project.join(inside);
    let meta = fs::metadata(&path).ok()?;
    if !meta.is_file() || meta.len() > LARGEST {
        return None;
    }
    let text = fs::read_to_string(&path).ok()?;
    Some(Script {
        lines: text.lines().map(|line| cut(line).to_owned()).collect(),
        changed: meta
            .modified()
            .ok()
            .and_then(|at| Timestamp::try_from(at).ok()),
    })
}

fn cut(line: &str) -> &str {
    const LONGEST: usize = 500;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => &line[..end],
        None => line,
    }
}
