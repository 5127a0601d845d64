//! Every record reads back as it was written, whatever is in it.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::receipt::ReceiptMeta;
use super::*;
use crate::model::days::Days;
use crate::model::desk::Kept;
use crate::model::event::Event;
use crate::model::id::{ComponentId, IncidentId, SeriesId, ServiceId, SourceId};
use crate::model::incident::{Incident, Listing, Maintenance, Origin, Update};
use crate::model::local::{Hit, Local, Note, Pushed, Signed, Told, Words};
use crate::model::observation::{Basis, Page};
use crate::model::outline::{DocumentShape, Doubt, ListShape, Outline, Shape};
use crate::model::people::Hidden;
use crate::model::policy::{Digest, Hours, Wants};
use crate::model::receipt::{Gist, Part, Reading};
use crate::model::series::{OccurrenceOf, Plan};
use crate::model::source::Failure;
use crate::model::state::{Component, Drift, SourceState, Transport, Validators};
use crate::model::subscriber::{Interest, Reach, Subscriber};
use crate::model::text::Text;
use crate::store::Detected;

fn time() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.as_second() + 1..Timestamp::MAX.as_second(), 0..1_000_000_000_i32)
        .prop_map(|(second, nano): (i64, i32)| Timestamp::new(second, if second < 0 { -nano } else { nano }).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z ]{0,40}", Just("long ".repeat(400))]
}

fn update() -> impl Strategy<Value = Update> {
    let parts = (of(time()), of(select(&Phase::ALL[..])), text(), text(), of(time()));
    let told = (any::<u32>(), text(), text(), of((time(), text())));
    let told =
        told.prop_map(|(number, author, markdown, corrected)| Box::new(Told { number, author, markdown, corrected }));
    (parts, of(told)).prop_map(|((at, phase, html, plain, noticed_at), told)| Update {
        at,
        phase,
        body: Text { html, plain },
        noticed_at,
        told,
    })
}

fn a_reading() -> impl Strategy<Value = Reading> {
    let part = || (0..9_usize, text()).prop_map(|(count, digest)| Part { count, digest });
    let gist = (any::<u32>(), part(), part(), part(), part());
    let gist = gist.prop_map(|(scheme, page, components, incidents, maintenances)| Gist {
        scheme,
        page,
        components,
        incidents,
        maintenances,
    });
    (of(time()), 0..9_usize, text(), text(), of(gist)).prop_map(|(noticed_at, documents, format, options, gist)| {
        Reading { noticed_at, documents, format, options, gist }
    })
}

fn words() -> impl Strategy<Value = Words> {
    (text(), text(), text()).prop_map(|(markdown, html, plain)| Words { markdown, text: Text { html, plain } })
}

prop_compose! {
    fn a_local()(
        (version, author, suggested) in (any::<u64>(), text(), any::<bool>()),
        notes in vec((time(), text(), words()), 0..2),
        (related, pushed) in (vec(text(), 0..2), of((text(), text()))),
        postmortem in of((time(), text(), words())),
        plan in a_plan(),
    ) -> Local {
        Local {
            version,
            author,
            notes: notes.into_iter().map(|(at, author, words)| Note { at, author, words }).collect(),
            related: related.into_iter().map(IncidentId::new).collect(),
            postmortem: postmortem.map(|(at, author, words)| Signed { at, author, words }),
            pushed: pushed.map(|(hook, key)| Pushed { hook, key }),
            suggested,
            plan,
        }
    }
}

fn a_plan() -> impl Strategy<Value = Plan> {
    let seconds = || vec((0..9_999_u64).prop_map(std::time::Duration::from_secs), 0..3);
    let of = of((text(), 0..28_i8).prop_map(|(id, day)| OccurrenceOf {
        series: SeriesId::new(id),
        starts: jiff::civil::date(2026, 3, day + 1).at(2, 30, 0, 0),
    }));
    (any::<bool>(), any::<bool>(), seconds(), seconds(), of).prop_map(
        |(auto_start, auto_end, reminders, reminded, series)| Plan {
            auto_start,
            auto_end,
            reminders,
            reminded,
            series,
        },
    )
}

fn hit() -> impl Strategy<Value = Hit> {
    (text(), select(&State::ALL[..])).prop_map(|(service, state)| Hit { service: ServiceId::new(service), state })
}

fn listing() -> impl Strategy<Value = Listing> {
    prop_oneof![
        Just(Listing::Listed),
        (time(), any::<u32>()).prop_map(|(since, readings)| Listing::Missing { since, readings }),
        time().prop_map(|since| Listing::NoLongerListed { since }),
    ]
}

prop_compose! {
    fn an_incident()(
        (id, title, local, source) in (text(), text(), any::<bool>(), of(text())),
        (upstream_ids, components, services) in (vec(text(), 0..3), vec(text(), 0..3), vec(hit(), 0..3)),
        of_ours in of(a_local()),
        (phase, impact) in (of(select(&Phase::ALL[..])), of(select(&Impact::ALL[..]))),
        (started_at, updated_at, resolved_at, first_seen_at) in (of(time()), of(time()), of(time()), time()),
        (url, updates, listing) in (of(text()), vec(update(), 0..4), listing()),
    ) -> Incident {
        Incident {
            id: IncidentId::new(id),
            origin: if local { Origin::Local } else { Origin::Upstream },
            source: source.map(SourceId::new),
            upstream_ids,
            title,
            phase,
            impact,
            started_at,
            updated_at,
            resolved_at,
            url,
            components: components.into_iter().map(ComponentId::new).collect(),
            services,
            updates,
            first_seen_at,
            listing,
            local: of_ours.map(Box::new),
        }
    }
}

fn a_maintenance() -> impl Strategy<Value = Maintenance> {
    an_incident().prop_map(|like| Maintenance {
        id: like.id,
        origin: like.origin,
        source: like.source,
        upstream_ids: like.upstream_ids,
        title: like.title,
        phase: like.phase,
        starts_at: like.started_at,
        ends_at: like.resolved_at,
        updated_at: like.updated_at,
        url: like.url,
        components: like.components,
        services: like.services.into_iter().map(|hit| hit.service).collect(),
        updates: like.updates,
        first_seen_at: like.first_seen_at,
        listing: like.listing,
        local: like.local,
    })
}

prop_compose! {
    fn an_event()(
        (seq, at, since, baseline) in (any::<u64>(), time(), of(time()), any::<bool>()),
        (kind, cause) in (select(&EventKind::ALL[..]), select(&Cause::ALL[..])),
        (source, subject, name) in (of(text()), of(text()), text()),
        (from, to, note) in (of(text()), of(text()), of(text())),
    ) -> Event {
        let source = source.map(SourceId::new);
        Event { seq, at, since, kind, source, subject, name, from, to, cause, note, baseline }
    }
}

prop_compose! {
    fn a_component()(
        (id, name, path, description) in (text(), text(), text(), of(text())),
        (state, since, quiet, unlisted_since) in (select(&State::ALL[..]), time(), any::<bool>(), of(time())),
    ) -> Component {
        Component { id: ComponentId::new(id), name, path, state, since, description, quiet, unlisted_since }
    }
}

prop_compose! {
    fn an_outline()(
        (reader, readings, bytes) in (text(), any::<u32>(), any::<u64>()),
        documents in vec(
            (text(), select(&DocumentKind::ALL[..]), vec((text(), any::<u32>()), 0..3), vec(text(), 0..2)),
            0..3,
        ),
    ) -> Outline {
        let list = |(path, items)| ListShape { path, items };
        let document = |(name, kind, lists, nulls): (_, _, Vec<(String, u32)>, _)| DocumentShape {
            name, kind, lists: lists.into_iter().map(list).collect(), nulls,
        };
        Outline { readings, least: Shape { reader, documents: documents.into_iter().map(document).collect(), bytes } }
    }
}

prop_compose! {
    fn a_doubt()(
        (what, since, good_at, same_since) in (text(), time(), of(time()), time()),
        (readings, slight, worst) in (any::<u32>(), any::<bool>(), select(&State::ALL[..])),
    ) -> Doubt {
        Doubt { what, since, good_at, same_since, readings, slight, worst }
    }
}

prop_compose! {
    fn a_state()(
        (name, url, updated_at, indicator) in (of(text()), of(text()), of(time()), of(select(&State::ALL[..]))),
        (relays, announces, components, warnings) in (any::<bool>(), any::<bool>(), vec(a_component(), 0..5), vec(text(), 0..3)),
        (first_read_at, told, told_since) in (of(time()), select(&State::ALL[..]), time()),
        (told_unreadable, day, cells) in
            (any::<bool>(), of((1..9999_i16, 1..13_i8, 1..29_i8)), vec(of(select(&State::ALL[..])), 0..90)),
        (dated, outline, doubt) in (of(time()), of(an_outline()), of(a_doubt())),
    ) -> SourceState {
        SourceState {
            page: Page { name, url, updated_at, relays },
            indicator,
            basis: if announces { Basis::Announcements } else { Basis::States },
            components,
            incidents: Vec::new(),
            maintenances: Vec::new(),
            warnings,
            first_read_at,
            told,
            told_since,
            told_unreadable,
            days: Days::from_parts(day.map(|(y, m, d)| Date::new(y, m, d).unwrap()), cells),
            dated,
            outline,
            doubt,
        }
    }
}

prop_compose! {
    fn a_transport()(
        (checked_at, ok_at, next_at, failing_since) in (of(time()), of(time()), of(time()), of(time())),
        (not_before, full_at, failures) in (of(time()), of(time()), any::<u32>()),
        (failure, moved_to, fingerprint) in (of((select(&FailureKind::ALL[..]), text())), of(text()), text()),
        (drift, format) in (of((time(), of(text()), any::<bool>())), of(text())),
        validators in vec((text(), of(text()), of(text())), 0..3),
    ) -> Transport {
        Transport {
            checked_at,
            ok_at,
            ok_mono: None,
            next_at,
            failure: failure.map(|(kind, message)| Failure { kind, message }),
            failing_since,
            failures,
            not_before,
            validators: validators
                .into_iter()
                .map(|(document, etag, last_modified)| Validators { document, etag, last_modified })
                .collect(),
            full_at,
            moved_to,
            drift: drift.map(|(at, found, taken_up)| Drift { at, found, taken_up }),
            fingerprint,
            format,
        }
    }
}

prop_compose! {
    fn an_interest()(
        (sources, services, tags) in (vec(text(), 0..2), vec(text(), 0..2), vec(text(), 0..2)),
        (components, incidents) in (vec(text(), 0..2), vec(text(), 0..2)),
        (impact, tier) in (of(select(&Impact::ALL[..])), of(select(&Tier::ALL[..]))),
        (kinds, words, without) in (of(vec(select(&Happening::ALL[..]), 0..4)), vec(text(), 0..2), vec(text(), 0..2)),
        hours in vec((any::<[bool; 7]>(), any::<u16>(), any::<u16>()), 0..2),
        digest in of((of(any::<u8>()), any::<u16>())),
    ) -> Interest {
        let hours = hours.into_iter().map(|(days, from, to)| Hours { days, from, to }).collect();
        let incidents = incidents.into_iter().map(IncidentId::new).collect();
        let kinds = kinds.map(|kinds| kinds.into_iter().collect());
        let wants = Wants {
            sources, services, tags, components, incidents, impact, tier, kinds, words, without, hours,
        };
        Interest { wants, digest: digest.map(|(weekday, at)| Digest { weekday, at }) }
    }
}

fn a_reach() -> impl Strategy<Value = Reach> {
    let webhook = (text(), text()).prop_map(|(url, secret)| Reach::Webhook { url, secret: Hidden::new(secret) });
    prop_oneof![text().prop_map(Reach::Mail), webhook]
}

prop_compose! {
    fn a_subscriber()(
        (id, version, key) in (text(), any::<u64>(), text()),
        (reach, interest, proposed) in (a_reach(), an_interest(), of(an_interest())),
        (made_at, confirmed_at, asked_at) in (time(), of(time()), vec(time(), 0..3)),
        suspended in of((time(), text())),
    ) -> Subscriber {
        let Interest { wants, digest } = interest;
        let key = Hidden::new(key);
        Subscriber {
            id, version, reach, wants, digest, key, made_at, confirmed_at, asked_at, suspended, proposed,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn incidents_read_back(one in an_incident()) {
        prop_assert_eq!(incident::read(&incident::write(&one).unwrap()), Ok(one));
    }

    #[test]
    fn maintenances_read_back(one in a_maintenance()) {
        prop_assert_eq!(incident::read_maintenance(&incident::write_maintenance(&one).unwrap()), Ok(one));
    }

    #[test]
    fn events_read_back(one in an_event()) {
        prop_assert_eq!(event::read(one.seq, &event::write(&one).unwrap()), Ok(one));
    }

    #[test]
    fn states_read_back(one in a_state()) {
        prop_assert_eq!(state::read(&state::write(&one).unwrap()), Ok(one));
    }

    #[test]
    fn transports_read_back(one in a_transport()) {
        prop_assert_eq!(transport::read(&transport::write(&one).unwrap()), Ok(one));
    }

    #[test]
    fn subscribers_read_back(one in a_subscriber()) {
        let kept = Kept::Subscriber(Arc::new(one));
        let (drawer, key) = kept.place();
        prop_assert_eq!(desk::read(drawer.as_str(), key, &desk::write(&kept).unwrap()), Ok(kept.clone()));
    }

    #[test]
    fn small_records_read_back(
        a in text(), b in of(text()), at in time(), size in any::<u64>(), reading in of(a_reading()),
    ) {
        let meta = ReceiptMeta {
            document: a.clone(), url: a.clone(), content_type: b, read_at: at, hash: a.clone(), size, packed: size,
            place: 1,
            history: true,
            reading,
        };
        prop_assert_eq!(receipt::read(&receipt::write(&meta).unwrap()), Ok(meta));
        let detected = Detected { configured: a.clone(), format: a.clone(), address: a };
        prop_assert_eq!(transport::read_detected(&transport::write_detected(&detected).unwrap()), Ok(detected));
    }

    #[test]
    fn arbitrary_bytes_are_an_error_and_no_panic(bytes in vec(any::<u8>(), 0..200), kind in select(vec![PLAIN, PACKED])) {
        let mut record = vec![kind];
        record.extend(bytes);
        prop_assert!(incident::read(&record).is_err());
        prop_assert!(state::read(&record).is_err());
    }
}

#[test]
fn a_state_from_before_outlines_reads_as_one_that_has_none() {
    let json = br#"{"components":[],"told":"operational","told_since":"2026-01-01T00:00:00Z"}"#;
    let record: Vec<u8> = std::iter::once(PLAIN).chain(json.iter().copied()).collect();
    let read = state::read(&record).unwrap();
    assert_eq!((read.told, read.dated, read.outline, read.doubt), (State::OPERATIONAL, None, None, None));
}

#[test]
fn unknown_words_and_versions_are_errors() {
    let told = br#"{"components":[],"told":"great","told_since":"2026-01-01T00:00:00Z"}"#;
    let record: Vec<u8> = std::iter::once(PLAIN).chain(told.iter().copied()).collect();
    assert!(state::read(&record).unwrap_err().contains("unknown word `great`"));
    assert!(state::read(&[9, 1]).unwrap_err().contains("version 9"));
    assert!(state::read(&[]).is_err());
}

#[test]
fn receipts_from_before_readings_were_kept_with_them_are_read() {
    let old = br#"{"document":"summary","url":"https://a.example","content_type":null,"read_at":"2026-01-01T00:00:00Z","hash":"00","size":1,"packed":1}"#;
    let record: Vec<u8> = std::iter::once(PLAIN).chain(old.iter().copied()).collect();
    assert_eq!(receipt::read(&record).unwrap().reading, None);
}
