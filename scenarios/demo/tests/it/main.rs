//! The demo as its users meet it: over a real socket, one demo a test.

mod accounts;
mod chat;
mod files;
mod graphql;
mod oddities;
mod pages;
mod service;
mod shop;
mod site;
mod tasks;
mod webhooks;
