//! What is wider than a phone scrolls inside its own frame, never the page.

use maud::{Markup, html};

/// A frame that scrolls sideways, can be reached from the keyboard and says
/// what it holds.
pub(crate) fn scroll(label: &str, inner: &Markup) -> Markup {
    html! {
        div class="scroll" role="region" tabindex="0" aria-label=(label) { (inner) }
    }
}
