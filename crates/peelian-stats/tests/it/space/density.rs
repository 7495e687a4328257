use std::f64::consts::PI;

use peelian_stats::Unanswerable;
use peelian_stats::space::density::bandwidth::{normal_reference, scott};
use peelian_stats::space::density::window::Window;
use peelian_stats::space::density::{
    Edge, Grid, Kernel, Settings, Units, at, at_with_covariance, distinct_places, on_grid,
    unscaled_at,
};
use proptest::prelude::*;

use crate::goldens::{Within, close, run};

const COMPACT: [Kernel; 5] = [
    Kernel::Uniform,
    Kernel::Triangular,
    Kernel::Epanechnikov,
    Kernel::Quartic,
    Kernel::Triweight,
];
const ALL: [Kernel; 7] = [
    Kernel::Uniform,
    Kernel::Triangular,
    Kernel::Epanechnikov,
    Kernel::Quartic,
    Kernel::Triweight,
    Kernel::Gaussian,
    Kernel::GaussianCut(4.0),
];

/// Events in a square of 100 by 100, some of them at shared places.
fn events() -> Vec<[f64; 2]> {
    let mut events: Vec<_> = (0..60_u32)
        .map(|i| [f64::from(i * 37 % 101), f64::from(i * i * 13 % 97)])
        .collect();
    events.extend([[50.0, 50.0]; 15]);
    events
}

fn grid(cells: usize) -> Grid {
    Grid {
        corner: [0.0, 0.0],
        cell: 100.0 / cells as f64,
        columns: cells,
        rows: cells,
    }
}

fn square() -> Window {
    Window::rectangle([0.0, 0.0], [100.0, 100.0]).unwrap()
}

#[test]
fn densities_agree_with_exact_sums_and_scikit_learn_and_scipy_and_mass() {
    let near = Within::OfLargest(1e-10);
    for case in run("kde") {
        let params = crate::goldens::table::read_json(&case.input, "params.json").unwrap();
        let bandwidths = crate::goldens::table::numbers(&params, "/bandwidths").unwrap();
        for h in bandwidths {
            let named = |names: &[&str]| -> Vec<_> {
                names.iter().map(|name| format!("{name}_{h}")).collect()
            };
            let sums = named(&[
                "spatialkde_quartic_unscaled",
                "gauss_intensity",
                "gauss_uniform_edge",
                "gauss_diggle_edge",
            ]);
            let densities = named(&[
                "sklearn_gaussian",
                "sklearn_epanechnikov",
                "sklearn_tophat",
                "quartic_density",
            ]);
            for (file, names) in [("expected.csv", sums), ("expected_python.csv", densities)] {
                let columns: Vec<_> = names.iter().map(|name| (name.as_str(), near)).collect();
                case.matches(file, &columns);
            }
        }
        let scipy = [("scipy_scott", near), ("scipy_silverman", near)];
        case.matches("expected_python.csv", &scipy);
        case.matches(
            "expected_mass_kde2d.csv",
            &[("x", Within::Exact), ("y", Within::Exact), ("z", near)],
        );
        let close = Within::Relative(1e-12);
        case.matches_json(
            "expected_python.json",
            &[
                ("/scott_factor", close),
                ("/silverman_factor", close),
                ("/scott_covariance", close),
            ],
        );
    }
}

#[test]
fn every_kernel_integrates_to_one() {
    // SpatialKDE 0.8.2's scaled quartic integrates to 7.25: its constant is 116/5·15/16 for 3.
    let grid = Grid {
        corner: [-10.0, -10.0],
        cell: 0.05,
        columns: 400,
        rows: 400,
    };
    for kernel in ALL {
        let h = if kernel == Kernel::Gaussian { 1.2 } else { 2.3 };
        let surface = on_grid(&[[0.013, -0.021]], None, &grid, &Settings::new(kernel, h));
        let mass = surface.unwrap().density.iter().sum::<f64>() * 0.05 * 0.05;
        let slack = match kernel {
            // A jump at the rim is as fine as the cells.
            Kernel::Uniform => 2e-3,
            // What lies beyond four standard deviations.
            Kernel::GaussianCut(_) => 5e-4,
            _ => 1e-5,
        };
        assert!((mass - 1.0).abs() < slack, "{kernel:?} {mass}");
    }
}

#[test]
fn the_worked_example_of_the_page() {
    // Two events 100 m apart, quartic, 300 m: at one of them 3/(π·300²)·(1 + (1 − 1/9)²) per m².
    let events = [[0.0, 0.0], [100.0, 0.0]];
    let settings = Settings::new(Kernel::Quartic, 300.0);
    let density = at(&events, None, &[[0.0, 0.0]], &settings).unwrap()[0];
    let expected = 3.0 / (PI * 90_000.0) * (1.0 + (8.0_f64 / 9.0).powi(2));
    close(density, expected, 1e-14, "density");
    close(density * 1e6, 18.994, 1e-4, "events per square kilometre");
    // On a straight border half of a kernel at the border lies inside.
    let window = Window::rectangle([0.0, -5_000.0], [9_000.0, 5_000.0]).unwrap();
    close(
        window.share([0.0, 0.0], Kernel::Quartic, 300.0),
        0.5,
        1e-12,
        "border",
    );
}

#[test]
fn a_grid_holds_what_direct_sums_give() {
    let window = square();
    let grid = grid(23);
    let weights: Vec<_> = (0..75).map(|i| f64::from(i % 4)).collect();
    for kernel in ALL {
        for h in [3.0, 17.0, 240.0] {
            for edge in [Edge::None, Edge::Uniform(&window), Edge::Diggle(&window)] {
                let settings = Settings {
                    edge,
                    units: Units::Probability,
                    ..Settings::new(kernel, h)
                };
                let inside = inside();
                let surface = on_grid(&inside, Some(&weights), &grid, &settings).unwrap();
                let centres: Vec<_> = (0..23 * 23)
                    .map(|cell| grid.centre(cell % 23, cell / 23))
                    .collect();
                let direct = at(&inside, Some(&weights), &centres, &settings).unwrap();
                let largest = direct.iter().copied().fold(0.0, f64::max);
                for (ours, direct) in surface.density.iter().zip(&direct) {
                    assert!((ours - direct).abs() <= 1e-12 * largest, "{kernel:?} {h}");
                }
                assert!(surface.inside.iter().all(|inside| *inside));
            }
        }
    }
}

/// The events within the square, one for each of 75.
fn inside() -> Vec<[f64; 2]> {
    let within = |x: f64| if x > 100.0 { x - 3.0 } else { x };
    events()
        .into_iter()
        .map(|event| event.map(within))
        .collect()
}

#[test]
fn direct_sums_are_the_formula() {
    let (events, h) = (events(), 20.0);
    let places = [[50.0, 50.0], [0.0, 99.0], [44.4, 13.0]];
    for place in places {
        let sum: f64 = events
            .iter()
            .map(|event| {
                let t = ((event[0] - place[0]).powi(2) + (event[1] - place[1]).powi(2)) / (h * h);
                if t < 1.0 { (1.0 - t).powi(2) } else { 0.0 }
            })
            .sum();
        let quartic = Settings::new(Kernel::Quartic, h);
        let density = at(&events, None, &[place], &quartic).unwrap()[0];
        close(density, 3.0 / (PI * h * h) * sum, 1e-13, "density");
        let unscaled = unscaled_at(&events, None, &[place], Kernel::Quartic, h).unwrap()[0];
        close(unscaled, sum, 1e-13, "unscaled");
    }
}

#[test]
fn a_cut_gaussian_is_below_the_whole_one_by_no_more_than_is_stated() {
    let (events, places) = (events(), [[50.0, 50.0], [20.0, 80.0], [3.0, 3.0]]);
    let h = 9.0;
    let whole = at(&events, None, &places, &Settings::new(Kernel::Gaussian, h)).unwrap();
    for cut in [1.0, 3.0, 5.0_f64] {
        let settings = Settings::new(Kernel::GaussianCut(cut), h);
        let part = at(&events, None, &places, &settings).unwrap();
        let bound = 75.0 * (-cut * cut / 2.0).exp() / (2.0 * PI * h * h);
        for (whole, part) in whole.iter().zip(part) {
            assert!((0.0..=bound).contains(&(whole - part)), "{cut}");
        }
    }
}

#[test]
fn tied_events_are_one_event_with_more_weight() {
    let tied = [[5.0, 5.0]; 4];
    let settings = Settings::new(Kernel::Quartic, 3.0);
    let many = on_grid(&tied, None, &grid(10), &settings).unwrap();
    let one = on_grid(&[[5.0, 5.0]], Some(&[4.0]), &grid(10), &settings).unwrap();
    assert_eq!(many, one);
    assert_eq!(distinct_places(&tied), 1);
    assert_eq!(distinct_places(&[[0.0, 1.0], [-0.0, 1.0], [0.0, 2.0]]), 2);
}

#[test]
fn a_surface_does_not_depend_on_the_threads_or_the_order_of_events() {
    let mut events = events();
    let settings = Settings::new(Kernel::Epanechnikov, 12.0);
    let on = |events: &[[f64; 2]], threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let draw = || on_grid(events, None, &grid(150), &settings);
        pool.build().unwrap().install(draw).unwrap()
    };
    let first = on(&events, 1);
    events.reverse();
    assert_eq!(first, on(&events, 4));
}

/// Mass of a kernel inside a window, on a fine grid.
fn counted(window: &Window, place: [f64; 2], kernel: Kernel, h: f64) -> f64 {
    let cells = 800;
    let side = 2.0 * h;
    let grid = Grid {
        corner: [place[0] - h, place[1] - h],
        cell: side / cells as f64,
        columns: cells,
        rows: cells,
    };
    let surface = on_grid(&[place], None, &grid, &Settings::new(kernel, h)).unwrap();
    let area = grid.cell * grid.cell;
    let inside = |(cell, density): (usize, &f64)| {
        let centre = grid.centre(cell % cells, cell / cells);
        if window.contains(centre) {
            density * area
        } else {
            0.0
        }
    };
    surface.density.iter().enumerate().map(inside).sum()
}

/// An L with a hole in its foot.
fn ell() -> Window {
    let outer = vec![
        [0.0, 0.0],
        [100.0, 0.0],
        [100.0, 40.0],
        [30.0, 40.0],
        [30.0, 90.0],
        [0.0, 90.0],
    ];
    let hole = vec![[50.0, 10.0], [70.0, 10.0], [60.0, 30.0]];
    Window::polygon(&[outer, hole]).unwrap()
}

#[test]
fn the_share_inside_a_polygon_is_what_a_fine_grid_counts() {
    let window = ell();
    close(window.area(), 4_000.0 + 1_500.0 - 200.0, 1e-12, "area");
    for kernel in COMPACT {
        for (place, h) in [
            ([28.0, 42.0], 20.0),
            ([72.0, 20.0], 35.0),
            ([1.0, 89.0], 10.0),
            ([60.0, 5.0], 300.0),
        ] {
            let share = window.share(place, kernel, h);
            let count = counted(&window, place, kernel, h);
            assert!((share - count).abs() < 3e-3, "{kernel:?} {share} {count}");
        }
    }
}

#[test]
fn a_rectangle_is_the_same_as_a_polygon_of_four_corners() {
    let corners = [[0.0, 0.0], [0.0, 60.0], [100.0, 60.0], [100.0, 0.0]];
    let polygon = Window::polygon(&[corners.to_vec()]).unwrap();
    let rectangle = Window::rectangle([0.0, 0.0], [100.0, 60.0]).unwrap();
    close(polygon.area(), rectangle.area(), 1e-14, "area");
    for kernel in [Kernel::Gaussian, Kernel::Quartic] {
        for place in [
            [50.0, 30.0],
            [1.0, 1.0],
            [0.0, 30.0],
            [0.0, 0.0],
            [99.9, 59.9],
        ] {
            for h in [0.5, 5.0, 40.0, 900.0] {
                let (a, b) = (
                    polygon.share(place, kernel, h),
                    rectangle.share(place, kernel, h),
                );
                close(a, b, 1e-9, "share");
            }
        }
    }
    close(
        rectangle.share([0.0, 0.0], Kernel::Gaussian, 1.0),
        0.25,
        1e-12,
        "corner",
    );
    close(
        rectangle.share([0.0, 0.0], Kernel::Triangular, 1.0),
        0.25,
        1e-12,
        "corner",
    );
}

#[test]
fn diggles_correction_keeps_every_event_and_uniforms_a_flat_density() {
    let window = square();
    let fine = grid(250);
    let cell = fine.cell * fine.cell;
    let settings = |edge| Settings {
        edge,
        ..Settings::new(Kernel::Triweight, 25.0)
    };
    let plain = on_grid(&inside(), None, &fine, &settings(Edge::None)).unwrap();
    let kept = on_grid(&inside(), None, &fine, &settings(Edge::Diggle(&window))).unwrap();
    assert!(plain.density.iter().sum::<f64>() * cell < 70.0);
    let total = kept.density.iter().sum::<f64>() * cell;
    assert!((total - 75.0).abs() < 0.05, "{total}");
    // Events on every unit of the square: one a square unit up to the border.
    let even: Vec<_> = (0..10_000)
        .map(|i| [f64::from(i % 100) + 0.5, f64::from(i / 100) + 0.5])
        .collect();
    let flat = on_grid(&even, None, &grid(40), &settings(Edge::Uniform(&window))).unwrap();
    assert!(flat.density.iter().all(|d| (d - 1.0).abs() < 2e-3));
    let uncorrected = on_grid(&even, None, &grid(40), &settings(Edge::None)).unwrap();
    assert!(uncorrected.density[0] < 0.35);
}

#[test]
fn cells_outside_the_window_are_marked_and_hold_nothing() {
    let window = ell();
    let events = [[10.0, 10.0], [90.0, 30.0]];
    let settings = Settings {
        edge: Edge::Uniform(&window),
        ..Settings::new(Kernel::Quartic, 500.0)
    };
    let grid = grid(50);
    let surface = on_grid(&events, None, &grid, &settings).unwrap();
    for (cell, (density, inside)) in surface.density.iter().zip(&surface.inside).enumerate() {
        let centre = grid.centre(cell % 50, cell / 50);
        assert_eq!(*inside, window.contains(centre));
        assert_eq!(*inside, *density > 0.0);
    }
    assert!(!surface.inside[10 * 50 + 30], "the hole");
}

#[test]
fn events_and_places_outside_the_window_are_refused() {
    let window = square();
    let settings = Settings {
        edge: Edge::Diggle(&window),
        ..Settings::new(Kernel::Quartic, 10.0)
    };
    let refused = |events: &[[f64; 2]], places: &[[f64; 2]]| {
        matches!(
            at(events, None, places, &settings),
            Err(Unanswerable::Invalid(_))
        )
    };
    assert!(refused(&[[101.0, 5.0]], &[]));
    assert!(refused(&[[10.0, 5.0]], &[[-1.0, 5.0]]));
    assert!(!refused(&[[100.0, 100.0]], &[[0.0, 0.0]]));
}

#[test]
fn a_full_covariance_stretches_and_turns() {
    let events = events();
    let rule = scott(&events).unwrap();
    close(rule.factor, 75.0_f64.powf(-1.0 / 6.0), 1e-14, "factor");
    let round = [[49.0, 0.0], [0.0, 49.0]];
    let places = [[50.0, 50.0], [20.0, 80.0]];
    let stretched = at_with_covariance(&events, None, &places, round).unwrap();
    let settings = Settings {
        units: Units::Probability,
        ..Settings::new(Kernel::Gaussian, 7.0)
    };
    for (a, b) in stretched
        .iter()
        .zip(at(&events, None, &places, &settings).unwrap())
    {
        close(*a, b, 1e-12, "round");
    }
    for bad in [
        [[1.0, 2.0], [2.0, 1.0]],
        [[1.0, 0.1], [0.2, 1.0]],
        [[0.0, 0.0], [0.0, 1.0]],
        [[f64::NAN, 0.0], [0.0, 1.0]],
    ] {
        assert!(at_with_covariance(&events, None, &places, bad).is_err());
    }
}

#[test]
fn rules_of_thumb_need_events_that_spread() {
    let line: Vec<_> = (0..9).map(|i| [f64::from(i), 2.0 * f64::from(i)]).collect();
    assert_eq!(scott(&line), Err(Unanswerable::Constant));
    assert!(matches!(
        scott(&line[..2]),
        Err(Unanswerable::TooFew { need: 3, .. })
    ));
    let mut heap = vec![[1.0, 1.0]; 20];
    heap.extend([[0.0, 3.0], [5.0, 1.0], [2.0, 9.0]]);
    assert!(scott(&heap).is_ok());
    assert_eq!(normal_reference(&heap), Err(Unanswerable::Constant));
    // 1 to 9: s = 2.7386, IQR/1.34 = 2.9851, so 1.06·2.7386·9^(−0.2).
    let round: Vec<_> = (1..10)
        .map(|i| [f64::from(i), f64::from(i * 4 % 9)])
        .collect();
    let [across, _] = normal_reference(&round).unwrap();
    close(
        across,
        1.06 * 7.5_f64.sqrt() * 9.0_f64.powf(-0.2),
        1e-12,
        "across",
    );
}

#[test]
fn a_window_must_enclose_something() {
    assert!(Window::polygon(&[]).is_err());
    assert!(Window::polygon(&[vec![[0.0, 0.0], [1.0, 1.0]]]).is_err());
    assert!(Window::polygon(&[vec![[0.0, 0.0], [1.0, f64::NAN], [0.0, 1.0]]]).is_err());
    assert!(Window::rectangle([5.0, 5.0], [1.0, 9.0]).is_err());
    assert!(Window::rectangle([-1e308, 0.0], [1e308, 1.0]).is_err());
}

#[test]
fn what_cannot_be_answered_says_why() {
    let ask = |events: &[[f64; 2]], weights: Option<&[f64]>, h: f64| {
        at(
            events,
            weights,
            &[[0.0, 0.0]],
            &Settings::new(Kernel::Quartic, h),
        )
        .unwrap_err()
    };
    let one = [[0.0, 0.0]];
    assert!(matches!(
        ask(&[], None, 1.0),
        Unanswerable::TooFew { need: 1, .. }
    ));
    for h in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(ask(&one, None, h), Unanswerable::Invalid(_)));
    }
    assert_eq!(ask(&one, None, 1e-200), Unanswerable::Overflow);
    assert!(matches!(
        ask(&one, Some(&[]), 1.0),
        Unanswerable::Mismatched(_)
    ));
    for weight in [0.0, -1.0, f64::NAN] {
        assert!(matches!(
            ask(&one, Some(&[weight]), 1.0),
            Unanswerable::Invalid(_)
        ));
    }
    let settings = Settings::new(Kernel::Quartic, 1.0);
    for (columns, rows, cell) in [
        (0, 5, 1.0),
        (usize::MAX, 2, 1.0),
        (1 << 14, 1 << 13, 1.0),
        (5, 5, 0.0),
        (5, 5, f64::NAN),
        (5, 5, 1e308),
    ] {
        let grid = Grid {
            corner: [0.0, 0.0],
            cell,
            columns,
            rows,
        };
        let refused = on_grid(&one, None, &grid, &settings);
        assert!(matches!(refused, Err(Unanswerable::Invalid(_))));
    }
}

proptest! {
    #[test]
    fn density_scales_with_the_unit_of_length(
        factor in 0.001..1000.0_f64,
        (x, y) in (-1e4..1e4_f64, -1e4..1e4_f64),
        kernel in prop::sample::select(&ALL[..]),
    ) {
        let events = events();
        let place = [48.3, 51.7];
        let change = |point: &[f64; 2]| [point[0] * factor + x * factor, point[1] * factor + y * factor];
        let moved: Vec<_> = events.iter().map(change).collect();
        let plain = at(&events, None, &[place], &Settings::new(kernel, 20.1)).unwrap()[0];
        let settings = Settings::new(kernel, 20.1 * factor);
        let scaled = at(&moved, None, &[change(&place)], &settings).unwrap()[0];
        prop_assert!((plain - scaled * factor * factor).abs() < 1e-7 * plain);
    }

    #[test]
    fn no_input_panics_and_no_density_is_not_a_number(
        events in prop::collection::vec(
            prop_oneof![
                prop::array::uniform2(prop::num::f64::ANY),
                prop::array::uniform2(0.0..100.0_f64),
                prop::array::uniform2(-1e-300..1e-300_f64),
                prop::array::uniform2(-1e150..1e150_f64),
            ],
            0..8,
        ),
        places in prop::collection::vec(prop::array::uniform2(prop::num::f64::ANY), 0..4),
        h in prop_oneof![prop::num::f64::ANY, 0.1..100.0_f64],
        cut in prop_oneof![prop::num::f64::ANY, 0.1..10.0_f64],
        corner in prop::array::uniform2(prop_oneof![prop::num::f64::ANY, 0.0..50.0_f64]),
        cell in prop_oneof![prop::num::f64::ANY, 0.1..30.0_f64],
        which in 0..7_usize,
        edge in 0..3_usize,
    ) {
        let kernel = if which == 6 { Kernel::GaussianCut(cut) } else { ALL[which] };
        let window = Window::rectangle(corner, [100.0, 100.0]);
        let edge = match (&window, edge) {
            (Ok(window), 1) => Edge::Uniform(window),
            (Ok(window), 2) => Edge::Diggle(window),
            _ => Edge::None,
        };
        let settings = Settings { edge, ..Settings::new(kernel, h) };
        let grid = Grid { corner, cell, columns: 7, rows: 5 };
        let surface = on_grid(&events, None, &grid, &settings).map(|surface| surface.density);
        let direct = at(&events, None, &places, &settings);
        let unscaled = unscaled_at(&events, None, &places, kernel, h);
        for density in [surface, direct, unscaled].into_iter().flatten().flatten() {
            prop_assert!(density >= 0.0 && density.is_finite());
        }
        let _ = (scott(&events), normal_reference(&events), distinct_places(&events));
    }

    #[test]
    fn no_polygon_panics_and_a_share_is_between_0_and_1(
        rings in prop::collection::vec(
            prop::collection::vec(
                prop::array::uniform2(prop_oneof![prop::num::f64::ANY, 0.0..10.0_f64, Just(5.0)]),
                0..6,
            ),
            0..3,
        ),
        place in prop::array::uniform2(prop_oneof![prop::num::f64::ANY, 0.0..10.0_f64, Just(5.0)]),
        h in prop_oneof![prop::num::f64::ANY, 0.1..100.0_f64],
        kernel in prop::sample::select(&ALL[..]),
    ) {
        if let Ok(window) = Window::polygon(&rings) {
            let share = window.share(place, kernel, h);
            prop_assert!((0.0..=1.0).contains(&share), "{}", share);
            let _ = window.contains(place);
        }
    }
}
