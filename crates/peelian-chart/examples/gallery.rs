//! Writes a page with every chart, and one chart as a file of its own beside
//! it, to be looked at: give the file to write and, for the dark scheme, the
//! word `dark`.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

#[path = "../tests/it/fixtures.rs"]
mod fixtures;

use maud::{DOCTYPE, PreEscaped, html};
use peelian_chart::{CSS, TOKENS, divided_bar, sparkline};
use peelian_model::Variation;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let file = args.next().unwrap_or_else(|| "gallery.html".to_owned());
    let dark = args.next().is_some_and(|a| a == "dark");
    let page_css = "body{margin:0 auto;padding:16px;max-width:960px;font:16px/1.5 'Atkinson Hyperlegible Next Variable',system-ui,sans-serif;color:var(--ink);background:var(--paper)}\
                    a,summary{color:var(--brand)} .half{max-width:460px}";
    let tokens: Vec<String> = TOKENS
        .iter()
        .map(|t| format!("{}:{}", t.name, if dark { t.dark } else { t.light }))
        .collect();
    let tokens = tokens.join(";");
    let spc = fixtures::shifted();
    let values: Vec<Option<f64>> = spc
        .points
        .iter()
        .skip(12)
        .map(|p| p.reading.value)
        .collect();
    let mut broken = values.clone();
    broken[6..9].fill(None);
    let page = html! {
        (DOCTYPE)
        html lang="en" { head {
            meta charset="utf-8"; meta name="viewport" content="width=device-width";
            title { "Charts" }
            style { (PreEscaped(format!(":root{{{tokens}}}{page_css}{CSS}"))) }
        } body {
            (spc.draw().figure("shifted", Some("shifted.csv")))
            (fixtures::full_of_gaps().draw().figure("gaps", None))
            (fixtures::long_counts().draw().figure("counts", None))
            (fixtures::funnel(43).draw().figure("funnel", None))
            (fixtures::funnel(12).draw().figure("funnel-small", None))
            div class="half" { (fixtures::funnel(13).draw().figure("funnel-half", None)) }
            (fixtures::intervals(14).draw().figure("intervals", None))
            (fixtures::plain(&[None; 24]).draw().figure("empty", None))
            (fixtures::plain(&[Some(1234.0)]).draw().figure("one", None))
            (fixtures::plain(&[Some(1234.0), Some(1234.0), None, Some(1234.0), None, None]).draw().figure("constant", None))
            p { (sparkline(&values, &[(0, 23, 13.6, 17.8, 22.0)], Some(Variation::Improvement))) }
            p { (sparkline(&broken, &[(0, 11, 13.6, 17.8, 22.0), (12, 23, 12.0, 15.0, 18.0)], Some(Variation::CommonCause))) }
            p { (sparkline(&broken, &[], None)) }
            (divided_bar([5, 3, 1, 2]))
            (divided_bar([0, 1, 0, 10]))
        } }
    };
    std::fs::write(format!("{file}.svg"), fixtures::long_counts().draw().svg())?;
    std::fs::write(file, page.into_string())
}
