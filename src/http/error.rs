//! What went wrong, said to whom asked: a problem document to programs, a page to people.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::wire::Problem;
use crate::model::command::Refused;
use crate::store::StoreError;

/// A request that is not answered as asked. The guard turns it into words for the asker.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Fail {
    /// There is no such thing.
    #[error("there is no such {0} here; it may have been renamed, or be older than is kept")]
    NotFound(&'static str),
    /// A parameter that cannot be understood.
    #[error("the parameter `{name}` {problem}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// A body that cannot be understood.
    #[error("the body {0}")]
    Body(&'static str),
    /// A body of another shape.
    #[error("the body is not what is expected here: {0}")]
    Shape(String),
    /// An order that was not carried out.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// Not how the Model Context Protocol is spoken.
    #[error(
        "this address speaks the Model Context Protocol, without sessions and streams: POST one message of JSON, no \
         larger than it needs to be, and accept both application/json and text/event-stream"
    )]
    Protocol(StatusCode),
    /// A page that was to be looked at.
    #[error("the page cannot be read: {0}")]
    Unread(String),
    /// Another method than POST where things are pushed to.
    #[error("this address only takes what is pushed to it: use {0}")]
    OnlyPushed(&'static str),
    /// A push that does not come from whom it should.
    #[error("this is not the secret, or the signature, of this hook; the log says more")]
    Stranger,
    /// A push that its hook does not understand.
    #[error("{0}")]
    Push(String),
    /// A hook with too many alerts.
    #[error("{0} alert(s) of this push were not taken, since too many fire already: send it again; the others were")]
    Crowded(usize),
    /// Nobody is signed in.
    #[error("this is for people who are signed in, or for a program with a token in the header Authorization")]
    SignIn,
    /// A token that does not count.
    #[error("this token does not count: it was revoked, has expired, or never was")]
    Token,
    /// A push that does not show who sent it.
    #[error(transparent)]
    Denied(#[from] crate::inbound::verify::Denied),
    /// They may not.
    #[error("you may not do this; ask an admin of this allclear")]
    Forbidden,
    /// They have no second factor.
    #[error("set up your second factor first, at /admin/account/factor")]
    Enrol,
    /// Another site's page sends this, or nothing says that it is one of ours.
    #[error("this did not come from a page of this site; open the page anew and send it from there")]
    CrossSite,
    /// The form was given to another session.
    #[error("this form is too old; open the page anew and fill it in again")]
    StaleForm,
    /// Too many failed.
    #[error("too many attempts failed; try again in {0} s")]
    Held(u64),
    /// One address asks for too much.
    #[error("too much was asked for from your address; try again in {0} s")]
    Often(u64),
    /// Too much is asked at once.
    #[error("too many sign in at once; try again soon")]
    Busy,
    /// Nobody can be told of anything.
    #[error("nothing can be sent now: {0}")]
    Unsent(String),
    /// The history cannot be read now.
    #[error("the history cannot be read at the moment; try again soon, what is open now is at /api/v1/summary")]
    History,
    /// A fault of this program.
    #[error("this is a fault of allclear; please tell whoever runs it, with the request's id")]
    Internal,
}

impl Fail {
    /// Logs what the store said, which is not for the asker.
    pub(super) fn store(error: &StoreError) -> Self {
        tracing::error!(%error, "the history cannot be read");
        Self::History
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Parameter { .. } | Self::Body(_) | Self::Shape(_) | Self::Push(_) => StatusCode::BAD_REQUEST,
            Self::Unread(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused(refused) => match refused {
                Refused::NotFound(_) => StatusCode::NOT_FOUND,
                Refused::Outdated { .. } => StatusCode::PRECONDITION_FAILED,
                Refused::Invalid { .. } => StatusCode::BAD_REQUEST,
                Refused::Held { .. } => StatusCode::TOO_MANY_REQUESTS,
                Refused::Conflict(_) => StatusCode::CONFLICT,
                Refused::NotStored(_) => StatusCode::INSUFFICIENT_STORAGE,
            },
            Self::Protocol(status) => *status,
            Self::OnlyPushed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignIn | Self::Token | Self::Denied(_) | Self::Stranger => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Enrol | Self::CrossSite | Self::StaleForm => StatusCode::FORBIDDEN,
            Self::Held(_) | Self::Often(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Crowded(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::History | Self::Busy | Self::Unsent(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<crate::render::RenderError> for Fail {
    fn from(error: crate::render::RenderError) -> Self {
        tracing::error!(%error, "a page could not be made");
        Self::Internal
    }
}

impl From<serde_json::Error> for Fail {
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(%error, "a document could not be made");
        Self::Internal
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if matches!(self, Self::History | Self::Busy) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if matches!(self, Self::SignIn | Self::Token | Self::Stranger) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::Held(seconds) | Self::Often(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Self::OnlyPushed(methods) = self {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        if matches!(self, Self::Protocol(StatusCode::METHOD_NOT_ALLOWED)) {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Marks an error status whose body is already what the asker should see.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said;

/// The words for `status` where no handler gave better ones.
fn detail(status: StatusCode) -> &'static str {
    match status.as_u16() {
        404 => "there is nothing at this address; the API is described at /docs",
        405 => "this address can only be read: use GET or HEAD",
        408 => "the request did not arrive in time; send it again",
        413 => "the body is larger than is accepted here",
        414 => "the address is longer than is accepted here",
        415 => "a compressed body is not accepted; send it as it is",
        431 => "the headers are larger than is accepted here",
        503 => "too much is asked at once; try again soon",
        400..500 => "the request cannot be understood",
        _ => "this is a fault of allclear; please tell whoever runs it, with the request's id",
    }
}

/// Gives an error its words; any other response is left alone.
pub(super) fn dress(app: &App, program: bool, request: &str, response: Response) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || response.extensions().get::<Said>().is_some() {
        return response;
    }
    let text = match response.extensions().get::<Fail>() {
        Some(fail) => fail.to_string(),
        None => detail(status).to_owned(),
    };
    let title = status.canonical_reason().unwrap_or("Error");
    let (kind, body) = if program {
        let problem =
            Problem { kind: "about:blank", title, status: status.as_u16(), detail: &text, request_id: request };
        ("application/problem+json", serde_json::to_string(&problem).unwrap_or_default())
    } else {
        match app.0.pages.error(status.as_u16(), title, &text, request) {
            Ok(page) => ("text/html; charset=utf-8", page),
            Err(_) => ("text/plain; charset=utf-8", format!("{title}: {text} (request {request})\n")),
        }
    };
    let mut dressed = (status, body).into_response();
    let headers = dressed.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for kept in [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = response.headers().get(&kept) {
            headers.insert(kept, value.clone());
        }
    }
    dressed
}
