//! The stored shape of an alert that another tool pushes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, is_false};
use crate::model::id::IncidentId;
use crate::model::level::Impact;
use crate::model::pushed::{Followed, Pushed, Raised, Standing};
use crate::model::signal::{Course, Signal};
use crate::model::text::Text;

#[derive(Serialize, Deserialize)]
struct SignalShape {
    course: Word<Course>,
    at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_false")]
    standing: bool,
    started_at: Option<Timestamp>,
    title: String,
    html: String,
    plain: String,
    impact: Option<Word<Impact>>,
    labels: Vec<(String, String)>,
    url: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct RaisedShape {
    incident: String,
    since: Timestamp,
    standing: Word<Standing>,
    told: String,
}

/// Its key stands in its place.
#[derive(Serialize, Deserialize)]
pub struct PushedShape {
    over_at: Option<Timestamp>,
    over_heard: Option<Timestamp>,
    fired: Vec<Timestamp>,
    latest: Option<SignalShape>,
    held_until: Option<Timestamp>,
    raised: Option<RaisedShape>,
}

/// The shape of an alert.
pub fn shape(from: &Pushed) -> PushedShape {
    PushedShape {
        over_at: from.over_at,
        over_heard: from.over_heard,
        fired: from.fired.clone(),
        latest: from.latest.as_ref().map(signal),
        held_until: from.held_until,
        raised: from.raised.as_ref().map(|raised| RaisedShape {
            incident: raised.incident.as_str().to_owned(),
            since: raised.since,
            standing: Word(raised.standing),
            told: raised.told.clone(),
        }),
    }
}

/// Back again. A place without a hook is an error.
pub fn back(place: &str, shape: PushedShape) -> Result<Followed, String> {
    let (hook, key) = Followed::hook_of(place).ok_or("it names no hook")?;
    let alert = Pushed {
        key: key.to_owned(),
        over_at: shape.over_at,
        over_heard: shape.over_heard,
        fired: shape.fired,
        latest: shape.latest.map(|signal| signal_back(key, signal)),
        held_until: shape.held_until,
        raised: shape.raised.map(|raised| Raised {
            incident: IncidentId::new(raised.incident),
            since: raised.since,
            standing: raised.standing.0,
            told: raised.told,
        }),
    };
    Ok(Followed::new(&hook, alert))
}

fn signal(from: &Signal) -> SignalShape {
    SignalShape {
        course: Word(from.course),
        at: from.at,
        standing: from.standing,
        started_at: from.started_at,
        title: from.title.clone(),
        html: from.text.html.clone(),
        plain: from.text.plain.clone(),
        impact: from.impact.map(Word),
        labels: from.labels.clone(),
        url: from.url.clone(),
    }
}

fn signal_back(key: &str, shape: SignalShape) -> Signal {
    Signal {
        key: key.to_owned(),
        course: shape.course.0,
        at: shape.at,
        standing: shape.standing,
        started_at: shape.started_at,
        title: shape.title,
        text: Text { html: shape.html, plain: shape.plain },
        impact: shape.impact.map(|word| word.0),
        labels: shape.labels,
        url: shape.url,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::model::desk::{Drawer, Kept};
    use crate::model::id::HookId;
    use crate::store::record::desk;

    fn time() -> impl Strategy<Value = Timestamp> {
        (0..4_000_000_000_i64, 0..1_000_000_000_i32).prop_map(|(second, nano)| Timestamp::new(second, nano).unwrap())
    }

    prop_compose! {
        fn a_signal(key: String)(
            (course, at, standing, started_at) in (select(&Course::ALL[..]), of(time()), any::<bool>(), of(time())),
            (title, html, plain) in (any::<String>(), any::<String>(), any::<String>()),
            (impact, url) in (of(select(&Impact::ALL[..])), of(any::<String>())),
            labels in vec((any::<String>(), any::<String>()), 0..3),
        ) -> Signal {
            let (key, text) = (key.clone(), Text { html, plain });
            Signal { key, course, at, standing, started_at, title, text, impact, labels, url }
        }
    }

    prop_compose! {
        fn a_raised()(
            incident in "[a-z0-9-]{1,30}", since in time(), standing in select(&Standing::ALL[..]), told in any::<String>(),
        ) -> Raised {
            Raised { incident: IncidentId::new(incident), since, standing, told }
        }
    }

    fn an_alert() -> impl Strategy<Value = Pushed> {
        // A key may hold anything, line breaks included.
        any::<String>().prop_flat_map(|key| {
            let times = (of(time()), of(time()), vec(time(), 0..4), of(time()));
            (Just(key.clone()), times, of(a_signal(key)), of(a_raised())).prop_map(
                |(key, (over_at, over_heard, fired, held_until), latest, raised)| Pushed {
                    key,
                    over_at,
                    over_heard,
                    fired,
                    latest,
                    held_until,
                    raised,
                },
            )
        })
    }

    proptest! {
        #[test]
        fn alerts_read_back(alert in an_alert()) {
            let kept = Kept::Pushed(Box::new(Followed::new(&HookId::new("on-call"), alert)));
            let (drawer, key) = kept.place();
            prop_assert_eq!(drawer, Drawer::Pushed);
            prop_assert_eq!(desk::read(drawer.as_str(), key, &desk::write(&kept).unwrap()), Ok(kept.clone()));
        }
    }

    #[test]
    fn a_place_without_a_hook_is_refused() {
        let kept = Kept::Pushed(Box::new(Followed::new(&HookId::new("a"), Pushed::new("7"))));
        assert!(desk::read("pushed", "a7", &desk::write(&kept).unwrap()).is_err());
    }
}
