//! Figures for a reader, and the part of a page that belongs to a program.

use anyhow::{Result, bail};

/// Three figures, or all of a whole number.
pub fn figures(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        _ if value.fract() == 0.0 || size >= 100.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ => 3,
    };
    let digits = format!("{size:.decimals$}");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut out = String::from(if value < 0.0 { "-" } else { "" });
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A line of a table: a bar or a line break inside a cell would end it.
pub fn line(cells: &[String]) -> String {
    let clean = cells
        .iter()
        .map(|cell| cell.replace('|', "\\|").replace('\n', " "))
        .collect::<Vec<_>>();
    format!("| {} |\n", clean.join(" | "))
}

/// A page with `text` in the place of what stood between the marks of this command, such as
/// `<!-- begin: written by `cargo xtask bench` -->`.
///
/// # Errors
/// When the page has not exactly one pair of them.
pub fn put_between_marks(page: &str, command: &str, text: &str) -> Result<String> {
    let [begin, end] =
        ["begin", "end"].map(|mark| format!("<!-- {mark}: written by `{command}` -->"));
    let (Some((before, rest)), 1) = (page.split_once(&begin), page.matches(&begin).count()) else {
        bail!("the page must hold `{begin}` once");
    };
    let (Some((_, after)), 1) = (rest.split_once(&end), rest.matches(&end).count()) else {
        bail!("the page must hold `{end}` once, after the other mark");
    };
    Ok(format!(
        "{before}{begin}\n\n{}\n\n{end}{after}",
        text.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: &str = "<!-- begin: written by `x` -->";
    const END: &str = "<!-- end: written by `x` -->";

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nend\n");
        let new = put_between_marks(&page, "x", "\nnew\n").unwrap();
        assert_eq!(new, format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nend\n"));
        assert_eq!(
            put_between_marks(&new, "x", "new").unwrap(),
            new,
            "twice is the same"
        );
    }

    #[test]
    fn a_page_without_its_marks_is_left_alone() {
        for page in [
            "# Title".to_owned(),
            format!("{END} {BEGIN}"),
            format!("{BEGIN} {BEGIN} {END}"),
            format!("{BEGIN} {END} {END}"),
        ] {
            assert!(put_between_marks(&page, "x", "x").is_err(), "{page}");
        }
    }
}
