//! The marks of points: shape and colour say the same thing.

use peelian_model::Variation;

/// How a point is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Within the usual range: a small circle.
    Common,
    /// A special cause in the wanted direction: a triangle pointing up.
    Improvement,
    /// A special cause in the unwanted direction: a triangle pointing down.
    Concern,
    /// A special cause without a wanted direction: a diamond.
    Neither,
    /// The one that the reader asked about: a circle in the brand colour.
    Chosen,
}

impl Mark {
    pub(crate) fn of(variation: Variation) -> Self {
        match variation {
            Variation::CommonCause => Self::Common,
            Variation::Improvement => Self::Improvement,
            Variation::Concern => Self::Concern,
            Variation::NeitherHigh | Variation::NeitherLow => Self::Neither,
        }
    }

    /// The class that colours it.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Common => "chart-mark chart-common",
            Self::Improvement => "chart-mark chart-improvement",
            Self::Concern => "chart-mark chart-concern",
            Self::Neither => "chart-mark chart-neither",
            Self::Chosen => "chart-mark chart-chosen",
        }
    }

    /// The same shape in a line of text.
    pub(crate) fn glyph(self) -> char {
        match self {
            Self::Common | Self::Chosen => '●',
            Self::Improvement => '▲',
            Self::Concern => '▼',
            Self::Neither => '◆',
        }
    }

    /// The corners of the shape of radius `r`; none for a circle. Triangles
    /// are drawn about their centre of area, so that they sit on the line.
    pub(crate) fn corners(self, x: f64, y: f64, r: f64) -> Option<Vec<(f64, f64)>> {
        match self {
            Self::Common | Self::Chosen => None,
            Self::Improvement => Some(vec![
                (x, y - 1.2 * r),
                (x + 1.1 * r, y + 0.75 * r),
                (x - 1.1 * r, y + 0.75 * r),
            ]),
            Self::Concern => Some(vec![
                (x, y + 1.2 * r),
                (x + 1.1 * r, y - 0.75 * r),
                (x - 1.1 * r, y - 0.75 * r),
            ]),
            Self::Neither => {
                let r = 1.15 * r;
                Some(vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)])
            }
        }
    }
}
