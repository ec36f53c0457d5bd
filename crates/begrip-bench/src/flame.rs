//! A picture of where instructions go: who called whom, each as wide as what it took with all that it called.
//!
//! Drawn here, for it is rectangles with names. What draws flame graphs elsewhere brings a script into each picture
//! and a licence of its own for that.

use std::fmt::Write as _;

/// A function with what it called, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// The function.
    pub name: String,
    /// The crate that it is of.
    pub part: String,
    /// Instructions, those of all that it called included.
    pub count: f64,
    /// What it called, the largest first.
    pub inside: Vec<Frame>,
}

/// One side of a picture: what it is, and its outermost functions.
pub struct Side<'a> {
    /// Such as `before: 121 M instructions`.
    pub says: String,
    /// The outermost functions.
    pub frames: &'a [Frame],
    /// All instructions of this side.
    pub total: f64,
}

const WIDTH: f64 = 1_200.0;
const HIGH: usize = 17;
/// What a letter takes of the width.
const LETTER: f64 = 6.3;
/// A frame that is narrower is left out.
const NARROWEST: f64 = 4.0;

/// The picture, as SVG: its sides below each other, each over the whole width.
pub fn svg(title: &str, sides: &[Side<'_>]) -> String {
    let mut body = String::new();
    let mut top = 34;
    for side in sides {
        text(&mut body, 6.0, top + 13, 13, &side.says);
        top += HIGH + 4;
        let deepest = row(&mut body, side.frames, side.total, (0.0, top));
        top += deepest * HIGH + 18;
    }
    let title = escaped(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{WIDTH}\" height=\"{top}\" \
         viewBox=\"0 0 {WIDTH} {top}\" font-family=\"monospace\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"6\" y=\"20\" font-size=\"15\" font-weight=\"bold\">{title}</text>\n{body}</svg>\n"
    )
}

/// Draws frames beside each other and below them what they called; how many rows deep. `whole` is what the width is of.
fn row(out: &mut String, frames: &[Frame], whole: f64, (left, top): (f64, usize)) -> usize {
    let (mut left, mut deepest) = (left, 0);
    for frame in frames {
        let width = WIDTH * frame.count / whole;
        if width >= NARROWEST {
            let share = 100.0 * frame.count / whole;
            let _ = write!(
                out,
                "<g><title>{}: {share:.1} %</title><rect x=\"{left:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{}\" fill=\"{}\"/>",
                escaped(&frame.name),
                width - 0.5,
                HIGH - 1,
                colour(&frame.part),
            );
            let fits = ((width - 6.0) / LETTER).max(0.0) as usize;
            if fits >= 4 {
                text(out, left + 3.0, top + 12, 10, &shortened(&frame.name, fits));
            }
            out.push_str("</g>\n");
            let below = row(out, &frame.inside, whole, (left, top + HIGH));
            deepest = deepest.max(1 + below);
        }
        left += width;
    }
    deepest
}

fn text(out: &mut String, left: f64, base: usize, size: usize, says: &str) {
    let says = escaped(says);
    let _ = write!(
        out,
        "<text x=\"{left:.1}\" y=\"{base}\" font-size=\"{size}\">{says}</text>"
    );
}

/// At most so many letters, the last of them a dot when there were more.
fn shortened(name: &str, letters: usize) -> String {
    match name.chars().count() > letters {
        true => name.chars().take(letters - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The same light colour for a crate in every picture; what is ours is warm.
fn colour(part: &str) -> String {
    let sum = part
        .bytes()
        .fold(7_u32, |sum, byte| sum.wrapping_mul(31) ^ u32::from(byte));
    let hue = match part.starts_with("begrip") {
        true => sum % 55,
        false => 150 + sum % 130,
    };
    format!("hsl({hue},70%,{}%)", 72 + sum % 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_as_wide_as_its_share_and_stands_below_who_called_it() {
        let frame = |name: &str, count, inside| Frame {
            name: name.to_owned(),
            part: "begrip_x".to_owned(),
            count,
            inside,
        };
        let frames = [frame(
            "begrip_x::a<b>",
            75.0,
            vec![
                frame("begrip_x::c", 25.0, vec![]),
                frame("tiny", 0.1, vec![]),
            ],
        )];
        let side = Side {
            says: "after".to_owned(),
            frames: &frames,
            total: 100.0,
        };
        let picture = svg("a & b", &[side]);
        for expected in [
            "<title>a &amp; b</title>",
            "<title>begrip_x::a&lt;b&gt;: 75.0 %</title><rect x=\"0.0\" y=\"55\" width=\"899.5\"",
            "<title>begrip_x::c: 25.0 %</title><rect x=\"0.0\" y=\"72\" width=\"299.5\"",
        ] {
            assert!(picture.contains(expected), "{expected}\n{picture}");
        }
        assert!(!picture.contains("tiny"), "too narrow to be seen");
        assert!(!picture.contains("<script"));
    }

    #[test]
    fn a_name_that_does_not_fit_ends_in_a_dot() {
        assert_eq!(shortened("begrip_rules::check", 7), "begrip…");
        assert_eq!(shortened("check", 7), "check");
    }
}
