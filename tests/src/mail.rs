//! Reading a mail as its recipient sees it.

use base64ct::{Base64, Encoding};

/// A mail of one part.
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
    fn a_link_survives_quoting() {
        let mail = Mail::read(
            "Subject: one\r\n two\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nOpen:\r\nhttp://127.0.0.1/c?t=3Dabc=\r\ndef\r\n",
        );
        assert_eq!(mail.header("subject").as_deref(), Some("one two"));
        assert_eq!(mail.link(), Some("http://127.0.0.1/c?t=abcdef"));
    }
}
