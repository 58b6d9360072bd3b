//! `text()`: binds by name, `\:` for a colon, `::` left alone. The rule is SQLAlchemy's `(?<![:\w\x5c]):(\w+)(?!:)`.

use crate::error::Result;
use crate::render::Render;
use limbeck_expr::BindParam;

/// Renders text with its parameters.
///
/// # Errors
/// A value cannot be written.
pub(crate) fn render(render: &Render, sql: &str, binds: &[BindParam]) -> Result<String> {
    let chars: Vec<char> = sql.chars().collect();
    let mut out = String::with_capacity(sql.len());
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        if c == '\\' && chars.get(at + 1) == Some(&':') {
            let end = word_end(&chars, at + 2);
            if chars.get(end) != Some(&':') {
                out.extend(&chars[at + 1..end]);
                at = end;
                continue;
            }
        }
        if c == ':' && !(at > 0 && (chars[at - 1] == ':' || chars[at - 1] == '\\' || is_word(chars[at - 1]))) {
            let end = bind_end(&chars, at + 1);
            if end > at + 1 {
                let name: String = chars[at + 1..end].iter().collect();
                out.push_str(&named(render, &name, binds)?);
                at = end;
                continue;
            }
        }
        if c == '%' && render.quoter.double_percents {
            out.push('%');
        }
        out.push(c);
        at += 1;
    }
    Ok(out)
}

fn named(render: &Render, name: &str, binds: &[BindParam]) -> Result<String> {
    match binds.iter().find(|bind| bind.name == name) {
        Some(bind) => render.bind(bind),
        None => render.bind(&BindParam {
            name: name.to_string(),
            value: None,
            type_: None,
            inline: false,
            expanding: false,
        }),
    }
}

/// Where the name after a colon ends: greedy, but `(?!:)` gives back one letter at a time.
fn bind_end(chars: &[char], start: usize) -> usize {
    let mut end = word_end(chars, start);
    if chars.get(end) == Some(&':') {
        end = end.saturating_sub(1).max(start);
    }
    end
}

fn word_end(chars: &[char], start: usize) -> usize {
    start + chars[start.min(chars.len())..].iter().take_while(|c| is_word(**c)).count()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
