//! Before every handler: who asks, whether they may, and whether a page of ours sends it.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::super::App;
use super::super::error::Fail;
use super::super::guard::is_for_programs;
use super::access::{Access, Verdict};
use super::caller::{Caller, identify};
use super::form;
use super::forward::Peer;
use crate::auth::random::TOKEN_PREFIX;

/// Where mail providers report, who can often set no other header than a name and a password.
const BY_PASSWORD: &str = "/api/v1/subscribers/bounces";

/// Lets a request through to its handler, with who asks beside it.
pub(super) async fn check(State((app, access)): State<(App, Access)>, request: Request, next: Next) -> Response {
    let program = is_for_programs(request.uri().path());
    match admit(&app, access, request).await {
        Ok((caller, request)) => {
            let mut response = next.run(request).await;
            let known = !matches!(caller, Caller::Nobody(_));
            if known || is_form(access) {
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            if matches!(caller, Caller::Person(_)) {
                // What one person sees is for no script of another site.
                response.extensions_mut().insert(Personal);
            }
            response
        }
        Err(Refusal { fail: Fail::SignIn, to: Some(to) }) if !program => {
            let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
            unkept(Redirect::to(&format!("/admin/sign-in?to={to}")).into_response())
        }
        Err(Refusal { fail: Fail::Enrol, to: Some(_) }) if !program => {
            unkept(Redirect::to("/admin/account/factor").into_response())
        }
        Err(Refusal { fail, .. }) => unkept(fail.into_response()),
    }
}

/// Marks an answer that depends on who asked.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Personal;

struct Refusal {
    fail: Fail,
    /// The address that was asked for, where it can be asked for again.
    to: Option<String>,
}

impl From<Fail> for Refusal {
    fn from(fail: Fail) -> Self {
        Self { fail, to: None }
    }
}

fn unkept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn admit(app: &App, access: Access, mut request: Request) -> Result<(Caller, Request), Refusal> {
    if request.uri().query().is_some_and(holds_token) {
        let problem = "is no place for a token: send it in the header Authorization, and revoke this one".to_owned();
        return Err(Fail::Parameter { name: "token", problem }.into());
    }
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let by_password = request.uri().path() == BY_PASSWORD;
    let caller = identify(app, request.headers(), peer, by_password).await?;
    let private = app.0.ready.load().snapshot.page.private;
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let to = (!changes).then(|| request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned());
    match access.judge(&caller, private) {
        Verdict::Welcome => {}
        Verdict::Unknown => return Err(Refusal { fail: Fail::SignIn, to }),
        Verdict::Enrol => return Err(Refusal { fail: Fail::Enrol, to }),
        Verdict::Forbidden => return Err(Fail::Forbidden.into()),
    }
    if changes {
        request = sent_by_us(app, access, &caller, peer, request).await?;
    }
    request.extensions_mut().insert(caller.clone());
    Ok((caller, request))
}

/// A change that a browser vouches for by itself, with a cookie or through a proxy, must come from a page of ours.
async fn sent_by_us(
    app: &App,
    access: Access,
    caller: &Caller,
    peer: Option<IpAddr>,
    request: Request,
) -> Result<Request, Fail> {
    let form = is_form(access);
    if !form && !matches!(caller, Caller::Person(_)) {
        return Ok(request);
    }
    let url = app.0.ready.load().snapshot.page.url.clone();
    if !form::is_ours(request.headers(), url.as_deref()) {
        return Err(Fail::CrossSite);
    }
    let kind = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    // No form of another site can send JSON, or use another method than POST.
    let json = kind.to_ascii_lowercase().starts_with(b"application/json");
    if !form && (json || *request.method() != Method::POST) {
        return Ok(request);
    }
    form::read(app, request, peer).await
}

/// True for a route that takes nothing but forms of ours.
fn is_form(access: Access) -> bool {
    matches!(access, Access::Door | Access::Reader | Access::Own | Access::Person(_))
}

/// True where a token stands in an address: it would be in every log on the way.
fn holds_token(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
        value.starts_with(TOKEN_PREFIX) || matches!(&*name, "access_token" | "api_key" | "api_token")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s23_a_token_in_an_address_is_found() {
        for (query, holds) in [
            ("token=acl_abc", true),
            ("x=1&y=%61cl_abc", true),
            ("access_token=abc", true),
            ("code=abc&to=/admin", false),
            ("", false),
        ] {
            assert_eq!(holds_token(query), holds, "{query}");
        }
    }
}
