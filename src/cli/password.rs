//! `allclear password`: hash a password, or set somebody's while allclear is not serving.

use std::io::Read;

use anyhow::{Context, anyhow, bail};

use super::{GOOD, Places, complain};
use crate::auth::password;
use crate::clock::Clock;
use crate::limits;
use crate::model::actor::Actor;
use crate::model::desk::Desk;
use crate::model::people::{Hidden, PeopleChange};
use crate::rules::people;
use crate::store::{Batch, Store};

/// Hash a password, or set somebody's.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// Whose password to set in the data folder; allclear must not be serving. Their sessions and their second factor
    /// end. Without a name the hash is printed.
    name: Option<String>,
}

/// Reads the password from standard input, up to the first line break.
pub fn run(args: &Args, places: &Places) -> u8 {
    let done = match &args.name {
        None => read("").and_then(|chosen| Ok(password::hash(&chosen)?)).map(|hash| anstream::println!("{hash}")),
        Some(name) => set(name, places),
    };
    match done {
        Ok(()) => GOOD,
        Err(error) => complain(&format!("{error:#}")),
    }
}

fn read(name: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    let most = limits::FORM_BODY as u64;
    std::io::stdin().take(most).read_to_string(&mut text).context("reading the password from standard input")?;
    let chosen = text.lines().next().unwrap_or_default().to_owned();
    password::check(&chosen, name).map_err(|weak| anyhow!("the password {weak}"))?;
    Ok(chosen)
}

fn set(name: &str, places: &Places) -> anyhow::Result<()> {
    let store = Store::open(&places.data)?;
    let now = Clock::system().now().wall;
    let mut desk = Desk::default();
    store.load(now)?.kept.into_iter().for_each(|kept| desk.put(kept));
    let name = name.trim().to_lowercase();
    let Some(account) = desk.people.named(&name).cloned() else { bail!("there is no account called `{name}`") };
    let hash = Hidden::new(password::hash(&read(&name)?)?);
    let change = PeopleChange::Reset(account.id.clone(), hash);
    let effect = people::apply(&desk.people, &Actor::program(), &change, now)?;
    store.commit(&Batch { kept: effect.kept, gone: effect.gone, audit: vec![effect.audit], ..Batch::default() })?;
    anstream::println!("the password of {name} is set; all sessions and the second factor ended");
    Ok(())
}
