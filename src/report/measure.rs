//! Pages measured as they were laid out: what a reader would notice, found in the frames of typst.
//!
//! For tests alone. A defect names its page and the text at it; [`defects`] finds none on a page that nothing is wrong
//! with.
#![allow(
    clippy::disallowed_types,
    clippy::float_arithmetic,
    reason = "places on a page are typst's floats; no amount comes here"
)]

use typst::foundations::NativeElement;
use typst::introspection::{Location, Tag};
use typst::layout::{Abs, Frame, FrameItem, Point, Transform};
use typst::model::{FigureElem, HeadingElem, TableElem};
use typst::text::FontWeight;
use typst::visualize::Geometry;

use super::paper::Paper;

/// How far a thing may stand out before it counts, in points: rounding, and the overhang of glyphs.
const SLACK: f64 = 0.6;
/// Lines of a paragraph follow each other within so many of their sizes; rows of tables stand further apart.
const LINE_PITCH: f64 = 1.45;

/// Sizes that pages keep to, in points.
struct Bounds {
    left: f64,
    right: f64,
    /// From the foot of the page: what lies below is its furniture.
    bottom: f64,
    smallest: f64,
}

fn bounds(paper: Paper) -> Bounds {
    let mm = |mm: f64| Abs::mm(mm).to_pt();
    match paper {
        Paper::A4 => Bounds { left: mm(18.0), right: mm(18.0), bottom: mm(19.0), smallest: 7.0 },
        Paper::Phone => Bounds { left: 15.0, right: 15.0, bottom: 54.0, smallest: 12.0 },
    }
}

/// What is wrong with a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Defect {
    /// Text or a line stands out of the margins.
    OutOfMargins,
    /// Text lies over other text.
    Overlapping,
    /// Letters are smaller than may be.
    TooSmall,
    /// A heading is the last thing on its page.
    HeadingLast,
    /// The head of a table stands apart from its first row.
    HeadApart,
    /// A last line is a single character.
    LoneCharacter,
    /// A figure shows nothing.
    EmptyFigure,
}

/// A run of text where it stands: its left end and base line.
#[derive(Clone, Debug)]
struct Run {
    text: String,
    x: f64,
    y: f64,
    width: f64,
    size: f64,
    bold: bool,
}

/// What an element covers on a page.
#[derive(Clone, Debug)]
struct Region {
    kind: Kind,
    location: Location,
    page: usize,
    /// Runs and shapes before it on the page.
    first: (usize, usize),
    /// Runs and shapes up to its end; none where it goes on.
    end: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Heading,
    Table,
    Figure,
}

#[derive(Default)]
struct Page {
    runs: Vec<Run>,
    /// Left and right end of each shape, with its base line.
    shapes: Vec<(f64, f64, f64)>,
    regions: Vec<Region>,
}

/// Every defect of a document's pages, with the page it is on and the text at it.
pub(super) fn defects(frames: &[&Frame], paper: Paper) -> Vec<(Defect, usize, String)> {
    let bounds = bounds(paper);
    let mut pages: Vec<Page> = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        let mut page = Page::default();
        gather(frame, Transform::identity(), number, &mut page);
        pages.push(page);
    }
    let mut found = Vec::new();
    for (number, (page, frame)) in pages.iter().zip(frames).enumerate() {
        let (width, height) = (frame.width().to_pt(), frame.height().to_pt());
        let mut say = |defect, text: &str| found.push((defect, number + 1, text.to_owned()));
        for run in &page.runs {
            let out = run.x < bounds.left - SLACK || run.x + run.width > width - bounds.right + SLACK;
            if out || run.y > height || run.y < 0.0 {
                say(Defect::OutOfMargins, &run.text);
            }
            if run.size < bounds.smallest - 0.01 {
                say(Defect::TooSmall, &run.text);
            }
        }
        for (left, right, _) in &page.shapes {
            if *left < bounds.left - 2.0 * SLACK || *right > width - bounds.right + 2.0 * SLACK {
                say(Defect::OutOfMargins, &format!("a line from {left:.1} to {right:.1}"));
            }
        }
        for text in overlapping(&page.runs) {
            say(Defect::Overlapping, &text);
        }
        for text in lone(&page.runs) {
            say(Defect::LoneCharacter, &text);
        }
        let foot = height - bounds.bottom;
        for region in &page.regions {
            match region.kind {
                Kind::Heading => {
                    // A heading is bold and of one size; where it ends in the text, its end need not stand on this page.
                    let from = page.runs.get(region.first.0..).unwrap_or_default();
                    let size = from.first().map_or(0.0, |run| run.size);
                    let is_head = |run: &&Run| run.bold && (run.size - size).abs() < 0.01 && run.y < foot;
                    let own: Vec<&Run> = from.iter().take_while(is_head).collect();
                    let Some(lowest) = own.iter().map(|run| run.y).reduce(f64::max) else { continue };
                    let followed = page.runs.iter().any(|run| run.y > lowest + SLACK && run.y < foot);
                    let drawn = page.shapes.iter().any(|(_, _, y)| *y > lowest + SLACK && *y < foot);
                    if !followed && !drawn {
                        say(Defect::HeadingLast, &own.iter().map(|run| run.text.as_str()).collect::<String>());
                    }
                }
                Kind::Figure => {
                    let end = region.end.unwrap_or((page.runs.len(), page.shapes.len()));
                    if region.end.is_some() && end == region.first {
                        say(Defect::EmptyFigure, "a figure");
                    }
                }
                Kind::Table => {
                    if region.end.is_none() && number + 1 < frames.len() {
                        let own = page.runs.get(region.first.0..).unwrap_or_default();
                        let own: Vec<&Run> = own.iter().filter(|run| run.y < foot).collect();
                        let lines = base_lines(&own);
                        if lines <= 1 {
                            let text = own.iter().map(|run| run.text.as_str()).collect::<Vec<_>>().join(" ");
                            say(Defect::HeadApart, &text);
                        }
                    }
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Texts and shapes of a frame; what is turned is a watermark.
fn gather(frame: &Frame, transform: Transform, number: usize, page: &mut Page) {
    for (point, item) in frame.items() {
        let here = transform.pre_concat(Transform::translate(point.x, point.y));
        match item {
            FrameItem::Group(group) => {
                let inner = here.pre_concat(group.transform);
                let is_upright = inner.kx.get().abs() < 1e-6 && inner.ky.get().abs() < 1e-6;
                if is_upright {
                    gather(&group.frame, inner, number, page);
                }
            }
            FrameItem::Text(text) => {
                let at = Point::zero().transform(here);
                page.runs.push(Run {
                    text: text.text.to_string(),
                    x: at.x.to_pt(),
                    y: at.y.to_pt(),
                    width: text.width().to_pt(),
                    size: text.size.to_pt(),
                    bold: text.font.info().variant.weight >= FontWeight::BOLD,
                });
            }
            FrameItem::Shape(shape, _) => {
                let at = Point::zero().transform(here);
                let (from, width) = match &shape.geometry {
                    Geometry::Line(to) => (Abs::zero(), to.x),
                    Geometry::Rect(size) => (Abs::zero(), size.x),
                    Geometry::Curve(curve) => {
                        let bounds = curve.bbox(None);
                        (bounds.min.x, bounds.size().x)
                    }
                };
                let left = at.x + from;
                page.shapes.push((left.to_pt(), (left + width).to_pt(), at.y.to_pt()));
            }
            FrameItem::Tag(Tag::Start(element, _)) => {
                let kind = if element.elem() == HeadingElem::ELEM {
                    Kind::Heading
                } else if element.elem() == TableElem::ELEM {
                    Kind::Table
                } else if element.elem() == FigureElem::ELEM {
                    Kind::Figure
                } else {
                    continue;
                };
                let Some(location) = element.location() else { continue };
                let first = (page.runs.len(), page.shapes.len());
                page.regions.push(Region { kind, location, page: number, first, end: None });
            }
            FrameItem::Tag(Tag::End(location, ..)) => {
                let end = (page.runs.len(), page.shapes.len());
                if let Some(region) =
                    page.regions.iter_mut().rev().find(|region| region.location == *location && region.page == number)
                {
                    region.end = Some(end);
                }
            }
            FrameItem::Image(..) | FrameItem::Link(..) => {}
        }
    }
}

/// Texts that lie over others: their letters, and not their leading.
fn overlapping(runs: &[Run]) -> Vec<String> {
    let mut sorted: Vec<&Run> = runs.iter().filter(|run| !run.text.trim().is_empty()).collect();
    sorted.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut found = Vec::new();
    for (at, one) in sorted.iter().enumerate() {
        for other in sorted.iter().skip(at + 1).take_while(|other| other.y - one.y < 0.7 * other.size.max(one.size)) {
            let across = (one.x + one.width).min(other.x + other.width) - one.x.max(other.x);
            // The letters of the lower one reach up to seven tenths of its size.
            let down = one.y - (other.y - 0.7 * other.size);
            if across > 1.0 && down > 1.0 {
                found.push(format!("{} / {}", one.text, other.text));
            }
        }
    }
    found
}

/// Last lines of paragraphs that are one ideograph.
fn lone(runs: &[Run]) -> Vec<String> {
    let mut lines: Vec<Run> = Vec::new();
    for run in runs.iter().filter(|run| !run.text.trim().is_empty()) {
        // Runs that touch each other on one base line are a line.
        let touches = |line: &&mut Run| {
            (line.y - run.y).abs() < 0.2 && run.x >= line.x && run.x - (line.x + line.width) < 0.5 * run.size
        };
        match lines.iter_mut().rev().take(8).find(touches) {
            Some(line) => {
                line.text.push_str(&run.text);
                line.width = run.x + run.width - line.x;
            }
            None => lines.push(run.clone()),
        }
    }
    let ideograph = |text: &str| {
        let mut letters = text.chars().filter(|letter| letter.is_alphanumeric());
        matches!((letters.next(), letters.next()), (Some(one), None) if one > '\u{2E80}')
    };
    let broken_off = |last: &&Run| {
        lines.iter().any(|line| {
            let below = last.y - line.y;
            let same = (line.size - last.size).abs() < 0.05 && below > 0.5 && below <= LINE_PITCH * last.size;
            same && last.x >= line.x - 0.5 && last.x <= line.x + 1.6 * last.size && line.width > 2.5 * last.size
        })
    };
    lines.iter().filter(|line| ideograph(&line.text)).filter(broken_off).map(|line| line.text.clone()).collect()
}

fn base_lines(runs: &[&Run]) -> usize {
    let mut lines: Vec<f64> = runs.iter().map(|run| run.y).collect();
    lines.sort_by(f64::total_cmp);
    lines.dedup_by(|a, b| (*a - *b).abs() < SLACK);
    lines.len()
}
