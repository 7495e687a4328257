//! A signal: shape and words together, never colour alone.

use maud::{Markup, html};
use peelian_model::Variation;

/// The shape and the words.
pub(crate) fn signal_words(variation: Variation) -> Markup {
    let class = match variation {
        Variation::CommonCause => "signal signal-common",
        Variation::Improvement => "signal signal-improvement",
        Variation::Concern => "signal signal-concern",
        Variation::NeitherHigh | Variation::NeitherLow => "signal signal-neither",
    };
    html! {
        span class=(class) { span aria-hidden="true" { (variation.mark()) } " " (variation.words()) }
    }
}
