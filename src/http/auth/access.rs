//! One table of who may do what. Routes are made here and nowhere else, each with its access: there is no other way to
//! serve something.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::super::App;
use super::caller::Caller;
use super::check;
use crate::model::actor::Role;
use crate::model::people::Scope;

/// Who may reach a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody: it shows nothing of what is watched, or proves itself otherwise, as a hook does by its secret.
    Public,
    /// Everybody, by a form of ours: signing in, setting up.
    Door,
    /// Everybody where the page is public; else viewers and programs with the scope `read`.
    Page,
    /// Everybody where the page is public, else viewers; by a form of ours.
    Reader,
    /// Whoever is signed in, for what is their own; also before they have the second factor that they must have.
    Own,
    /// People who may do at least so much.
    Person(Role),
    /// People who may do at least so much, and programs with this scope.
    Api(Role, Scope),
}

/// What comes of somebody's coming to a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Verdict {
    /// They may.
    Welcome,
    /// They have to say who they are.
    Unknown,
    /// They must have a second factor first.
    Enrol,
    /// They may not.
    Forbidden,
}

impl Access {
    /// What comes of it where somebody comes. `private`: so is the page.
    pub(in crate::http) fn judge(self, caller: &Caller, private: bool) -> Verdict {
        let (role, scope) = match self {
            Self::Public | Self::Door => return Verdict::Welcome,
            Self::Page | Self::Reader if !private => return Verdict::Welcome,
            Self::Own | Self::Reader => (Role::Viewer, None),
            Self::Page => (Role::Viewer, Some(Scope::Read)),
            Self::Person(role) => (role, None),
            Self::Api(role, scope) => (role, Some(scope)),
        };
        match caller {
            Caller::Nobody(_) => Verdict::Unknown,
            Caller::Person(person) if person.must_enrol && self != Self::Own => Verdict::Enrol,
            Caller::Person(person) if person.role >= role => Verdict::Welcome,
            Caller::Token(token) if scope.is_some_and(|scope| token.may(scope)) => Verdict::Welcome,
            Caller::Person(_) | Caller::Token(_) => Verdict::Forbidden,
        }
    }
}

/// A route as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The method; HEAD goes with GET.
    pub method: Method,
    /// The path with its parameters.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
}

/// The routes, and the table of who may reach them.
pub(in crate::http) struct Routes {
    app: App,
    router: Router<App>,
    table: Vec<Declared>,
}

impl Routes {
    pub(in crate::http) fn new(app: App) -> Self {
        Self { app, router: Router::new(), table: Vec::new() }
    }

    /// Something to read.
    pub(in crate::http) fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::GET, path, access, on(MethodFilter::GET, handler))
    }

    /// Something to send.
    pub(in crate::http) fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::POST, path, access, on(MethodFilter::POST, handler))
    }

    /// Something to put in its place.
    pub(in crate::http) fn put<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::PUT, path, access, on(MethodFilter::PUT, handler))
    }

    /// Something to change in part.
    pub(in crate::http) fn patch<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::PATCH, path, access, on(MethodFilter::PATCH, handler))
    }

    /// Something to take away.
    pub(in crate::http) fn delete<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::DELETE, path, access, on(MethodFilter::DELETE, handler))
    }

    /// A route that is more than a handler: with a fallback or a layer of its own.
    pub(in crate::http) fn add(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        route: MethodRouter<App>,
    ) -> Self {
        let guarded = route.route_layer(from_fn_with_state((self.app.clone(), access), check::check));
        self.router = self.router.route(path, guarded);
        self.table.push(Declared { method, path, access });
        self
    }

    /// The router, and the table.
    pub(in crate::http) fn done(self) -> (Router<App>, Vec<Declared>) {
        (self.router, self.table)
    }
}
