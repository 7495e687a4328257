//! The methods by the name of their folder.

mod comparison;
mod effect;
mod queue;
mod space;
mod spc;
mod survival;
mod time;

use std::error::Error;
use std::path::Path;

use super::table;

/// What a method can fail with: a file that cannot be read, or a question without an answer.
pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// Reads `case`, writes into `out` (made if it is not there); `None` for an unknown method.
pub(crate) fn run(method: &str, case: &Path, out: &Path) -> Option<Outcome> {
    let method: fn(&Path, &Path) -> Outcome = match method {
        "causal_impact" => effect::causal_impact,
        "des_queue" => queue::des_queue,
        "did" => effect::did,
        "erlang" => queue::erlang,
        "ets" => time::ets,
        "farrington" => time::farrington,
        "funnel" => comparison::funnel,
        "funnel_phe" => comparison::funnel_phe,
        "gistar_areas" => space::gistar_areas,
        "gistar_grid" => space::gistar_grid,
        "its_segmented" => effect::its_segmented,
        "kde" => space::kde,
        "near_repeat" => space::near_repeat,
        "pai_pei" => space::pai_pei,
        "prospective_hotspot" => space::prospective_hotspot,
        "rates_byar_wilson" => comparison::rates_byar_wilson,
        "rates_dsr" => comparison::rates_dsr,
        "scan_poisson" => space::scan_poisson,
        "spc_attribute" => spc::spc_attribute,
        "spc_xmr" => spc::spc_xmr,
        "stl" => time::stl,
        "survival" => survival::survival,
        "synthdid" => effect::synthdid,
        "synthetic_control" => effect::synthetic_control,
        "wdd_wdq" => effect::wdd_wdq,
        _ => return None,
    };
    Some(
        std::fs::create_dir_all(out)
            .map_err(Into::into)
            .and_then(|()| method(case, out)),
    )
}
