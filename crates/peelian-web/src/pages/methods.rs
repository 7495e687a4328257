//! `/methods/`: how figures become sentences, in plain words.

use axum::response::Response;
use maud::{Markup, html};
use peelian_model::{CharacteristicStatus, Status, Variation};
use peelian_readings::false_signals;

use crate::components::{Page, layout, signal_words};
use crate::respond;
use crate::site::Current;
use crate::words;

pub(crate) async fn page(site: Current) -> Response {
    let view = Page {
        title: "Methods".to_owned(),
        about: "How signals, limits, intervals, funnels and assessments are made, in plain words."
            .to_owned(),
        path: "/methods/".to_owned(),
        crumbs: Vec::new(),
        tables: None,
        body: html! {
            div class="page-head" {
                h1 { "Methods" }
                p class="lead" { "How official records become the figures and sentences on these pages, and where they can mislead." }
            }
            nav aria-label="On this page" class="on-page" {
                ul {
                    li { a href="#figures" { "From records to figures" } }
                    li { a href="#missing" { "Missing is never nought" } }
                    li { a href="#intervals" { "How sure a figure is" } }
                    li { a href="#chart" { "How to read the chart" } }
                    li { a href="#signals" { "Signals, and false ones" } }
                    li { a href="#comparison" { "Beside other forces" } }
                    li { a href="#assessment" { "Assessment" } }
                }
            }
            (figures())
            (missing())
            (intervals())
            (chart())
            (signals())
            (comparison())
            (assessment())
        },
    };
    respond::page(layout(&site, &view))
}

fn figures() -> Markup {
    html! {
        section class="beside" {
            h2 id="figures" { "From records to figures" }
            p { "Each measure has one published definition and one query. The query counts records of a force and a month; a rate divides by the people who live there, a share divides one count by another. A share over several months or places is worked out from summed counts, never by averaging shares." }
            p { "Rates per 1,000 people use the mid-year population estimate nearest the month, and every figure says which year. They are rates for the month and not for a year. People who come to work, study or go out are not in the population, so places with many visitors look worse than they are." }
        }
    }
}

fn missing() -> Markup {
    html! {
        section class="beside" {
            h2 id="missing" { "Missing is never nought" }
            p { "Where no figure can be given, a word says why:" }
            dl class="terms" {
                (term(Status::NotSupplied.words(), "the force did not supply the month to the publisher;"))
                (term(Status::Missing.words(), "no file of the month, or no population, is loaded here;"))
                (term(Status::TooFew.words(), "too few events for the figure to mean anything;"))
                (term(Status::Suppressed.words(), "withheld to protect people."))
            }
            p { "Two more words stand beside a figure that is given: " strong { (Status::Partial.words()) } " where some rows of the month were set aside as faulty, and " strong { (Status::Provisional.words()) } " where the publisher is expected to change it. Both are drawn hollow." }
            p { "Some records leave a field blank. They are left out of a share, the page says how many, and gives the lowest and highest value that the blanks could make." }
        }
    }
}

fn term(name: &str, meaning: &str) -> Markup {
    html! { div { dt { (name) } dd { (meaning) } } }
}

fn intervals() -> Markup {
    html! {
        section class="beside" {
            h2 id="intervals" { "How sure a figure is" }
            p { "Beside each figure stands a 95 per cent interval: the range of underlying levels that chance alone could easily turn into what was counted. The fewer the events, the wider it is. Shares use Wilson’s method, rates Byar’s, exact where there are fewer than 10 events. It covers chance only. It does not cover crimes that nobody reported or that were not recorded." }
        }
    }
}

fn chart() -> Markup {
    html! {
        section class="beside" {
            h2 id="chart" { "How to read the chart" }
            p { "It is a chart of statistical process control, of the kind called XmR. The middle line is the average. The two dashed lines hold the usual range: the average, more or less 2.66 times the typical step from one month to the next. Very large steps, over 3.267 times the typical one, are left out when the typical step is worked out." }
            ul {
                li { "Months inside the range, in no pattern, are no news. Asking why this month is higher than last is then asking about noise." }
                li { "Hatched grey is a month without a figure. No line crosses it, and after a gap of more than 12 months the range begins anew." }
                li { "With fewer than 12 months the range is on trial: it is drawn, and no change is announced." }
                li { "Measures that sum twelve months have no range, because neighbouring figures share most of their records." }
            }
        }
    }
}

fn signals() -> Markup {
    html! {
        section class="beside" {
            h2 id="signals" { "Signals, and false ones" }
            p { "A month is marked where one of four rules is met. Strongest first:" }
            ol {
                li { "a month outside the usual range;" }
                li { "seven months running, each higher or each lower than the one before;" }
                li { "two of three months in the outer third of the range, on the same side;" }
                li { "seven months running on one side of the average." }
            }
            p { "What a signal means depends on which way is better:" }
            ul class="plain-list" {
                li { (signal_words(Variation::CommonCause)) ": within the usual range" }
                li { (signal_words(Variation::Improvement)) ": a signal in the wanted direction" }
                li { (signal_words(Variation::Concern)) ": a signal in the other direction" }
                li { (signal_words(Variation::NeitherHigh)) " or " (signal_words(Variation::NeitherLow)) ": neither direction is better in itself" }
            }
            p { "Measures made of recorded crime always have the last kind: more can mean more crime or better recording." }
            (false_alarms())
            p { "Crime has seasons, and these charts do not take them out. A summer peak can be marked every year." }
        }
    }
}

/// What the rules make of nothing, counted and not quoted.
fn false_alarms() -> Markup {
    let per_hundred = |share: f64| format!("{:.0}", 100.0 * share);
    html! {
        p {
            strong { "Expect false signals." }
            @if let Some(found) = false_signals(36) {
                " We drew " (words::number(found.replications as f64)) " series of " (found.points) " months of pure chance. In about " (per_hundred(found.latest.share)) " of 100 the latest month was marked, and about " (per_hundred(found.anywhere.share)) " of 100 had a mark somewhere."
            }
            " Each list of changes says how many to expect among series of that length. A signal says that something changed; it does not say what."
        }
    }
}

fn comparison() -> Markup {
    html! {
        section class="beside" {
            h2 id="comparison" { "Beside other forces" }
            p { "Forces are shown in a funnel: the size of each along the bottom, its value up the side, and limits that are wide for small forces and narrow for large ones. Chance alone moves a small force further. Forces also differ in ordinary ways, such as cities and farms; where they differ by more than chance, the limits are widened to allow for it." }
            p { "A force outside the outer limits (99.8 per cent) is called higher or lower than others. Every other force is called similar, whatever its place in the order. With fewer than 10 forces no funnel is drawn, because nobody can say how much forces differ in the ordinary way; the values are shown with their intervals instead." }
            p { "The month compared is the newest for which at least four in five forces have a figure and, on the page of a force, for which that force has one too. A figure that rests on a field more than a quarter blank is shown, and neither charted nor compared. Nothing is sorted by value." }
        }
    }
}

fn assessment() -> Markup {
    html! {
        section class="beside" {
            h2 id="assessment" { "Assessment" }
            p { "The inspectorate asks, for each area of policing, what a force that serves its public well would show. We list these characteristics in our own words and say of each what the figures held can tell:" }
            dl class="terms" {
                (term(CharacteristicStatus::Shown.words(), "everything asked for is held and speaks for it;"))
                (term(CharacteristicStatus::PartlyShown.words(), "some of it speaks for it;"))
                (term(CharacteristicStatus::NotShown.words(), "what is held speaks against it;"))
                (term(CharacteristicStatus::CannotTell.words(), "there is not enough evidence."))
            }
            p { "Figures older than 12 months do not count. Figures made of recorded crime do not count without a current audit of crime recording: fewer records can mean worse recording. So from open data alone most characteristics read “cannot tell”, and the page says what to load." }
            p { "This is not a grade by HMICFRS. Grades of different inspection cycles are shown apart, because the inspectorate says that they cannot be compared." }
        }
    }
}
