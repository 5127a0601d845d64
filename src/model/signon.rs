//! How people are let in, as configured.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::actor::Role;
use super::people::Hidden;

/// How people are let in.
#[derive(Debug, Clone)]
pub struct SignOn {
    /// By name and password.
    pub passwords: bool,
    /// Everybody who signs in by password needs a second factor.
    pub second_factor: bool,
    /// Proxies of ours: what they say about where a request comes from is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// A proxy in front says who it is.
    pub proxy: Option<ProxySignOn>,
    /// An identity provider says who it is.
    pub oidc: Option<Oidc>,
    /// People who come through Slack.
    pub slack: Option<Bot>,
    /// People who come through Telegram.
    pub telegram: Option<Bot>,
}

impl Default for SignOn {
    fn default() -> Self {
        Self {
            passwords: true,
            second_factor: false,
            trusted_proxies: Vec::new(),
            proxy: None,
            oidc: None,
            slack: None,
            telegram: None,
        }
    }
}

/// A chat in whose name somebody may ask and command.
#[derive(Debug, Clone)]
pub struct Bot {
    /// By which the chat shows that it is the chat.
    pub secret: Hidden,
    /// Accounts' names by what the chat calls its users; what an account may do counts when it asks.
    pub users: BTreeMap<String, String>,
}

/// A proxy that signs people in and says who they are in a header.
#[derive(Debug, Clone)]
pub struct ProxySignOn {
    /// The header with the name.
    pub header: String,
    /// The header with the groups, parted by commas.
    pub groups_header: Option<String>,
    /// Where the proxy is: from anywhere else these headers say nothing.
    pub networks: Vec<IpNet>,
    /// Which group may do what. The best one counts; who is in none may not sign in.
    pub roles: Roles,
}

/// An identity provider (OpenID Connect).
#[derive(Debug, Clone)]
pub struct Oidc {
    /// What it is called on the sign-in page.
    pub name: String,
    /// Its address, under which its description stands.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// Our secret; a public client has none.
    pub client_secret: Option<Hidden>,
    /// What we ask for besides `openid`.
    pub scopes: Vec<String>,
    /// Where the groups stand in what it says.
    pub groups_claim: String,
    /// Which group may do what. The best one counts; who is in none may not sign in.
    pub roles: Roles,
}

/// Which group may do what; `*` stands for everybody.
#[derive(Debug, Clone, Default)]
pub struct Roles(pub Vec<(String, Role)>);

impl Roles {
    /// The best role of somebody in these groups; `None` where there is none.
    pub fn of<'a>(&self, groups: impl IntoIterator<Item = &'a str>) -> Option<Role> {
        let groups: Vec<&str> = groups.into_iter().collect();
        let theirs = self.0.iter().filter(|(group, _)| group == "*" || groups.contains(&group.as_str()));
        theirs.map(|(_, role)| *role).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_group_counts_and_no_group_is_no_role() {
        let roles =
            Roles(vec![("ops".into(), Role::Operator), ("it".into(), Role::Admin), ("all".into(), Role::Viewer)]);
        for (groups, role) in [
            (&["all", "it", "ops"][..], Some(Role::Admin)),
            (&["ops", "x"], Some(Role::Operator)),
            (&["OPS"], None),
            (&[], None),
        ] {
            assert_eq!(roles.of(groups.iter().copied()), role, "{groups:?}");
        }
        assert_eq!(Roles(vec![("*".into(), Role::Viewer)]).of([]), Some(Role::Viewer));
    }
}
