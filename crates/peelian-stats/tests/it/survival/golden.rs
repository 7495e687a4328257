use crate::goldens::Within::{Exact, Relative};
use crate::goldens::run;

#[test]
fn curves_agree_with_survfit() {
    for case in run("survival") {
        case.matches(
            "expected_r_km.csv",
            &[
                ("time", Exact),
                ("n_risk", Exact),
                ("n_event", Exact),
                ("n_censor", Exact),
                ("surv", Relative(1e-11)),
                ("se_greenwood", Relative(1e-11)),
                ("lower_loglog", Relative(1e-11)),
                ("upper_loglog", Relative(1e-11)),
                ("cumhaz", Relative(1e-11)),
            ],
        );
        case.matches(
            "expected_r_aalen_johansen.csv",
            &[
                ("time", Exact),
                ("p_open", Relative(1e-11)),
                ("p_charged", Relative(1e-11)),
                ("p_other", Relative(1e-11)),
                ("se_charged", Relative(1e-11)),
                ("se_other", Relative(1e-11)),
            ],
        );
    }
}

#[test]
fn curves_agree_with_lifelines() {
    for case in run("survival") {
        case.matches(
            "expected_lifelines_km.csv",
            &[
                ("time", Exact),
                ("surv", Relative(1e-11)),
                ("lower_loglog", Relative(1e-11)),
                ("upper_loglog", Relative(1e-11)),
                ("nelson_aalen", Relative(1e-11)),
            ],
        );
    }
}

#[test]
fn tests_and_regressions_agree_with_survival_and_cmprsk() {
    for case in run("survival") {
        case.matches_json(
            "expected_r.json",
            &[
                ("/logrank", Relative(1e-10)),
                ("/peto_peto_rho1_chisq", Relative(1e-10)),
                ("/cox_efron", Relative(1e-7)),
                ("/cox_breslow_coef", Relative(1e-7)),
                ("/cox_zph", Relative(1e-8)),
                ("/gray_test", Relative(1e-10)),
                // Its search stops at a slope of 1e-6; run on, it agrees to 1e-9.
                ("/fine_gray_charged", Relative(2e-5)),
                ("/rmst", Relative(1e-11)),
                ("/median", Exact),
            ],
        );
    }
}

#[test]
fn tests_and_regressions_agree_with_lifelines() {
    for case in run("survival") {
        case.matches_json(
            "expected_lifelines.json",
            &[
                ("/median", Exact),
                ("/rmst", Relative(1e-11)),
                ("/logrank_3", Relative(1e-10)),
                ("/wilcoxon_3", Relative(1e-10)),
                ("/logrank_first_two", Relative(1e-10)),
                // Its search stops earlier.
                ("/cox", Relative(1e-6)),
                ("/surv_at", Relative(1e-11)),
            ],
        );
    }
}
