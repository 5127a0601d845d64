"""An exporter for Statuspage from PyPI, as it is, reads the running program and says what /api/v1 says."""

import json
import os
import time
import unittest
import urllib.request

from statuspage_prometheus_exporter.service_checker import check_status_page_service

URL = os.environ["ALLCLEAR_URL"]
PATIENCE = 60


def summary():
    with urllib.request.urlopen(f"{URL}/api/v1/summary", timeout=PATIENCE) as answer:
        return json.load(answer)


def together():
    """What it says, and what /api/v1 says of the same present."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        before = summary()
        said = check_status_page_service("allclear", {"name": "Ours", "url": f"{URL}/api/v2/summary.json"})
        ours = summary()
        if before["seq"] == ours["seq"] and before["generated_at"] == ours["generated_at"]:
            return said, ours
    raise AssertionError("the present does not hold still")


def name(one):
    return one["title"] if one["source"] is None else f"{one['source_name']}: {one['title']}"


class Exported(unittest.TestCase):
    def test_only_what_is_operational_is_exported_as_up(self):
        said, ours = together()
        self.assertTrue(said["success"], said)
        self.assertEqual(said["status"], 0, "something is wrong in this world")
        up = [row["name"] for row in said["component_metadata"] if row["status_value"] == 1]
        things = [source for source in ours["sources"]]
        parts = [part for source in things for part in source["components"] if part["counted"]]
        expected = [one["name"] for one in things + ours["services"] if one["state"] == "operational"]
        expected += [part["path"] for part in parts if part["state"] == "operational"]
        services = [one["state"] for one in ours["services"]]
        if services and all(state == "operational" for state in services):
            expected.append("Services")
        self.assertEqual(sorted(up), sorted(expected))
        self.assertTrue(any(source["state"] == "unknown" for source in things), "some vendors cannot be read")

    def test_incidents_and_maintenances_are_the_same(self):
        said, ours = together()
        incidents = [name(one) for one in ours["incidents"] if one["counted"]]
        self.assertTrue(incidents)
        self.assertEqual(sorted(one["name"] for one in said["incident_metadata"]), sorted(incidents))
        works = [name(one) for one in ours["maintenances"] if one["counted"]]
        self.assertEqual(sorted(one["name"] for one in said["maintenance_metadata"]), sorted(works))


if __name__ == "__main__":
    unittest.main()
