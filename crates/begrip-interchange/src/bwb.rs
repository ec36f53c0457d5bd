//! Laws in BWB toestand XML.

use begrip_domain::Label;
use jiff::civil::Date;

use crate::source::{Article, Block, Law, Line, folded};
use crate::xml::{Child, Node};
use crate::{ReadError, known_law};

/// Parts of a law that hold articles and have a heading.
const PARTS: &[&str] = &[
    "boek",
    "deel",
    "hoofdstuk",
    "titeldeel",
    "afdeling",
    "paragraaf",
    "sub-paragraaf",
];

/// Reads a law from the root of a toestand file.
pub(crate) fn read(root: &Node, valid_from: Option<Date>) -> Result<Law, ReadError> {
    let id = root
        .attribute("bwb-id")
        .filter(|id| is_bwb_id(id))
        .ok_or(ReadError::UnknownLaw)?
        .to_owned();
    let date = |name: &str| {
        root.attribute(name)
            .and_then(|day| day.parse::<Date>().ok())
    };
    let title = ["citeertitel", "intitule"]
        .into_iter()
        .find_map(|name| root.find(name).map(Node::text))
        .filter(|title| !title.is_empty())
        .or_else(|| known_law(&id).map(|law| law.title.to_owned()))
        .unwrap_or_else(|| id.clone());
    let mut articles = Vec::new();
    walk(root, &mut Vec::new(), &mut articles);
    if articles.is_empty() {
        return Err(ReadError::NoArticles);
    }
    Ok(Law {
        title: label(&title)?,
        id,
        valid_from: date("inwerkingtreding").or(valid_from),
        valid_to: date("einddatum").or_else(|| date("uitwerkingtreding")),
        articles,
    })
}

/// A title as a label, cut where it is too long for one.
pub(crate) fn label(title: &str) -> Result<Label, ReadError> {
    let cut: String = title.chars().take(Label::MAX_CHARS).collect();
    Label::new(&cut).map_err(|_| ReadError::UnknownLaw)
}

/// `BWBR` or `BWBV`, and digits.
pub(crate) fn is_bwb_id(id: &str) -> bool {
    id.len() == 11
        && (id.starts_with("BWBR") || id.starts_with("BWBV"))
        && id.bytes().skip(4).all(|byte| byte.is_ascii_digit())
}

fn walk(node: &Node, path: &mut Vec<String>, articles: &mut Vec<Article>) {
    for child in node.nodes() {
        match child.name.as_str() {
            "artikel" => articles.extend(article(child, path)),
            name if PARTS.contains(&name) => {
                path.push(child.child("kop").map(heading).unwrap_or_default());
                walk(child, path, articles);
                path.pop();
            }
            // Appendices and explanatory notes have articles of other documents.
            "bijlage" | "nota-toelichting" => {}
            _ => walk(child, path, articles),
        }
    }
}

/// *Hoofdstuk II Doelstelling*.
fn heading(kop: &Node) -> String {
    let parts: Vec<String> = ["label", "nr", "titel"]
        .into_iter()
        .filter_map(|name| kop.child(name).map(Node::text))
        .filter(|text| !text.is_empty())
        .collect();
    match parts.is_empty() {
        true => kop.text(),
        false => parts.join(" "),
    }
}

/// An article with text; none for one that has lapsed.
fn article(node: &Node, path: &[String]) -> Option<Article> {
    let number = node
        .child("kop")
        .and_then(|kop| kop.child("nr"))
        .map(Node::text)
        .filter(|number| !number.is_empty())
        .or_else(|| {
            let label = node.attribute("label")?;
            Some(folded(label.trim_start_matches("Artikel")))
        })?;
    let mut blocks = Vec::new();
    let mut loose = Block::default();
    for child in node.nodes() {
        match child.name.as_str() {
            "kop" => {}
            "lid" => {
                let number = child.child("lidnr").map(Node::text);
                let mut block = Block {
                    number: number.map(|text| text.trim_end_matches('.').to_owned()),
                    lines: Vec::new(),
                };
                child
                    .nodes()
                    .for_each(|part| lines(part, 0, &mut block.lines));
                if !block.lines.is_empty() {
                    push_loose(&mut loose, &mut blocks);
                    blocks.push(block);
                }
            }
            _ => lines(child, 0, &mut loose.lines),
        }
    }
    push_loose(&mut loose, &mut blocks);
    (!blocks.is_empty()).then(|| Article {
        number,
        path: path
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect(),
        blocks,
    })
}

fn push_loose(loose: &mut Block, blocks: &mut Vec<Block>) {
    if !loose.lines.is_empty() {
        blocks.push(std::mem::take(loose));
    }
}

fn lines(node: &Node, depth: u8, out: &mut Vec<Line>) {
    match node.name.as_str() {
        "lidnr" | "kop" | "redactie" | "noot" | "li.nr" => {}
        "lijst" => {
            for item in node.nodes().filter(|item| item.name == "li") {
                list_item(item, depth.saturating_add(1), out);
            }
        }
        "definitielijst" => {
            for item in node.nodes() {
                let term = item.child("term").map(Node::text).unwrap_or_default();
                let text = item.child("definitie").map(Node::text).unwrap_or_default();
                push(
                    None,
                    depth.saturating_add(1),
                    &format!("{term}: {text}"),
                    out,
                );
            }
        }
        _ => {
            // A text with a list inside it: the words first, then the list.
            let nested = |child: &Child| matches!(child, Child::Node(node) if matches!(node.name.as_str(), "lijst" | "definitielijst"));
            if !node.children.iter().any(nested) {
                return push(None, depth, &node.text(), out);
            }
            let (lists, words): (Vec<_>, Vec<_>) = node
                .children
                .iter()
                .cloned()
                .partition(|child| nested(child));
            let words = Node {
                children: words,
                ..Node::default()
            };
            push(None, depth, &words.text(), out);
            for list in lists {
                if let Child::Node(list) = list {
                    lines(&list, depth, out);
                }
            }
        }
    }
}

fn list_item(item: &Node, depth: u8, out: &mut Vec<Line>) {
    let mut mark = item.child("li.nr").map(Node::text);
    for child in item.nodes().filter(|child| child.name != "li.nr") {
        let before = out.len();
        lines(child, depth, out);
        if let Some(first) = out.get_mut(before)
            && first.mark.is_none()
            && first.depth == depth
        {
            first.mark = mark.take();
        }
    }
}

/// Adds a line; a dash before its text becomes its mark.
fn push(mark: Option<String>, depth: u8, text: &str, out: &mut Vec<Line>) {
    if text.is_empty() {
        return;
    }
    let dashed = ['–', '—', '•', '-']
        .into_iter()
        .find_map(|dash| text.strip_prefix(dash)?.strip_prefix(' '));
    out.push(match dashed {
        Some(rest) if mark.is_none() => Line {
            mark: Some("–".to_owned()),
            depth: depth.max(1),
            text: rest.to_owned(),
        },
        _ => Line {
            mark,
            depth,
            text: text.to_owned(),
        },
    });
}
