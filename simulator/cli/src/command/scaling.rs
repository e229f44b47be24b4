//! `securecart scaling`: why a run scaled as it did.

use securecart_reports::{Selection, scaling, scaling_json, store};

use crate::{args::ScalingArgs, exit::Exit, output};

/// Columns of the text where there is no terminal.
const COLUMNS: u16 = 100;

pub(super) fn run(args: &ScalingArgs) -> Exit {
    let text = match text(args) {
        Ok(text) => text,
        Err(error) => {
            output::complain(&error);
            return Exit::Usage;
        }
    };
    output::print(&text)
}

fn text(args: &ScalingArgs) -> Result<String, String> {
    let record = match &args.run {
        Some(run) => store::load(run, &args.out),
        None => store::latest(&args.out),
    };
    let record = record.map_err(|error| error.to_string())?;
    let selection = Selection { resource: args.resource.clone(), scaled_only: args.scaled_only };
    let text = if args.json {
        scaling_json(&record, &selection)
    } else {
        let width = securecart_tui::columns().unwrap_or(COLUMNS);
        scaling(&record, &selection, width)
    };
    text.map_err(|error| error.to_string())
}
