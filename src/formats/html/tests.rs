//! What pages say, and what they must not be taken to say.

use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::formats::Adapter;

const PAGE: &str = "<!doctype html><html><head><title>Old hoster\n status</title>\
    <script>var a = '</html>';</script></head><body><h2>Web</h2><table class=status><tbody>\
    <tr><th>Service</th><th>State</th></tr>\
    <tr><td>Shop <b>EU</b></td><td>OK</td></tr><tr><td>Mail</td><td>Wartung bis 12:00</td></tr>\
    </tbody></table><h2>Voice</h2><table class=status><tr><td>Lines</td><td>gest&ouml;rt</td></tr></table>\
    <p>More</p></body></html>\n";

fn options() -> Value {
    json!({"component": "table.status tr", "name": "td:nth-child(1)", "state": "td:nth-child(2)", "group": "h2",
        "states": {"OK": "operational", "*wartung*": "under_maintenance", "*": "major_outage"}})
}

fn body(bytes: &[u8]) -> Body {
    Body {
        name: "page".into(),
        role: Role::Present,
        content_type: Some("text/html".into()),
        url: None,
        status: 200,
        bytes: Bytes::copy_from_slice(bytes),
    }
}

fn adapter(options: &Value) -> Box<dyn Adapter> {
    options::compile(options).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn read(options: &Value, page: &str) -> Result<Observation, ParseError> {
    adapter(options).parse(&[body(page.as_bytes())], Timestamp::UNIX_EPOCH)
}

fn rows(seen: &Observation) -> Vec<(String, &'static str)> {
    seen.components.iter().map(|component| (component.path(), component.state.as_str())).collect()
}

fn one_table(rows: &str) -> String {
    format!("<html><body><table class=status>{rows}</table></body></html>")
}

#[test]
fn a_table_is_read() {
    let seen = read(&options(), PAGE).unwrap();
    assert_eq!(
        rows(&seen),
        [
            ("Web/Shop EU".to_owned(), "operational"),
            ("Web/Mail".to_owned(), "under_maintenance"),
            ("Voice/Lines".to_owned(), "major_outage"),
        ]
    );
    assert_eq!(seen.page.name.as_deref(), Some("Old hoster status"));
    assert_eq!((seen.basis, seen.warnings.len()), (Basis::States, 0));
}

#[test]
fn attributes_are_read() {
    let page = "<html><body><ul><li data-state=up>API</li><li data-state=slow>Web<i class='x red'></i></li>\
        </ul></body></html>";
    let by_own = json!({"component": "li", "state": "@data-state", "states": {"up": "operational"}});
    let seen = read(&by_own, page).unwrap();
    assert_eq!(rows(&seen), [("API".to_owned(), "operational"), ("Web".to_owned(), "unknown")]);
    assert!(seen.warnings[0].contains("slow"), "{:?}", seen.warnings);
    let by_icon = json!({"component": "li", "state": "i@class", "states": {"*red": "partial_outage"}});
    assert_eq!(
        rows(&read(&by_icon, page).unwrap()),
        [("API".to_owned(), "unknown"), ("Web".to_owned(), "partial_outage")]
    );
}

#[test]
fn a_banner_without_a_name_is_the_overall_state() {
    let banner = json!({"component": ".banner", "states": {"all systems go": "operational", "*": "partial_outage"}});
    let page = |text: &str| format!("<html><body><div><p class=banner>{text}</p></div></body></html>");
    let seen = read(&banner, &page("All <em>systems</em>\n go")).unwrap();
    assert_eq!((seen.state(), seen.components.len()), (Some(State::OPERATIONAL), 0));
    assert_eq!(read(&banner, &page("2 problems")).unwrap().state(), Some(State::PARTIAL_OUTAGE));
}

#[test]
fn a_row_that_is_not_understood_is_unknown_and_said() {
    let mut options = options();
    options["states"] = json!({"ok": "operational"});
    for row in [
        "<td>A</td>",
        "<td>A</td><td></td>",
        "<td>A</td><td>okay</td>",
        "<td>A</td><td>ok\u{200b}</td>",
        "<td>A</td><td>\u{43e}k</td>",
        "<td></td><td>ok</td>",
        "<td>A</td><td>ok <i>not</i></td>",
    ] {
        let page = one_table(&format!("<tr><td>B</td><td>ok</td></tr><tr>{row}</tr>"));
        let seen = read(&options, &page).unwrap();
        assert_eq!((seen.components.len(), seen.state()), (2, Some(State::Unknown)), "{row}");
        assert!(!seen.warnings.is_empty(), "{row}");
    }
}

#[test]
fn one_name_twice_is_as_bad_as_the_worse() {
    for states in [["ok", "down"], ["down", "ok"]] {
        let row = states.map(|state| format!("<tr><td>A</td><td>{state}</td></tr>")).concat();
        let seen = read(&options(), &one_table(&row)).unwrap();
        assert_eq!((seen.components.len(), seen.state()), (1, Some(State::MAJOR_OUTAGE)));
    }
}

/// R3
#[test]
fn a_page_cut_anywhere_is_the_whole_page_or_none() {
    let whole = read(&options(), PAGE).unwrap();
    let mut read_early = 0;
    for at in 0..PAGE.len() {
        let cut = adapter(&options()).parse(&[body(&PAGE.as_bytes()[..at])], Timestamp::UNIX_EPOCH);
        if let Ok(seen) = cut {
            assert_eq!(seen, whole, "cut at {at}");
            read_early += 1;
        }
    }
    // Only the white space after it, and `</html>` after `</body>`, can be missed.
    assert!(read_early < 16, "{read_early}");
}

/// R3
#[test]
fn an_end_tag_that_is_none_does_not_make_a_page_whole() {
    let half = "<html><body><table class=status><tr><td>A</td><td>ok</td></tr>";
    for rest in [
        "",
        "</table>",
        "</body></html>",
        "<tr><td>B</td><td></body></html>",
        "</table><!-- </html> -->",
        "</table><script>'</html>'",
        "</table><textarea></html>",
        "</table><a title='</html>'>",
        "</table><a title='</html>",
    ] {
        let error = read(&options(), &format!("{half}{rest}")).unwrap_err();
        assert!(error.to_string().contains("cut"), "{rest}: {error}");
    }
    assert!(read(&options(), &format!("{half}</table></body></html><!-- 12 ms -->")).is_ok());
}

#[test]
fn a_page_without_end_tags_needs_the_text_it_ends_with() {
    let page = "<!doctype html><main><table class=status><tr><td>A<td>ok</table></main><footer>Acme";
    assert!(read(&options(), page).unwrap_err().to_string().contains("`end`"));
    let mut options = options();
    options["end"] = json!("</main>");
    assert_eq!(read(&options, page).unwrap().state(), Some(State::OPERATIONAL));
    assert!(read(&options, &page[..page.len() - 20]).unwrap_err().to_string().contains("html.end"));
}

#[test]
fn what_finds_nothing_is_named() {
    let told = |key: &str, selector: &str| {
        let mut options = options();
        options[key] = json!(selector);
        read(&options, PAGE).unwrap_err().to_string()
    };
    assert!(told("component", "table.new tr").contains("`table.new tr` (html.component)"));
    assert!(told("name", ".name").contains("`.name` (html.name)"));
    assert!(told("state", ".state").contains("`.state` (html.state)"));
    let sign_in = "<html><title>Sign in</title><input type=\"password\"></html>";
    assert!(read(&options(), sign_in).unwrap_err().to_string().contains("sign-in page titled"));
    let template = "<html><body><template><table class=status><tr><td>A<td>ok</table></template></body></html>";
    assert!(matches!(read(&options(), template), Err(ParseError::NothingFound { .. })));
}

#[test]
fn other_documents_are_refused() {
    for (page, said) in [("", "empty"), (" \n", "empty"), ("{\"a\":1}", "JSON"), ("[]", "JSON")] {
        assert!(read(&options(), page).unwrap_err().to_string().contains(said), "{page}");
    }
    for status in [204, 301, 304, 404, 500, 503] {
        let answer = Body { status, ..body(PAGE.as_bytes()) };
        assert_eq!(adapter(&options()).parse(&[answer], Timestamp::UNIX_EPOCH).is_ok(), status == 204, "{status}");
    }
}

/// R19
#[test]
fn traps_are_refused_before_they_are_parsed() {
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=1")).collect();
    for trap in ["<div>".repeat(50_000), "<ul><li>".repeat(65_536), format!("<a{attributes}>"), "<font>".repeat(6_000)]
    {
        assert!(matches!(read(&options(), &format!("{trap}{PAGE}")), Err(ParseError::OverLimit { .. })));
    }
    let many = one_table(&"<tr><td>A</td><td>ok</td></tr>".repeat(limits::COMPONENTS + 1));
    assert!(read(&options(), &many).unwrap_err().to_string().contains("more than 2000"));
}

#[test]
fn the_charset_of_the_page_is_obeyed() {
    let mut page = b"<html><head><meta charset=\"iso-8859-1\"></head><body><table class=status><tr><td>B".to_vec();
    page.push(0xfc);
    page.extend_from_slice(b"ro</td><td>ok</td></tr></table></body></html>");
    let seen = adapter(&options()).parse(&[body(&page)], Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(seen.components[0].name, "B\u{fc}ro");
}

#[test]
fn every_mistake_in_the_options_is_told_with_its_place() {
    let wrong = json!({"component": "table[", "nmae": "td", "state": 7, "group": "@x", "end": "<footer",
        "states": {"OK": "opertional", "ok": "maintenance", "x": "fine", "y": 3}});
    let mut told: Vec<String> = options::compile(&wrong)
        .unwrap_err()
        .into_iter()
        .map(|p| format!("{}: {}", p.at.join("."), p.message))
        .collect();
    told.sort();
    let expected = [
        ("component: ", "no CSS selector"),
        ("end: ", "only the whole page"),
        ("group: ", "without `@`"),
        ("nmae: ", "did you mean `name`?"),
        ("state: ", "expected a CSS selector"),
        ("states.OK: ", "did you mean `operational`?"),
        ("states.ok: ", "did you mean `under_maintenance`?"),
        ("states.x: ", "there are `operational`"),
        ("states.y: ", "`3` is no state"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (said, (place, words)) in told.iter().zip(expected) {
        assert!(said.starts_with(place) && said.contains(words), "{said}");
    }
    for (options, said) in [
        (Value::Null, "needs `component`"),
        (json!({}), "needs `component`"),
        (json!({"component": "tr"}), "needs `states`"),
        (json!({"component": "tr", "states": {}}), "expected words"),
        (json!({"component": "tr", "states": {"a": "operational", "A ": "major_outage"}}), "given twice"),
    ] {
        let problems = options::compile(&options).unwrap_err();
        assert!(problems.iter().any(|problem| problem.message.contains(said)), "{problems:?}");
    }
}
