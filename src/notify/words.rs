//! One attempt: a delivery to words, the words to a channel's requests, the answer to an outcome.

use std::collections::BTreeSet;
use std::sync::Arc;

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Shared;
use super::carry::{Carried, Carriers, Uncarried};
use super::scope::{Outcome, Scope};
use crate::channels::{
    self, Channel, Email, Kind, MailServer, Markup, Message, Outgoing, Plan, Refusal, Reply, Webhook,
};
use crate::limits;
use crate::model::delivery::Delivery;
use crate::model::ledger::{Item, Style};
use crate::model::news::News;
use crate::model::source::PageSettings;
use crate::model::subscriber::{Reach, Subscriber};
use crate::render::letter::{LetterView, Letters, Occasion};
use crate::rules::subscribers::{self, Purpose};

/// What came of an attempt, as it is written down: secrets are cut.
#[derive(Debug)]
pub struct Told {
    /// What follows.
    pub outcome: Outcome,
    /// What was asked of whom.
    pub request: String,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// What the answer said, or why there was none.
    pub answer: String,
}

impl Told {
    /// Nothing was sent: it never will be.
    fn never(why: impl Into<String>) -> Self {
        Self { outcome: Outcome::Never, request: String::new(), status: None, answer: why.into() }
    }

    /// Nothing was sent: it cannot be now.
    pub fn later(why: impl Into<String>) -> Self {
        Self { outcome: Outcome::Later(None), request: String::new(), status: None, answer: why.into() }
    }

    /// Nothing was sent: the channel said before that it is gone.
    pub fn gone() -> Self {
        let why = "the channel said that it is gone; nothing more is sent to it until it is configured anew";
        Self { outcome: Outcome::Gone, request: String::new(), status: None, answer: why.to_owned() }
    }
}

/// Who gets a message, and in what form.
struct Route {
    channel: Arc<dyn Channel>,
    kind: &'static Kind,
    letters: Arc<Letters>,
    allow_private: bool,
    secrets: Vec<SecretString>,
    reader: Option<Arc<Subscriber>>,
    mail: Option<Arc<MailServer>>,
}

/// The templates of one way out, compiled once. The configuration was refused if an operator's own are no good; where
/// they are no good all the same, the usual ones are used.
///
/// # Errors
/// Where the usual ones are no good: a fault of this program.
pub fn letters(scope: &Scope) -> Result<Letters, String> {
    let Scope::Line(line) = scope else { return Letters::new(None, None, Markup::Plain) };
    Letters::new(line.title.as_deref(), line.text.as_deref(), line.kind.markup).or_else(|problem| {
        tracing::error!(channel = scope.name(), problem, "the template cannot be used; the usual one is");
        Letters::new(None, None, line.kind.markup)
    })
}

/// Sends a delivery once.
pub async fn send(
    shared: &Shared,
    plan: &Plan,
    scope: &Scope,
    letters: &Arc<Letters>,
    delivery: &Delivery,
    carriers: Option<&Carriers>,
) -> Told {
    let Some(carriers) = carriers else { return Told::later("there is no way out now") };
    let route = match route(shared, plan, scope, letters, delivery) {
        Ok(route) => route,
        Err(told) => return *told,
    };
    let page = Arc::clone(&shared.latest.borrow().page);
    let told = match facts(shared, delivery).await {
        Ok(facts) => facts,
        Err(problem) => return Told::later(problem),
    };
    match attempt(shared, &route, &page, delivery, &told, carriers).await {
        // What it answered is gone there: it stands alone.
        None => {
            let alone = Facts { before: None, ..told };
            let again = attempt(shared, &route, &page, delivery, &alone, carriers).await;
            again.unwrap_or_else(|| Told::never("what it answers is not there any more"))
        }
        Some(told) => told,
    }
}

/// `None`: what it answers is not there any more.
async fn attempt(
    shared: &Shared,
    route: &Route,
    page: &PageSettings,
    delivery: &Delivery,
    facts: &Facts,
    carriers: &Carriers,
) -> Option<Told> {
    match compose(shared, route, page, delivery, facts) {
        Ok(outgoing) => route.carry(outgoing, carriers).await,
        Err(why) => Some(Told::never(cut(&why, &route.secrets))),
    }
}

/// What a message is made of.
struct Facts {
    /// What it tells, and what its threads began with.
    news: Vec<News>,
    /// What the receiver calls the message that began the thread.
    before: Option<String>,
}

async fn facts(shared: &Shared, delivery: &Delivery) -> Result<Facts, String> {
    let (id, items) = (delivery.id, delivery.letter.items.clone());
    let read = shared.store.run(move |store| {
        let mut seqs: BTreeSet<u64> =
            items.iter().flat_map(|item| item.covers.iter().copied().chain([item.seq])).collect();
        let mut before = None;
        for item in &items {
            let Some(root) = item.root.filter(|root| *root != id) else { continue };
            let Some(root) = store.delivery(root)? else { continue };
            seqs.extend(root.letter.items.iter().filter(|first| first.thread == item.thread).map(|first| first.seq));
            // Several things at once are nobody's thread, neither then nor now.
            if items.len() == 1 && root.letter.style == Style::Single {
                before = root.reference;
            }
        }
        let seqs: Vec<u64> = seqs.into_iter().collect();
        Ok(Facts { news: store.news(&seqs)?, before })
    });
    read.await.map_err(|error| error.to_string())
}

fn route(
    shared: &Shared,
    plan: &Plan,
    scope: &Scope,
    letters: &Arc<Letters>,
    delivery: &Delivery,
) -> Result<Route, Box<Told>> {
    let line = match scope {
        Scope::Line(line) => line,
        Scope::Mail | Scope::Webhooks => return reader(shared, plan, letters, delivery),
    };
    let mut secrets = line.secrets.clone();
    secrets.extend(line.channel.secrets());
    secrets.extend(sign_on(plan));
    Ok(Route {
        channel: Arc::clone(&line.channel),
        kind: line.kind,
        letters: Arc::clone(letters),
        allow_private: line.allow_private,
        secrets,
        reader: None,
        mail: plan.mail.clone(),
    })
}

fn reader(shared: &Shared, plan: &Plan, letters: &Arc<Letters>, delivery: &Delivery) -> Result<Route, Box<Told>> {
    let gone = || Box::new(Told::never("the reader is gone"));
    let id = delivery.receiver.as_subscriber().ok_or_else(gone)?;
    let reader = shared.desk.borrow().subscribers.get(id).cloned().ok_or_else(gone)?;
    let is_question = delivery.letter.style == Style::Confirm;
    if reader.suspended.is_some() || (reader.confirmed_at.is_none() && !is_question) {
        return Err(Box::new(Told::never("the reader is suspended, or has not said that it was them")));
    }
    let (channel, kind, mut secrets): (Arc<dyn Channel>, &str, Vec<SecretString>) = match &reader.reach {
        Reach::Mail(address) => {
            if plan.mail.is_none() {
                return Err(Box::new(Told::later("no server for e-mail is configured")));
            }
            let email = Email::new(vec![address.clone()]).map_err(|why| Box::new(Told::never(why)))?;
            (Arc::new(email), "email", vec![SecretString::from(address.clone())])
        }
        Reach::Webhook { url, secret } => {
            let unfit = || Box::new(Told::never("the webhook's address is none"));
            let address = Url::parse(url).map_err(|_| unfit())?;
            let key = SecretString::from(secret.reveal().to_owned());
            let webhook = Webhook::new(address, std::slice::from_ref(&key)).map_err(|_| unfit())?;
            (Arc::new(webhook), "webhook", vec![key])
        }
    };
    let kind = channels::find(kind).ok_or_else(gone)?;
    secrets.extend(sign_on(plan));
    // Whoever holds one of their links acts for them.
    secrets.extend(Purpose::ALL.map(|purpose| SecretString::from(subscribers::token(&reader, purpose))));
    // What readers give as their address is never a way into our own network.
    Ok(Route {
        channel,
        kind,
        letters: Arc::clone(letters),
        allow_private: false,
        secrets,
        reader: Some(reader),
        mail: plan.mail.clone(),
    })
}

/// The password for the mail server, which its answers may repeat as it is or as it was sent.
fn sign_on(plan: &Plan) -> Vec<SecretString> {
    let Some((user, password)) = plan.mail.as_ref().and_then(|server| server.login.as_ref()) else { return Vec::new() };
    let plain = BASE64.encode(format!("\0{user}\0{}", password.expose_secret()).as_bytes());
    let alone = BASE64.encode(password.expose_secret().as_bytes());
    vec![password.clone(), plain.into(), alone.into()]
}

fn compose(
    shared: &Shared,
    route: &Route,
    page: &PageSettings,
    delivery: &Delivery,
    facts: &Facts,
) -> Result<Vec<Outgoing>, String> {
    let of = |item: &Item| facts.news.iter().find(|news| news.seq == item.seq);
    let items: Vec<(&Item, &News)> =
        delivery.letter.items.iter().filter_map(|item| of(item).map(|news| (item, news))).collect();
    if items.is_empty() && !delivery.letter.items.is_empty() {
        return Err("what it tells is not kept any more".to_owned());
    }
    let base = page.url.as_deref();
    let linked = |purpose: Purpose| Some(format!("{}{}", base?, subscribers::link(route.reader.as_deref()?, purpose)));
    let is_question = delivery.letter.style == Style::Confirm;
    // Whoever has not said that it was them has nothing to change yet, and nothing to leave.
    let of_theirs = |purpose: Purpose| linked(purpose).filter(|_| !is_question);
    let (confirm, unsubscribe) = (linked(Purpose::Confirm), of_theirs(Purpose::Leave));
    let occasion = Occasion {
        page,
        made_at: delivery.made_at,
        confirm: confirm.as_deref().filter(|_| is_question),
        unsubscribe: unsubscribe.as_deref(),
    };
    let view = LetterView::of(&delivery.letter, &facts.news, occasion);
    let host = base.and_then(|base| Url::parse(base).ok()).and_then(|url| url.host_str().map(str::to_owned));
    let sender = || Some(route.mail.as_ref()?.from.rsplit_once('@')?.1.to_owned());
    let host = host.or_else(sender);
    let written = route.letters.words(&view, route.kind.longest);
    if let Some(fault) = written.fault {
        tracing::warn!(receiver = %delivery.receiver, fault, "the template failed on a message; the usual words are sent");
    }
    let message = Message {
        key: &delivery.key,
        made_at: delivery.made_at.as_second(),
        at: shared.clock.now().wall.as_second(),
        style: delivery.letter.style,
        title: written.title,
        text: written.text,
        link: view.link.clone(),
        page: &page.title,
        host: host.as_deref().unwrap_or("allclear.invalid"),
        unsubscribe,
        manage: of_theirs(Purpose::Manage),
        before: facts.before.as_deref(),
        items,
    };
    route.channel.compose(&message)
}

impl Route {
    /// Carries the requests in order; the last one's answer counts.
    async fn carry(&self, outgoing: Vec<Outgoing>, carriers: &Carriers) -> Option<Told> {
        let mut told = Told {
            outcome: Outcome::Sent(None),
            request: String::new(),
            status: None,
            answer: "this channel has no use for such a message".to_owned(),
        };
        for one in outgoing {
            let asked = Asked::of(&one, &self.secrets);
            told = match carriers.carry(one, self.allow_private).await {
                Ok(carried) => self.read(asked, &carried)?,
                Err(error) => uncarried(asked, &error),
            };
            if !matches!(told.outcome, Outcome::Sent(_)) {
                break;
            }
        }
        Some(told)
    }

    fn read(&self, asked: Asked, carried: &Carried) -> Option<Told> {
        let Carried { status, ref body, retry_after, .. } = *carried;
        let reply = Reply { status, body };
        let said = String::from_utf8_lossy(body);
        let is_good = matches!(status, 200..300) || status == 0;
        let refusal = if is_good {
            match self.channel.read(&reply) {
                Ok(reference) => {
                    let answer = cut(&said, &asked.secrets);
                    let outcome = Outcome::Sent(reference);
                    return Some(Told { outcome, request: asked.shown, status: Some(status), answer });
                }
                Err(refusal) => refusal,
            }
        } else {
            self.channel.refusal(&reply).unwrap_or_else(|| channels::by_status(status, retry_after))
        };
        let (outcome, why) = match refusal {
            Refusal::Later { why, wait } => (Outcome::Later(wait.or(retry_after)), why),
            Refusal::Never(why) => (Outcome::Never, why),
            Refusal::Gone(why) => (Outcome::Gone, why),
            Refusal::Had => (Outcome::Sent(None), "it had the message already".to_owned()),
            Refusal::Adrift(_) => return None,
        };
        let said = if asked.is_mail { String::new() } else { format!(" {said}") };
        let answer = cut(format!("{why}{said}").trim_end(), &asked.secrets);
        Some(Told { outcome, request: asked.shown, status: Some(status), answer })
    }
}

/// A request as an operator may see it, and what of it must not be shown where the answer repeats it.
struct Asked {
    shown: String,
    is_mail: bool,
    secrets: Vec<SecretString>,
}

impl Asked {
    fn of(outgoing: &Outgoing, known: &[SecretString]) -> Self {
        let mut secrets = known.to_vec();
        if let Outgoing::Call(call) = outgoing {
            secrets.extend(call.authorization.clone());
        }
        let shown = cut(&shown(outgoing), &secrets);
        Self { shown, is_mail: matches!(outgoing, Outgoing::Mail(_)), secrets }
    }
}

fn uncarried(asked: Asked, error: &Uncarried) -> Told {
    let outcome = match error {
        Uncarried::Later(_) => Outcome::Later(None),
        Uncarried::Never(_) => Outcome::Never,
        Uncarried::Bounced(_) => Outcome::Gone,
    };
    let answer = cut(&error.to_string(), &asked.secrets);
    Told { outcome, request: asked.shown, status: None, answer }
}

/// What an operator may see: without secrets, and not too long.
fn cut(text: &str, secrets: &[SecretString]) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        let secret = secret.expose_secret();
        if secret.len() >= 4 {
            text = text.replace(secret, "***");
        }
    }
    let mut cut: String = text.chars().take(limits::ATTEMPT_TEXT).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// What is asked of whom: no header, and of an address the host alone, since paths hold secrets.
fn shown(outgoing: &Outgoing) -> String {
    match outgoing {
        Outgoing::Call(call) => {
            let host = call.url.host_str().unwrap_or_default();
            format!("{} {}://{host}/… {}", call.method, call.url.scheme(), call.body)
        }
        Outgoing::Mail(mail) => format!("e-mail “{}”\n{}", mail.subject, mail.text),
        Outgoing::Run(run) => format!("{} {}", run.argv.first().map_or("", String::as_str), run.input),
    }
}
