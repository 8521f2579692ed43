//! What is code in a Rust file, as opposed to its comments and literals.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{output, workspace_root};

/// A Rust file of this workspace, with its path from the root, and its text without comments and literals.
pub(super) struct RustFile {
    pub(super) path: String,
    pub(super) code: String,
}

/// All Rust files that git knows or would take.
pub(super) fn rust_files() -> Result<Vec<RustFile>> {
    let listed = output(
        Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"])
            .current_dir(workspace_root()),
    )?;
    let paths = listed.lines().map(PathBuf::from).filter(|path| workspace_root().join(path).exists());
    paths
        .map(|path| {
            let text = fs::read_to_string(workspace_root().join(&path))
                .with_context(|| path.display().to_string())?;
            Ok(RustFile { path: path.display().to_string(), code: code_of(&text) })
        })
        .collect()
}

/// The text with the insides of comments, strings and characters replaced by spaces; lines stay where they are.
pub(super) fn code_of(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let end = end_of_literal_or_comment(&characters, at);
        match end {
            Some(end) => {
                code.extend(
                    characters[at..end].iter().map(|character| if *character == '\n' { '\n' } else { ' ' }),
                );
                at = end;
            }
            None => {
                code.push(characters[at]);
                at += 1;
            }
        }
    }
    code
}

/// Where the comment, string or character ends that begins here, if one does.
fn end_of_literal_or_comment(text: &[char], at: usize) -> Option<usize> {
    let follows = |offset: usize| text.get(at + offset).copied().unwrap_or('\0');
    let in_word = at > 0 && is_of_word(text[at - 1]);
    match text[at] {
        '/' if follows(1) == '/' => Some(line_end(text, at)),
        '/' if follows(1) == '*' => Some(end_of_block_comment(text, at)),
        '"' => Some(end_of_string(text, at + 1)),
        'b' | 'c' if !in_word && follows(1) == '"' => Some(end_of_string(text, at + 2)),
        'b' | 'c' if !in_word && follows(1) == 'r' => end_of_raw_string(text, at + 2),
        'r' if !in_word => end_of_raw_string(text, at + 1),
        'b' if !in_word && follows(1) == '\'' => Some(end_of_character(text, at + 2)),
        // A lifetime has no quote behind its first letter, a character has.
        '\'' if follows(1) == '\\' || follows(2) == '\'' => Some(end_of_character(text, at + 1)),
        _ => None,
    }
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn line_end(text: &[char], at: usize) -> usize {
    (at..text.len()).find(|place| text[*place] == '\n').unwrap_or(text.len())
}

fn end_of_block_comment(text: &[char], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut place = at;
    while place + 1 < text.len() {
        match (text[place], text[place + 1]) {
            ('/', '*') => {
                depth += 1;
                place += 2;
            }
            ('*', '/') => {
                depth -= 1;
                place += 2;
                if depth == 0 {
                    return place;
                }
            }
            _ => place += 1,
        }
    }
    text.len()
}

fn end_of_string(text: &[char], from: usize) -> usize {
    end_of_quoted(text, from, '"')
}

fn end_of_character(text: &[char], from: usize) -> usize {
    end_of_quoted(text, from, '\'')
}

fn end_of_quoted(text: &[char], from: usize, quote: char) -> usize {
    let mut place = from;
    while place < text.len() && text[place] != quote {
        place += if text[place] == '\\' { 2 } else { 1 };
    }
    (place + 1).min(text.len())
}

/// The end of a raw string whose hashes and quote begin here; nothing where it is a raw name or a word.
fn end_of_raw_string(text: &[char], from: usize) -> Option<usize> {
    let hashes = text[from..].iter().take_while(|character| **character == '#').count();
    if text.get(from + hashes) != Some(&'"') {
        return None;
    }
    let inside = from + hashes + 1;
    let closes = |place: &usize| {
        text[*place] == '"'
            && text[*place + 1..].iter().take(hashes).filter(|hash| **hash == '#').count() == hashes
    };
    Some((inside..text.len()).find(closes).map_or(text.len(), |quote| quote + 1 + hashes))
}

/// The text between the brace that opens at or after `from` and its partner, with the place behind it.
pub(super) fn block_after(code: &str, from: usize) -> Option<(&str, usize)> {
    let opening = from + code[from..].find('{')?;
    let mut depth = 0_usize;
    for (offset, character) in code[opening..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some((&code[opening + 1..opening + offset], opening + offset + 1));
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a word occurs in code as a word of its own.
pub(super) fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(is_of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_comments_and_literals_leaves_the_code_around_them() {
        let text = "let a = \"unsafe \\\" {\"; // unsafe\nlet b = r#\"\" unsafe\"#; /* a /* b */ unsafe */ let c = '{';";
        let code = code_of(text);
        assert!(!has_word(&code, "unsafe") && !code.contains('{'), "{code}");
        assert!(code.contains("let a") && code.contains("let b") && code.contains("let c"), "{code}");
        assert_eq!(code.lines().count(), 2);
    }

    #[test]
    fn code_of_lifetimes_and_raw_names_keeps_them() {
        let text = "fn f<'a>(r#type: &'a str, bread: u8) { unsafe { g('\\'', b'\"', \"x\") } }";
        let code = code_of(text);
        assert!(has_word(&code, "unsafe") && code.contains("r#type: &'a str"), "{code}");
        assert_eq!(block_after(&code, 0).map(|(block, _)| block.trim().starts_with("unsafe")), Some(true));
    }

    #[test]
    fn has_word_inside_a_longer_word_is_false() {
        assert!(!has_word("unsafe_code", "unsafe"));
        assert!(has_word("unsafe{", "unsafe"));
    }
}
