//! An AWS API that somebody else serves, such as LocalStack or `securecart up`.
//!
//! Invariants: only loopback is called unless another machine was asked for by
//! [`Endpoint::anywhere`], and real AWS never, whatever the name is spelled like; a host that is
//! taken for loopback is an address or `localhost`, and no name is resolved for that.
//!
//! Deliberately absent: TLS, redirects and proxies. None of them stays on this machine for sure.

mod socket;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

use http::Uri;

use crate::Clients;
pub(crate) use socket::Socket;

/// Where AWS itself answers, in all its partitions.
const AWS_DOMAINS: [&str; 6] =
    ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "on.aws", "aws.dev"];

/// Port of a URL that names none.
const HTTP_PORT: u16 = 80;

/// A URL that speaks the AWS API: on this machine, unless another was asked for by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Host and port.
    authority: String,
}

/// Why a URL is no [`Endpoint`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Real AWS.
    #[error(
        "`{0}` is real AWS, and SecureCart never calls that: give the URL of an emulator on this \
         machine, such as http://127.0.0.1:4566"
    )]
    Aws(String),
    /// Another machine, or a name that may be one.
    #[error("`{0}` is not on this machine: only 127.0.0.1, [::1] and localhost are called")]
    Remote(String),
    /// Not a URL of this kind.
    #[error("`{0}` is no endpoint: it takes a URL such as http://127.0.0.1:4566")]
    Malformed(String),
}

impl Endpoint {
    /// The emulator at `address`.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        Self { authority: address.to_string() }
    }

    /// A URL that may be of another machine. Real AWS is refused all the same.
    ///
    /// # Errors
    /// When it is AWS, or no URL of this kind.
    pub fn anywhere(text: &str) -> Result<Self, EndpointError> {
        match text.parse() {
            Err(EndpointError::Remote(_)) => Parts::read(text).map(Parts::into_endpoint),
            other => other,
        }
    }

    /// Clients that call it, under the role `name`.
    #[must_use]
    pub fn clients(&self, name: &str) -> Clients {
        Clients::over(name, self.socket())
    }

    /// Kept connections to it.
    pub(crate) fn socket(&self) -> Socket {
        Socket::new(self.authority.clone())
    }

    /// Host and port.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

/// A URL as far as it matters here.
struct Parts {
    host: String,
    port: u16,
}

impl Parts {
    /// Reads a URL of an emulator, wherever it is.
    fn read(text: &str) -> Result<Self, EndpointError> {
        let malformed = || EndpointError::Malformed(text.to_owned());
        let url: Uri = text.parse().map_err(|_| malformed())?;
        let authority = url.authority().ok_or_else(malformed)?;
        let host = authority.host().trim_matches(['[', ']']).trim_end_matches('.');
        let host = host.to_ascii_lowercase();
        if AWS_DOMAINS.iter().any(|domain| is_within(&host, domain)) {
            return Err(EndpointError::Aws(host));
        }
        let bare = matches!(url.path(), "" | "/") && url.query().is_none();
        // Whoever writes a name or a password before the host means something that isn't done.
        let is_like = url.scheme_str() == Some("http") && bare;
        if host.is_empty() || !is_like || authority.as_str().contains('@') {
            return Err(malformed());
        }
        let port = match authority.port_u16() {
            Some(port) => port,
            // A port that is no number of 16 bits is no port to `http`.
            None if authority.as_str() != authority.host() => return Err(malformed()),
            None => HTTP_PORT,
        };
        Ok(Self { host, port })
    }

    fn into_endpoint(self) -> Endpoint {
        let Self { host, port } = self;
        let is_v6 = host.contains(':');
        let authority = if is_v6 { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        Endpoint { authority }
    }
}

/// Reads the URL of an emulator on this machine.
impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        // A host that is elsewhere is named before anything that is wrong with the rest.
        if let Some(host) = host_of(text)
            && address_of(&host).is_none_or(|address| !address.is_loopback())
        {
            let is_aws = AWS_DOMAINS.iter().any(|domain| is_within(&host, domain));
            return Err(if is_aws {
                EndpointError::Aws(host)
            } else {
                EndpointError::Remote(host)
            });
        }
        let Parts { host, port } = Parts::read(text)?;
        let address = address_of(&host).ok_or(EndpointError::Remote(host))?;
        Ok(Self::at(SocketAddr::new(address, port)))
    }
}

/// The host of a URL that names one.
fn host_of(text: &str) -> Option<String> {
    let url: Uri = text.parse().ok()?;
    url.scheme()?;
    let host = url.authority()?.host().trim_matches(['[', ']']).trim_end_matches('.');
    Some(host.to_ascii_lowercase())
}

/// The address that a host is; no name but `localhost` is resolved.
fn address_of(host: &str) -> Option<IpAddr> {
    match host.parse::<IpAddr>() {
        Ok(address) => Some(address.to_canonical()),
        Err(_) => (host == "localhost").then_some(Ipv4Addr::LOCALHOST.into()),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_this_machine_is_taken() {
        for (text, shown) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
            ("http://127.0.0.1:4566/", "http://127.0.0.1:4566"),
            ("http://localhost:1", "http://127.0.0.1:1"),
            ("http://LOCALHOST.:65535", "http://127.0.0.1:65535"),
            ("http://127.8.8.8", "http://127.8.8.8:80"),
            ("http://[::1]:4566", "http://[::1]:4566"),
            ("http://[::ffff:127.0.0.1]:4566", "http://127.0.0.1:4566"),
        ] {
            assert_eq!(
                text.parse().map(|endpoint: Endpoint| endpoint.to_string()).as_deref(),
                Ok(shown)
            );
        }
    }

    #[test]
    fn aws_is_refused_however_it_is_written() {
        for text in [
            "https://sqs.us-east-1.amazonaws.com",
            "http://SQS.us-east-1.AmazonAWS.com.:80/",
            "https://sqs.cn-north-1.amazonaws.com.cn",
            "https://sqs.us-east-1.api.aws",
            "https://amazonaws.com",
            "https://user@sqs.eusc-de-east-1.amazonaws.eu",
        ] {
            let refused = text.parse::<Endpoint>();
            assert!(matches!(refused, Err(EndpointError::Aws(_))), "{text}: {refused:?}");
        }
    }

    #[test]
    fn other_machines_are_refused() {
        for text in [
            "http://10.0.0.1:4566",
            "http://0.0.0.0:4566",
            "http://[::]:4566",
            "http://[2001:db8::1]:4566",
            "http://example.com:4566",
            "http://notamazonaws.com",
            "http://localhost.localstack.cloud:4566",
            "http://127.0.0.1.example.com:4566",
            "http://127.1:4566",
            "http://127.0.0.1@example.com:4566",
        ] {
            let refused = text.parse::<Endpoint>();
            assert!(matches!(refused, Err(EndpointError::Remote(_))), "{text}: {refused:?}");
        }
    }

    #[test]
    fn another_machine_is_called_only_where_that_is_asked_for_and_aws_never() {
        for (text, shown) in [
            ("http://10.0.0.1:4566", "http://10.0.0.1:4566"),
            ("http://emulator.example.com:4566/", "http://emulator.example.com:4566"),
            ("http://[2001:db8::1]:4566", "http://[2001:db8::1]:4566"),
            ("http://localhost:1", "http://127.0.0.1:1"),
        ] {
            let endpoint = Endpoint::anywhere(text).map(|endpoint| endpoint.to_string());
            assert_eq!(endpoint.as_deref(), Ok(shown));
        }
        let aws = Endpoint::anywhere("http://sqs.us-east-1.amazonaws.com");
        assert!(matches!(aws, Err(EndpointError::Aws(_))), "{aws:?}");
        let tls = Endpoint::anywhere("https://10.0.0.1:4566");
        assert!(matches!(tls, Err(EndpointError::Malformed(_))), "{tls:?}");
    }

    #[test]
    fn what_is_no_url_of_this_kind_is_refused() {
        for text in [
            "",
            "4566",
            "/path",
            "https://127.0.0.1:4566",
            "ftp://127.0.0.1",
            "127.0.0.1:4566",
            "http://127.0.0.1:4566/queue",
            "http://127.0.0.1:4566?x",
            "http://127.0.0.1:65536",
            "http://127.0.0.1:",
            "http://key@127.0.0.1:4566",
            "http:// 127.0.0.1",
        ] {
            let refused = text.parse::<Endpoint>();
            assert!(matches!(refused, Err(EndpointError::Malformed(_))), "{text}: {refused:?}");
        }
    }
}
