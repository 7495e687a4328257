//! The shapes an event can be spread in.

use std::f64::consts::PI;

/// How an event is spread about its place. With t the distance in bandwidths, all integrate to one
/// over the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// 1/π, for t < 1.
    Uniform,
    /// 3/π·(1 − t), for t < 1.
    Triangular,
    /// 2/π·(1 − t²), for t < 1.
    Epanechnikov,
    /// 3/π·(1 − t²)², for t < 1: the usual one for maps of crime and accidents.
    Quartic,
    /// 4/π·(1 − t²)³, for t < 1.
    Triweight,
    /// 1/2π·exp(−t²/2), everywhere.
    Gaussian,
    /// The Gaussian, left out beyond this many standard deviations and not scaled up again: lower
    /// than the Gaussian nowhere by more than total weight × exp(−cut²/2)/(2π·bandwidth²). With a
    /// cut of 5 that is under 0.0004 % of the peak of each event.
    GaussianCut(f64),
}

impl Kernel {
    /// Whether it can be used at all.
    pub(super) fn is_sound(self) -> bool {
        match self {
            Self::GaussianCut(cut) => cut > 0.0 && cut.is_finite(),
            _ => true,
        }
    }

    /// The power of (1 − t²), where that is the shape.
    pub(super) fn power(self) -> Option<u8> {
        match self {
            Self::Uniform => Some(0),
            Self::Epanechnikov => Some(1),
            Self::Quartic => Some(2),
            Self::Triweight => Some(3),
            _ => None,
        }
    }

    /// With its numbers worked out for a bandwidth.
    pub(super) fn shape(self, bandwidth: f64) -> Shape {
        let peak = match self {
            Self::Uniform => 1.0,
            Self::Epanechnikov => 2.0,
            Self::Triangular | Self::Quartic => 3.0,
            Self::Triweight => 4.0,
            Self::Gaussian | Self::GaussianCut(_) => 0.5,
        };
        Shape {
            kernel: self,
            constant: peak / PI / bandwidth / bandwidth,
            square: bandwidth * bandwidth,
            reach: match self {
                Self::Gaussian => None,
                Self::GaussianCut(cut) => Some(cut * bandwidth),
                _ => Some(bandwidth),
            },
        }
    }
}

/// A kernel at a bandwidth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) kernel: Kernel,
    /// Its height at distance 0.
    pub(super) constant: f64,
    /// h².
    pub(super) square: f64,
    /// The distance from which on it is 0, if there is one.
    pub(super) reach: Option<f64>,
}

impl Shape {
    /// The kernel over its height, from a squared distance.
    pub(super) fn at(&self, distance: f64) -> f64 {
        let t = distance / self.square;
        let left = 1.0 - t;
        if let Kernel::GaussianCut(cut) = self.kernel {
            return if t < cut * cut { (-t / 2.0).exp() } else { 0.0 };
        }
        if self.kernel == Kernel::Gaussian {
            return (-t / 2.0).exp();
        }
        if distance >= self.square {
            return 0.0;
        }
        match self.kernel {
            Kernel::Triangular => 1.0 - t.sqrt(),
            Kernel::Epanechnikov => left,
            Kernel::Quartic => left * left,
            Kernel::Triweight => left * left * left,
            _ => 1.0,
        }
    }
}
