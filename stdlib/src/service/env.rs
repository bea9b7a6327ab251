//! What a service finds in its environment, and where each value came from. Later layers win; `()` removes; values may
//! refer to each other, to a fixed point.

use super::spec::EnvLayer;
use super::template::{self, Names, TemplateError};
use minijinja::value::Value;
use std::collections::BTreeMap;
use std::ops::Deref;

/// Who set a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The environment of the run, as configured.
    Run,
    /// Ports, directories and the like, set for every service.
    Scenario,
    Stack,
    Service,
}

impl Origin {
    pub fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Scenario => "scenario",
            Self::Stack => "stack",
            Self::Service => "service",
        }
    }
}

/// One variable as the process gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    pub value: String,
    pub origin: Origin,
    /// The values it won over, innermost first.
    pub over: Vec<Origin>,
    /// As it was written, where it was rendered.
    pub template: Option<String>,
}

/// The whole environment.
pub type Environment = BTreeMap<String, Variable>;

/// What is held of an environment for as long as its service is known: what differs from that of the run, which a
/// thousand services have in common.
#[derive(Clone, Debug, Default)]
pub struct Own {
    variables: Environment,
    /// Names of the run that it does not have.
    removed: Vec<String>,
}

impl Own {
    /// What is its own of the environment `whole`.
    pub fn of(whole: &Environment, run: &BTreeMap<String, String>) -> Self {
        let own = whole
            .iter()
            .filter(|(_, variable)| variable.origin != Origin::Run);
        let removed = run.keys().filter(|name| !whole.contains_key(*name));
        Self {
            variables: own
                .map(|(name, variable)| (name.clone(), variable.clone()))
                .collect(),
            removed: removed.cloned().collect(),
        }
    }

    /// The whole again.
    pub fn on(&self, run: &BTreeMap<String, String>) -> Environment {
        let of_run = run.iter().filter(|(name, _)| !self.removed.contains(name));
        let mut whole: Environment = of_run
            .map(|(name, value)| {
                let variable = Variable {
                    value: value.clone(),
                    origin: Origin::Run,
                    over: Vec::new(),
                    template: None,
                };
                (name.clone(), variable)
            })
            .collect();
        whole.extend(self.variables.clone());
        whole
    }
}

/// One layer and whose it is.
pub type Layer<'a> = (Origin, &'a EnvLayer);

struct Resolver<'a> {
    /// For each variable the texts of its layers, the strongest first, as far as the first that removes it.
    stacks: BTreeMap<&'a str, Vec<(Origin, &'a str)>>,
    names: &'a dyn Deref<Target = Names>,
    done: BTreeMap<(&'a str, usize), String>,
    open: Vec<(&'a str, usize)>,
}

/// Puts the layers, weakest first, on top of each other. Values of stack and service are templates if `templates` says so:
/// they may use `names` and each other, and by its own name the value a variable has in the layers below.
pub fn resolve(
    layers: &[Layer<'_>],
    templates: bool,
    names: &impl Deref<Target = Names>,
) -> Result<Environment, TemplateError> {
    let mut stacks: BTreeMap<&str, Vec<(Origin, &str)>> = BTreeMap::new();
    for (origin, layer) in layers {
        for (name, value) in *layer {
            match value {
                Some(text) => stacks.entry(name).or_default().insert(0, (*origin, text)),
                None => {
                    stacks.remove(name.as_str());
                }
            }
        }
    }
    let mut resolver = Resolver {
        stacks,
        names,
        done: BTreeMap::new(),
        open: Vec::new(),
    };
    let all: Vec<&str> = resolver.stacks.keys().copied().collect();
    let mut environment = Environment::new();
    for name in all {
        let value = if templates {
            resolver.value(name, 0)?
        } else {
            resolver.stacks[name][0].1.to_owned()
        };
        let stack = &resolver.stacks[name];
        let (origin, text) = stack[0];
        environment.insert(
            name.to_owned(),
            Variable {
                template: (value != text).then(|| text.to_owned()),
                value,
                origin,
                over: stack[1..].iter().map(|(origin, _)| *origin).collect(),
            },
        );
    }
    Ok(environment)
}

impl<'a> Resolver<'a> {
    /// The value of a variable from its layer `depth` on.
    fn value(&mut self, name: &'a str, depth: usize) -> Result<String, TemplateError> {
        let (origin, text) = self.stacks[name][depth];
        if origin < Origin::Stack || !template::is_template(text) {
            return Ok(text.to_owned());
        }
        if let Some(value) = self.done.get(&(name, depth)) {
            return Ok(value.clone());
        }
        let place = format!("variable `{name}`");
        if let Some(begin) = self.open.iter().position(|open| *open == (name, depth)) {
            let mut path: Vec<String> = self.open[begin..]
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect();
            path.push(name.to_owned());
            return Err(TemplateError::Cycle { place, path });
        }
        self.open.push((name, depth));
        let mut names = self.names.deref().clone();
        let mut variables = BTreeMap::new();
        for wanted in template::references(text) {
            let Some((known, stack)) = self.stacks.get_key_value(wanted.as_str()) else {
                continue;
            };
            let (known, layers) = (*known, stack.len());
            // By its own name a variable means what it would be without this layer.
            let from = if known == name { depth + 1 } else { 0 };
            if from < layers {
                let value = self.value(known, from)?;
                variables.insert(known.to_owned(), Value::from(value));
            } else if known == name && !self.names.contains_key(name) {
                let path = vec![name.to_owned(), name.to_owned()];
                return Err(TemplateError::Cycle { place, path });
            }
        }
        self.open.pop();
        for (name, value) in &variables {
            // Facts such as `port` are not hidden by a variable that happens to be called alike.
            names.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let plain = self.stacks.iter().map(|(name, layers)| (*name, layers[0]));
        let mut all: BTreeMap<String, Value> = plain
            .filter(|(_, (origin, text))| *origin < Origin::Stack || !template::is_template(text))
            .map(|(name, (_, text))| (name.to_owned(), Value::from(text)))
            .collect();
        all.extend(variables);
        names.insert("env".into(), Value::from(all));
        let value = template::render(&place, text, &names)?;
        self.done.insert((name, depth), value.clone());
        Ok(value)
    }
}

/// Where each value came from, for people: what was set for this service, and with `all` what the run gave too.
pub fn explain(environment: &Environment, all: bool) -> serde_json::Value {
    let shown = environment
        .iter()
        .filter(|(_, variable)| all || variable.origin != Origin::Run)
        .map(|(name, variable)| {
            let mut entry = serde_json::json!({
                "value": variable.value,
                "from": variable.origin.word(),
            });
            if !variable.over.is_empty() {
                let over: Vec<&str> = variable.over.iter().map(|origin| origin.word()).collect();
                entry["over"] = over.into();
            }
            if let Some(template) = &variable.template {
                entry["template"] = template.as_str().into();
            }
            (name.clone(), entry)
        });
    serde_json::Value::Object(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(entries: &[(&str, &str)]) -> EnvLayer {
        entries
            .iter()
            .map(|(name, value)| {
                let value = (*value != "()").then(|| (*value).to_owned());
                ((*name).to_owned(), value)
            })
            .collect()
    }

    fn resolved(
        run: &[(&str, &str)],
        stack: &[(&str, &str)],
        service: &[(&str, &str)],
    ) -> Environment {
        try_resolve(run, stack, service).unwrap()
    }

    fn try_resolve(
        run: &[(&str, &str)],
        stack: &[(&str, &str)],
        service: &[(&str, &str)],
    ) -> Result<Environment, TemplateError> {
        let (run, stack, service) = (layer(run), layer(stack), layer(service));
        let layers = [
            (Origin::Run, &run),
            (Origin::Stack, &stack),
            (Origin::Service, &service),
        ];
        let names = Names::from([("dir".into(), Value::from("/d"))]);
        resolve(&layers, true, &&names)
    }

    #[test]
    fn c23_the_service_wins_and_the_explanation_says_over_whom() {
        let env = resolved(
            &[("A", "run"), ("B", "run"), ("C", "run")],
            &[("A", "stack"), ("B", "stack")],
            &[("A", "service"), ("C", "()")],
        );
        assert_eq!(
            (env["A"].value.as_str(), env["B"].value.as_str()),
            ("service", "stack")
        );
        assert!(!env.contains_key("C"));
        assert_eq!(
            explain(&env, false)["A"],
            serde_json::json!({"value": "service", "from": "service", "over": ["stack", "run"]})
        );
    }

    #[test]
    fn c24_values_refer_to_each_other_to_a_fixed_point() {
        let env = resolved(
            &[("HOST", "h"), ("RAW", "{{ not ours }}")],
            &[("BASE", "http://{{ HOST }}:{{ PORT }}"), ("PORT", "80")],
            &[("URL", "{{ BASE }}/{{ dir }}"), ("AGAIN", "{{ env.URL }}!")],
        );
        assert_eq!(env["URL"].value, "http://h:80//d");
        assert_eq!(env["AGAIN"].value, "http://h:80//d!");
        assert_eq!(env["RAW"].value, "{{ not ours }}");
        assert_eq!(env["URL"].template.as_deref(), Some("{{ BASE }}/{{ dir }}"));
    }

    #[test]
    fn by_its_own_name_a_variable_means_the_layer_below() {
        let env = resolved(&[("PATH", "/bin")], &[], &[("PATH", "/opt:{{ PATH }}")]);
        assert_eq!(env["PATH"].value, "/opt:/bin");
    }

    #[test]
    fn c24_a_cycle_is_an_error_that_draws_it() {
        let error = try_resolve(
            &[],
            &[("A", "{{ B }}"), ("C", "{{ A }}")],
            &[("B", "{{ C }}")],
        );
        assert_eq!(
            error.unwrap_err().failure().render(),
            "variable `A` needs itself: A -> B -> C -> A\n  hint: let one of them stand on its own"
        );
        let error = try_resolve(&[], &[], &[("A", "{{ A }}")]).unwrap_err();
        assert_eq!(error.to_string(), "variable `A` needs itself: A -> A");
    }

    #[test]
    fn c23_what_a_service_holds_comes_to_the_same_environment() {
        let run = [("A", "run"), ("B", "{{ run }}"), ("C", "run")];
        let whole = resolved(&run, &[("A", "stack")], &[("C", "()"), ("D", "{{ A }}")]);
        let run = run
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let own = Own::of(&whole, &run);
        assert_eq!(own.variables.keys().collect::<Vec<_>>(), ["A", "D"]);
        assert_eq!(own.on(&run), whole);
    }

    #[test]
    fn c24_rendering_can_be_switched_off() {
        let service = layer(&[("A", "{{ B }}")]);
        let env = resolve(&[(Origin::Service, &service)], false, &&Names::new()).unwrap();
        assert_eq!(env["A"].value, "{{ B }}");
    }
}
