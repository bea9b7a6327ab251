//! A cookie jar in the hands of a script.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::serde::from_dynamic;
use rhai::{Array, Dynamic, Map, NativeCallContext};

use super::super::body::{Client, CookieView, Jar as Kept, NewCookie};
use super::answer::cookie_map;
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::script::{self, Raise};

/// The jar of a client in this attempt.
#[derive(Debug, Clone)]
pub struct Cookies(pub(super) Arc<Client>);

#[export_module]
pub mod cookies {
    pub type Jar = Cookies;

    /// All cookies, each a map of `name`, `value`, `domain`, `path`, `expires` (seconds since 1970, or `()`), `secure`,
    /// `http_only`, `host_only` and `same_site`. `load` takes such a list back.
    ///
    /// ```rhai
    /// http.cookies.set("a", "1");
    /// assert http.cookies.list().len == 1;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn list(ctx: NativeCallContext, jar: &mut Jar) -> Result<Array, Raise> {
        let all = jar.kept(&ctx)?.list();
        Ok(all.iter().map(|cookie| cookie_map(cookie).into()).collect())
    }

    /// The cookie of this name as a map, or `()`.
    ///
    /// ```rhai
    /// http.get("/cookies/set?theme=dark");
    /// assert http.cookies.get("theme").value == "dark";
    /// assert http.cookies.get("nothing") == ();
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn get(ctx: NativeCallContext, jar: &mut Jar, name: &str) -> Result<Dynamic, Raise> {
        let found = jar.kept(&ctx)?.get(name);
        Ok(found.map_or(Dynamic::UNIT, |cookie| cookie_map(&cookie).into()))
    }

    /// Puts a cookie in, as if the base URL had set it.
    ///
    /// ```rhai
    /// http.cookies.set("theme", "dark");
    /// assert http.cookies.get("theme").value == "dark";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn set(
        ctx: NativeCallContext,
        jar: &mut Jar,
        name: &str,
        value: &str,
    ) -> Result<(), Raise> {
        jar.put(&ctx, name, value, Map::new())
    }

    /// Like `set(name, value)` with options: `url` (which site sets it), `domain`, `path`, `secure`, `http_only`.
    ///
    /// ```rhai
    /// http.cookies.set("theme", "dark", #{ path: "/app", http_only: true });
    /// assert http.cookies.get("theme").path == "/app";
    /// ```
    #[rhai_fn(name = "set", return_raw, pure)]
    pub fn set_with(
        ctx: NativeCallContext,
        jar: &mut Jar,
        name: &str,
        value: &str,
        options: Map,
    ) -> Result<(), Raise> {
        jar.put(&ctx, name, value, options)
    }

    /// Takes a cookie out; gives back whether there was one.
    ///
    /// ```rhai
    /// http.cookies.set("a", "1");
    /// assert http.cookies.remove("a");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn remove(ctx: NativeCallContext, jar: &mut Jar, name: &str) -> Result<bool, Raise> {
        Ok(jar.kept(&ctx)?.remove(name))
    }

    /// Takes all cookies out.
    ///
    /// ```rhai
    /// http.cookies.clear();
    /// assert http.cookies.list() == [];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn clear(ctx: NativeCallContext, jar: &mut Jar) -> Result<(), Raise> {
        jar.kept(&ctx)?.clear();
        Ok(())
    }

    /// Puts in what `list()` gave, here or in another phase.
    ///
    /// ```rhai
    /// http.cookies.set("a", "1");
    /// let bob = http.client();
    /// bob.cookies.load(http.cookies.list());
    /// assert bob.cookies.get("a").value == "1";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn load(ctx: NativeCallContext, jar: &mut Jar, cookies: Array) -> Result<(), Raise> {
        let jar = jar.kept(&ctx)?;
        let read: Result<Vec<CookieView>, _> = from_dynamic(&cookies.into());
        let loaded = match read {
            Ok(cookies) => jar.load(&cookies),
            Err(error) => Err(format!("this is not what list() gives: {error}")),
        };
        loaded.map_err(|reason| script::usage(&ctx, Failure::usage(reason)))
    }

    /// The jar in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(jar: &mut Jar) -> String {
        let names = |jar: &Kept| {
            let all: Vec<String> = jar.list().into_iter().map(|cookie| cookie.name).collect();
            all.join(", ")
        };
        match jar.0.jar() {
            Some(jar) => format!("cookies [{}]", names(jar)),
            None => "no cookies".to_owned(),
        }
    }
}

impl Cookies {
    fn kept(&self, ctx: &NativeCallContext) -> Result<&Kept, Raise> {
        self.0.jar().ok_or_else(|| {
            let failure = Failure::usage("this client keeps no cookies")
                .hint("leave `cookies: false` out of http.client(…)");
            script::usage(ctx, failure)
        })
    }

    fn put(
        &self,
        ctx: &NativeCallContext,
        name: &str,
        value: &str,
        options: Map,
    ) -> Result<(), Raise> {
        let jar = self.kept(ctx)?;
        self.put_checked(jar, name, value, options)
            .map_err(|failure| script::usage(ctx, failure))
    }

    fn put_checked(
        &self,
        jar: &Kept,
        name: &str,
        value: &str,
        options: Map,
    ) -> Result<(), Failure> {
        let mut options = Options::new("cookies.set", options);
        let url = options.text("url")?;
        let cookie = NewCookie {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: options.text("domain")?,
            path: options.text("path")?,
            secure: options.flag("secure")?.unwrap_or(false),
            http_only: options.flag("http_only")?.unwrap_or(false),
        };
        options.finish()?;
        if url.is_none() && self.0.base().is_none() {
            return Err(
                Failure::usage("a cookie belongs to a site, and no base URL says which")
                    .hint("name it: #{ url: \"http://localhost:8080\" }"),
            );
        }
        let url = self
            .0
            .url(url.as_deref().unwrap_or_default())
            .map_err(|error| {
                let mut failure = Failure::usage(error.to_string());
                failure.hint = error.hint();
                failure
            })?;
        jar.set(&cookie, &url).map_err(Failure::usage)
    }
}
