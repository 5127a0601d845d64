//! `publish` in the configuration.

use std::path::Path;
use std::time::Duration;

use allclear::config;
use allclear::model::outlet::{BucketKind, Outlet, Place};

fn read(text: &str) -> Result<Vec<Outlet>, Vec<String>> {
    let environment = |name: &str| (name == "KEY").then(|| "s3cr3t-key".to_owned());
    let text = format!("sources: []\n{text}\n");
    match config::parse(&text, Path::new("sources.yaml"), &environment) {
        Ok(config) => Ok(config.publish.iter().map(|outlet| Outlet::clone(outlet)).collect()),
        Err(problems) => Err(problems.iter().map(|one| one.to_string().replace("\n  hint: ", " | ")).collect()),
    }
}

#[test]
fn places_are_what_their_entries_say_and_else_as_usual() {
    let read = read(
        "publish:\n  - to: /var/www/status\n  - {to: \"file:///srv/page\", every: 30s, cache: 10s, private: true}\n  - to: s3://acme/status/\n    endpoint: https://s3.example/\n    region: eu-1\n    key_id: AKID\n    secret_key: ${KEY}\n  - {to: \"gs://acme\", credentials: \"{}\"}\n  - {to: \"az://acme/x\", account: acme, access_key: \"${KEY}\"}",
    )
    .unwrap();
    let shown: Vec<String> = read.iter().map(|outlet| outlet.place.to_string()).collect();
    assert_eq!(shown, ["/var/www/status", "/srv/page", "s3://acme/status", "gs://acme", "az://acme/x"]);
    assert_eq!((read[0].every, read[0].cache, read[0].private), (Duration::from_secs(10), Duration::ZERO, false));
    assert_eq!(
        (read[1].every, read[1].cache, read[1].private),
        (Duration::from_secs(30), Duration::from_secs(10), true)
    );
    let Place::Bucket(bucket) = &read[2].place else { panic!("{:?}", read[2]) };
    assert_eq!((bucket.kind, bucket.name.as_str(), bucket.prefix.as_str()), (BucketKind::S3, "acme", "status"));
    assert_eq!(bucket.endpoint.as_deref(), Some("https://s3.example"));
    assert_eq!(bucket.key.as_ref().unwrap().reveal(), "s3cr3t-key");
    assert!(!format!("{read:?}").contains("s3cr3t"));
    let one = self::read("publish: {to: out}").unwrap();
    assert_eq!(one[0].place, Place::Folder("out".into()), "relative to the configuration");
}

#[test]
fn every_mistake_has_its_place_and_its_hint() {
    for (text, expected) in [
        (
            "publish: {every: 10s}",
            "2:10: `publish` without `to` | write a folder, or `s3://bucket/prefix`, `gs://…`, `az://…`",
        ),
        ("publish: {to: out, evry: 10s}", "2:20: unknown key `evry` in `publish` | did you mean `every`?"),
        ("publish: {to: out, every: 1s}", "2:27: `every` is from 2s to 60s | write `60s` or less"),
        ("publish: {to: out, every: 2m}", "2:27: `every` is from 2s to 60s | write `60s` or less"),
        ("publish: {to: out, cache: 1h}", "2:27: `cache` is from 0s to 60s | write `60s` or less"),
        ("publish: {to: out, region: eu-1}", "2:20: `region` means nothing for a folder | remove it"),
        ("publish: {to: \"gs://acme\", key_id: x}", "2:28: `key_id` means nothing for `gs://` | remove it"),
        (
            "publish: {to: \"ftp://acme/x\"}",
            "2:15: nothing can be published to such an address | write a folder, or `s3://bucket/prefix`, `gs://…`, `az://…`",
        ),
        (
            "publish: {to: \"gs:/acme\"}",
            "2:15: an address has `://` behind its scheme | write a folder, or `s3://bucket/prefix`, `gs://…`, `az://…`",
        ),
        (
            "publish: {to: \"s3://acme/../x\"}",
            "2:15: this names no bucket and prefix | write `s3://bucket/prefix`, with letters, digits, `.`, `-` and `_`; keys are options",
        ),
        (
            "publish: {to: \"s3://user:pass@acme/x\"}",
            "2:15: this names no bucket and prefix | write `s3://bucket/prefix`, with letters, digits, `.`, `-` and `_`; keys are options",
        ),
        ("publish: {to: \"s3://acme\", key_id: x}", "2:28: `key_id` without `secret_key` | give `secret_key`, too"),
        ("publish: {to: \"az://acme\", access_key: x}", "2:28: `access_key` without `account` | give `account`, too"),
        (
            "publish: [{to: out}, {to: out}]",
            "2:22: `out` is there twice | two at one place would be in each other's way; remove one",
        ),
        (
            "page: {access: private}\npublish: {to: out}",
            "3:15: the page is private, and this would publish it | write `private: true` here if whoever can read that place may read the page",
        ),
        (
            "publish: {to: \"file://acme/x\"}",
            "2:15: this names no folder | write `file:///var/www/status`, or the path alone",
        ),
    ] {
        assert_eq!(read(text).unwrap_err(), [format!("sources.yaml:{expected}")], "{text}");
    }
    assert!(read("page: {access: private}\npublish: {to: out, private: true}").is_ok());
}

#[test]
fn the_shipped_example_of_publish_is_good() {
    let shipped = include_str!("../../../sources.yaml");
    let example = shipped.split_once("# publish:\n").unwrap().1.split("\n\n").next().unwrap();
    let lines: Vec<&str> = example.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
    let yaml = lines.join("\n").replace("${S3_KEY_ID}", "${KEY}").replace("{file: /run/secrets/s3}", "${KEY}");
    assert_eq!(read(&format!("publish:\n{yaml}")).unwrap().len(), 2);
}
