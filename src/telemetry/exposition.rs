//! How figures are written: OpenMetrics, and Prometheus' own text form, which came before it.

use std::fmt::{Display, Write as _};

use crate::model::level::State;

/// A form that figures are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// OpenMetrics 1.0.0.
    OpenMetrics,
    /// Prometheus' text form 0.0.4: what every scraper reads.
    Text,
}

impl Form {
    /// The form that an `Accept` header asks for. OpenMetrics is for who names it, and likes it no less than plain text.
    pub fn asked(accept: &str) -> Self {
        let weight = |kind: &str| accept.split(',').filter_map(|part| weight_of(part, kind)).fold(0.0, f32::max);
        let open = weight("application/openmetrics-text");
        if open > 0.0 && open >= weight("text/plain") { Self::OpenMetrics } else { Self::Text }
    }

    /// Its `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// How much a part of an `Accept` header wants `kind`; `None` where it is of something else.
fn weight_of(part: &str, kind: &str) -> Option<f32> {
    let (name, rest) = part.split_once(';').unwrap_or((part, ""));
    let weight = |rest: &str| {
        let q = rest.split(';').find_map(|one| one.trim().strip_prefix("q="))?;
        q.trim().parse::<f32>().ok()
    };
    name.trim().eq_ignore_ascii_case(kind).then(|| weight(rest).unwrap_or(1.0))
}

/// What a figure does: both forms have a word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only goes up. Its name is given with `_total`.
    Counter,
}

/// Figures as they are written down.
#[derive(Debug)]
pub struct Sheet {
    form: Form,
    text: String,
}

impl Sheet {
    /// An empty one.
    pub fn new(form: Form) -> Self {
        Self { form, text: String::new() }
    }

    /// Begins a family: all of its samples follow.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let (name, kind) = match (kind, self.form) {
            (Kind::Gauge, _) => (name, "gauge"),
            (Kind::Counter, Form::Text) => (name, "counter"),
            (Kind::Counter, Form::OpenMetrics) => (name.strip_suffix("_total").unwrap_or(name), "counter"),
        };
        self.describe(name, help, kind);
    }

    fn describe(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One sample.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.begin(name, labels);
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }

    /// A family of one sample without labels.
    pub fn single(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, Kind::Gauge, help);
        self.sample(name, &[], value);
    }

    /// One sample for each state that there is: 1 for `state`, 0 for all others.
    pub fn states(&mut self, name: &str, labels: &[(&str, &str)], state: State) {
        let start = self.text.len();
        self.begin(name, labels);
        self.text.push_str(if labels.is_empty() { "{state=\"" } else { ",state=\"" });
        let before = self.text.split_off(start);
        for one in State::ALL {
            self.text.push_str(&before);
            self.text.push_str(one.as_str());
            self.text.push_str(if one == state { "\"} 1\n" } else { "\"} 0\n" });
        }
    }

    fn begin(&mut self, name: &str, labels: &[(&str, &str)]) {
        self.text.push_str(name);
        for (number, (label, value)) in labels.iter().enumerate() {
            self.text.push(if number == 0 { '{' } else { ',' });
            self.text.push_str(label);
            self.text.push_str("=\"");
            escape(value, &mut self.text);
            self.text.push('"');
        }
    }

    /// What was written before in this form.
    pub fn append(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// What was written in the form of OpenMetrics, without its end.
    pub fn append_open(&mut self, text: &str) {
        if self.form == Form::OpenMetrics {
            self.text.push_str(text);
            return;
        }
        let mut help = "";
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                help = rest.split_once(' ').map_or("", |(_, help)| help);
            } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
                match kind {
                    "counter" => self.describe(&format!("{name}_total"), help, "counter"),
                    "info" => self.describe(&format!("{name}_info"), help, "gauge"),
                    "unknown" => self.describe(name, help, "untyped"),
                    _ => self.describe(name, help, kind),
                }
            } else if !line.starts_with("# ") {
                self.text.push_str(line);
                self.text.push('\n');
            }
        }
    }

    /// What stands on it, to be appended to another one.
    pub fn part(self) -> String {
        self.text
    }

    /// The whole document.
    pub fn done(mut self) -> String {
        if self.form == Form::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }
}

/// A label's value, which may be anything that outsiders write.
fn escape(value: &str, into: &mut String) {
    for c in value.chars() {
        match c {
            '\\' => into.push_str("\\\\"),
            '"' => into.push_str("\\\""),
            '\n' => into.push_str("\\n"),
            _ => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_one_that_is_asked_for() {
        for (accept, form) in [
            ("", Form::Text),
            ("*/*", Form::Text),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Form::Text),
            ("text/plain", Form::Text),
            ("application/openmetrics-text", Form::OpenMetrics),
            ("Application/OpenMetrics-Text; version=1.0.0", Form::OpenMetrics),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                Form::OpenMetrics,
            ),
            ("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.5", Form::Text),
            ("application/openmetrics-text;q=0", Form::Text),
        ] {
            assert_eq!(Form::asked(accept), form, "{accept}");
        }
    }

    #[test]
    fn what_is_written_for_one_form_is_rewritten_for_the_other() {
        let open = "# HELP a_b Bytes of it.\n# TYPE a_b counter\n# UNIT a_b bytes\na_b_total{x=\"1\"} 2\n\
                    # HELP build Program.\n# TYPE build info\nbuild_info{version=\"1\"} 1\n\
                    # HELP took Time.\n# TYPE took histogram\ntook_sum 0.5\ntook_count 1\ntook_bucket{le=\"+Inf\"} 1\n";
        let mut sheet = Sheet::new(Form::Text);
        sheet.append_open(open);
        assert_eq!(
            sheet.done(),
            "# HELP a_b_total Bytes of it.\n# TYPE a_b_total counter\na_b_total{x=\"1\"} 2\n\
             # HELP build_info Program.\n# TYPE build_info gauge\nbuild_info{version=\"1\"} 1\n\
             # HELP took Time.\n# TYPE took histogram\ntook_sum 0.5\ntook_count 1\ntook_bucket{le=\"+Inf\"} 1\n"
        );
        let mut sheet = Sheet::new(Form::OpenMetrics);
        sheet.append_open(open);
        sheet.family("c_total", Kind::Counter, "Count.");
        sheet.sample("c_total", &[("of", "a\"b\\c\nd")], 1.5);
        let text = sheet.done();
        assert!(text.starts_with(open));
        assert!(
            text.ends_with("# HELP c Count.\n# TYPE c counter\nc_total{of=\"a\\\"b\\\\c\\nd\"} 1.5\n# EOF\n"),
            "{text}"
        );
    }

    #[test]
    fn one_state_is_one_and_unknown_is_a_state_of_its_own() {
        let mut sheet = Sheet::new(Form::Text);
        sheet.states("s", &[("source", "a")], State::Unknown);
        let text = sheet.done();
        assert_eq!(text.lines().count(), 6);
        assert_eq!(
            text.lines().filter(|line| line.ends_with(" 1")).collect::<Vec<_>>(),
            ["s{source=\"a\",state=\"unknown\"} 1"]
        );
    }
}
