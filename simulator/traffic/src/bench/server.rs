//! The minimal server that all generators are measured on, and its process.

use std::{
    convert::Infallible,
    io::{self, BufRead, BufReader, Read},
    net::{self, SocketAddr},
    path::Path,
    process::{self, Command, Stdio},
    thread,
};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, runtime::Builder, sync::oneshot};

use crate::Error;

/// An HTTP/1.1 server on loopback that answers everything with the same few bytes.
#[derive(Debug)]
pub struct MinimalServer {
    listener: net::TcpListener,
}

impl MinimalServer {
    /// A server on a free port.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub fn bind() -> io::Result<Self> {
        let listener = net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// When the system doesn't say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `lifeline` ends: given the process's standard input, the server never outlives the
    /// process that started it.
    ///
    /// # Errors
    ///
    /// When there are no threads for it.
    pub fn run(self, mut lifeline: impl Read + Send + 'static) -> io::Result<()> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_io().build()?;
        let (ended, end) = oneshot::channel();
        thread::spawn(move || {
            // An error ends it as well as the end does.
            let _ = io::copy(&mut lifeline, &mut io::sink());
            let _ = ended.send(());
        });
        runtime.block_on(async {
            let listener = TcpListener::from_std(self.listener)?;
            tokio::select! {
                error = accept(listener) => Err(error),
                _ = end => Ok(()),
            }
        })
    }
}

async fn accept(listener: TcpListener) -> io::Error {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let answer = service_fn(|_| async {
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"hello"))))
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
            Err(error) => return error,
        }
    }
}

/// The server in a process of its own, for as long as this lives.
#[derive(Debug)]
pub(super) struct Child {
    process: process::Child,
    pub(super) address: SocketAddr,
}

impl Child {
    pub(super) fn start(program: &Path, arguments: &[String]) -> Result<Self, Error> {
        let failed = |source| Error::Program { program: program.display().to_string(), source };
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let stdout = process.stdout.take().expect("it is piped");
        let mut line = String::new();
        let read = BufReader::new(stdout).take(1_024).read_line(&mut line).map_err(failed);
        let address = line.trim().parse();
        match (read, address) {
            (Ok(_), Ok(address)) => Ok(Self { process, address }),
            (read, _) => {
                end(&mut process);
                read?;
                Err(Error::Report { program: program.display().to_string(), output: line })
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn end(process: &mut process::Child) {
    // It may have ended by itself, which is what is wanted.
    let _ = process.kill();
    let _ = process.wait();
}
