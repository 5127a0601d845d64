"""Calendars of the running program: valid, right for the readers that others wrote, and followed by UID and SEQUENCE."""

import datetime
import re
import unittest
import zoneinfo

import icalendar
import recurring_ical_events
import vobject
from ical.calendar_stream import IcsCalendarStream

import rules
from world import PAGE, World, until

UTC = datetime.timezone.utc
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
BEGUN = datetime.datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
PLACES = ["", "/sources/northwind", "/services/checkout", "/services/search", "/tags/payments", "/tags/a%3B%20b"]


def moment(days, hours=0):
    """A whole hour so many days and hours from when the tests began."""
    return BEGUN + datetime.timedelta(days=days, hours=hours)


def iso(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def expand(calendar, begin, end):
    """All that takes place between the two, by start: start and end in UTC, and the event."""
    events = recurring_ical_events.of(calendar).between(begin, end)
    found = [(event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC), event) for event in events]
    return sorted(found, key=lambda one: one[0])


class Calendars(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)

    def read(self, place=""):
        """The calendar of a place, which every reader takes without a complaint."""
        status, headers, body = self.world.get(f"{place}/calendar.ics")
        self.assertEqual((status, headers["content-type"]), (200, "text/calendar; charset=utf-8"), place)
        self.assertEqual(rules.calendar(body), [], body.decode())
        calendar = icalendar.Calendar.from_ical(body)
        for component in calendar.walk():
            self.assertEqual(component.errors, [])
        strict = IcsCalendarStream.calendar_from_ics(body.decode())
        self.assertEqual(sorted(event.uid for event in strict.events), sorted(str(event["UID"]) for event in calendar.walk("VEVENT")))
        vobject.readOne(body.decode()).validate(raiseException=True)
        return calendar

    def events(self, place=""):
        """Its events by the address of the maintenance."""
        return {str(event.get("URL", "")): event for event in self.read(place).walk("VEVENT")}

    def event(self, one, place=""):
        return self.events(place)[f"{PAGE}/maintenances/{one['id']}"]

    def plan(self, **more):
        body = {"title": "New disks; fast, \\ and big", "starts_at": iso(moment(3)), "ends_at": iso(moment(3, 2)),
                "services": ["checkout"], "body": "We put in *new* disks.\n\nNothing stops."} | more
        return self.world.write("POST", "/api/v1/maintenances", body)

    def test_every_calendar_is_valid_and_says_what_the_page_says(self):
        one = self.plan()
        for place in PLACES:
            calendar = self.read(place)
            self.assertEqual((str(calendar["METHOD"]), str(calendar["X-PUBLISHED-TTL"])), ("PUBLISH", "PT15M"))
            self.assertTrue(str(calendar["NAME"]).startswith("Acme, status"), calendar["NAME"])
            _, headers, _ = self.world.get(f"{place}/calendar.ics")
            for name, value in (("If-None-Match", headers["etag"]), ("If-Modified-Since", headers["last-modified"])):
                self.assertEqual(self.world.get(f"{place}/calendar.ics", [(name, value)])[0], 304, place)
        event = self.event(one)
        self.assertEqual((event["DTSTART"].dt, event["DTEND"].dt), (moment(3), moment(3, 2)))
        self.assertEqual(str(event["SUMMARY"]), "Acme, status: New disks; fast, \\ and big")
        self.assertIn("We put in new disks.\n\nNothing stops.", str(event["DESCRIPTION"]))
        self.assertEqual((str(event["STATUS"]), str(event["TRANSP"]), int(event["SEQUENCE"])), ("CONFIRMED", "TRANSPARENT", 0))
        for place, there in (("/services/checkout", True), ("/tags/payments", True), ("/services/search", False), ("/sources/northwind", False)):
            self.assertEqual(f"{PAGE}/maintenances/{one['id']}" in self.events(place), there, place)

    def test_a_moved_and_a_cancelled_maintenance_are_followed_over_a_crash(self):
        one, other = self.plan(title="Moves"), self.plan(title="Is cancelled")
        path = f"/api/v1/maintenances/{one['id']}"
        planned, doomed = self.event(one), self.event(other)
        self.world.write("PATCH", path, {"starts_at": iso(moment(5)), "ends_at": iso(moment(5, 1))})
        self.world.write("POST", f"/api/v1/maintenances/{other['id']}/updates", {"status": "cancelled", "body": "Not needed."})
        moved, cancelled = self.event(one), self.event(other)
        for before, after in ((planned, moved), (doomed, cancelled)):
            self.assertEqual(after["UID"], before["UID"])
            self.assertGreater(int(after["SEQUENCE"]), int(before["SEQUENCE"]))
            self.assertGreaterEqual(after["LAST-MODIFIED"].dt, before["LAST-MODIFIED"].dt)
            self.assertEqual(after["CREATED"].dt, before["CREATED"].dt)
        self.assertEqual((moved["DTSTART"].dt, moved["DTEND"].dt), (moment(5), moment(5, 1)))
        self.assertEqual((str(moved["STATUS"]), str(cancelled["STATUS"])), ("CONFIRMED", "CANCELLED"))
        self.world.kill()
        self.world.start()
        for before in (moved, cancelled):
            after = self.events()[str(before["URL"])]
            self.assertEqual(after.to_ical(), before.to_ical(), "a crash changes nothing")
        self.world.write("PATCH", path, {"starts_at": iso(moment(6)), "ends_at": iso(moment(6, 1))})
        again = self.event(one)
        self.assertEqual((again["UID"], again["DTSTART"].dt), (planned["UID"], moment(6)))
        self.assertGreater(int(again["SEQUENCE"]), int(moved["SEQUENCE"]))

    def test_a_vendors_maintenance_that_moves_is_followed_over_a_crash(self):
        def says(starts, ends, status="scheduled"):
            at = iso(moment(-1))
            # The time of change stays: some vendors never touch it.
            self.world.vendor.maintenances = [{
                "id": "net", "name": "Network, rack 7", "status": status, "impact": "maintenance", "created_at": at,
                "updated_at": at, "started_at": at, "scheduled_for": iso(starts), "scheduled_until": iso(ends),
                "resolved_at": None, "shortlink": None, "components": [], "incident_updates": []}]

        def seen(starts):
            return until("the calendar has it", lambda: next(
                (event for event in self.events("/sources/northwind").values() if event["DTSTART"].dt == starts), None))

        says(moment(8), moment(8, 3))
        first = seen(moment(8))
        self.assertEqual((str(first["SUMMARY"]), int(first["SEQUENCE"])), ("Northwind: Network, rack 7", 0))
        self.assertEqual([str(word) for word in first["CATEGORIES"].cats], ["Maintenance", "payments", "a; b"])
        self.assertIn(str(first["UID"]), [str(event["UID"]) for event in self.events("/services/checkout").values()])
        says(moment(9), moment(9, 3))
        second = seen(moment(9))
        self.world.kill()
        self.world.start()
        self.assertEqual(seen(moment(9)).to_ical(), second.to_ical(), "a crash changes nothing")
        says(moment(10), moment(10, 3))
        third = seen(moment(10))
        self.assertEqual((first["UID"], first["UID"]), (second["UID"], third["UID"]))
        self.assertEqual([int(one["SEQUENCE"]) for one in (first, second, third)], [0, 1, 2])
        self.assertLess(first["LAST-MODIFIED"].dt, third["LAST-MODIFIED"].dt)

    def test_a_series_comes_as_its_occurrences_do_and_keeps_its_local_hour(self):
        first = (datetime.datetime.now(BERLIN) + datetime.timedelta(days=1)).replace(hour=2, minute=30, second=0, microsecond=0)
        body = {"title": "Patches", "rule": "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=150", "timezone": "Europe/Berlin",
                "starts": first.strftime("%Y-%m-%dT%H:%M:%S"), "duration_minutes": 90, "services": ["search"], "body": "Patches."}
        series = self.world.write("POST", "/api/v1/series", body)

        def planned():
            items = self.world.json("/api/v1/maintenances?origin=local&limit=100")["items"]
            ours = [one for one in items if one["series"] == series["id"] and one["status"] != "cancelled"]
            times = [(one["starts_at"], one["ends_at"], one) for one in ours]
            return sorted(times, key=lambda one: one[0])

        def calendar():
            found = expand(self.read("/services/search"), moment(0), moment(33))
            return [(iso(starts), iso(ends)) for starts, ends, _ in found]

        def agrees():
            horizon = iso(moment(33))
            self.assertEqual(calendar(), [(starts, ends) for starts, ends, _ in planned() if starts < horizon])

        agrees()
        master = next(event for event in self.read("/services/search").walk("VEVENT") if "RRULE" in event)
        regular = expand(self.read("/services/search"), moment(0), moment(400))
        # One is moved, one is cancelled: the others stay.
        _, _, moves = planned()[2]
        starts = datetime.datetime.fromisoformat(moves["starts_at"].replace("Z", "+00:00")) + datetime.timedelta(hours=5)
        self.world.write("PATCH", f"/api/v1/maintenances/{moves['id']}",
                         {"starts_at": iso(starts), "ends_at": iso(starts + datetime.timedelta(hours=1))})
        _, _, skipped = planned()[3]
        self.world.write("POST", f"/api/v1/maintenances/{skipped['id']}/updates", {"status": "cancelled", "body": ""})
        agrees()
        self.assertIn((iso(starts), iso(starts + datetime.timedelta(hours=1))), calendar())
        events = self.read("/services/search").walk("VEVENT")
        self.assertEqual({str(event["UID"]) for event in events}, {str(master["UID"])}, "it stays one event")
        changed = next(event for event in events if "RRULE" in event)
        self.assertEqual(int(changed["SEQUENCE"]), int(master["SEQUENCE"]) + 2)
        self.assertEqual(len(changed["EXDATE"].dts), 1)
        before = {event.get("RECURRENCE-ID", event["DTSTART"]).dt: event.to_ical() for event in events}
        self.world.kill()
        self.world.start()
        after = {event.get("RECURRENCE-ID", event["DTSTART"]).dt: event.to_ical() for event in self.read("/services/search").walk("VEVENT")}
        self.assertEqual(after, before, "a crash changes nothing")
        # Over a year, and so over two changes of the clocks, by the calendar's own description of the time zone.
        local = {(starts.astimezone(BERLIN).hour, starts.astimezone(BERLIN).minute) for starts, _, _ in regular}
        offsets = {starts.astimezone(BERLIN).utcoffset() for starts, _, _ in regular}
        self.assertEqual((local, len(offsets), len(regular) > 100), ({(2, 30)}, 2, True))
        renamed = self.world.text("/services/search/calendar.ics").replace("Europe/Berlin", "Acme/Elsewhere")
        self.assertNotIn("Acme/Elsewhere", zoneinfo.available_timezones())
        ours = expand(icalendar.Calendar.from_ical(renamed), moment(0), moment(400))
        named = expand(self.read("/services/search"), moment(0), moment(400))
        self.assertEqual([one[:2] for one in ours], [one[:2] for one in named])


if __name__ == "__main__":
    unittest.main()
