//! Takes passwords out of texts that others wrote: error messages, command lines.

/// What stands for a secret.
const HIDDEN: &str = "***";

/// Returns `text` without the given secrets, without passwords in URLs (`scheme://user:password@host`), and without what follows `password=` or SQL's `PASSWORD '…'`.
pub fn redact(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = hide_secret(&text, secret);
    }
    hide_assignments(&hide_urls(&text))
}

/// Hides a known secret; a very short one only where it stands alone, since else it would be found within words.
fn hide_secret(text: &str, secret: &str) -> String {
    let within_words = secret.chars().count() >= 4;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        let wordy = |c: char| c.is_alphanumeric() || c == '_';
        let alone = !before.ends_with(wordy) && !after.starts_with(wordy);
        out.push_str(before);
        out.push_str(if within_words || alone { HIDDEN } else { secret });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Hides the password of every URL.
fn hide_urls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        out.push_str(head);
        // A password may itself hold an `@` that nobody encoded; the host begins after the last one of the word.
        let end = tail
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>'))
            .unwrap_or(tail.len());
        let authority = &tail[..end];
        match (authority.find(':'), authority.rfind('@')) {
            (Some(colon), Some(host)) if colon < host => {
                out.push_str(&authority[..=colon]);
                out.push_str(HIDDEN);
                out.push_str(&authority[host..]);
            }
            _ => out.push_str(authority),
        }
        rest = &tail[end..];
    }
    out.push_str(rest);
    out
}

/// Hides what follows `password=`, `password = '…'`, `PASSWORD '…'`, `passwd=`, `pwd=`.
fn hide_assignments(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((start, word)) = next_word(&lower, at) {
        let after = start + word.len();
        out.push_str(&text[at..after]);
        at = after;
        let blank = text[at..].len() - text[at..].trim_start().len();
        let mut value = at + blank;
        let equals = text[value..].starts_with('=');
        if equals {
            value += 1;
            value += text[value..].len() - text[value..].trim_start_matches(' ').len();
        }
        let quote = text[value..].chars().next().filter(|c| matches!(c, '\'' | '"'));
        let end = match quote {
            Some(quote) => text[value + 1..].find(quote).map_or(text.len(), |end| value + 1 + end + 1),
            None if equals => text[value..]
                .find(|c: char| c.is_whitespace() || matches!(c, '&' | ';' | ',' | ')'))
                .map_or(text.len(), |end| value + end),
            None => continue,
        };
        // `password authentication failed for user "x"` quotes no password: only SQL's single quotes do without `=`.
        if !equals && quote == Some('"') {
            continue;
        }
        out.push_str(&text[at..value]);
        out.push_str(HIDDEN);
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

fn next_word(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    ["password", "passwd", "pwd"]
        .into_iter()
        .filter_map(|word| Some((from + lower[from..].find(word)?, word)))
        .min_by_key(|(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn passwords_go_and_the_rest_stays() {
        let cases = [
            ("upgrade head", "upgrade head"),
            (
                "--url postgresql://app:s3cret@db:5432/x upgrade",
                "--url postgresql://app:***@db:5432/x upgrade",
            ),
            ("postgresql+psycopg://app:p@ss:w@db/x?a=b", "postgresql+psycopg://app:***@db/x?a=b"),
            ("sqlite:////srv/app.db and http://host/path", "sqlite:////srv/app.db and http://host/path"),
            ("host=db password=s3cret user=app", "host=db password=*** user=app"),
            ("x?user=a&password=s3cret&b=c", "x?user=a&password=***&b=c"),
            ("CREATE ROLE x PASSWORD 's3cret' LOGIN", "CREATE ROLE x PASSWORD *** LOGIN"),
            (
                "password authentication failed for user \"app\"",
                "password authentication failed for user \"app\"",
            ),
            ("column password_hash is missing", "column password_hash is missing"),
            ("PASSWORD = 'a b", "PASSWORD = ***"),
            ("passwörd://é:ü@ß", "passwörd://é:***@ß"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text, &[]), expected);
        }
    }

    #[test]
    fn known_secrets_go_wherever_they_stand() {
        assert_eq!(redact("xhunter2y", &["hunter2"]), "x***y");
        assert_eq!(redact("a map of a", &["a", ""]), "*** map of ***");
    }
}
