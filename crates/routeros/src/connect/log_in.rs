//! Both ways to log in.

use md5::{Digest, Md5};
use tokio::io::{AsyncRead, AsyncWrite};

use super::error::{ConnectError, LogInFailure};
use super::exchange::Exchange;
use crate::address::{Address, LogIn};
use crate::command::Command;
use crate::error::CloseReason;
use crate::text::Text;
use crate::wire::{Kind, Sentence};

/// Logs in. True: it was an old router's challenge.
///
/// RouterOS 6.43 and later take name and password and say `!done`. Those before take no notice of them and say `!done`
/// with a challenge in `=ret=`, which must be answered: until then nobody is logged in.
///
/// A name or a password that is not ASCII may have been set with a tool that wrote another code page: if it is refused in
/// UTF-8 it is tried once more, in the router's code page.
pub(super) async fn log_in<Line: AsyncRead + AsyncWrite + Unpin>(
    exchange: &mut Exchange<'_, Line>,
    address: &Address,
    log_in: &LogIn,
) -> Result<bool, ConnectError> {
    let utf_8 = (log_in.user.as_bytes(), log_in.password.as_bytes());
    let refused = match try_with(exchange, address, log_in, utf_8).await {
        Err(error) if error.needs_a_person() => error,
        outcome => return outcome,
    };
    let code_page = exchange.code_page();
    let encoded = (code_page.encode(&log_in.user), code_page.encode(&log_in.password));
    let (Some(user), Some(password)) = encoded else { return Err(refused) };
    if (&user[..], &password[..]) == utf_8 || !exchange.refusal_ends().await {
        return Err(refused);
    }
    // whatever happens to the second try, the first one was refused
    try_with(exchange, address, log_in, (&user, &password)).await.map_err(|_| refused)
}

/// Logs in with a name and a password in these bytes.
async fn try_with<Line: AsyncRead + AsyncWrite + Unpin>(
    exchange: &mut Exchange<'_, Line>,
    address: &Address,
    log_in: &LogIn,
    (user, password): (&[u8], &[u8]),
) -> Result<bool, ConnectError> {
    let failed = |why| ConnectError::LogIn { address: address.clone(), user: log_in.user.clone(), why };
    let command = Command::new("/login").arg("name", user.to_vec()).arg("password", password.to_vec());
    let done = answer(exchange.ask(&command).await?, &failed, address)?;
    let Some(challenge) = done.get("ret") else { return Ok(false) };
    let Some(challenge) = bytes(challenge.bytes()) else { return Err(failed(LogInFailure::StrangeChallenge)) };

    let response = response(password, &challenge);
    let command = Command::new("/login").arg("name", user.to_vec()).arg("response", response);
    let done = answer(exchange.ask(&command).await?, &failed, address)?;
    match done.get("ret") {
        None => Ok(true),
        Some(_) => Err(failed(LogInFailure::StrangeChallenge)),
    }
}

/// The `!done`, or why there is none.
fn answer(
    (kind, sentence): (Kind, Sentence),
    failed: &impl Fn(LogInFailure) -> ConnectError,
    address: &Address,
) -> Result<Sentence, ConnectError> {
    let text = || sentence.get("message").or_else(|| sentence.message()).unwrap_or_default().detached();
    match kind {
        Kind::Done => Ok(sentence),
        Kind::Trap => Err(failed(refusal(text()))),
        Kind::Fatal => {
            let text = text();
            // the words of RouterOS after five wrong passwords on one connection
            if text.as_str().contains("too many") {
                Err(failed(LogInFailure::TooManyTries(text)))
            } else {
                Err(ConnectError::Closed { address: address.clone(), reason: CloseReason::Fatal(text) })
            }
        }
        Kind::Row | Kind::Empty | Kind::Other => Err(ConnectError::NotRouterOs { address: address.clone() }),
    }
}

fn refusal(text: Text) -> LogInFailure {
    let words = text.as_str().to_lowercase();
    if words.contains("radius timeout") {
        LogInFailure::RadiusTimeout(text)
    } else if words.contains("too many") {
        LogInFailure::TooManyTries(text)
    } else {
        LogInFailure::Refused(text)
    }
}

/// `00` and the digest of a zero byte, the password and the challenge, in hexadecimal.
fn response(password: &[u8], challenge: &[u8]) -> String {
    let digest = Md5::new().chain_update([0]).chain_update(password).chain_update(challenge).finalize();
    digest.iter().fold("00".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// The bytes of a challenge. RouterOS sends 16; a shorter one is somebody's test router, an empty one is none.
fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_answered_as_routers_before_6_43_expect() {
        // computed by others for a router that exists
        let challenge = bytes(b"abc123").unwrap();
        assert_eq!(response(b"passTest", &challenge), "0021277bff9ac7caf06aa608e46616d47f");
        for wrong in [&b""[..], b"abc", b"zz", b"\xff\xff"] {
            assert_eq!(bytes(wrong), None);
        }
    }
}
