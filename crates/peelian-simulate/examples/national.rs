//! Writes an archive of national size: `national FORCES MONTHS OUT [street]`.
//!
//! OUT ending in `.zip` is one archive, anything else a folder of CSV files;
//! with `street` outcomes files are left out. The last month is December 2025.

use std::path::PathBuf;

use peelian_model::Month;
use peelian_simulate::National;

#[allow(clippy::print_stdout, clippy::print_stderr)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(forces), Some(months), Some(out)) =
        (arguments.first(), arguments.get(1), arguments.get(2))
    else {
        return Err(
            "say how many forces, how many months and where: national 43 24 out.zip".into(),
        );
    };
    let last = Month::new(2025, 12).ok_or("no such month")?;
    let national = National {
        seed: 1,
        forces: forces.parse()?,
        months: (last.plus(1 - months.parse::<i32>()?), last),
        outcomes: arguments.get(3).is_none_or(|kinds| kinds != "street"),
    };
    let rows = national.write(&PathBuf::from(out))?;
    println!("{rows} street rows");
    Ok(())
}
