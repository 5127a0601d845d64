"""The program signs its webhooks so that the official library takes them, also while the secret is changed."""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
from pathlib import Path

from receiver import Receiver

HERE = Path(__file__).resolve().parent
BINARY = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parents[1] / "target")).resolve() / "debug" / "allclear"
OLD = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xk"
NEW = "whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3"
PATIENCE = 60


def until(what, look):
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


class Told(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.home, self.out = Path(home.name), io.StringIO()
        self.receiver = Receiver([OLD], [], self.out)
        thread = threading.Thread(target=self.receiver.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(self.receiver.shutdown)
        self.configure(f"secret: {OLD}")
        with open(self.home / "log", "w", encoding="utf-8") as log:
            command = [BINARY, "serve", "--config", self.home / "sources.yaml", "--data", self.home / "data",
                       "--listen", "127.0.0.1:0", "--log-format", "json"]
            self.program = subprocess.Popen(command, stderr=log, stdout=subprocess.DEVNULL)
        self.addCleanup(self.program.wait)
        self.addCleanup(self.program.kill)
        self.url = until("it serves", self.serving)
        environment = os.environ | {"ALLCLEAR_URL": self.url, "ALLCLEAR_PAGE_LOG": str(self.home / "log")}
        set_up = [sys.executable, HERE.parent / "fuzz" / "set_up.py"]
        self.token = subprocess.run(set_up, env=environment, check=True, text=True, capture_output=True).stdout.strip()

    def log(self):
        return (self.home / "log").read_text(encoding="utf-8")

    def serving(self):
        self.assertIsNone(self.program.poll(), self.log())
        found = re.search(r"serving (http://127\.0\.0\.1:\d+)", self.log())
        return found[1] if found and "/admin/setup?code=" in self.log() else None

    def configure(self, secrets):
        (self.home / "sources.yaml").write_text(f"""
sources: []
services:
  - {{name: Checkout, needs: []}}
notify:
  confirm: 0s
  group: 0s
  spacing: 0s
  channels:
    - {{name: tool, kind: webhook, url: "{self.receiver.url}", allow_private: true, {secrets}}}
""", encoding="utf-8")

    def rotate(self, secrets, signatures):
        """Changes the secrets of the running program, and waits until it signs so often."""
        self.configure(secrets)

        def is_taken_up():
            line = self.next(self.send_test)
            self.assertEqual(line["event"], "verified", line)
            return line["signatures"] == signatures

        until("the new secrets are taken up", is_taken_up)

    def send_test(self):
        self.ask("/api/v1/channels/tool/test", {})

    def ask(self, path, body):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def lines(self):
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    def next(self, send):
        """The line about what is sent."""
        before = len(self.lines())
        send()
        return until("a webhook comes", lambda: self.lines()[before:])[0]

    def test_what_is_sent_is_taken_also_while_the_secret_is_changed(self):
        incident = {}
        services = [{"id": "checkout", "state": "partial_outage"}]
        body = {"title": "Payments fail", "impact": "major", "services": services}
        line = self.next(lambda: incident.update(self.ask("/api/v1/incidents", body)))
        self.assertEqual((line["event"], line["type"], line["signatures"]), ("verified", "incident.opened", 1), line)
        self.assertEqual(line["body"]["data"]["items"][0]["id"], incident["id"])

        # While the secret is changed, both sign: whoever knows either takes it.
        self.rotate(f"secret: {NEW}, previous_secret: {OLD}", 2)
        path = f"/api/v1/incidents/{incident['id']}/updates"
        line = self.next(lambda: self.ask(path, {"status": "resolved", "body": "It was the disk."}))
        self.assertEqual((line["event"], line["type"], line["signatures"]), ("verified", "incident.resolved", 2), line)
        self.receiver.secrets = [NEW]
        self.assertEqual(self.next(self.send_test)["event"], "verified")

        # Then the old one is worth nothing any more.
        self.rotate(f"secret: {NEW}", 1)
        self.receiver.secrets = [OLD]
        self.assertEqual(self.next(self.send_test)["event"], "refused")
        self.assertFalse(self.receiver.unsound, "nothing that was changed on the way is taken")


if __name__ == "__main__":
    unittest.main()
