//! Brotli and gzip files beside what a browser loads, at the highest levels: made once, sent many times.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::stamp::{digest, read, write};

/// What is worth compressing.
const TEXTS: [&str; 7] = ["css", "html", "js", "json", "svg", "ts", "wasm"];

/// A file that is to be compressed, and where the results are kept for whoever has the same bytes again.
struct Work {
    path: PathBuf,
    bytes: Vec<u8>,
    kept: PathBuf,
}

/// Writes both forms beside every file of a folder. Bytes that were compressed before are not compressed again: the
/// same module lies in the shared pieces and among a site's files.
pub(crate) fn folder(repo: &Repo, folder: &Path) -> Result<()> {
    let mut work = Vec::new();
    for path in files(folder)? {
        let bytes = read(&path)?;
        let kept = repo
            .target
            .join("web-compressed")
            .join(digest([bytes.as_slice()]));
        work.push(Work { path, bytes, kept });
    }
    // The longest first, one thread per core: brotli at its best is slow.
    work.sort_by_key(|work| work.bytes.len());
    let queue = std::sync::Mutex::new(work);
    let next = || queue.lock().unwrap_or_else(|e| e.into_inner()).pop();
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..cores)
            .map(|_| scope.spawn(|| std::iter::from_fn(next).try_for_each(|work| work.finish())))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })
}

impl Work {
    fn finish(&self) -> Result<()> {
        self.one("br", brotli)?;
        self.one("gz", gzip)
    }

    fn one(&self, extension: &str, compress: fn(&[u8]) -> Result<Vec<u8>>) -> Result<()> {
        let kept = beside(&self.kept, extension);
        let bytes = match fs::read(&kept) {
            Ok(bytes) => bytes,
            Err(_) => {
                let bytes = compress(&self.bytes)?;
                write(&kept, &bytes)?;
                bytes
            }
        };
        write(&beside(&self.path, extension), &bytes)
    }
}

/// Brotli at quality 11 with the largest standard window.
fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &parameters)
        .context("compressing with brotli")?;
    Ok(out)
}

/// Gzip at level 9, without name or time, so that the same input gives the same file.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).context("compressing with gzip")?;
    encoder.finish().context("compressing with gzip")
}

/// `path` with one more extension.
pub(crate) fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("listing {}", folder.display()))?
            .path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path
            .extension()
            .is_some_and(|e| TEXTS.iter().any(|t| e == *t))
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_formats_give_the_bytes_back() {
        let bytes = include_bytes!("compress.rs");
        let mut out = Vec::new();
        brotli::BrotliDecompress(&mut &brotli(bytes).expect("compresses")[..], &mut out)
            .expect("is brotli");
        assert_eq!(out, bytes);
        out.clear();
        flate2::read::GzDecoder::new(&gzip(bytes).expect("compresses")[..])
            .read_to_end(&mut out)
            .expect("is gzip");
        assert_eq!(out, bytes);
    }

    #[test]
    fn one_more_extension() {
        assert_eq!(beside(Path::new("a/b.js"), "br"), Path::new("a/b.js.br"));
    }
}
