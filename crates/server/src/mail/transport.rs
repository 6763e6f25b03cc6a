//! Handing a message over: to an SMTP server, or into a folder.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sayso_core::config::{SiteConfig, SmtpUrl};

/// Where mail goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MailTarget {
    /// Files in `DATA/<site>/mail/`, one per message.
    #[default]
    Folder,
    /// An SMTP server, as `smtp://host:25`, `smtps://user:password@host` or `smtp://host:587?tls=required`. It is shown
    /// without its password.
    Smtp(SmtpUrl),
}

/// Why a mail target cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Not an address of a mail server. It is not quoted: it may hold a password.
    #[error(
        "this is not a mail target; write smtp://host:25, smtps://user:password@host, or leave it out for files"
    )]
    Target,
    /// The server's address does not read.
    #[error(
        "the mail server's address {0} cannot be used; write it like smtp://host:587?tls=required"
    )]
    Smtp(SmtpUrl),
}

impl FromStr for MailTarget {
    type Err = MailError;

    fn from_str(text: &str) -> Result<Self, MailError> {
        SmtpUrl::parse(text)
            .map(Self::Smtp)
            .ok_or(MailError::Target)
    }
}

impl MailTarget {
    /// Where a site's mail goes: to its own server if it names one, else where the command says.
    pub fn of(&self, site: &SiteConfig) -> Self {
        site.mail_smtp
            .clone()
            .map_or_else(|| self.clone(), Self::Smtp)
    }
}

/// What hands messages over.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Into a folder.
    Folder,
    /// To a server, over kept connections.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// Why a message was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The file could not be written.
    #[error("the mail could not be written: {0}")]
    File(#[from] std::io::Error),
    /// The server did not take it.
    #[error("the mail server did not take it: {0}")]
    Smtp(#[from] smtp::Error),
}

impl Transport {
    /// What hands messages over to a target.
    pub fn new(target: &MailTarget) -> Result<Self, MailError> {
        match target {
            MailTarget::Folder => Ok(Self::Folder),
            MailTarget::Smtp(url) => {
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.secret());
                Ok(Self::Smtp(
                    builder.map_err(|_| MailError::Smtp(url.clone()))?.build(),
                ))
            }
        }
    }

    /// Hands a message over. `name` names its file, sorting by time; `folder` is the site's.
    pub async fn hand_over(
        &self,
        message: Message,
        folder: &Path,
        name: &str,
    ) -> Result<(), HandOverError> {
        match self {
            Self::Folder => {
                let folder = folder.join("mail");
                let name = name.to_owned();
                let written = tokio::task::spawn_blocking(move || {
                    write(&folder, &name, &message.formatted())
                });
                Ok(written.await.map_err(std::io::Error::other)??)
            }
            Self::Smtp(server) => {
                server.send(message).await?;
                Ok(())
            }
        }
    }
}

impl HandOverError {
    /// Whether trying again cannot help.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Smtp(error) if error.is_permanent())
    }
}

/// Writes beside and renames, so that no half mail is ever seen.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let beside: PathBuf = folder.join(format!(".{name}.part"));
    std::fs::write(&beside, bytes)?;
    std::fs::rename(beside, folder.join(format!("{name}.eml")))
}
