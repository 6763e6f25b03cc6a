//! The command line: what can be asked of `sayso`, and the help that says so.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sayso_core::log::note::VerifierKey;
use sayso_server::client::{ForwardedBy, IpNet};
use sayso_server::mail::MailTarget;

use crate::verify::witness_key;

/// Asks a website's visitors for their say-so, does nothing until it has it, and keeps proof of it that others can check.
#[derive(Debug, Parser)]
#[command(name = "sayso", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 failed, with the reason on stderr; 2 the command line is wrong.
`sayso verify` has more, one for each reason to refuse: see `sayso verify --help`.";

const VERIFY_CODES: &str = "\
Exit codes:
   0  it holds
   1  the file cannot be read
   2  the command line is wrong
  10  not a countersigned receipt
  11  a JSON member occurs twice, so two readers could see two different receipts
  12  the receipt is malformed
  13  the receipt's signature does not hold: it was altered, or another key signed it
  14  the key in the receipt is not the one it names: the visitor's key was swapped
  15  the countersignature is malformed
  16  a key that is not among the site's published keys
  17  the countersignature does not hold: it was altered, or another key signed it
  18  the countersignature is of another receipt
  19  the salt does not open the commitment that the server signed
  20  the keys cannot be used
  21  there is no proof from the log: a countersignature without inclusion
  22  the proof from the log is malformed
  23  the proof is of another entry than the countersignature names
  24  the checkpoint is of another log than the countersignature names
  25  the checkpoint is not signed by the site's log key
  26  the proof does not lead from the receipt to the checkpoint's root
  27  fewer witnesses cosigned the checkpoint than were asked for
  28  a key signed outside the time that the site states for it
  29  the log shows two faces: two files of it cannot both be true, or history was rewritten (--against)
  30  the log went back: what is newer knows fewer entries (--against, and a ledger beside its published checkpoint)

Of a whole ledger (--ledger) also; where several are true, the smallest counts, after 29 and 30:
  31  a database file is damaged
  32  an entry does not say what the log committed to, or cannot be read
  33  the entries do not lead to the stored nodes or the root, or one is missing
  34  a published checkpoint is not of this tree, or not signed by the site's log key
  35  a receipt's own signature does not hold
  36  something is not found by what it says, or found by what it does not say
  37  an erasure is not as the log tells it, or a salt is missing or left over
  38  a change of keys does not say what was committed to
  39  a document, an address, a token or a mail is damaged
  40  the ledger cannot be opened
  41  OLD cannot be used: it is neither of this log nor a copy of this ledger

Of a bundle (--bundle) also:
  50  not a bundle, or a line in it is malformed
  51  the bundle was cut short or changed
  52  the bundle's checkpoint does not hold
  53  a receipt in it does not hold
  54  a receipt in it belongs elsewhere, or stands out of order
  55  it says that it is complete, and is not
  56  a text in it is not the one of its digest";

const EXPORT_HELP: &str = "\
A bundle without a filter is complete: whoever checks it sees that nothing was left out. Erased entries are counted, never
shown. Check a bundle with `sayso verify --bundle FILE --keys JWKS`.";

const WITNESS_HELP: &str = "\
At the first start the witness makes its key. It prints its verifier key, which the operators of the logs need, and where
it listens.

The configuration:
    version = 1
    name = \"witness.example\"

    [[logs]]
    key = \"shop.example/sayso+0123abcd+AQ…\"    # from the log's operator; its name is the log's origin";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the sites: the scripts, the receipts, the pages, the mails.
    Serve(ServeArgs),
    /// Check configurations; say what is wrong, in which file and line, and how to mend it.
    Check(CheckArgs),
    /// Write a site's files, for hosts that serve files only.
    Build(BuildArgs),
    /// Print what to paste into a site's pages, and the CSP source that allows it.
    Snippet(SnippetArgs),
    /// Make a site's keys ahead of its first start, and print the public ones.
    Keygen(KeygenArgs),
    /// Let new keys take over in a running server. The old public keys stay published; the log tells of the new ones first.
    Rotate(RotateArgs),
    /// Erase a person's receipts in a running server, for good; the log stays valid and tells that it was done, and why.
    Erase(EraseArgs),
    /// Witness other sites' logs: cosign their checkpoints for as long as each log only grows, and remember them.
    #[command(after_help = WITNESS_HELP)]
    Witness(WitnessArgs),
    /// Check a countersigned receipt offline, and say what that proves and what it does not.
    #[command(after_help = VERIFY_CODES)]
    Verify(VerifyCommand),
    /// Export what a ledger keeps: bundles that others can check, CSV for people, JSON-LD in DPV words.
    #[command(after_help = EXPORT_HELP)]
    Export(ExportArgs),
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The folder of sites: one folder each, with a sayso.toml in it.
    #[arg(long, value_name = "DIR")]
    pub(crate) sites: PathBuf,
    /// Where keys, receipts and mails are kept. Back it up; it is made if missing.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Where to listen. Put a proxy with TLS in front of it.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8788")]
    pub(crate) listen: SocketAddr,
    /// Where mails go: smtp://host:25 or smtps://user:password@host. Default: files in the data folder, below SITE/mail.
    #[arg(long, value_name = "URL")]
    pub(crate) mail: Option<MailTarget>,
    /// Where this service is reached from outside, such as https://consent.shop.example, if that is not the origin of the
    /// pages that use it. Links in mails lead there.
    #[arg(long, value_name = "URL")]
    pub(crate) address: Option<String>,
    /// How log lines are written.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) log: Log,
    /// How many proxies stand in front, one behind the other, each of which writes whom it was asked by. Without this or
    /// --trust, whoever connects is taken for the visitor.
    #[arg(long, value_name = "N", conflicts_with = "trust")]
    pub(crate) proxies: Option<u8>,
    /// Networks whose machines are trusted proxies, such as 10.0.0.0/8.
    #[arg(long, value_name = "NETWORK", value_delimiter = ',')]
    pub(crate) trust: Vec<IpNet>,
    /// The header in which the proxies write: x-forwarded-for or forwarded.
    #[arg(long, value_name = "HEADER", default_value = "x-forwarded-for")]
    pub(crate) forwarded: ForwardedBy,
    /// How many writes of a site may be under way at once before others are told to come back; a quarter as many more if
    /// they only shut. 1024 unless given.
    #[arg(long, value_name = "N")]
    pub(crate) writes: Option<NonZeroUsize>,
    /// Where the administrator's own listener is, such as 127.0.0.1:8790: metrics, health, and writes with the token in
    /// DATA/admin-token. Off unless given.
    #[arg(long, value_name = "ADDR")]
    pub(crate) admin: Option<SocketAddr>,
    /// Let --admin be an address that other machines can reach.
    #[arg(long, requires = "admin")]
    pub(crate) admin_anywhere: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The folder of sites, or one sayso.toml.
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) sites: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SiteArgs {
    /// The folder of sites.
    #[arg(long, value_name = "DIR")]
    pub(crate) sites: PathBuf,
    /// The site's id. Not needed where there is only one.
    #[arg(long, value_name = "ID")]
    pub(crate) site: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) site: SiteArgs,
    /// Where to write the files; made if missing.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SnippetArgs {
    #[command(flatten)]
    pub(crate) site: SiteArgs,
    /// The language of the pages it goes into. Default: the site's first.
    #[arg(long, value_name = "TAG")]
    pub(crate) lang: Option<String>,
    /// Where the service is, if not at the site's base path on the page's own host, such as https://consent.shop.example/sayso.
    #[arg(long, value_name = "URL")]
    pub(crate) base: Option<String>,
    /// The gate alone, by one tag that the page waits for: simplest to embed.
    #[arg(long, conflicts_with = "inline")]
    pub(crate) sync: bool,
    /// The whole gate inline: the banner comes with the page itself. Print it anew after every change of the site.
    #[arg(long)]
    pub(crate) inline: bool,
    /// What your template puts in for the nonce of the page's policy, such as "{{ nonce }}". Default: a hash is printed.
    #[arg(long, value_name = "TEXT")]
    pub(crate) nonce: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct KeygenArgs {
    /// The data folder, as given to `sayso serve`.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The site's id.
    #[arg(long, value_name = "ID")]
    pub(crate) site: String,
    /// The folder of sites: names the log, so that its key can be printed as witnesses need it.
    #[arg(long, value_name = "DIR")]
    pub(crate) sites: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct WitnessArgs {
    /// The witness's name, and the logs that it follows.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Where its key and its memory are kept. Made at the first start. Never put back an older copy of it: see docs/witness.md.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Where to listen. Put a proxy with TLS in front of it.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8789")]
    pub(crate) listen: SocketAddr,
    /// How log lines are written.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) log: Log,
}

/// A running server's administrator's listener.
#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    /// The data folder, as given to `sayso serve`: the token lies there.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The site's id.
    #[arg(long, value_name = "ID")]
    pub(crate) site: String,
    /// Where the listener is, as given to `sayso serve --admin`.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8790")]
    pub(crate) admin: SocketAddr,
}

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    /// Which key. May be given several times; default: all that can be rotated. The log's own key never is: a log with
    /// another key is another log.
    #[arg(long, value_enum)]
    pub(crate) key: Vec<Rotatable>,
}

/// A key that can be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rotatable {
    /// Countersigns receipts.
    Countersignature,
    /// Signs what the server itself recorded.
    Witness,
}

#[derive(Debug, Args)]
pub(crate) struct EraseArgs {
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    #[command(flatten)]
    pub(crate) what: EraseWhat,
    /// Why, in a few words that name nobody: they stand in the log's tombstone for good.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

/// What is to be erased.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct EraseWhat {
    /// All receipts of one key: the `subject` that they name.
    #[arg(long, value_name = "THUMBPRINT")]
    pub(crate) subject: Option<String>,
    /// An e-mail address with all receipts about it.
    #[arg(long, value_name = "EMAIL")]
    pub(crate) address: Option<String>,
    /// The receipt at this place in the log.
    #[arg(long, value_name = "N")]
    pub(crate) index: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyCommand {
    /// The countersigned receipt, as downloaded.
    #[arg(value_name = "FILE", required_unless_present_any = ["ledger", "bundle"])]
    file: Option<PathBuf>,
    /// Check a whole ledger instead: the folder DATA/SITE of a server, running or not, or a copy of it.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["file", "bundle"])]
    pub(crate) ledger: Option<PathBuf>,
    /// Check an exported bundle instead.
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["file", "against"])]
    pub(crate) bundle: Option<PathBuf>,
    /// The site's public keys, as published at v1/jwks.json. A ledger's own keys are used if it has them beside it.
    #[arg(long, value_name = "JWKS", required_unless_present = "ledger")]
    pub(crate) keys: Option<PathBuf>,
    /// A witness you trust to watch the log, by its key: name+id+key. May be given several times.
    #[arg(long = "witness", value_name = "VKEY", value_parser = witness_key)]
    pub(crate) witnesses: Vec<VerifierKey>,
    /// How many of these witnesses must have cosigned the checkpoint. Default: all of them.
    #[arg(long, value_name = "N")]
    pub(crate) quorum: Option<usize>,
    /// Lay FILE beside an older file of the same log, each a countersigned receipt or a signed checkpoint, and say
    /// whether they can both be true. With --ledger: whether today's log extends OLD, which may be such a file or an older
    /// copy of the ledger's folder.
    #[arg(long, value_name = "OLD")]
    pub(crate) against: Option<PathBuf>,
    /// With --ledger: entries, tree and checkpoints alone. Many times faster; no body is opened, no signature checked.
    #[arg(long, requires = "ledger")]
    pub(crate) hashes_only: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl VerifyCommand {
    /// The same for one file; none if it is about something else.
    pub(crate) fn of_file(self) -> Option<VerifyArgs> {
        Some(VerifyArgs {
            file: self.file?,
            keys: self.keys?,
            witnesses: self.witnesses,
            quorum: self.quorum,
            against: self.against,
            json: self.json,
        })
    }
}

/// What is asked about one countersigned receipt.
#[derive(Debug)]
pub(crate) struct VerifyArgs {
    pub(crate) file: PathBuf,
    pub(crate) keys: PathBuf,
    pub(crate) witnesses: Vec<VerifierKey>,
    pub(crate) quorum: Option<usize>,
    pub(crate) against: Option<PathBuf>,
    pub(crate) json: bool,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A bundle: countersigned receipts, one to a line, that `sayso verify --bundle` checks.
    Jsonl,
    /// One line for each answer; opens in a spreadsheet without running anything.
    Csv,
    /// Consent receipts and records in DPV words, after ISO/IEC TS 27560.
    Jsonld,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The ledger: the folder DATA/SITE of a server, running or not, or a copy of it.
    #[arg(long, value_name = "DIR")]
    pub(crate) ledger: PathBuf,
    /// The folder of the site's keys, if it is not the folder `keys` in DIR. Only bundles take them: they countersign.
    #[arg(long, value_name = "DIR")]
    pub(crate) keys_folder: Option<PathBuf>,
    /// The form.
    #[arg(long, value_enum, default_value = "jsonl")]
    pub(crate) format: ExportFormat,
    /// Received on this day or later, such as 2026-11-22 or 2026-11-22T10:00:00Z (UTC, by the server's clock).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) from: Option<u64>,
    /// Received before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) to: Option<u64>,
    /// Answers this purpose.
    #[arg(long, value_name = "ID")]
    pub(crate) purpose: Option<String>,
    /// Gives this status (to that purpose), such as Given, Refused, Withdrawn or Objected.
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<String>,
    /// Names the notice of this digest.
    #[arg(long, value_name = "DIGEST")]
    pub(crate) notice: Option<String>,
    /// Was asked in this language.
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// Was asked under this jurisdiction.
    #[arg(long, value_name = "NAME")]
    pub(crate) jurisdiction: Option<String>,
    /// Was signed by the visitor, or recorded by the server.
    #[arg(long, value_name = "WHO", value_parser = ["visitor", "server"])]
    pub(crate) by: Option<String>,
    /// Where to write. It appears there only when it is whole. Default: standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

fn time(text: &str) -> Result<u64, String> {
    let example = "a day such as 2026-11-22, or a time such as 2026-11-22T10:00:00Z";
    sayso_audit::time::parse(text).ok_or_else(|| format!("expected {example}"))
}
