//! Reading a mail as its recipient sees it.

use base64ct::{Base64, Encoding};

/// A mail; of several parts, the first, which is the plain text.
#[derive(Debug, Clone)]
pub struct Mail {
    head: String,
    /// The text, decoded.
    pub text: String,
}

impl Mail {
    /// Reads the bytes of an `.eml` file.
    pub(crate) fn read(raw: &str) -> Self {
        let raw = raw.replace("\r\n", "\n");
        let (head, body) = raw.split_once("\n\n").unwrap_or((&raw, ""));
        // A header that goes on in the next line begins that line with a blank.
        let head = head.replace("\n ", " ").replace("\n\t", " ");
        let mail = Self {
            head,
            text: String::new(),
        };
        if let Some(boundary) = mail.boundary() {
            let first = body
                .split(&format!("--{boundary}\n"))
                .nth(1)
                .unwrap_or_default();
            let first = first
                .split(&format!("\n--{boundary}"))
                .next()
                .unwrap_or_default();
            return Self {
                text: Self::read(first).text,
                ..mail
            };
        }
        let text = match mail.header("Content-Transfer-Encoding").as_deref() {
            Some("quoted-printable") => quoted_printable(body),
            Some("base64") => {
                let joined: String = body.split_whitespace().collect();
                let bytes = Base64::decode_vec(&joined).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            _ => body.to_owned(),
        };
        Self { text, ..mail }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    }

    fn boundary(&self) -> Option<String> {
        let kind = self
            .header("Content-Type")
            .filter(|kind| kind.starts_with("multipart/"))?;
        let rest = kind.split("boundary=\"").nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    }

    /// The first link in the text.
    pub fn link(&self) -> Option<&str> {
        self.text
            .split_whitespace()
            .find(|word| word.starts_with("http://") || word.starts_with("https://"))
    }
}

fn quoted_printable(body: &str) -> String {
    let mut bytes = Vec::new();
    let joined = body.replace("=\n", "");
    let mut rest = joined.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (
            first,
            code.and_then(|code| u8::from_str_radix(code, 16).ok()),
        ) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Mail;

    #[test]
    fn of_several_parts_the_first_is_read() {
        let mail = Mail::read(
            "To: a@b.c\r\nContent-Type: multipart/alternative;\r\n boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\nhttp://a/c?t=3Db\r\n\r\n--x\r\n\
             Content-Type: text/html\r\n\r\n<p>http://other</p>\r\n--x--\r\n",
        );
        assert_eq!(mail.header("to").as_deref(), Some("a@b.c"));
        assert_eq!(mail.text.trim(), "http://a/c?t=b");
        assert_eq!(mail.link(), Some("http://a/c?t=b"));
    }

    #[test]
    fn a_link_survives_quoting() {
        let mail = Mail::read(
            "Subject: one\r\n two\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nOpen:\r\nhttp://127.0.0.1/c?t=3Dabc=\r\ndef\r\n",
        );
        assert_eq!(mail.header("subject").as_deref(), Some("one two"));
        assert_eq!(mail.link(), Some("http://127.0.0.1/c?t=abcdef"));
    }
}
