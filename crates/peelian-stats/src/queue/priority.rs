//! Urgent calls before others: waits by class of priority.
//!
//! Answers "how long does each class wait if the more urgent is always answered first?" where calls
//! of every class take the same exponential time, nobody gives up and a call begun is finished. With
//! σₖ the load of class k and of those before it, per handler: Wₖ = P(wait)·(H/N)/((1 − σₖ₋₁)(1 − σₖ)),
//! where P(wait) is Erlang's C of the whole load. Sources: Cobham, *Operations Research* 2 (1954)
//! 70–76 and 3 (1955) 547; several handlers: Kella and Yechiali, *Probability in the Engineering and
//! Informational Sciences* 1 (1987) 321–334.
//!
//! **How it can mislead.** Every class needs about the same handling time, and all handlers must
//! take all calls. Callers who give up shorten these waits, those of the last class most. The means
//! hide that a few low-priority calls wait very long. For anything else there is
//! [`crate::queue::simulation`].

use crate::queue::erlang::{Traffic, erlang_c};
use crate::unanswerable::Unanswerable;

/// Waits by class.
#[derive(Clone, Debug, PartialEq)]
pub struct Priority {
    /// Share of callers, the same in every class, who wait at all; 1 where the load of all classes
    /// is not below the number of handlers.
    pub wait_probability: f64,
    /// One entry a class, the most urgent first; `None` where its queue grows without end.
    pub classes: Vec<Option<ClassWait>>,
    /// Mean wait over all callers; `None` where any queue grows without end.
    pub mean_wait: Option<f64>,
}

/// The wait of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassWait {
    /// Mean wait of its callers, those who do not wait included.
    pub mean_wait: f64,
    /// Mean number of its callers waiting.
    pub mean_queue: f64,
}

/// Waits where class 0 is answered before class 1 and so on, each in order of arrival.
///
/// `arrivals` per class and unit of time, `handling_time` the mean of every class. A class still has
/// a steady wait where those after it have none. Fails without classes or handlers, for values out
/// of range, or a figure too large to write down.
pub fn priority(
    arrivals: &[f64],
    handling_time: f64,
    servers: u32,
) -> Result<Priority, Unanswerable> {
    if arrivals.is_empty() {
        return Err(Unanswerable::TooFew {
            what: "classes",
            have: 0,
            need: 1,
        });
    }
    if servers == 0 {
        return Err(Unanswerable::Invalid("there must be at least one handler"));
    }
    for &rate in arrivals {
        Traffic {
            arrivals: rate,
            handling_time,
        }
        .checked()?;
    }
    let everyone = Traffic {
        arrivals: arrivals.iter().sum(),
        handling_time,
    };
    let handlers = f64::from(servers);
    let wait_probability = if everyone.checked()? < handlers {
        erlang_c(everyone, servers)?.wait_probability
    } else {
        1.0
    };

    let mut spare = handlers;
    let mut classes = Vec::with_capacity(arrivals.len());
    for &rate in arrivals {
        let before = spare;
        spare -= rate * handling_time;
        // In units of a handler where the formula has shares: N·N·H/N over the two spares.
        let mean_wait = wait_probability * handling_time * handlers / before / spare;
        let steady = spare > 0.0;
        if steady && !(mean_wait * rate).is_finite() {
            return Err(Unanswerable::Overflow);
        }
        classes.push(steady.then_some(ClassWait {
            mean_wait,
            mean_queue: mean_wait * rate,
        }));
    }
    let queue: Option<f64> = classes
        .iter()
        .map(|class| class.map(|class| class.mean_queue))
        .sum();
    let mean_wait = queue.map(|queue| {
        if everyone.arrivals > 0.0 {
            queue / everyone.arrivals
        } else {
            0.0
        }
    });
    Ok(Priority {
        wait_probability,
        classes,
        mean_wait,
    })
}
