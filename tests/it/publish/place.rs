//! One place and its rounds: what is put, in which order, and what is removed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use allclear::model::outlet::{Bucket, BucketKind, Place};
use allclear::model::people::Hidden;
use allclear::model::snapshot::Snapshot;
use allclear::publish::{Done, ExportError, MANIFEST, Publication, Removal, Site, Target, export};

use super::links::dangling;
use super::s3::{BUCKET, KEY_ID, REGION, S3, SECRET};
use super::site::site;
use crate::http::world::{at, snapshot};

fn bucket(s3: &S3) -> Bucket {
    Bucket {
        kind: BucketKind::S3,
        name: BUCKET.into(),
        prefix: "status/page".into(),
        endpoint: Some(format!("http://{}", s3.address)),
        region: Some(REGION.into()),
        key_id: Some(KEY_ID.into()),
        key: Some(Hidden::new(SECRET)),
        token: None,
        ca: None,
    }
}

fn publication(bucket: Bucket) -> Publication {
    let target = Target::open(&Place::Bucket(bucket)).unwrap();
    Publication::new(target, "public, max-age=10".into(), Removal::NextRound)
}

/// The same present a minute later, without its incident.
fn later(before: &Snapshot) -> Site {
    let mut after = before.clone();
    after.generated_at = at("2026-01-02T12:01:00Z");
    after.incidents.clear();
    site(&after)
}

#[tokio::test]
async fn a_bucket_gets_every_file_with_its_type_and_then_only_what_changed() {
    let s3 = S3::start().await;
    let now = snapshot(3, "Errors");
    let (first, second) = (site(&now), later(&now));
    let mut place = publication(bucket(&s3));
    s3.put("elsewhere.html", "not ours");
    assert_eq!(place.round(&first).await.unwrap(), Done { put: first.files.len(), removed: 0 });
    let held = s3.objects();
    for (path, file) in &first.files {
        let object = &held[&format!("status/page/{path}")];
        assert_eq!((&object.bytes, object.kind.as_str()), (&file.bytes, file.kind), "{path}");
        let caching =
            if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "public, max-age=10" };
        assert_eq!(object.caching, caching, "{path}");
    }
    let log = s3.log();
    assert_eq!(log[0], format!("PUT status/page/{MANIFEST}"), "what is put is listed before");
    assert_eq!(log.last().unwrap(), "PUT status/page/index.html");

    assert_eq!(place.round(&first).await.unwrap(), Done::default());
    assert_eq!(s3.log().len(), log.len(), "what is there already is not put again");

    let done = place.round(&second).await.unwrap();
    assert!(done.put > 0 && done.put < first.files.len() && done.removed == 0, "{done:?}");
    assert!(s3.log().ends_with(&["PUT status/page/index.html".into(), "PUT status/page/status.json".into()]));
    assert!(s3.objects().contains_key("status/page/incidents/acme.x1/index.html"), "somebody may hold a link to it");
    assert_eq!(place.round(&second).await.unwrap(), Done { put: 0, removed: 1 });
    assert!(!s3.objects().contains_key("status/page/incidents/acme.x1/index.html"));
    assert!(s3.objects().contains_key("elsewhere.html"), "what is not ours stays");
    assert_eq!(s3.wrong(), [""; 0]);
}

#[tokio::test]
async fn after_a_restart_everything_is_put_again_and_what_is_gone_is_still_known_to_be_ours() {
    let s3 = S3::start().await;
    let now = snapshot(3, "Errors");
    publication(bucket(&s3)).round(&site(&now)).await.unwrap();
    let second = later(&now);
    let mut place = publication(bucket(&s3));
    assert_eq!(place.round(&second).await.unwrap().put, second.files.len());
    assert_eq!(place.round(&second).await.unwrap().removed, 1);
    let held = s3.files("status/page/");
    assert_eq!(held.len(), second.files.len() + 1, "{:?}", held.keys());
    assert_eq!(dangling(&held), [""; 0]);
}

#[tokio::test]
async fn a_round_that_fails_puts_no_first_page_and_the_next_one_goes_on() {
    let s3 = S3::start().await;
    let now = snapshot(3, "Errors");
    let mut place = publication(bucket(&s3));
    place.round(&site(&now)).await.unwrap();
    let before = s3.files("");
    s3.set_down(true);
    place.round(&later(&now)).await.unwrap_err();
    assert_eq!(s3.files(""), before);
    s3.set_down(false);
    let done = place.round(&later(&now)).await.unwrap();
    assert!(done.put > 0 && done.put < before.len(), "{done:?}");
    assert!(s3.files("status/page/")["index.html"].contains("2026-01-02T12:01:00Z"));
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_is_in_no_message() {
    let s3 = S3::start().await;
    let mut wrong = bucket(&s3);
    wrong.key = Some(Hidden::new("another-s3cr3t"));
    assert!(!format!("{wrong:?}").contains("another-s3cr3t"));
    let error = publication(wrong).round(&site(&snapshot(3, "Errors"))).await.unwrap_err().to_string();
    assert!(!error.contains("another-s3cr3t"), "{error}");
    assert!(s3.objects().is_empty());
}

#[tokio::test]
async fn a_list_that_somebody_changed_removes_nothing_outside() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("page");
    std::fs::create_dir_all(&root).unwrap();
    std::fs::write(folder.path().join("precious"), "x").unwrap();
    std::fs::write(root.join(".htaccess"), "x").unwrap();
    let list = r#"{"made_by":"allclear","files":["../precious","/etc/passwd",".htaccess","old/index.html","a/../../precious"]}"#;
    std::fs::write(root.join(MANIFEST), list).unwrap();
    std::fs::create_dir_all(root.join("old")).unwrap();
    std::fs::write(root.join("old/index.html"), "x").unwrap();
    let done = export(&root, &site(&snapshot(3, "Errors")), false).await.unwrap();
    assert_eq!(done.removed, 1);
    assert!(folder.path().join("precious").exists() && root.join(".htaccess").exists() && !root.join("old").exists());
}

fn read(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned());
            }
        }
    }
    files
}

#[tokio::test]
async fn a_folder_holds_the_site_and_nothing_half_and_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("www/status");
    let now = snapshot(3, "Errors");
    let first = site(&now);
    export(&root, &first, false).await.unwrap();
    let held = read(&root);
    assert_eq!(held.len(), first.files.len() + 1, "{:?}", held.keys());
    assert_eq!(dangling(&held), [""; 0]);
    // What a killed process left is swept, and what is gone from the site goes with its folder.
    std::fs::write(root.join(".allclear-1.part"), "half").unwrap();
    assert_eq!(export(&root, &later(&now), false).await.unwrap().removed, 1);
    let held = read(&root);
    assert!(!held.contains_key(".allclear-1.part") && !root.join("incidents").exists(), "{:?}", held.keys());
}

#[tokio::test]
async fn a_folder_with_other_files_is_not_written_into_unasked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "my own page").unwrap();
    let site = site(&snapshot(3, "Errors"));
    let refused = export(folder.path(), &site, false).await.unwrap_err();
    assert!(matches!(refused, ExportError::Used(_)) && refused.to_string().contains("--force"), "{refused}");
    assert_eq!(std::fs::read_to_string(folder.path().join("index.html")).unwrap(), "my own page");
    std::fs::write(folder.path().join("other.txt"), "stays").unwrap();
    export(folder.path(), &site, true).await.unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("other.txt")).unwrap(), "stays");
}

#[test]
fn a_snapshot_that_differs_in_times_alone_tells_the_same() {
    let before = snapshot(3, "Errors");
    let mut after = Snapshot::clone(&before);
    after.generated_at = at("2026-01-02T12:01:00Z");
    assert!(before.says_the_same(&after));
    Arc::make_mut(&mut after.page).title = "Another".into();
    assert!(!before.says_the_same(&after));
}
