use crate::goldens::{self, Within};

const LINES: Within = Within::Relative(1e-9);

#[test]
fn xmr_charts_equal_nhsrplotthedots() {
    for case in goldens::run("spc_xmr") {
        case.matches(
            "expected.csv",
            &[
                ("date", Within::Exact),
                ("value", Within::Exact),
                ("rebase_group", Within::Exact),
                ("mean", LINES),
                ("lpl", LINES),
                ("upl", LINES),
                ("outside_limits", Within::Exact),
                ("relative_to_mean", Within::Exact),
                ("close_to_limits", Within::Exact),
                ("special_cause_type", Within::Exact),
                ("point_type", Within::Exact),
            ],
        );
        case.matches_json(
            "expected.json",
            &[
                ("/assurance_type", Within::Exact),
                ("/variation_last_point", Within::Exact),
            ],
        );
    }
}

#[test]
fn both_forms_of_the_two_in_three_rule_equal_an_independent_recalculation() {
    for case in goldens::run("spc_xmr") {
        case.matches(
            "expected_mdc_rule.csv",
            &[
                ("date", Within::Exact),
                ("special_cause_type_legacy", Within::Exact),
                ("special_cause_type_mdc", Within::Exact),
            ],
        );
    }
}

const CHART: [(&str, Within); 12] = [
    ("x", Within::Exact),
    // Its t chart takes the times to a power and back, which rounds them.
    ("y", Within::Relative(1e-14)),
    ("cl", LINES),
    ("lcl", LINES),
    ("ucl", LINES),
    ("sigma.signal", Within::Exact),
    ("runs.signal", Within::Exact),
    ("n.useful", Within::Exact),
    ("longest.run", Within::Exact),
    ("longest.run.max", Within::Exact),
    ("n.crossings", Within::Exact),
    ("n.crossings.min", Within::Exact),
];

#[test]
fn individuals_charts_and_their_runs_equal_qicharts2() {
    for case in goldens::run("spc_xmr") {
        case.matches("expected_qicharts2_i.csv", &CHART);
        case.matches("expected_qicharts2_i.csv", &[("part", Within::Exact)]);
    }
}

#[test]
fn attribute_rare_event_and_run_charts_equal_qicharts2() {
    for case in goldens::run("spc_attribute") {
        for chart in ["run", "i", "p", "pp", "u", "up", "c", "g", "t"] {
            case.matches(&format!("expected_{chart}.csv"), &CHART);
        }
    }
}
