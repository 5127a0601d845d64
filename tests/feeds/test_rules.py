"""The rules find what is wrong: each of them is broken once."""

import json
import unittest

import rules

ID = "urn:uuid:53997986-e5c9-8bf3-b898-1d9f2442ac44"
OWN = "https://a.example/feed"
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><id>{ID}</id><title>t</title><updated>2026-01-01T00:00:00Z</updated>
<author><name>n</name></author><link rel="self" href="{OWN}"/><link rel="alternate" href="https://a.example/"/>
<entry><id>{ID}</id><title>t</title><published>2026-01-01T00:00:00Z</published><updated>2026-01-02T00:00:00Z</updated>
<link rel="alternate" href="https://a.example/x"/><content type="html">c</content></entry></feed>"""
RSS = f"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>t</title><link>https://a.example/</link>
<description>d</description><lastBuildDate>Thu, 01 Jan 2026 00:00:00 GMT</lastBuildDate>
<atom:link rel="self" type="application/rss+xml" href="{OWN}"/><item><title>t</title><link>https://a.example/x</link>
<description>d</description><guid isPermaLink="false">{ID}</guid><pubDate>Thu, 01 Jan 2026 00:00:00 GMT</pubDate></item></channel></rss>"""
JSON = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "feed_url": OWN,
                   "home_page_url": "https://a.example/", "items": [
                       {"id": ID, "url": "https://a.example/x", "content_html": "", "tags": ["a"],
                        "date_published": "2026-01-01T00:00:00Z", "date_modified": "2026-01-01T00:00:00Z"}]})
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:p
METHOD:PUBLISH
BEGIN:VTIMEZONE
TZID:A/B
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0000
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:u
DTSTAMP:20260101T000000Z
DTSTART;TZID=A/B:20260101T000000
DURATION:PT1H
RRULE:FREQ=DAILY;UNTIL=20260201T000000Z
EXDATE;TZID=A/B:20260102T000000
SEQUENCE:0
STATUS:CONFIRMED
SUMMARY:s
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


class Rules(unittest.TestCase):
    def broken(self, check, whole, changes):
        self.assertEqual(check(whole), [])
        for old, new in changes:
            self.assertIn(old, whole)
            self.assertTrue(check(whole.replace(old, new, 1)), f"{old} -> {new}")

    def test_atom(self):
        entry = ATOM[ATOM.index("<entry>"):ATOM.index("</feed>")]
        self.broken(lambda text: rules.atom(text.encode(), OWN), ATOM, [
            ("<author><name>n</name></author>", ""), (f'href="{OWN}"', 'href="/feed"'), ("<title>t</title>", ""),
            ("2026-01-01T00:00:00Z</updated>", "2026-01-01</updated>"), ("2026-01-02", "2025-01-02"),
            ("https://a.example/x", "/x"), (f"<entry><id>{ID}", "<entry><id>1"), ('type="html"', 'type="text"'),
            ("</feed>", entry + "</feed>")])

    def test_rss(self):
        item = RSS[RSS.index("<item>"):RSS.index("</channel>")]
        self.broken(lambda text: rules.rss(text.encode(), OWN), RSS, [
            ('version="2.0"', 'version="0.91"'), ("Thu, 01 Jan 2026 00:00:00 GMT</pub", "Fri, 01 Jan 2026 00:00:00 GMT</pub"),
            ("Thu, 01 Jan 2026 00:00:00 GMT</last", "2026-01-01</last"), ('isPermaLink="false"', ""),
            (OWN, "https://a.example/"), ("<description>d</description>", ""), ("https://a.example/x", "/x"),
            ("</channel>", item + "</channel>"), ("<description>", "<modified>x</modified><description>")])

    def test_json_feed(self):
        self.broken(lambda text: rules.json_feed(text, OWN), JSON, [
            ("/1.1", "/1.0"), (OWN, "/feed"), ('["a"]', "[1]"), ("2026-01-01T00:00:00Z", "yesterday"),
            ('"content_html"', '"content"'), ("https://a.example/x", "/x"), (f'"{ID}"', "7")])

    def test_calendar(self):
        event = ICS[ICS.index("BEGIN:VEVENT"):ICS.index("END:VCALENDAR")]
        self.broken(lambda text: rules.calendar(text.encode()), ICS, [
            ("\r\n", "\n"), ("METHOD:PUBLISH\r\n", ""), ("TZID:A/B", "TZID:C/D"), ("UNTIL=20260201T000000Z", "UNTIL=20260201T000000"),
            ("EXDATE;TZID=A/B:20260102T000000", "EXDATE:20260102T000000Z"), ("UID:u", "UID:u\r\nUID:v"),
            ("DTSTAMP:20260101T000000Z", "DTSTAMP:20260101T000000"), ("STATUS:CONFIRMED", "STATUS:DONE"),
            ("SEQUENCE:0", "SEQUENCE:-1"), ("SUMMARY:s", "SUMMARY:" + "s" * 80), ("SUMMARY:s", "SUMMARY:\x07"),
            ("END:VCALENDAR", event + "END:VCALENDAR"), ("UID:u", "UID:u\r\nRECURRENCE-ID;TZID=A/B:20260103T000000"),
            ("TZOFFSETTO:+0000\r\n", ""), ("DURATION:PT1H", "DURATION:PT1H\r\nDTEND:20260101T010000Z")])


if __name__ == "__main__":
    unittest.main()
