//! A command of the operator's, which reads the document of a webhook on its standard input.
//!
//! Facts: docs/channels.md. No shell is between: arguments arrive as they are written. It gets no message that somebody
//! else wrote as an argument, and of the environment `PATH`, `HOME` and `LANG`.

use std::time::Duration;

use super::document::document;
use super::{Channel, Kind, Markup, Message, Outgoing, Run, Sort, Spec, Wrong};

/// Commands.
pub const KIND: Kind = Kind {
    name: "command",
    label: "Command",
    options: &[Spec {
        key: "argv",
        sort: Sort::Texts,
        needed: true,
        hint: "the program and its arguments, each an entry of its own",
    }],
    markup: Markup::Plain,
    longest: 20_000,
    spacing: Duration::ZERO,
    make: |given| {
        let argv = given.texts("argv");
        if argv.first().is_none_or(|program| program.trim().is_empty()) {
            return Err(Wrong {
                key: "argv",
                message: "names no program".to_owned(),
                hint: "for example `argv: [/usr/local/bin/tell, --loud]`".to_owned(),
            });
        }
        Ok(Box::new(Command { argv }))
    },
};

#[derive(Debug)]
struct Command {
    argv: Vec<String>,
}

impl Channel for Command {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let mut input = document(message).to_string();
        input.push('\n');
        Ok(vec![Outgoing::Run(Run { argv: self.argv.clone(), input })])
    }
}
