//! An HTTP/1.1 client that costs next to nothing, so that the server has the machine: one connection, kept alive,
//! requests written whole, answers read as far as their stated length.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest answer read.
const MAX: usize = 1024 * 1024;

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The seconds of `Retry-After`, if it says so.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: &'a [u8],
}

/// A connection to the server.
#[derive(Debug)]
pub struct Connection {
    to: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// Where the parts of an answer lie in the buffer.
struct Head {
    status: u16,
    retry_after: Option<u64>,
    body: usize,
    length: usize,
    close: bool,
}

impl Connection {
    /// A connection that is made with its first request.
    pub fn new(to: SocketAddr) -> Self {
        Self {
            to,
            stream: None,
            buffer: Vec::with_capacity(32 * 1024),
        }
    }

    /// Sends a whole request and reads its answer. After an error the next request gets a new connection; whether this
    /// one was carried out is then unknown.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        match self.try_exchange(request).await {
            Ok(head) => {
                if head.close {
                    self.stream = None;
                }
                Ok(Answer {
                    status: head.status,
                    retry_after: head.retry_after,
                    body: &self.buffer[head.body..head.body + head.length],
                })
            }
            Err(error) => {
                self.stream = None;
                Err(error)
            }
        }
    }

    async fn try_exchange(&mut self, request: &[u8]) -> Result<Head> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.to).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        let Some(stream) = &mut self.stream else {
            return Err(ErrorKind::NotConnected.into());
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some(head) = read_head(&self.buffer)?
                && self.buffer.len() >= head.body + head.length
            {
                return Ok(head);
            }
            if self.buffer.len() > MAX {
                return Err(Error::new(ErrorKind::InvalidData, "an endless answer"));
            }
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Reads the head of an answer once it is there whole.
fn read_head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let invalid = |what| Error::new(ErrorKind::InvalidData, what);
    let text = std::str::from_utf8(&bytes[..end]).map_err(|_| invalid("a head that is no text"))?;
    let mut lines = text.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .ok_or_else(|| invalid("no status line"))?;
    let mut head = Head {
        status,
        retry_after: None,
        body: end + 4,
        length: 0,
        close: false,
    };
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.length = value.parse().map_err(|_| invalid("a strange length"))?;
        } else if name.eq_ignore_ascii_case("retry-after") {
            head.retry_after = value.parse().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            head.close = value.eq_ignore_ascii_case("close");
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(invalid("an answer without a stated length"));
        }
    }
    Ok(Some(head))
}

/// A whole GET request for a path below the site's base.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET /sayso/{path} HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n").into_bytes()
}

/// A whole POST of receipts, as a browser on the site's own page sends it.
pub fn post(receipts: &[&str]) -> Vec<u8> {
    // A compact JWS has no character that JSON would have to escape.
    let mut body = String::from(r#"{"v":1,"receipts":["#);
    for (at, receipt) in receipts.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        body.push_str(&format!("{comma}\"{receipt}\""));
    }
    body.push_str("]}");
    post_text("v1/receipts", &body)
}

/// A whole POST of a text.
pub fn post_text(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /sayso/{path} HTTP/1.1\r\nHost: 127.0.0.1:1\r\nOrigin: {}\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n\r\n{body}",
        crate::site::ORIGIN,
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let bytes = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nRetry-After: 7\r\nconnection: close\r\n\r\nno";
        assert!(read_head(&bytes[..40]).expect("so far so good").is_none());
        let head = read_head(bytes).expect("a head").expect("whole");
        assert_eq!((head.status, head.retry_after), (503, Some(7)));
        assert!(head.close);
        assert_eq!(&bytes[head.body..head.body + head.length], b"no");
        assert!(read_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
