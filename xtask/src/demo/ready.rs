//! Asking a server whether it answers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Whether `GET path` is answered with a success; anything else is "not yet".
pub(super) fn answers(address: SocketAddr, path: &str) -> bool {
    status(address, path).is_ok_and(|line| line.starts_with("HTTP/1.1 2"))
}

fn status(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let patience = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut start = Vec::new();
    stream.take(64).read_to_end(&mut start)?;
    Ok(String::from_utf8_lossy(&start).into_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn answered_with(answer: &'static str) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let address = listener.local_addr().expect("is bound");
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody comes");
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream
                    .read_exact(&mut byte)
                    .expect("the request has an end");
                request.extend(byte);
            }
            let _ = stream.write_all(answer.as_bytes());
        });
        let outcome = answers(address, "/");
        server.join().expect("ends");
        outcome
    }

    #[test]
    fn only_a_success_counts() {
        assert!(answered_with("HTTP/1.1 200 OK\r\n\r\n"));
        assert!(!answered_with("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
        assert!(!answered_with(""));
    }
}
