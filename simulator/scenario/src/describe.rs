//! A plan in words: what `--check` shows, and what a run will offer before it does.

mod shop;

use std::fmt::Write;

use securecart_domain::api::Operation;

use crate::{
    plan::Plan,
    units::{clock_text, duration_text},
};

impl Plan {
    /// What will be offered, to whom, and what must hold: a few lines of text, each ended.
    ///
    /// Figures are means over seeds. No part of it is measured.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "{}: {}", self.name, self.summary)?;
        writeln!(out)?;
        for option in &self.overrides {
            writeln!(out, "set        {option}")?;
        }
        self.write_load(out)?;
        self.write_journeys(out)?;
        self.write_shop(out)?;
        self.write_events(out)?;
        self.write_objectives(out)
    }

    fn write_load(&self, out: &mut String) -> std::fmt::Result {
        let wall_s = self.window.wall_s();
        let (sessions, peak) = (self.expected_sessions(), self.peak_rate());
        let (requests, orders) =
            (self.requests_per_session(), self.operations_per_session(Operation::Checkout));
        writeln!(
            out,
            "plays      {} to {} at speed {}: {} of wall time",
            clock_text(self.window.start_s),
            clock_text(self.window.end_s),
            self.window.speed,
            duration_text(wall_s)
        )?;
        writeln!(out, "seed       {}", self.seed)?;
        writeln!(out, "scale      {} of the full load", self.scale)?;
        for (name, per_session) in [("sessions", 1.0), ("requests", requests), ("orders", orders)] {
            writeln!(
                out,
                "{name:<10} {:>9}  mean {:>7}/s  peak {:>7}/s",
                grouped(sessions * per_session),
                rate(sessions * per_session / wall_s),
                rate(peak * per_session)
            )?;
        }
        let under_way = (peak * self.think_s_per_session()).ceil();
        writeln!(
            out,
            "           about {} sessions under way at the peak, waiting for answers not counted",
            grouped(under_way)
        )?;
        let catalogue = &self.catalogue;
        writeln!(
            out,
            "catalogue  {} products, Zipf {}, {} of each, {} of the hot one",
            grouped(f64::from(catalogue.products)),
            catalogue.zipf_exponent,
            grouped(f64::from(catalogue.stock)),
            grouped(f64::from(catalogue.hot_product_stock))
        )
    }

    fn write_journeys(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\njourneys")?;
        for journey in &self.journeys {
            let requests: u64 = journey.steps.iter().map(|step| u64::from(step.repeat)).sum();
            let noun = if requests == 1 { "request" } else { "requests" };
            writeln!(
                out,
                "  {:<20} {:>5.1} %  {requests} {noun}, {:.1} s of thinking",
                journey.name,
                self.share_of(journey) * 100.0,
                journey.think_s()
            )?;
        }
        Ok(())
    }

    fn write_events(&self, out: &mut String) -> std::fmt::Result {
        if !self.faults.is_empty() {
            writeln!(out, "\nfaults")?;
        }
        for fault in &self.faults {
            let (at, kind) = (clock_text(fault.at_s), fault.kind.as_str());
            write!(out, "  {at:<8} {kind:<22} {}", fault.kind.radius())?;
            if fault.length_s > 0.0 {
                write!(out, ", for {}", duration_text(fault.length_s))?;
            }
            writeln!(out, "{}", self.unreached(fault.at_s))?;
        }
        if !self.redrives.is_empty() {
            writeln!(out, "\nredrives")?;
        }
        for redrive in &self.redrives {
            let (at, queue) = (clock_text(redrive.at_s), &redrive.queue);
            writeln!(out, "  {at:<8} {queue}{}", self.unreached(redrive.at_s))?;
        }
        Ok(())
    }

    /// Says of what happens outside of the window that it does not happen.
    fn unreached(&self, at_s: f64) -> &'static str {
        if self.window.plays(at_s) { "" } else { " (not played: outside of the window)" }
    }

    fn write_objectives(&self, out: &mut String) -> std::fmt::Result {
        if self.objectives.is_empty() {
            return writeln!(out, "\nno objectives: the run only has to pass its audit");
        }
        writeln!(out, "\nobjectives")?;
        for objective in &self.objectives {
            writeln!(out, "  {} {}", objective.metric_text, objective.bound_text)?;
        }
        Ok(())
    }
}

/// A rate to three digits or whole.
fn rate(per_second: f64) -> String {
    if per_second >= 100.0 { grouped(per_second) } else { format!("{:.1}", per_second) }
}

/// A whole number with its thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
