"""Feeds of the running program: valid, the same in all forms, and followed by feed readers."""

import calendar
import datetime
import json
import unittest

import feedparser

import rules
from world import PAGE, World, until

CHECKS = {"atom": rules.atom, "rss": rules.rss, "json": rules.json_feed}
MEDIA = {"atom": "application/atom+xml; charset=utf-8", "rss": "application/rss+xml; charset=utf-8",
         "json": "application/feed+json; charset=utf-8"}
PLACES = ["", "/sources/northwind", "/services/checkout", "/tags/payments", "/tags/a%3B%20b"]


def incident(id, updates, **more):
    """A vendor's incident; updates are newest first."""
    rows = [{"id": f"{id}-{n}", "status": status, "body": body, "created_at": at, "updated_at": at, "display_at": at}
            for n, (at, status, body) in enumerate(updates)]
    return {"id": id, "name": f"Errors <b>& more</b> in {id}", "status": updates[0][1], "impact": "major", "created_at": updates[-1][0],
            "started_at": updates[-1][0], "updated_at": updates[0][0], "resolved_at": None, "shortlink": None,
            "incident_updates": rows, "components": [], **more}


def recently(minutes):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Feeds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)

    def setUp(self):
        # The minutes are told once, so that they are the same at every reading.
        self.first, self.second = recently(50), recently(20)
        self.says([(self.first, "investigating", "We look into it: a < b.")])
        services = [{"id": "checkout", "state": "partial_outage"}]
        body = {"title": "Payments fail", "impact": "major", "services": services}
        self.ours = self.world.write("POST", "/api/v1/incidents", body)
        until("all is seen", lambda: len(self.items("/feed.json")) >= 2)

    def says(self, updates):
        self.world.vendor.incidents = [incident(self.id(), updates)]
        wanted = f"{len(updates)} update(s) are read"
        until(wanted, lambda: any(len(one["updates"]) == len(updates) for one in self.vendors()))

    def vendors(self):
        return self.world.json("/api/v1/incidents?source=northwind&status=open")["items"]

    def items(self, path):
        return self.world.json(path)["items"]

    def entries(self, path):
        """What feedparser reads, without a complaint."""
        read = feedparser.parse(self.world.get(path)[2])
        self.assertEqual((read.bozo, read.get("bozo_exception")), (0, None), path)
        return read.entries

    def test_every_feed_is_valid_and_all_forms_say_the_same(self):
        for place in PLACES:
            for query in ("", "?per=update"):
                read = {}
                for kind, check in CHECKS.items():
                    path = f"{place}/feed.{kind}{query}"
                    status, headers, body = self.world.get(path)
                    self.assertEqual((status, headers["content-type"]), (200, MEDIA[kind]), path)
                    self.assertEqual(check(body, PAGE + path), [], path)
                    # Who holds it is not sent it again; a date alone is enough.
                    for name, value in (("If-None-Match", headers["etag"]), ("If-Modified-Since", headers["last-modified"])):
                        self.assertEqual(self.world.get(path, [(name, value)])[0], 304, path)
                    read[kind] = body
                items = json.loads(read["json"])["items"]
                self.assertTrue(items, place)
                for kind in ("atom", "rss"):
                    entries = self.entries(f"{place}/feed.{kind}{query}")
                    self.assertEqual([entry.id for entry in entries], [item["id"] for item in items])
                    for entry, item in zip(entries, items):
                        self.assertEqual(entry.link, item["url"])
                        self.assertTrue(entry.link.startswith(PAGE + "/"))
                        for at, name in ((entry.published_parsed, "date_published"), (entry.updated_parsed, "date_modified")):
                            moment = datetime.datetime.fromisoformat(item[name].replace("Z", "+00:00"))
                            self.assertEqual(calendar.timegm(at), moment.timestamp(), (kind, name))

    def test_an_incident_is_rewritten_and_an_update_comes_once(self):
        whole, each = "/sources/northwind/feed.atom", "/sources/northwind/feed.rss?per=update"
        before, posted = self.entries(whole)[0], self.entries(each)
        self.says([(self.second, "identified", "It is a disk."), (self.first, "investigating", "We look into it: a < b.")])
        until("the feed has it", lambda: len(self.entries(each)) == len(posted) + 1)
        after = self.entries(whole)[0]
        self.assertEqual((after.id, after.published), (before.id, before.published))
        self.assertGreater(after.updated_parsed, before.updated_parsed)
        again = self.entries(each)
        self.assertEqual([entry.id for entry in again[1:]], [entry.id for entry in posted])
        self.assertIn("Identified", again[0].title)
        # After a crash everything has the name that it had.
        self.world.kill()
        self.world.start()
        until("it is read again", lambda: self.world.json("/api/v1/sources/northwind")["freshness"]["ok_at"])
        self.assertEqual([entry.id for entry in self.entries(each)], [entry.id for entry in again])
        self.assertEqual(self.entries(whole)[0].id, before.id)

    def test_what_is_over_stays_in_the_feed(self):
        self.world.write("POST", f"/api/v1/incidents/{self.ours['id']}/updates", {"status": "resolved", "body": "Well again."})
        own = f"{PAGE}/incidents/{self.ours['id']}"
        entry = until("the end is told", lambda: next(
            (one for one in self.entries("/services/checkout/feed.rss") if one.link == own and "Well again" in one.description), None))
        self.assertIn("incident", [tag.term for tag in entry.tags])
        posts = [one for one in self.entries("/services/checkout/feed.atom?per=update") if one.link == own]
        self.assertIn("Resolved", posts[0].title)


if __name__ == "__main__":
    unittest.main()
