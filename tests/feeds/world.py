"""A running allclear with a pretend vendor whose page the tests write; it can be killed and started again."""

import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parents[1] / "target")).resolve()
BINARY = Path(os.environ.get("ALLCLEAR_BIN", TARGET / "debug" / "allclear")).resolve()
PAGE = "http://status.acme.example/team"
PATIENCE = 60


def until(what, look):
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


class Vendor:
    """A status page in the form of Statuspage's API: `incidents` and `maintenances` are what it says."""

    def __init__(self):
        self.incidents, self.maintenances = [], []
        vendor = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(vendor.document()).encode()
                self.send_response(200 if self.path.startswith("/api/v2/") else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def document(self):
        component = {"id": "api", "name": "API, v1", "status": "operational", "group": False, "group_id": None}
        return {"page": {"id": "p", "name": "Northwind", "url": self.url, "updated_at": "2026-01-01T00:00:00Z"},
                "status": {"indicator": "none", "description": ""}, "components": [component],
                "incidents": self.incidents, "scheduled_maintenances": self.maintenances}

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class World:
    """The program and its vendor. `close` ends both."""

    def __init__(self):
        self.vendor = Vendor()
        self.home = Path(tempfile.mkdtemp(prefix="allclear-feeds-"))
        self.configure(f"page: {{title: 'Acme, status', url: '{PAGE}', timezone: Europe/Berlin}}")
        self.program = self.url = None
        self.starts = 0
        self.start()
        try:
            self.sign_up()
        except BaseException:
            self.close()
            raise

    def sign_up(self):
        environment = os.environ | {"ALLCLEAR_URL": self.url, "ALLCLEAR_PAGE_LOG": str(self.log)}
        set_up = [sys.executable, HERE.parent / "fuzz" / "set_up.py"]
        self.token = subprocess.run(set_up, env=environment, check=True, text=True, capture_output=True).stdout.strip()
        until("the vendor is read", lambda: self.json("/api/v1/sources/northwind")["freshness"]["ok_at"])

    def configure(self, page):
        (self.home / "sources.yaml").write_text(f"""
{page}
sources:
  - {{id: northwind, name: Northwind, url: "{self.vendor.url}", format: statuspage, allow_private: true, interval: 1s, tags: [payments, "a; b"]}}
services:
  - {{name: Checkout, needs: [northwind], tags: [payments]}}
  - {{name: Search}}
""", encoding="utf-8")

    def start(self):
        self.starts += 1
        self.log = self.home / f"log-{self.starts}"
        with open(self.log, "w", encoding="utf-8") as log:
            command = [BINARY, "serve", "--config", self.home / "sources.yaml", "--data", self.home / "data",
                       "--listen", "127.0.0.1:0", "--log-format", "json"]
            self.program = subprocess.Popen(command, stderr=log, stdout=subprocess.DEVNULL)
        self.url = until("it serves", self.serving)

    def serving(self):
        log = self.log.read_text(encoding="utf-8")
        assert self.program.poll() is None, log
        found = re.search(r"serving (http://127\.0\.0\.1:\d+)", log)
        return found[1] if found and (self.starts > 1 or "/admin/setup?code=" in log) else None

    def kill(self):
        """As `kill -9` does it."""
        self.program.kill()
        self.program.wait()

    def close(self):
        self.kill()
        self.vendor.close()
        subprocess.run(["rm", "-rf", self.home], check=True)

    def get(self, path, headers=()):
        """Status, headers and body; a status that is no success is an answer, too."""
        request = urllib.request.Request(self.url + path, headers=dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def text(self, path):
        status, _, body = self.get(path)
        assert status == 200, (path, status, body)
        return body.decode()

    def json(self, path):
        return json.loads(self.text(path))

    def write(self, method, path, body):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)
