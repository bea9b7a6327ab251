//! The names scripts use. They may be used while a file is loaded: fixtures make scenarios.

use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};

use super::body::{self, CsvOptions};
use super::{folder, project, raise, read};
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};

#[export_module]
pub mod data {
    /// Reads a JSON file; the path is relative to the folder of the script.
    ///
    /// ```rhai
    /// let path = write_file("user.json", #{ name: "Ada" });
    /// assert load_json(path).name == "Ada";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load_json(ctx: NativeCallContext, path: &str) -> Result<Dynamic, Raise> {
        let value = read(&ctx, path).and_then(|source| body::parse_json(&source));
        value
            .map(|value| json::from_json(&value))
            .map_err(|error| raise(&ctx, &error))
    }

    /// Reads a YAML file with one document. Anchors and merge keys are resolved; keys become texts.
    ///
    /// ```rhai
    /// let path = write_file("user.yaml", "name: Ada\ntags: [a, b]\n");
    /// assert load_yaml(path).tags == ["a", "b"];
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load_yaml(ctx: NativeCallContext, path: &str) -> Result<Dynamic, Raise> {
        let value = read(&ctx, path).and_then(|source| body::parse_yaml(&source));
        value
            .map(|value| json::from_json(&value))
            .map_err(|error| raise(&ctx, &error))
    }

    /// Reads a CSV file with a header: an array with a map for each row. Every field is a text.
    ///
    /// ```rhai
    /// let path = write_file("users.csv", "name,age\nAda,36\n");
    /// assert load_csv(path) == [#{ name: "Ada", age: "36" }];
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load_csv(ctx: NativeCallContext, path: &str) -> Result<Dynamic, Raise> {
        rows(&ctx, path, CsvOptions::default())
    }

    /// Like `load_csv(path)` with the option `delimiter`, one character.
    ///
    /// ```rhai
    /// let path = write_file("users.csv", "name;age\nAda;36\n");
    /// assert load_csv(path, #{ delimiter: ";" })[0].age == "36";
    /// ```
    #[rhai_fn(name = "load_csv", return_raw)]
    pub fn load_csv_with(
        ctx: NativeCallContext,
        path: &str,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        let options = csv_options(options).map_err(|failure| script::usage(&ctx, failure))?;
        rows(&ctx, path, options)
    }

    /// The path of a file or folder beside the script or module that calls, relative to the project: for what wants paths so, such as
    /// services and commands. A suite that uses it can be moved.
    ///
    /// ```rhai
    /// let server = beside("server/app.py");
    /// assert server.ends_with("server/app.py");
    /// ```
    #[rhai_fn(volatile)]
    pub fn beside(ctx: NativeCallContext, path: &str) -> String {
        body::beside(&folder(&ctx), path, &project(&ctx))
    }

    /// Reads a text file in UTF-8, without its byte order mark.
    ///
    /// ```rhai
    /// assert load_text(write_file("a.txt", "hello")) == "hello";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load_text(ctx: NativeCallContext, path: &str) -> Result<String, Raise> {
        read(&ctx, path)
            .map(|source| source.text)
            .map_err(|error| raise(&ctx, &error))
    }
}

fn rows(ctx: &NativeCallContext, path: &str, options: CsvOptions) -> Result<Dynamic, Raise> {
    let value = read(ctx, path).and_then(|source| body::parse_csv(&source, options));
    value
        .map(|value| json::from_json(&value))
        .map_err(|error| raise(ctx, &error))
}

fn csv_options(options: Map) -> Result<CsvOptions, Failure> {
    let mut options = Options::new("load_csv", options);
    let delimiter = options.text("delimiter")?;
    options.finish()?;
    match delimiter {
        None => Ok(CsvOptions::default()),
        Some(text) => {
            CsvOptions::delimited_by(&text).map_err(|error| Failure::usage(error.to_string()))
        }
    }
}
