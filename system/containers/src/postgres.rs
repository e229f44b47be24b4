//! As much of PostgreSQL's protocol (version 3) as it takes to ask a server one thing.
//!
//! A connection that is taken proves nothing: while a server starts, it is there and refuses. So one
//! query is really answered, over the published port. Deliberately absent: TLS, SCRAM, and types;
//! the shop itself uses sqlx.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::recipe::Login;

/// Longest message that is read; an answer has a few words.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// The first row of the answer to `sql`, its columns as text; a null is an empty one.
///
/// # Errors
/// The server's own words, or the system's.
pub(crate) async fn query(
    address: SocketAddr,
    login: &Login,
    sql: &str,
) -> Result<Vec<String>, String> {
    let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    stream.write_all(&startup(login)).await.map_err(lost)?;
    let mut row = Vec::new();
    let mut asked = false;
    loop {
        let (kind, body) = read(&mut stream).await.map_err(lost)?;
        match kind {
            b'R' => match body.get(..4) {
                Some([0, 0, 0, 0]) => {}
                Some([0, 0, 0, 3]) => {
                    let password = message(b'p', &[login.password.as_bytes(), &[0]]);
                    stream.write_all(&password).await.map_err(lost)?;
                }
                _ => return Err("it wants another kind of login than a password".into()),
            },
            b'E' => return Err(complaint(&body)),
            b'D' if row.is_empty() => row = columns(&body),
            b'Z' if asked => return Ok(row),
            b'Z' => {
                asked = true;
                let query = message(b'Q', &[sql.as_bytes(), &[0]]);
                stream.write_all(&query).await.map_err(lost)?;
            }
            _ => {}
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn lost(error: io::Error) -> String {
    format!("the connection ended: {error}")
}

fn startup(login: &Login) -> Vec<u8> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    for part in ["user", login.user, "database", login.database] {
        body.extend(part.as_bytes());
        body.push(0);
    }
    body.push(0);
    let mut all = length(body.len() + 4);
    all.extend(body);
    all
}

fn length(bytes: usize) -> Vec<u8> {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes().to_vec()
}

fn message(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut all = vec![kind];
    all.extend(length(parts.iter().map(|part| part.len()).sum::<usize>() + 4));
    all.extend(parts.concat());
    all
}

async fn read(stream: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await?;
    let bytes = stream.read_u32().await? as usize;
    if !(4..=MESSAGE_BYTES_MAX).contains(&bytes) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "this is not PostgreSQL"));
    }
    let mut body = vec![0; bytes - 4];
    stream.read_exact(&mut body).await?;
    Ok((kind, body))
}

/// Columns of a row: their number in two bytes, then each with its length in four, -1 for null.
fn columns(body: &[u8]) -> Vec<String> {
    let mut rest = body.get(2..).unwrap_or_default();
    let mut columns = Vec::new();
    while let Some((head, tail)) = rest.split_first_chunk::<4>() {
        let bytes = usize::try_from(i32::from_be_bytes(*head)).unwrap_or(0).min(tail.len());
        let (text, after) = tail.split_at(bytes);
        columns.push(String::from_utf8_lossy(text).into_owned());
        rest = after;
    }
    columns
}

/// The message of an error: fields of a letter and a text that ends with a zero; `M` is the text.
fn complaint(body: &[u8]) -> String {
    body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M")).map_or_else(
        || "an error without words".into(),
        |text| String::from_utf8_lossy(text).into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn a_row_is_read_with_its_nulls_and_cut_short_where_it_ends() {
        let body = [0, 2, 0, 0, 0, 1, b't', 255, 255, 255, 255];
        assert_eq!(columns(&body), ["t", ""]);
        assert_eq!(columns(&body[..7]), ["t"]);
        assert_eq!(columns(&[0, 1, 0, 0, 0, 9, b'x']), ["x"]);
        assert!(columns(&[]).is_empty());
    }

    #[test]
    fn a_complaint_is_the_servers_own() {
        assert_eq!(complaint(b"SFATAL\0MPassword wrong\0\0"), "Password wrong");
        assert_eq!(complaint(b""), "an error without words");
    }

    /// A server that plays `answers`, each after it has read something.
    async fn server(answers: Vec<Vec<u8>>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answer in answers {
                let _ = stream.read(&mut [0; 1024]).await.unwrap();
                stream.write_all(&answer).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn a_password_is_given_and_one_row_comes_back() {
        let welcome = [message(b'R', &[&[0; 4]]), message(b'Z', &[b"I"])].concat();
        let answer = [message(b'D', &[&[0, 1, 0, 0, 0, 1, b'7']]), message(b'Z', &[b"I"])].concat();
        let address = server(vec![message(b'R', &[&[0, 0, 0, 3]]), welcome, answer]).await;
        assert_eq!(query(address, &Login::of("r"), "select 7").await, Ok(vec!["7".into()]));
    }

    #[tokio::test]
    async fn a_server_that_starts_up_says_so_and_others_are_no_postgres() {
        let starting = message(b'E', &[b"SFATAL\0Mthe database system is starting up\0\0"]);
        let address = server(vec![starting]).await;
        let answer = query(address, &Login::of("r"), "select 1").await;
        assert_eq!(answer, Err("the database system is starting up".into()));
        let address = server(vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()]).await;
        let answer = query(address, &Login::of("r"), "select 1").await;
        assert!(answer.as_ref().is_err_and(|error| error.contains("not PostgreSQL")), "{answer:?}");
    }
}
