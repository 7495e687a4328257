//! A file on a server as something to read and seek in, block by block.

use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};

use crate::{Client, FetchError};

/// Bytes asked for at a time: a directory of thousands of members is a few of
/// these.
const BLOCK: u64 = 1 << 18;

pub(crate) struct Remote<'c, 'a> {
    client: &'c Client<'a>,
    url: String,
    version: String,
    length: u64,
    at: u64,
    block: Option<(u64, Vec<u8>)>,
}

impl<'c, 'a> Remote<'c, 'a> {
    /// None where the server does not give parts of files.
    pub(crate) fn open(
        client: &'c Client<'a>,
        url: &str,
    ) -> std::result::Result<Option<Self>, FetchError> {
        let answer = client.answer(url, &[("range", "bytes=0-0".to_owned())], false)?;
        let length = answer
            .header("content-range")
            .and_then(|r| r.rsplit('/').next()?.parse().ok());
        let version = answer.version();
        let (206, Some(length), Some(version)) = (answer.status(), length, version) else {
            return Ok(None);
        };
        Ok(Some(Self {
            client,
            url: url.to_owned(),
            version,
            length,
            at: 0,
            block: None,
        }))
    }

    fn fill(&mut self) -> Result<&[u8]> {
        let begin = self.at / BLOCK * BLOCK;
        if self.block.as_ref().is_none_or(|b| b.0 != begin) {
            let end = (begin + BLOCK).min(self.length);
            let headers = [
                ("range", format!("bytes={begin}-{}", end - 1)),
                ("if-range", self.version.clone()),
            ];
            let answer = self
                .client
                .answer(&self.url, &headers, false)
                .map_err(Error::other)?;
            if answer.status() != 206 {
                return Err(Error::other(
                    "the server has another version now: run the same command again",
                ));
            }
            let mut bytes = Vec::new();
            answer.body().take(BLOCK).read_to_end(&mut bytes)?;
            if bytes.len() as u64 != end - begin {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.block = Some((begin, bytes));
        }
        let skip = (self.at - begin) as usize;
        Ok(self
            .block
            .as_ref()
            .and_then(|b| b.1.get(skip..))
            .unwrap_or_default())
    }
}

impl Read for Remote<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.at >= self.length || out.is_empty() {
            return Ok(0);
        }
        let block = self.fill()?;
        let n = block.len().min(out.len());
        out[..n].copy_from_slice(&block[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Remote<'_, '_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let at = match to {
            SeekFrom::Start(n) => Some(n),
            SeekFrom::End(n) => self.length.checked_add_signed(n),
            SeekFrom::Current(n) => self.at.checked_add_signed(n),
        };
        self.at = at.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
