//! Where things happen: small areas, and the hot spots planted among them.

use super::planted::Planted;
use crate::dice::Dice;
use crate::geography::Force;

/// A piece of the force's land.
pub(crate) struct Cell {
    pub(crate) lsoa: String,
    pub(crate) district: String,
    /// The district's place in the list of 2022, from 0.
    pub(crate) district_place: usize,
    /// Whether it counts as rural.
    pub(crate) rural: bool,
    pub(crate) spot: Option<Spot>,
}

/// A hot spot, or the ring round one.
pub(crate) struct Spot {
    /// `H01`, or `H01-ring`.
    pub(crate) id: String,
    pub(crate) role: Role,
    /// The south-west corner on the National Grid, in metres, and the side.
    pub(crate) corner: (u32, u32),
    pub(crate) side: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Patrolled.
    Treated,
    /// Like the treated ones, and left alone.
    Control,
    /// Round a treated one, where crime may move to.
    Ring,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Treated => "treated",
            Self::Control => "control",
            Self::Ring => "buffer",
        }
    }
}

/// How many hot spots are patrolled, and how many are compared with them.
pub(crate) const PAIRS: usize = 6;
/// Share of public crime in each hot spot and in each ring.
pub(crate) const SPOT_SHARE: f64 = 0.02;

/// All cells, and how much each draws.
pub(crate) struct Places {
    pub(crate) cells: Vec<Cell>,
    private: Vec<f64>,
    public: Vec<f64>,
}

impl Places {
    pub(crate) fn new(force: &Force) -> Self {
        let mut codes: Vec<&str> = Vec::new();
        for district in &force.districts {
            if !codes.contains(&district.code22.as_str()) {
                codes.push(&district.code22);
            }
        }
        let cell = |i: usize, spot: Option<Spot>| {
            let place = &force.places[i];
            let district = &force.districts[place.district].code22;
            let district_place = codes.iter().position(|code| code == district);
            Cell {
                lsoa: place.lsoa21.code.clone(),
                district: district.clone(),
                district_place: district_place.unwrap_or_default(),
                rural: i % 4 == 3,
                spot,
            }
        };
        let all: f64 = force.places.iter().map(|place| place.weight).sum();
        let mut cells: Vec<Cell> = (0..force.places.len()).map(|i| cell(i, None)).collect();
        let mut private: Vec<f64> = force
            .places
            .iter()
            .map(|place| place.weight / all)
            .collect();
        let elsewhere = 1.0 - 3.0 * PAIRS as f64 * SPOT_SHARE;
        let mut public: Vec<f64> = private.iter().map(|weight| weight * elsewhere).collect();
        for n in 0..2 * PAIRS {
            // Spread over the force; treated and control take turns.
            let i = n * force.places.len() / (2 * PAIRS);
            let role = if n % 2 == 0 {
                Role::Treated
            } else {
                Role::Control
            };
            for role in std::iter::once(role).chain((role == Role::Treated).then_some(Role::Ring)) {
                cells.push(cell(i, Some(Spot::new(force.index, n, role))));
                private.push(0.0);
                public.push(SPOT_SHARE);
            }
        }
        Self {
            cells,
            private,
            public,
        }
    }

    /// A cell for something that happens, by the weights before any patrol.
    pub(crate) fn draw(&self, public: bool, dice: &mut Dice) -> usize {
        dice.choose(if public { &self.public } else { &self.private })
    }

    /// The hot spots and the rings.
    pub(crate) fn spots(&self) -> impl Iterator<Item = &Spot> {
        self.cells.iter().filter_map(|cell| cell.spot.as_ref())
    }
}

impl Spot {
    /// Squares of 150 m; a ring reaches 150 m further on every side.
    fn new(force: usize, n: usize, role: Role) -> Self {
        let (id, margin) = match role {
            Role::Ring => (format!("H{:02}-ring", n + 1), 150),
            _ => (format!("H{:02}", n + 1), 0),
        };
        // On land in the Midlands, 3 km apart.
        let east = 400_000 + 30_000 * (force as u32 % 4) + 3_000 * (n as u32 % 4);
        let north = 300_000 + 30_000 * (force as u32 / 4) + 3_000 * (n as u32 / 4);
        Self {
            id,
            role,
            corner: (east - margin, north - margin),
            side: 150 + 2 * margin,
        }
    }

    /// The outline on the National Grid, the hot spot cut out of its ring.
    pub(crate) fn polygon(&self) -> String {
        let outer = square(self.corner, self.side);
        if self.role == Role::Ring {
            let inner = square((self.corner.0 + 150, self.corner.1 + 150), 150);
            return format!("POLYGON (({outer}), ({inner}))");
        }
        format!("POLYGON (({outer}))")
    }

    /// Square metres.
    pub(crate) fn area(&self) -> u32 {
        let hole = if self.role == Role::Ring {
            150 * 150
        } else {
            0
        };
        self.side * self.side - hole
    }

    /// What patrols multiply public crime here by.
    pub(crate) fn patrolled(&self) -> f64 {
        match self.role {
            Role::Treated => Planted::INSIDE,
            Role::Ring => Planted::RING,
            Role::Control => 1.0,
        }
    }
}

fn square((east, north): (u32, u32), side: u32) -> String {
    let (far_east, far_north) = (east + side, north + side);
    format!(
        "{east} {north}, {far_east} {north}, {far_east} {far_north}, {east} {far_north}, {east} {north}"
    )
}
