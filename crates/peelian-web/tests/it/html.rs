//! Just enough of HTML to look into our own pages.

/// An opening tag.
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    attributes: &'a str,
    /// What follows it.
    pub(crate) rest: &'a str,
}

impl Tag<'_> {
    /// An attribute's value, with `&amp;` made whole.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let (_, after) = self.attributes.split_once(&format!(" {name}=\""))?;
        Some(after.split('"').next()?.replace("&amp;", "&"))
    }

    /// The text inside, without tags, up to the tag's end.
    pub(crate) fn text(&self) -> String {
        let end = format!("</{}>", self.name);
        text(self.rest.split(&end).next().unwrap_or_default())
    }
}

/// Every opening tag in order. Our pages write `<` in text as `&lt;`.
pub(crate) fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    html.split('<')
        .skip(1)
        .filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(move |part| {
            let (inside, _) = part.split_once('>')?;
            let offset = part.as_ptr() as usize - html.as_ptr() as usize + inside.len() + 1;
            let name_end = inside
                .find(|c: char| c.is_whitespace())
                .unwrap_or(inside.len());
            Some(Tag {
                name: &inside[..name_end],
                attributes: &inside[name_end..],
                rest: &html[offset..],
            })
        })
}

/// The words of some HTML.
pub(crate) fn text(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                out.push(' ');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
