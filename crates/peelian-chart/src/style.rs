//! The colours, as variables of the page with our values to fall back on.

/// A colour variable that the charts read, and the values that they were
/// checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The custom property, `--ink`.
    pub name: &'static str,
    /// On light paper and in print; also the fall-back where a page sets none.
    pub light: &'static str,
    /// On dark paper.
    pub dark: &'static str,
}

const fn token(name: &'static str, light: &'static str, dark: &'static str) -> Token {
    Token { name, light, dark }
}

/// Every colour variable that [`CSS`] reads. Text and signals have a contrast
/// of at least 4.5 to 1 on the paper and on the band in both schemes.
pub const TOKENS: [Token; 10] = [
    token("--ink", "#0b1a2b", "#e8edf2"),
    token("--paper", "#ffffff", "#0f1a26"),
    token("--paper-soft", "#f5f7f9", "#16232f"),
    token("--hairline", "#d5dce3", "#33424f"),
    token("--brand", "#12436d", "#8fbfe8"),
    token("--signal-improvement", "#1d6fa5", "#66b3ea"),
    token("--signal-concern", "#b4530f", "#f2985a"),
    token("--signal-neither", "#59378f", "#bfa3ee"),
    token("--signal-common", "#5b6670", "#a7b3be"),
    token("--chart-band", "#f1f5f9", "#1b2b3b"),
];

const MARKS: &str = include_str!("marks.css");

/// The style sheet of every figure made here, for the page's own style sheet.
/// Colours are variables ([`TOKENS`]), which the page may set for its dark
/// scheme; the narrow drawing gives way to the wide one where the figure's
/// own column has 900 pixels.
pub const CSS: &str = concat!(include_str!("marks.css"), include_str!("figure.css"));

/// The style sheet of a drawing on its own: each `var(--name, value)` is its
/// value, because many programs that open SVG files know no variables.
pub(crate) fn resolved() -> String {
    let mut out = String::with_capacity(MARKS.len());
    let mut rest = MARKS;
    while let Some((before, after)) = rest.split_once("var(--") {
        out.push_str(before);
        let (variable, tail) = after.split_once(')').unwrap_or((after, ""));
        out.push_str(
            variable
                .split_once(", ")
                .map_or("currentColor", |(_, value)| value),
        );
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(hex: &str) -> f64 {
        let part = |i: usize| {
            let c = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn named(name: &str) -> Token {
        TOKENS.into_iter().find(|t| t.name == name).unwrap()
    }

    #[test]
    fn text_and_signals_can_be_read_in_both_schemes() {
        for name in [
            "--ink",
            "--brand",
            "--signal-improvement",
            "--signal-concern",
            "--signal-neither",
            "--signal-common",
        ] {
            for ground in ["--paper", "--paper-soft", "--chart-band"] {
                let (colour, ground) = (named(name), named(ground));
                let light = contrast(colour.light, ground.light);
                let dark = contrast(colour.dark, ground.dark);
                assert!(light >= 4.5, "{name} on light {}: {light:.2}", ground.name);
                assert!(dark >= 4.5, "{name} on dark {}: {dark:.2}", ground.name);
            }
        }
    }

    #[test]
    fn every_colour_is_a_variable_with_the_light_value_to_fall_back_on() {
        for part in CSS.split("var(").skip(1) {
            let (name, value) = part.split_once(')').unwrap().0.split_once(", ").unwrap();
            assert_eq!(named(name).light, value, "{name}");
        }
        let bare = CSS
            .split("var(")
            .map(|p| p.split_once(')').map_or(p, |(_, t)| t))
            .skip(1);
        for text in bare {
            assert!(!text.contains('#'), "a colour outside a variable: {text}");
        }
    }

    #[test]
    fn a_drawing_on_its_own_needs_no_variables() {
        let css = resolved();
        assert!(!css.contains("var("));
        assert!(css.contains("#b4530f"));
    }
}
