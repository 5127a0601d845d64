//! Of what somebody can choose to be told: offered, read back, and said in words.

use serde::Serialize;

use crate::http::find;
use crate::model::level::Impact;
use crate::model::policy::Wants;
use crate::model::snapshot::Snapshot;
use crate::model::subscriber::Interest;
use crate::render::Choice;
use crate::rules::subscribers::{self, Subject};

/// What is chosen that a form does not offer: it stays as it is.
const AS_IT_IS: &str = "as-it-is";

/// What is chosen, as it is sent.
#[derive(Debug, Clone, Serialize)]
pub(in crate::http) struct Chosen {
    /// Of what: `all`, `tag:shop`, `source:github`.
    pub(in crate::http) what: String,
    /// Nothing that is milder.
    pub(in crate::http) impact: String,
    /// Summaries.
    pub(in crate::http) digest: String,
}

impl Chosen {
    /// What somebody chose before.
    pub(super) fn of(interest: &Interest) -> Self {
        Self {
            what: Subject::of_wants(&interest.wants).map_or_else(|| AS_IT_IS.to_owned(), |subject| value(&subject)),
            impact: interest.wants.impact.map(|impact| impact.as_str().to_owned()).unwrap_or_default(),
            digest: subscribers::digest_word(interest.digest).to_owned(),
        }
    }

    /// What is chosen, understood; `before` is what stays where nothing of it is changed. `Err` names the field.
    pub(super) fn read(&self, snapshot: &Snapshot, before: Option<&Interest>) -> Result<Interest, &'static str> {
        let impact = match self.impact.as_str() {
            "" => None,
            word => Some(Impact::from_word(word).ok_or("impact")?),
        };
        let digest = subscribers::digest(&self.digest).ok_or("digest")?;
        let kept = before.filter(|before| Self::of(before).what == self.what);
        if let Some(before) = kept {
            let wants = Wants { impact, ..before.wants.clone() };
            return Ok(Interest { wants, digest });
        }
        let (kind, of) = self.what.split_once(':').unwrap_or((&self.what, ""));
        let subject = what(snapshot, kind, of).ok_or("what")?;
        Ok(Interest { wants: subject.wants(impact), digest })
    }
}

fn value(subject: &Subject) -> String {
    match subject {
        Subject::All => subject.kind().to_owned(),
        _ => format!("{}:{}", subject.kind(), subject.of()),
    }
}

/// What the two words mean, where there is such a thing now.
pub(in crate::http) fn what(snapshot: &Snapshot, kind: &str, of: &str) -> Option<Subject> {
    let subject = Subject::from_words(kind, of).filter(|subject| subject.of().len() <= crate::limits::WANTED)?;
    let is_there = match &subject {
        Subject::All => true,
        Subject::Tag(tag) => tags(snapshot).contains(tag),
        Subject::Service(id) => snapshot.services.iter().any(|view| view.service.id.as_str() == id),
        Subject::Source(id) => snapshot.source(id).is_some(),
        Subject::Incident(id) => title(snapshot, id).is_some(),
    };
    is_there.then_some(subject)
}

/// Tags of sources and services.
fn tags(snapshot: &Snapshot) -> Vec<String> {
    let sources = snapshot.sources.iter().flat_map(|view| &view.source.tags);
    let services = snapshot.services.iter().flat_map(|view| &view.service.tags);
    let mut tags: Vec<String> = sources.chain(services).cloned().collect();
    tags.sort();
    tags.dedup();
    tags
}

fn title(snapshot: &Snapshot, id: &str) -> Option<String> {
    let incident = find::present_incident(snapshot, id).map(|view| view.incident.title.clone());
    incident.or_else(|| find::present_maintenance(snapshot, id).map(|view| view.maintenance.title.clone()))
}

/// What somebody is told of, in words.
pub(in crate::http) fn label(snapshot: &Snapshot, wants: &Wants) -> String {
    let Some(subject) = Subject::of_wants(wants) else { return "what was set for you".to_owned() };
    named(snapshot, &subject)
}

fn named(snapshot: &Snapshot, subject: &Subject) -> String {
    let service = |id: &str| snapshot.services.iter().find(|view| view.service.id.as_str() == id);
    match subject {
        Subject::All => "Everything".to_owned(),
        Subject::Tag(tag) => format!("Everything tagged {tag}"),
        Subject::Service(id) => service(id).map_or_else(|| id.clone(), |view| view.service.name.clone()),
        Subject::Source(id) => snapshot.source(id).map_or_else(|| id.clone(), |view| view.source.name.clone()),
        Subject::Incident(id) => title(snapshot, id).unwrap_or_else(|| id.clone()),
    }
}

/// One thing to choose.
#[derive(Debug, Serialize)]
struct Offer {
    value: String,
    label: String,
}

/// Things of one kind to choose from.
#[derive(Debug, Serialize)]
struct Group {
    label: &'static str,
    offers: Vec<Offer>,
}

/// All that can be chosen, and what is.
#[derive(Debug, Serialize)]
pub(super) struct Choices {
    groups: Vec<Group>,
    impacts: Vec<Choice>,
    digests: Vec<Choice>,
    chosen: Chosen,
}

impl Choices {
    /// `whole`: whoever chooses may see all that is watched. Else there is nothing but what they have.
    pub(super) fn new(snapshot: &Snapshot, chosen: Chosen, whole: bool) -> Self {
        let offer = |subject: Subject| Offer { value: value(&subject), label: named(snapshot, &subject) };
        let mut groups = vec![("All of it", vec![offer(Subject::All)])];
        if whole {
            let services = snapshot.services.iter().map(|view| Subject::Service(view.service.id.to_string()));
            let sources = snapshot.sources.iter().map(|view| Subject::Source(view.source.id.to_string()));
            groups.push(("Services", services.map(offer).collect()));
            groups.push(("Tags", tags(snapshot).into_iter().map(Subject::Tag).map(offer).collect()));
            groups.push(("Sources", sources.map(offer).collect()));
        }
        let is_offered = |(_, offers): &(_, Vec<Offer>)| offers.iter().any(|offer| offer.value == chosen.what);
        if !groups.iter().any(is_offered) {
            let (kind, of) = chosen.what.split_once(':').unwrap_or_default();
            let label = Subject::from_words(kind, of).map(|subject| named(snapshot, &subject));
            let label = label.unwrap_or_else(|| "As it is".to_owned());
            groups.insert(0, ("Just this", vec![Offer { value: chosen.what.clone(), label }]));
        }
        groups.retain(|(_, offers)| !offers.is_empty());
        Self {
            groups: groups.into_iter().map(|(label, offers)| Group { label, offers }).collect(),
            impacts: impacts(),
            digests: vec![
                Choice { value: "none", label: "As it happens" },
                Choice { value: "daily", label: "Once a day, in the morning" },
                Choice { value: "weekly", label: "Once a week, on Monday morning" },
            ],
            chosen,
        }
    }
}

fn impacts() -> Vec<Choice> {
    let some = [Impact::Minor, Impact::Major, Impact::Critical];
    let some = some.into_iter().map(|impact| Choice { value: impact.as_str(), label: impact_label(Some(impact)) });
    std::iter::once(Choice { value: "", label: impact_label(None) }).chain(some).collect()
}

/// What is the least that is told, in words.
pub(in crate::http) fn impact_label(impact: Option<Impact>) -> &'static str {
    match impact {
        None | Some(Impact::None | Impact::Maintenance) => "Everything, planned work too",
        Some(Impact::Minor) => "Minor and worse: slow, or errors for some",
        Some(Impact::Major) => "Major and worse: down for some",
        Some(Impact::Critical) => "Critical only: down",
    }
}
