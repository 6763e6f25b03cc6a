//! The peers' own files: fetched at the versions that the figures name, and no others.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use crate::file::File;

/// A package with the files that a page loads, each with its digest.
struct Peer {
    package: &'static str,
    version: &'static str,
    /// Where its files are served.
    at: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const PEERS: [Peer; 4] = [
    Peer {
        package: "vanilla-cookieconsent",
        version: "3.1.0",
        at: "/vanilla/",
        files: &[
            (
                "dist/cookieconsent.umd.js",
                "bc6e2f2e6381fc025b27a6b0afb5a0e1fc689c6f9fc40a78708adb2054ef4575",
            ),
            (
                "dist/cookieconsent.css",
                "ca046b8b1b1094107205988e7096a687b241c8ef5f3fefe5e543ed28d26646c1",
            ),
        ],
    },
    Peer {
        package: "orejime",
        version: "3.2.1",
        at: "/orejime/",
        files: &[
            (
                "dist/orejime-standard-en.js",
                "ba45f47392fc5d3f6defe6bb959bcbaaee63a9ed733480f5b81c60d8d345a4e8",
            ),
            (
                "dist/orejime-standard.css",
                "28c4b4fe01a91de248063fd2de494f7570211a93ff2c63d9e2d0f68bdc80bc96",
            ),
        ],
    },
    Peer {
        package: "klaro",
        version: "0.7.22",
        at: "/klaro/",
        files: &[(
            "dist/klaro.js",
            "e388fb66bcf9c945eb03df3225c9b5ef9373b9873086ce84112ea93a4fb0d733",
        )],
    },
    Peer {
        package: "tarteaucitronjs",
        version: "1.34.0",
        at: "/tarteaucitron/",
        files: &[
            (
                "tarteaucitron.min.js",
                "2982dcf1d953748e700b90edd92d2f06acfb72ab3b92a7585fcb4031615ea02a",
            ),
            (
                "tarteaucitron.services.min.js",
                "c784581fd8e7fc580c6ae0ea7a03ae8b3df7215042f79db8075817eb526cf470",
            ),
            (
                "css/tarteaucitron.min.css",
                "518ceb47da7043c0515e748a2dfe82f849413277ca0f45c96367609ea7566b44",
            ),
            (
                "lang/tarteaucitron.en.min.js",
                "ba8bb510ddc74f7a300d4e2f67f3005a5e972adea6d086d4ac5c7a5c11abc3d8",
            ),
        ],
    },
];

/// Every peer's files by the path that they are served at; fetched into `folder` if they are not there.
pub(crate) async fn files(folder: &Path) -> Result<HashMap<String, File>> {
    let mut files = HashMap::new();
    for peer in &PEERS {
        let place = folder.join(format!("{}-{}", peer.package, peer.version));
        let there = peer
            .files
            .iter()
            .all(|(file, _)| place.join(file).is_file());
        if !there {
            fetch(peer, &place)
                .await
                .with_context(|| format!("fetching {} {}", peer.package, peer.version))?;
        }
        for (file, digest) in peer.files {
            let path = place.join(file);
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            ensure!(
                hexadecimal(&Sha256::digest(&bytes)) == *digest,
                "{} is not the file that was measured before",
                path.display()
            );
            // Only tarteaucitron looks for files in folders of its own.
            let name = file.strip_prefix("dist/").unwrap_or(file);
            files.insert(format!("{}{name}", peer.at), File::new(file, &bytes));
        }
    }
    Ok(files)
}

/// Lets npm bring the package as it was published, without what it was built with, and unpacks it.
async fn fetch(peer: &Peer, place: &Path) -> Result<()> {
    std::fs::create_dir_all(place)?;
    let packed = Command::new("npm")
        .args(["pack", "--silent", "--pack-destination"])
        .arg(place)
        .arg(format!("{}@{}", peer.package, peer.version))
        .stdin(Stdio::null())
        .output()
        .await
        .context("starting npm; on Debian: apt-get install nodejs npm")?;
    ensure!(
        packed.status.success(),
        "npm: {}",
        String::from_utf8_lossy(&packed.stderr).trim_end()
    );
    let name = format!("{}-{}.tgz", peer.package, peer.version);
    let unpacked = Command::new("tar")
        .args(["--extract", "--gzip", "--strip-components=1", "--file"])
        .arg(&name)
        .current_dir(place)
        .stdin(Stdio::null())
        .status()
        .await
        .context("starting tar")?;
    ensure!(unpacked.success(), "tar ended with {unpacked}");
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
