//! Sources: what is watched, and adding one after a look at its page.

use axum::extract::Path;
use axum::response::Response;

use super::again::Deed;
use super::order::{carry_out, kept, order, slip, version};
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::wire::intake::pasted;
use crate::http::write::{in_force, read};
use crate::limits;
use crate::model::command::Command;
use crate::model::desk::Added;
use crate::model::id::SourceId;
use crate::model::intake::Draft;
use crate::render::console::incident::Sure;
use crate::render::console::sources::{self, Form};

const LIST: &str = "admin/sources.html";
const NEW: &str = "admin/source-new.html";
const SURE: &str = "admin/sure.html";

pub(super) async fn list(visit: Visit) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let desk = visit.app.0.desk.borrow().clone();
    let entries: String = desk.added.values().map(|added| pasted(&added.lines)).collect();
    visit.show(LIST, &sources::list(&snapshot, &desk, entries))
}

/// Looks at a page and shows what it says. It changes nothing.
pub(super) async fn look(visit: Visit) -> Result<Response, Fail> {
    let page = visit.query("page").trim().to_owned();
    if page.is_empty() {
        return Ok(visit.go("/admin/sources"));
    }
    match visit.app.0.asks.look(page.clone()).await {
        Ok(seen) => visit.show(NEW, &sources::seen(slip(0)?, &seen)),
        Err(problem) => visit.wrong(NEW, &problem, &sources::unseen(slip(0)?, &page)),
    }
}

pub(super) async fn add(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let ticked: Vec<String> = fields.all("component").map(str::to_owned).collect();
    let all = fields.get("parts").parse::<usize>().is_ok_and(|parts| parts == ticked.len());
    let draft = Draft {
        page: fields.get("page").trim().to_owned(),
        name: read::title(fields.get("name")),
        tags: tags(fields.get("tags")),
        // Where all are ticked, what the vendor adds later counts, too.
        components: if all { Vec::new() } else { ticked.iter().map(|path| literal(path)).collect() },
        ignore: Vec::new(),
        interval: None,
        unread: fields.is_set("unread"),
    };
    let form = |fields: &Fields| -> Result<Form, Fail> {
        Ok(sources::again(kept(fields)?, &draft, fields.all("part"), &ticked))
    };
    if !all && ticked.is_empty() && fields.all("part").next().is_some() {
        return visit.wrong(NEW, "Nothing is added yet: tick at least one component.", &form(&fields)?);
    }
    let entry = match visit.app.0.asks.compose(draft.clone()).await {
        Ok(entry) => entry,
        Err(problem) => return visit.wrong(NEW, &format!("Nothing is added yet: {problem}"), &form(&fields)?),
    };
    let id = entry.id.clone();
    match order(&visit, &fields, Command::AddSource(entry), |_| "/admin/sources?said=added".to_owned()).await {
        Ok(to) => {
            in_force(&visit.app, &id, true).await;
            Ok(visit.go(&to))
        }
        Err(refused) => visit.wrong(NEW, &format!("Nothing is added yet: {refused}."), &form(&fields)?),
    }
}

fn find(visit: &Visit, id: &str) -> Result<Added, Fail> {
    visit.app.0.desk.borrow().added.get(&SourceId::new(id)).cloned().ok_or(Fail::NotFound("source that was added here"))
}

pub(super) async fn sure(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    let one = find(&visit, &id)?;
    let sure = Sure {
        slip: slip(one.version)?,
        kind: "source",
        title: one.name,
        text: "It is watched no more; what is known of its past stays.",
        action: format!("/admin/sources/{id}/remove"),
        back: "/admin/sources".to_owned(),
    };
    visit.show(SURE, &sure)
}

pub(super) async fn remove(visit: Visit, Path(id): Path<String>, fields: Fields) -> Result<Response, Fail> {
    let deed = Deed {
        what: "Remove the source",
        subject: (id.clone(), "source."),
        to: "/admin/sources?said=removed".to_owned(),
        back: "/admin/sources".to_owned(),
    };
    carry_out(&visit, &fields, Command::RemoveSource(SourceId::new(id), version(&fields)), deed).await
}

/// Tags, written with commas.
fn tags(text: &str) -> Vec<String> {
    let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    tags.take(limits::ADDED_TAGS).map(str::to_owned).collect()
}

/// A component's path as a glob that means just that.
fn literal(path: &str) -> String {
    path.chars().fold(String::with_capacity(path.len()), |mut out, c| {
        if "*?[]{}\\!".contains(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::Filter;

    #[test]
    fn a_ticked_component_is_just_that_one() {
        for path in ["API", "Core/API *beta*", "a[b]{c,d}?", "!x", "back\\slash"] {
            let filter = Filter::new(&[literal(path).as_str()], &[]).unwrap();
            assert!(filter.counts(path), "{path}");
            assert!(!filter.counts("Core/API beta") && !filter.counts("ab"), "{path}");
        }
        assert_eq!(tags(" edge, , cdn"), ["edge", "cdn"]);
    }
}
