//! The page of a past minute is the page that was shown in that minute.

use std::time::Duration;

use allclear::model::past::Past;
use allclear::model::snapshot::Snapshot;
use allclear::wire::summary::Summary;
use jiff::SignedDuration;
use serde_json::Value;

use super::House;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The summary without what is not kept: when a source was read last, and will be next.
fn kept(page: &Snapshot) -> Value {
    let mut summary = serde_json::to_value(Summary::of(page)).unwrap();
    summary["generated_at"] = Value::Null;
    summary["headline"]["detail"] = Value::Null;
    for source in summary["sources"].as_array_mut().unwrap() {
        let fresh = &mut source["freshness"];
        fresh["checked_at"] = Value::Null;
        fresh["next_check_at"] = Value::Null;
        if fresh["stale"] == false {
            fresh["ok_at"] = Value::Null;
        }
    }
    summary
}

/// Compares every minute of the time that the house lived. Returns how many pages there were to tell apart.
pub async fn is_what_was_shown(house: &House, long: Duration) -> usize {
    let settings = house.pages[0].1.page.clone();
    let end = house.start + SignedDuration::try_from(long).unwrap();
    let (mut minute, mut at, mut told_apart) = (house.start + MINUTE, 0, 0);
    let (mut before, mut was) = (Value::Null, kept(&house.pages[0].1));
    while minute < end {
        while house.pages.get(at + 1).is_some_and(|(from, _)| *from <= minute) {
            at += 1;
            was = kept(&house.pages[at].1);
        }
        // Two pages of one moment are kept a microsecond apart.
        let moment = minute + SignedDuration::from_millis(1);
        let settings = settings.clone();
        let found = house.store().run(move |store| store.past(moment, &settings)).await.unwrap();
        let Past::Shown(shown) = found else { panic!("{minute}: {found:?}") };
        assert!(shown.since <= moment && shown.until.is_none_or(|until| until > moment), "{minute}");
        assert_eq!(shown.lost, 0, "{minute}");
        let is = kept(&shown.snapshot);
        for (key, value) in was.as_object().unwrap() {
            assert_eq!(is[key], *value, "{minute}: {key}");
        }
        told_apart += usize::from(is != before);
        before = is;
        minute += MINUTE;
    }
    told_apart
}
