//! Just enough reading of markup to test what is written.

/// A start tag: its name, its attributes and the text that follows it.
#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    pub fn number(&self, name: &str) -> f64 {
        self.get(name).unwrap().parse().unwrap()
    }
}

/// Every start tag in order; stops the test where tags are not balanced or an
/// attribute is not quoted.
pub fn tags(markup: &str) -> Vec<Tag> {
    let mut out: Vec<Tag> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for piece in markup.split('<').skip(1).filter(|p| !p.starts_with('?')) {
        let (tag, text) = piece
            .split_once('>')
            .unwrap_or_else(|| panic!("unclosed <{piece}"));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "near {piece}");
            continue;
        }
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        open.push(name.to_owned());
        out.push(Tag {
            name: name.to_owned(),
            attributes: attributes(rest),
            text: unescape(text),
        });
    }
    assert!(open.is_empty(), "left open: {open:?}");
    out
}

fn attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    while let Some((name, tail)) = rest.split_once("=\"") {
        let (value, tail) = tail.split_once('"').unwrap();
        out.push((name.trim().to_owned(), unescape(value)));
        rest = tail;
    }
    assert!(
        rest.trim().is_empty() || rest.trim() == "hidden",
        "odd attribute: {rest}"
    );
    out
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// A text set in a drawing, in the drawing's own pixels.
#[derive(Debug, Clone)]
pub struct Label {
    pub words: String,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// A drawing: its size and its labels, measured as an ordinary sans serif sets them.
pub struct Sheet {
    pub width: f64,
    pub height: f64,
    pub labels: Vec<Label>,
}

/// Every drawing of a figure.
pub fn sheets(figure: &str) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = Vec::new();
    let mut font = 0.0;
    for tag in tags(figure) {
        if tag.name == "svg" {
            font = tag.number("font-size");
            let (width, height) = (tag.number("width"), tag.number("height"));
            assert_eq!(tag.get("viewBox").unwrap(), format!("0 0 {width} {height}"));
            sheets.push(Sheet {
                width,
                height,
                labels: Vec::new(),
            });
        } else if tag.name == "text" {
            let width = tag.text.chars().count() as f64 * font * 0.5;
            let (x, y) = (tag.number("x"), tag.number("y"));
            let left = match tag.get("text-anchor").unwrap() {
                "start" => x,
                "middle" => x - width / 2.0,
                _ => x - width,
            };
            let (right, top, bottom) = (left + width, y - font * 0.75, y + font * 0.2);
            sheets.last_mut().unwrap().labels.push(Label {
                words: tag.text,
                left,
                right,
                top,
                bottom,
            });
        }
    }
    sheets
}
