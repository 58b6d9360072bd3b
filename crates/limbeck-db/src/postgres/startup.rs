//! From a socket to a session: encryption, authentication, the server's first settings.

use std::collections::BTreeMap;
use std::io;

use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;

use super::fields;
use super::settings::{Host, HostSpec, PostgresSettings, SslMode};
use super::tls;
use super::wire::{Address, Wire};
use crate::error::UNREACHABLE;
use crate::{DbError, Notice, Secret};

/// A session that takes statements.
pub(super) struct Session {
    pub wire: Wire,
    pub address: Address,
    pub host: String,
    pub encrypted: bool,
    pub process: i32,
    pub key: i32,
    pub parameters: BTreeMap<String, String>,
    pub notices: Vec<Notice>,
}

/// Opens a socket, encrypted as far as `mode` wants and the server can.
pub(super) fn open(settings: &PostgresSettings, spec: &HostSpec, address: &Address, mode: SslMode) -> Result<(Wire, bool), DbError> {
    let unreachable = |error: io::Error| DbError::operational(UNREACHABLE, words(&error));
    let mut wire = Wire::open(address, settings.connect_timeout).map_err(unreachable)?;
    wire.set_timeout(settings.connect_timeout).map_err(unreachable)?;
    // A local socket is never encrypted, whatever was asked (libpq does the same).
    if mode == SslMode::Disable || matches!(address, Address::Unix(_)) {
        return Ok((wire, false));
    }
    if !wire.server_encrypts().map_err(unreachable)? {
        if mode > SslMode::Prefer {
            return Err(DbError::operational("E0608", "server does not support SSL, but SSL was required")
                .hint("turn `ssl` on in the server's configuration, or use sslmode=prefer"));
        }
        return Ok((wire, false));
    }
    let name = match &spec.host {
        Host::Tcp(name) => name.as_str(),
        Host::Unix(_) => "localhost",
    };
    let session = tls::session(settings, name)?;
    let wire = wire.encrypt(session).map_err(|error| {
        DbError::operational("E0608", format!("TLS handshake failed: {error}"))
            .hint("check the certificates (sslrootcert) and the host name, or change sslmode")
    })?;
    Ok((wire, true))
}

/// Says who we are and waits until the server takes statements.
pub(super) fn begin(settings: &PostgresSettings, spec: &HostSpec, address: &Address, wire: Wire, encrypted: bool) -> Result<Session, DbError> {
    let mut session = Session {
        wire,
        address: address.clone(),
        host: match &spec.host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        },
        encrypted,
        process: 0,
        key: 0,
        parameters: BTreeMap::new(),
        notices: Vec::new(),
    };
    let mut parameters = vec![
        ("user", settings.user.as_str()),
        ("database", &settings.dbname),
        ("application_name", &settings.application_name),
        ("client_encoding", "UTF8"),
    ];
    parameters.extend(settings.options.as_deref().map(|options| ("options", options)));
    parameters.extend(settings.session.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    session.send(|buffer| frontend::startup_message(parameters, buffer))?;
    session.authenticate(settings, spec.password.as_ref())?;
    session.settle()?;
    session.wire.set_timeout(None).map_err(lost)?;
    Ok(session)
}

/// An error of the socket while connecting.
fn lost(error: io::Error) -> DbError {
    DbError::operational(UNREACHABLE, words(&error))
}

/// The words of an error without Rust's `(os error 111)`.
pub(super) fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "server closed the connection unexpectedly".to_owned(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "timeout expired".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

impl Session {
    fn send(&mut self, message: impl FnOnce(&mut bytes::BytesMut) -> io::Result<()>) -> Result<(), DbError> {
        self.wire.write(message).and_then(|()| self.wire.flush()).map_err(lost)
    }

    fn read(&mut self) -> Result<Message, DbError> {
        loop {
            match self.wire.read().map_err(lost)? {
                Message::ErrorResponse(body) => return Err(fields::connect_error(body.fields())),
                Message::NoticeResponse(body) => self.notices.push(fields::notice(body.fields())),
                message => return Ok(message),
            }
        }
    }

    fn authenticate(&mut self, settings: &PostgresSettings, password: Option<&Secret>) -> Result<(), DbError> {
        let needed = || {
            password.ok_or_else(|| DbError::operational("E0605", "fe_sendauth: no password supplied").hint("give it in the URL, in PGPASSWORD or in ~/.pgpass"))
        };
        loop {
            match self.read()? {
                Message::AuthenticationOk => return Ok(()),
                Message::AuthenticationCleartextPassword => {
                    let password = needed()?.reveal().as_bytes().to_vec();
                    self.send(|buffer| frontend::password_message(&password, buffer))?;
                }
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(settings.user.as_bytes(), needed()?.reveal().as_bytes(), body.salt());
                    self.send(|buffer| frontend::password_message(hash.as_bytes(), buffer))?;
                }
                Message::AuthenticationSasl(body) => self.scram(&body, needed()?.clone())?,
                Message::AuthenticationGss | Message::AuthenticationSspi | Message::AuthenticationKerberosV5 => {
                    return Err(
                        DbError::operational("E0609", "the server wants Kerberos (GSSAPI) authentication, which is not supported")
                            .hint("let this user in with a password (scram-sha-256) in the server's pg_hba.conf"),
                    );
                }
                _ => return Err(unexpected()),
            }
        }
    }

    fn scram(&mut self, body: &AuthenticationSaslBody, password: Secret) -> Result<(), DbError> {
        let mut plain = false;
        let mut mechanisms = body.mechanisms();
        while let Some(mechanism) = mechanisms.next().map_err(lost)? {
            plain |= mechanism == SCRAM_SHA_256;
        }
        if !plain {
            return Err(DbError::operational(
                "E0609",
                "none of the server's SASL authentication mechanisms are supported",
            ));
        }
        // `n`: we do not support binding to the TLS channel (see `settings`: channel_binding=require is refused).
        let mut scram = ScramSha256::new(password.reveal().as_bytes(), ChannelBinding::unsupported());
        self.send(|buffer| frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), buffer))?;
        let Message::AuthenticationSaslContinue(body) = self.read()? else {
            return Err(unexpected());
        };
        let refused = |error: io::Error| DbError::operational("E0609", format!("SCRAM authentication failed: {error}"));
        scram.update(body.data()).map_err(refused)?;
        self.send(|buffer| frontend::sasl_response(scram.message(), buffer))?;
        let Message::AuthenticationSaslFinal(body) = self.read()? else {
            return Err(unexpected());
        };
        // The server proves that it knows the password too.
        scram.finish(body.data()).map_err(refused)
    }

    fn settle(&mut self) -> Result<(), DbError> {
        loop {
            match self.read()? {
                Message::ParameterStatus(body) => {
                    let (name, value) = (body.name().map_err(lost)?, body.value().map_err(lost)?);
                    self.parameters.insert(name.to_owned(), value.to_owned());
                }
                Message::BackendKeyData(body) => (self.process, self.key) = (body.process_id(), body.secret_key()),
                Message::ReadyForQuery(_) => return Ok(()),
                _ => return Err(unexpected()),
            }
        }
    }
}

fn unexpected() -> DbError {
    DbError::operational("E0609", "the server did not answer as PostgreSQL does").hint("check the host and the port")
}
