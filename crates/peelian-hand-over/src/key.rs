//! Ed25519 keys: the secret one signs a bundle, the public one tells that it
//! was signed. A key file is one line of text.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::HandOverError;

const SECRET: &str = "peelian-secret-key-1 ";
const PUBLIC: &str = "peelian-public-key-1 ";

/// The key that signs. It stays with the force.
#[derive(Debug)]
pub struct SecretKey(SigningKey);

/// The key that tells a signature. It may be given to anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Makes a pair of keys. Neither file may exist; the secret one is readable
/// by its owner alone.
pub fn new_keys(secret: &Path, public: &Path) -> Result<PublicKey, HandOverError> {
    for path in [secret, public] {
        if path.exists() {
            return Err(HandOverError::refused(format!(
                "{} exists and is left as it is: give another name",
                path.display()
            )));
        }
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| {
        HandOverError::refused(format!(
            "the system gives no random numbers ({e}): try again"
        ))
    })?;
    let key = SecretKey(SigningKey::from_bytes(&bytes));
    let shown = key.public();
    write_new(secret, &format!("{SECRET}{}\n", hex(&bytes)), true)?;
    write_new(public, &shown.to_text(), false)?;
    Ok(shown)
}

fn write_new(path: &Path, text: &str, private: bool) -> Result<(), HandOverError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(HandOverError::io(path))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(HandOverError::io(path))
}

impl SecretKey {
    /// Reads a key file.
    pub fn read(path: &Path) -> Result<Self, HandOverError> {
        let bytes = key_bytes(path, SECRET, "a secret key")?;
        Ok(Self(SigningKey::from_bytes(&bytes)))
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
    }
}

impl PublicKey {
    /// Reads a key file.
    pub fn read(path: &Path) -> Result<Self, HandOverError> {
        let bytes = key_bytes(path, PUBLIC, "a public key")?;
        VerifyingKey::from_bytes(&bytes)
            .map(Self)
            .map_err(|_| not_a_key(path, "a public key"))
    }

    pub(crate) fn to_text(&self) -> String {
        format!("{PUBLIC}{}\n", hex(self.0.as_bytes()))
    }

    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|s| self.0.verify_strict(message, &s).is_ok())
    }

    /// Eight groups of four, to be read out over the telephone.
    pub fn fingerprint(&self) -> String {
        let digits = hex(&Sha256::digest(self.0.as_bytes()));
        let groups = digits.as_bytes().chunks(4).take(8);
        let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
        groups.join(" ")
    }
}

fn key_bytes(path: &Path, begins: &str, what: &str) -> Result<[u8; 32], HandOverError> {
    let text = std::fs::read_to_string(path).map_err(HandOverError::io(path))?;
    text.strip_prefix(begins)
        .and_then(|digits| unhex(digits.trim()))
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| not_a_key(path, what))
}

fn not_a_key(path: &Path, what: &str) -> HandOverError {
    HandOverError::refused(format!(
        "{} is not {what}: “peelian hand-over keys” makes a pair",
        path.display()
    ))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}
