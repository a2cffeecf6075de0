//! Figures against what they are held to, the worst first.

use std::time::Duration;

#[derive(Default)]
pub struct Report {
    cases: Vec<Case>,
}

struct Case {
    what: String,
    figure: f64,
    at_most: f64,
    unit: &'static str,
}

impl Case {
    /// 1 is just met.
    fn share(&self) -> f64 {
        if self.at_most > 0.0 {
            self.figure / self.at_most
        } else {
            self.figure + if self.figure > 0.0 { 1.0 } else { 0.0 }
        }
    }
}

impl Report {
    pub fn add(&mut self, what: &str, figure: f64, at_most: f64, unit: &'static str) {
        self.cases.push(Case { what: what.to_owned(), figure, at_most, unit });
    }

    /// Prints all; whether each was met.
    pub fn print(mut self) -> bool {
        self.cases.sort_by(|a, b| b.share().total_cmp(&a.share()));
        for case in &self.cases {
            let word = if case.share() <= 1.0 { "met   " } else { "MISSED" };
            println!("{word} {:>10.2} {} (at most {}): {}", case.figure, case.unit, case.at_most, case.what);
        }
        self.cases.iter().all(|case| case.share() <= 1.0)
    }
}

pub fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}
