//! A figure: two drawings, one description, one table.

use maud::{Markup, PreEscaped, html};
use peelian_model::Unit;

use crate::area::Area;
use crate::canvas::{Anchor, Canvas, Picture, Sheet, WIDE};
use crate::label::wrap;
use crate::mark::Mark;
use crate::number::px;
use crate::style::resolved;
use crate::table::Table;

/// What stands around every drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The finding: “Fewer callers gave up after March”.
    pub title: String,
    /// The data: measure, place, time, unit.
    pub subtitle: String,
    /// Source, period, as-at date and version.
    pub source: String,
    /// Whether the data are invented; if so every form of the figure says so.
    pub synthetic: bool,
    /// The unit of the values.
    pub unit: Unit,
}

/// What invented data are called, in full.
const SYNTHETIC: &str = "SYNTHETIC DATA";

/// A line under the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) key: Option<Key>,
    pub(crate) text: String,
}

/// What in the drawing a note explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Mark(Mark),
    Flag(usize),
}

impl Note {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self {
            key: None,
            text: text.into(),
        }
    }

    pub(crate) fn keyed(key: Key, text: impl Into<String>) -> Self {
        Self {
            key: Some(key),
            text: text.into(),
        }
    }
}

impl Key {
    fn text(self) -> String {
        match self {
            Self::Mark(mark) => mark.glyph().to_string(),
            Self::Flag(number) => number.to_string(),
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Mark(Mark::Improvement) => "chart-key chart-key-improvement",
            Self::Mark(Mark::Concern) => "chart-key chart-key-concern",
            Self::Mark(Mark::Neither) => "chart-key chart-key-neither",
            Self::Mark(Mark::Common | Mark::Chosen) => "chart-key",
            Self::Flag(_) => "chart-key chart-key-number",
        }
    }
}

/// A chart that is drawn, with its words and its table.
#[derive(Debug, Clone)]
pub struct Drawing {
    pub(crate) frame: Frame,
    pub(crate) description: String,
    pub(crate) notes: Vec<Note>,
    pub(crate) table: Table,
    pub(crate) wide: Picture,
    pub(crate) narrow: Picture,
}

impl Drawing {
    /// The finding.
    pub fn title(&self) -> &str {
        &self.frame.title
    }

    /// The chart in words, made from its data.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The data behind the chart.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The figure for a page that has [`crate::CSS`]. `id` must be unique on
    /// the page and a valid identifier; every identifier inside begins with
    /// it. `table_csv` is the address of the table as a file.
    pub fn figure(&self, id: &str, table_csv: Option<&str>) -> Markup {
        html! {
            figure class="chart" id=(id) {
                figcaption {
                    p class="chart-title" id=(format!("{id}-title")) { (self.frame.title) }
                    p class="chart-subtitle" { (self.frame.subtitle) }
                }
                p class="chart-description" id=(format!("{id}-description")) { (self.description) }
                div class="chart-wide" { (inline(&self.wide, id)) }
                div class="chart-narrow" { (inline(&self.narrow, id)) }
                @if !self.notes.is_empty() {
                    ul class="chart-notes" { @for note in &self.notes { (note_html(note)) } }
                }
                p class="chart-source" {
                    @if self.frame.synthetic { strong { (SYNTHETIC) } ". " }
                    (self.frame.source)
                }
                details class="chart-data" {
                    summary { "View as table" }
                    (self.table.to_html(&format!("{id}-table")))
                    @if let Some(address) = table_csv {
                        p { a href=(address) { "Download this table (CSV)" } }
                    }
                }
            }
        }
    }

    /// The wide drawing as a file of its own: title, data line, chart, notes
    /// and source in one picture that needs neither page nor style sheet.
    /// Its style element is refused by a strict content-security policy, so serve
    /// it as an attachment.
    pub fn svg(&self) -> String {
        let (sheet, body) = self.poster();
        let svg = html! {
            svg xmlns="http://www.w3.org/2000/svg" class="chart-svg" role="img"
                aria-labelledby="title description" width=(sheet.width)
                height=(sheet.height) font-size=(sheet.font)
                viewBox=(view_box(sheet)) {
                title id="title" { (self.frame.title) }
                desc id="description" { (self.description) }
                style { (PreEscaped(resolved())) }
                (body)
            }
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n",
            svg.into_string()
        )
    }

    /// The saved picture's size and contents, laid out from top to bottom.
    fn poster(&self) -> (Sheet, Markup) {
        const MARGIN: f64 = 24.0;
        let width = WIDE.width;
        let mut page = Column {
            canvas: Canvas::new(WIDE),
            y: MARGIN,
            width,
            margin: MARGIN,
        };
        if self.frame.synthetic {
            page.write("chart-synthetic", SYNTHETIC, WIDE.font, 0.0);
            page.y += 8.0;
        }
        page.write("chart-headline", &self.frame.title, 24.0, 0.0);
        page.y += 4.0;
        page.write("chart-quiet", &self.frame.subtitle, WIDE.font, 0.0);
        page.y += 16.0;
        let top = page.y;
        page.y += self.wide.sheet.height + 12.0;
        for note in &self.notes {
            if let Some(key) = note.key {
                page.put(key.text().as_str());
            }
            page.write(
                "",
                &note.text,
                WIDE.font,
                if note.key.is_some() { MARGIN } else { 0.0 },
            );
            page.y += 4.0;
        }
        page.y += 8.0;
        page.write("chart-quiet", &self.frame.source, WIDE.font, 0.0);
        let sheet = Sheet {
            width: width + 2.0 * MARGIN,
            height: page.y + MARGIN,
            ..WIDE
        };
        let words = page.canvas.finish().body;
        let whole = Area {
            left: 0.0,
            top: 0.0,
            right: sheet.width,
            bottom: sheet.height,
        };
        let mut ground = Canvas::new(sheet);
        ground.rect("chart-paper", whole);
        let body = html! {
            (ground.finish().body)
            (words)
            g transform=(format!("translate({MARGIN} {})", px(top))) { (self.wide.body) }
        };
        (sheet, body)
    }
}

/// Text set line under line.
struct Column {
    canvas: Canvas,
    y: f64,
    width: f64,
    margin: f64,
}

impl Column {
    fn write(&mut self, class: &str, text: &str, font: f64, indent: f64) {
        // Bold and spaced letters run wider than the estimate for plain text.
        let room = (self.width - indent) * 0.95;
        for line in wrap(text, font, room) {
            let pitch = (font * 1.35).round();
            self.canvas.text(
                class,
                Anchor::Start,
                (self.margin + indent, self.y + pitch / 2.0),
                &line,
            );
            self.y += pitch;
        }
    }

    /// A key at the left, on the line to be written next.
    fn put(&mut self, key: &str) {
        let middle = self.y + (WIDE.font * 1.35).round() / 2.0;
        self.canvas
            .text("chart-strong", Anchor::Start, (self.margin, middle), key);
    }
}

fn view_box(sheet: Sheet) -> String {
    format!("0 0 {} {}", px(sheet.width), px(sheet.height))
}

fn inline(picture: &Picture, id: &str) -> Markup {
    let sheet = picture.sheet;
    html! {
        svg class="chart-svg" role="img" aria-labelledby=(format!("{id}-title"))
            aria-describedby=(format!("{id}-description")) viewBox=(view_box(sheet))
            width=(px(sheet.width)) height=(px(sheet.height)) font-size=(px(sheet.font)) {
            (picture.body)
        }
    }
}

fn note_html(note: &Note) -> Markup {
    html! {
        li class=[note.key.map(|_| "chart-keyed")] {
            @if let Some(key) = note.key {
                // The words repeat what a shape says; a number is needed by all.
                span class=(key.class()) aria-hidden=[matches!(key, Key::Mark(_)).then_some("true")] {
                    (key.text())
                }
                " "
            }
            (note.text)
        }
    }
}
