//! `securecart compare`: two records side by side.

use securecart_analysis::{Comparison, compare};
use securecart_reports::store;

use crate::{args::CompareArgs, exit::Exit, output};

/// Columns of the table where there is no terminal.
const COLUMNS: u16 = 100;

pub(super) fn run(args: &CompareArgs) -> Exit {
    let text = match compared(args).and_then(|comparison| text(&comparison, args.json)) {
        Ok(text) => text,
        Err(error) => {
            output::complain(&error);
            return Exit::Usage;
        }
    };
    output::print(&text)
}

fn compared(args: &CompareArgs) -> Result<Comparison, String> {
    let load = |name: &str| store::load(name, &args.out).map_err(|error| error.to_string());
    compare(&load(&args.a)?, &load(&args.b)?).map_err(|error| error.to_string())
}

fn text(comparison: &Comparison, json: bool) -> Result<String, String> {
    if json {
        return serde_json::to_string(comparison)
            .map(|json| json + "\n")
            .map_err(|error| error.to_string());
    }
    let width = securecart_tui::columns().unwrap_or(COLUMNS);
    Ok(securecart_reports::comparison(comparison, width))
}
