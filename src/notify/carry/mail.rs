//! To a mail server: one connection per mail, to an address that was checked, under the name that its certificate is for.

use std::error::Error as _;
use std::net::SocketAddr;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as From, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::{Answer, Uncarried, said};
use crate::channels::{Mail, MailServer, Tls};
use crate::fetch::Fetcher;
use crate::limits;

mod letter;

/// Hands one mail in.
pub async fn carry(fetcher: &Fetcher, server: &MailServer, mail: Mail, within: Duration) -> Answer {
    let letter = letter::write(server, &mail).map_err(Uncarried::Never)?;
    let late = |_| Uncarried::Later(format!("the mail server took longer than {within:?}"));
    let talk = async {
        let addresses = fetcher.checked_addresses(&server.host, server.port, server.allow_private).await;
        let addresses = addresses.map_err(|error| Uncarried::Later(error.to_string()))?;
        let mut connection = connect(server, &addresses).await?;
        let taken = hand_in(&mut connection, server, &mail.to, &letter).await;
        Ok((connection, taken))
    };
    let (mut connection, taken) = timeout(within, talk).await.map_err(late)??;
    // It has said what counts: a goodbye that does not come changes nothing of it.
    let _ = timeout(limits::MAIL_GOODBYE, connection.abort()).await;
    let body = format!("{}\n{}", mail.message_id, taken?);
    Ok((250, body.into_bytes(), None))
}

/// Connects and signs on.
async fn connect(server: &MailServer, addresses: &[SocketAddr]) -> Result<AsyncSmtpConnection, Uncarried> {
    let later = |what: &str, error: &Error| Uncarried::Later(format!("{what}: {}", words(error)));
    // Not this machine's name, which is nobody's business.
    let domain = server.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let hello = ClientId::Domain(domain.to_owned());
    let secured = || tls(server).map_err(|error| later("the mail server's `ca` cannot be used", &error));
    let implicit = if server.tls == Tls::Implicit { Some(secured()?) } else { None };
    let connected = AsyncSmtpConnection::connect_tokio1(addresses, Some(limits::CONNECT), &hello, implicit, None).await;
    let mut connection = connected.map_err(|error| later("no connection to the mail server", &error))?;
    if server.tls == Tls::Required {
        let upgraded = connection.starttls(secured()?, &hello).await;
        upgraded.map_err(|error| later("the mail server does not speak TLS as it should", &error))?;
    }
    if let Some((user, password)) = &server.login {
        let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
        let known = connection.auth(&[Mechanism::Plain, Mechanism::Login], &login).await;
        known.map_err(|error| later("the mail server does not let us sign on", &error))?;
    }
    Ok(connection)
}

fn tls(server: &MailServer) -> Result<TlsParameters, Error> {
    let mut tls = TlsParameters::builder(server.host.clone());
    if let Some(ca) = &server.ca {
        tls = tls.add_root_certificate(Certificate::from_pem(ca)?);
    }
    tls.build_rustls()
}

/// Says from whom and to whom, and gives the mail. A reader who is refused for good does not keep it from the others; one
/// who is refused for now keeps it until all get it, so that nobody gets it twice.
async fn hand_in(
    connection: &mut AsyncSmtpConnection,
    server: &MailServer,
    to: &[String],
    letter: &[u8],
) -> Result<String, Uncarried> {
    let address = |text: &str| text.parse::<Address>().map_err(|error| Uncarried::Never(format!("{text}: {error}")));
    let from = connection.command(From::new(Some(address(&server.from)?), Vec::new())).await;
    from.map_err(|error| Uncarried::Later(format!("the mail server does not take our sender: {}", words(&error))))?;
    let (mut refused, mut bounced) = (Vec::new(), 0);
    for reader in to {
        let Err(error) = connection.command(Rcpt::new(address(reader)?, Vec::new())).await else { continue };
        let why = format!("{reader}: {}", words(&error));
        if !error.is_permanent() {
            return Err(Uncarried::Later(why));
        }
        bounced += usize::from(is_bounce(&error));
        refused.push(why);
    }
    if refused.len() >= to.len() {
        let why = refused.join("; ");
        return Err(if bounced == refused.len() { Uncarried::Bounced(why) } else { Uncarried::Later(why) });
    }
    connection.command(Data).await.map_err(|error| of_letter(&error))?;
    let taken = connection.message(letter).await.map_err(|error| of_letter(&error))?;
    let mut answer = said(&taken.message().collect::<Vec<_>>().join(" "));
    for why in refused {
        answer.push_str(&format!("\nnot taken for {why}"));
    }
    Ok(answer)
}

/// What it means that the letter itself is refused.
fn of_letter(error: &Error) -> Uncarried {
    let why = format!("the mail server does not take it: {}", words(error));
    match enhanced(error) {
        _ if !error.is_permanent() => Uncarried::Later(why),
        Some(_) if is_bounce(error) => Uncarried::Bounced(why),
        // Policy, reputation, a sender that is not allowed: this can be put right.
        Some((7, _)) => Uncarried::Later(why),
        _ => Uncarried::Never(why),
    }
}

/// True where a refusal says that there is no such mailbox (RFC 3463: 5.1.x but for the sender's, 5.2.1), or that nothing
/// but the plain code says otherwise.
fn is_bounce(error: &Error) -> bool {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    match enhanced(error) {
        Some((1, detail)) => !matches!(detail, 7 | 8),
        Some((2, 1)) => true,
        Some(_) => false,
        None => matches!(code.as_str(), "550" | "551" | "553"),
    }
}

/// Subject and detail of an enhanced status code for a permanent failure.
fn enhanced(error: &Error) -> Option<(u16, u16)> {
    let text = error.source()?.to_string();
    let mut parts = text.split_whitespace().next()?.splitn(3, '.');
    if parts.next()? != "5" {
        return None;
    }
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What went wrong, with the server's own words.
fn words(error: &Error) -> String {
    said(&error.to_string())
}
