//! What of a server's certificate is checked, by sslmode, as libpq does.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::settings::{PostgresSettings, SslMode};
use crate::DbError;

/// Where Linux distributions keep the certificates that `sslrootcert=system` means.
const SYSTEM_ROOTS: &[&str] = &["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

fn failed(message: impl Into<String>) -> DbError {
    DbError::operational("E0608", message)
}

/// Prepares a session for one host.
///
/// # Errors
/// A certificate file is missing or cannot be read.
pub(super) fn session(settings: &PostgresSettings, host: &str) -> Result<ClientConnection, DbError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier(settings, &provider)?));
    let config = match &settings.sslcert {
        Some(certificate) => {
            let chain = certificates(certificate)?;
            let key = settings
                .sslkey
                .as_deref()
                .ok_or_else(|| failed("a client certificate was given, but no private key (sslkey)"))?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| failed(format!("private key file `{}`: {error}", key.display())))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| failed(format!("client certificate: {error}")))?
        }
        None => builder.with_no_client_auth(),
    };
    // A name that is no DNS name cannot be sent or checked, only connected to: the checks below fail on it when they are asked for.
    let name = ServerName::try_from(host.to_owned())
        .or_else(|_| ServerName::try_from("invalid"))
        .map_err(|error| failed(error.to_string()))?;
    ClientConnection::new(Arc::new(config), name).map_err(|error| failed(error.to_string()))
}

fn verifier(settings: &PostgresSettings, provider: &Arc<CryptoProvider>) -> Result<Verifier, DbError> {
    let roots_given = settings.system_roots || settings.sslrootcert.as_ref().is_some_and(|path| path.exists());
    let check = match settings.sslmode {
        SslMode::VerifyFull => Check::Full,
        SslMode::VerifyCa => Check::Chain,
        // libpq: with a root certificate at hand, `require` checks the chain, as it did before there was `verify-ca`.
        SslMode::Require if roots_given => Check::Chain,
        _ => Check::Nothing,
    };
    let mut anchors = Vec::new();
    let webpki = if check == Check::Nothing {
        None
    } else {
        anchors = roots(settings)?;
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(anchors.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone()).build();
        Some(verifier.map_err(|error| failed(format!("root certificates: {error}")))?)
    };
    Ok(Verifier {
        check,
        anchors,
        webpki,
        provider: provider.clone(),
    })
}

fn roots(settings: &PostgresSettings) -> Result<Vec<CertificateDer<'static>>, DbError> {
    if settings.system_roots {
        let path = SYSTEM_ROOTS.iter().map(Path::new).find(|path| path.exists());
        return certificates(path.ok_or_else(|| failed("the operating system has no root certificates where we look for them"))?);
    }
    match &settings.sslrootcert {
        Some(path) if path.exists() => certificates(path),
        Some(path) => Err(failed(format!("root certificate file \"{}\" does not exist", path.display())).hint(ROOT_HINT)),
        None => Err(failed("no root certificate is known to check the server's with").hint(ROOT_HINT)),
    }
}

const ROOT_HINT: &str = "name the file with sslrootcert, use the operating system's with sslrootcert=system, or change sslmode to not check";

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, DbError> {
    let wrong = |error: String| failed(format!("certificate file \"{}\": {error}", path.display()));
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?.collect();
    let found = found.map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    Ok(found)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Nothing,
    Chain,
    Full,
}

#[derive(Debug)]
struct Verifier {
    check: Check,
    anchors: Vec<CertificateDer<'static>>,
    webpki: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(webpki) = &self.webpki else {
            return Ok(ServerCertVerified::assertion());
        };
        // A self-signed certificate that is itself the trusted one: OpenSSL accepts it, webpki wants an authority above it.
        if self.anchors.iter().any(|anchor| anchor.as_ref() == end_entity.as_ref()) {
            if self.check == Check::Full {
                rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match webpki.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The chain was found good before the name was looked at.
            Err(rustls::Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }))
                if self.check == Check::Chain =>
            {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
