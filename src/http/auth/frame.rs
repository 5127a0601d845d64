//! One visit to the console: who comes, and how they are answered.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::super::App;
use super::super::error::{Fail, Said};
use super::caller::{Caller, Person};
use super::forward::Peer;
use super::{cookie, start};
use crate::auth::random;
use crate::model::actor::Role;
use crate::model::command::Done;
use crate::model::people::PeopleChange;
use crate::render::{Frame, Link, Who};

/// Where operators begin.
const HOME: &str = "/admin";
/// Where it is noticed that messages were given up …
const DELIVERIES: &str = "/admin/deliveries";
/// … and that channels take none.
const CHANNELS: &str = "/admin/channels";

/// Where people can go in the console, and who may. A part of the console adds its line here.
const NAV: &[(&str, &str, Role)] = &[
    (HOME, "Now", Role::Operator),
    ("/admin/incidents", "Incidents", Role::Operator),
    ("/admin/maintenances", "Maintenances", Role::Operator),
    ("/admin/services", "States", Role::Operator),
    ("/admin/templates", "Templates", Role::Operator),
    (DELIVERIES, "Messages", Role::Operator),
    (CHANNELS, "Channels", Role::Operator),
    ("/admin/sources", "Sources", Role::Admin),
    ("/admin/subscribers", "Subscribers", Role::Admin),
    ("/admin/account", "Account", Role::Viewer),
    ("/admin/people", "People", Role::Admin),
    ("/admin/tokens", "Tokens", Role::Admin),
    ("/admin/audit", "Audit", Role::Admin),
];

/// What was done, by the word that the address carries to the page that is shown next.
const SAID: &[(&str, &str)] = &[
    ("changed", "It is changed."),
    ("declared", "It is declared; readers see it."),
    ("said", "It is said; readers see it."),
    ("noted", "The note is kept; readers do not see it."),
    ("learned", "What was learned is written down; readers see it."),
    ("published", "It is published; readers see it."),
    ("added", "It is added; it is read in a moment."),
    ("removed", "It is removed."),
    ("judged", "It is judged."),
    ("seen", "Others see that you have seen it."),
    ("set", "The state is set."),
    ("ended", "What was set by hand has ended."),
    ("kept", "The template is kept."),
    ("planned", "It is announced; readers see it."),
    ("password", "The password is changed; all other sessions have ended."),
    ("sessions-ended", "The sessions have ended."),
    ("factor-removed", "The second factor is removed."),
    ("revoked", "The token is revoked."),
    ("asked", "If this address can be used, a mail is on its way: follow the link in it within two days."),
    ("confirmed", "Thank you. From now on you are told."),
    ("saved", "It is saved."),
    ("started", "You are told again."),
    ("suspended", "Nothing is sent there any more."),
    ("resumed", "It is told again."),
    ("erased", "It is erased."),
    ("signed-out", "You are signed out."),
];

/// One visit to the console. A handler takes it as an argument.
pub(in crate::http) struct Visit {
    /// What all requests share.
    pub(in crate::http) app: App,
    /// Who comes.
    pub(in crate::http) caller: Caller,
    /// What their browser sent along.
    pub(in crate::http) headers: HeaderMap,
    path: String,
    query: Vec<(String, String)>,
    secure: bool,
    form_secret: String,
    new_form_cookie: bool,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fail> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let peer: Option<IpAddr> = parts.extensions.get::<Peer>().map(|peer| peer.0);
        let secure = app.is_secure(&parts.headers, peer);
        let signed_in = caller.person().is_some_and(|person| person.session.is_some());
        let known = match signed_in {
            true => cookie::session(&parts.headers, secure),
            false => cookie::form(&parts.headers, secure),
        };
        let new_form_cookie = known.is_none();
        let form_secret = known.map_or_else(start::secret, Ok)?;
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            app: app.clone(),
            caller,
            headers: parts.headers.clone(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            secure,
            form_secret,
            new_form_cookie,
        })
    }
}

impl Visit {
    /// A parameter of the address; empty where it is not there.
    pub(in crate::http) fn query(&self, name: &str) -> &str {
        self.query.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The person who comes; nobody else gets to what is a person's own.
    ///
    /// # Errors
    /// Where it is none.
    pub(in crate::http) fn person(&self) -> Result<&Person, Fail> {
        self.caller.person().ok_or(Fail::SignIn)
    }

    /// Shows a page.
    ///
    /// # Errors
    /// Where its template fails.
    pub(in crate::http) fn show(&self, template: &str, view: &impl Serialize) -> Result<Response, Fail> {
        self.shown(template, None, StatusCode::OK, view)
    }

    /// Shows a page to somebody who is signed in no longer.
    ///
    /// # Errors
    /// Where its template fails.
    pub(super) fn show_to_nobody(&self, template: &str, view: &impl Serialize) -> Result<Response, Fail> {
        let frame = Frame { who: None, nav: Vec::new(), ..self.frame(None) };
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(super::super::ready::HTML))];
        Ok((kind, self.app.0.pages.admin(template, &frame, view)?).into_response())
    }

    /// Shows a page once more, with what was wrong in what was sent.
    ///
    /// # Errors
    /// Where its template fails.
    pub(in crate::http) fn wrong(&self, template: &str, wrong: &str, view: &impl Serialize) -> Result<Response, Fail> {
        self.shown(template, Some(wrong), StatusCode::UNPROCESSABLE_ENTITY, view)
    }

    /// Shows a page with another status than success, and why.
    ///
    /// # Errors
    /// Where its template fails.
    pub(in crate::http) fn refuse(
        &self,
        template: &str,
        wrong: &str,
        status: StatusCode,
        view: &impl Serialize,
    ) -> Result<Response, Fail> {
        self.shown(template, Some(wrong), status, view)
    }

    /// The path that was asked for.
    pub(in crate::http) fn path(&self) -> &str {
        &self.path
    }

    fn is_at(&self, href: &str) -> bool {
        self.path == href || (href != HOME && self.path.starts_with(href))
    }

    /// What waits there for somebody to look after it.
    fn calls(&self, href: &str) -> Option<String> {
        let (count, what) = match href {
            DELIVERIES => (self.app.0.metrics.dead(), "given up"),
            CHANNELS => (u64::try_from(self.app.0.pulse.channels().len()).unwrap_or(u64::MAX), "failing"),
            _ => return None,
        };
        (count > 0).then(|| format!("{count} {what}"))
    }

    fn shown(
        &self,
        template: &str,
        wrong: Option<&str>,
        status: StatusCode,
        view: &impl Serialize,
    ) -> Result<Response, Fail> {
        let html = self.app.0.pages.admin(template, &self.frame(wrong), view)?;
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(super::super::ready::HTML))];
        let mut response = (status, kind, html).into_response();
        if self.new_form_cookie {
            cookie::set_form(response.headers_mut(), &self.form_secret, self.secure);
        }
        // A browser that tells no origin could not send the form back.
        response.extensions_mut().insert(Formful);
        response.extensions_mut().insert(Said);
        Ok(response)
    }

    fn frame(&self, wrong: Option<&str>) -> Frame {
        let person = self.caller.person();
        let nav = NAV.iter().filter(|(_, _, role)| person.is_some_and(|person| person.role >= *role));
        let said = SAID.iter().find(|(word, _)| *word == self.query("said")).map(|(_, said)| (*said).to_owned());
        Frame {
            site: self.app.0.ready.load().snapshot.page.title.clone(),
            who: person.map(|person| Who {
                name: person.name.clone(),
                role: person.role.as_str(),
                session: person.session.is_some(),
            }),
            nav: nav
                .map(|(href, label, _)| Link { href, label, current: self.is_at(href), calls: self.calls(href) })
                .collect(),
            csrf: random::form_token(&self.form_secret),
            said: said.filter(|_| wrong.is_none()),
            wrong: wrong.map(str::to_owned),
        }
    }

    /// Has something of people changed in the name of whoever comes.
    ///
    /// # Errors
    /// Why it was not.
    pub(in crate::http) async fn change(&self, change: PeopleChange) -> Result<Done, Fail> {
        let done = self.app.change(self.caller.actor(), change).await;
        done.map_err(|refused| self.app.refused(refused))
    }

    /// The whole address of a path of ours, as whoever comes reaches it.
    pub(in crate::http) fn here(&self, path: &str) -> String {
        let url = self.app.0.ready.load().snapshot.page.url.clone();
        let host = self.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let scheme = if self.secure { "https" } else { "http" };
        format!("{}{path}", url.unwrap_or_else(|| format!("{scheme}://{host}")))
    }

    /// Leads on after something was done.
    pub(in crate::http) fn go(&self, to: &str) -> Response {
        Redirect::to(to).into_response()
    }

    /// What only this browser holds.
    pub(super) fn browser(&self) -> &str {
        &self.form_secret
    }

    /// Leads on, to another site, by a browser that is known again when it comes back.
    pub(super) fn go_marked(&self, to: &str) -> Response {
        let mut response = self.go(to);
        if self.new_form_cookie {
            cookie::set_form(response.headers_mut(), &self.form_secret, self.secure);
        }
        response
    }

    /// Leads on, signed in.
    pub(super) fn enter(&self, to: &str, secret: &str) -> Response {
        let mut response = self.go(to);
        if !self.secure {
            self.app.0.auth.warned.call_once(|| {
                tracing::warn!(
                    "cookies of those who sign in are not kept to https: set page.url to the https:// address at \
                     which people come, or have a trusted proxy say so"
                );
            });
        }
        cookie::set_session(response.headers_mut(), secret, self.secure);
        response
    }

    /// Takes the session's cookie away with an answer.
    pub(super) fn leave(&self, mut response: Response) -> Response {
        cookie::clear_session(response.headers_mut(), self.secure);
        response
    }

    /// What the session's cookie holds, whether or not it counts.
    pub(super) fn session_cookie(&self) -> Option<String> {
        cookie::session(&self.headers, self.secure)
    }
}

/// Marks a page with forms: its browser must tell where they come from.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Formful;

/// What a page with forms says about referrers: its own site may be told.
pub(in crate::http) const REFERRER: (HeaderName, HeaderValue) =
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
