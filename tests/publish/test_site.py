"""The page is published to a server that speaks S3, and works from a plain web server with no allclear behind it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

import boto3

HERE = Path(__file__).resolve().parent
BINARY = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parents[1] / "target")).resolve() / "debug" / "allclear"
BUCKET, PREFIX = "acme-status", "status/page/"
KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "s3cr3t", "region_name": "us-east-1"}
PATIENCE = 90


def until(what, look):
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


def free_port():
    with socket.socket() as any_one:
        any_one.bind(("127.0.0.1", 0))
        return any_one.getsockname()[1]


class Published(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.home = Path(home.name)

    def start(self, name, *command):
        log = open(self.home / f"{name}.log", "w", encoding="utf-8")
        self.addCleanup(log.close)
        process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, cwd=self.home)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def log(self, name):
        return (self.home / f"{name}.log").read_text(encoding="utf-8")

    def answers(self, url):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def bucket(self):
        """A bucket on a server that others wrote, and a client for it."""
        port = free_port()
        self.start("s3", sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
        endpoint = f"http://127.0.0.1:{port}"
        until("the object store answers", lambda: self.answers(endpoint))
        client = boto3.client("s3", endpoint_url=endpoint, **KEYS)
        client.create_bucket(Bucket=BUCKET)
        return endpoint, client

    def program(self, endpoint):
        """Pretend vendors, and the program that publishes what it reads of them."""
        sources = self.home / "sources.yaml"
        self.start("vendors", BINARY, "simulate", "--port", free_port(), "--write", sources)
        until("the vendors are there", lambda: sources.exists() and sources.stat().st_size)
        with open(sources, "a", encoding="utf-8") as more:
            more.write(
                f"publish:\n  to: s3://{BUCKET}/{PREFIX.rstrip('/')}\n  endpoint: {endpoint}\n  every: 2s\n"
                f"  key_id: {KEYS['aws_access_key_id']}\n  secret_key: {KEYS['aws_secret_access_key']}\n  cache: 5s\n"
            )
        return self.start("program", BINARY, "serve", "--config", sources, "--data", self.home / "data",
                          "--listen", "127.0.0.1:0", "--log-format", "json")

    def quiet(self):
        """A program of which nothing ever changes, and which publishes to a folder; when what lies there was made."""
        home = self.home / "quiet"
        home.mkdir()
        (home / "sources.yaml").write_text("sources: []\npublish: {to: www}\n", encoding="utf-8")
        self.start("quiet", BINARY, "serve", "--config", home / "sources.yaml", "--data", home / "data",
                   "--listen", "127.0.0.1:0", "--log-format", "json")
        beat = home / "www" / "status.json"
        return lambda: beat.exists() and json.loads(beat.read_text(encoding="utf-8"))["generated_at"]

    def objects(self, client):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=PREFIX)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def ready(self, client):
        """The summary as published, once every vendor was tried."""
        if f"{PREFIX}status.json" not in self.objects(client):
            return None
        summary = json.load(client.get_object(Bucket=BUCKET, Key=f"{PREFIX}api/v1/summary.json")["Body"])
        tried = all(source["freshness"]["checked_at"] for source in summary["sources"])
        return tried and summary["incidents"] and summary

    def download(self, client, folder):
        kinds = {}
        for key in self.objects(client):
            file = folder / key.removeprefix(PREFIX)
            file.parent.mkdir(parents=True, exist_ok=True)
            answer = client.get_object(Bucket=BUCKET, Key=key)
            file.write_bytes(answer["Body"].read())
            kinds[key.removeprefix(PREFIX)] = (answer["ContentType"], answer["CacheControl"])
        return kinds

    def test_the_bucket_served_by_a_plain_web_server_is_the_page(self):
        made = self.quiet()
        first = until("a page of nothing is published", made)
        endpoint, client = self.bucket()
        program = self.program(endpoint)
        summary = until("every vendor was tried and it is published", lambda: self.ready(client))
        program.terminate()
        program.wait(timeout=PATIENCE)
        self.assertNotIn("s3cr3t", self.log("program"))
        www = self.home / "www"
        kinds = self.download(client, www / "deep" / "er")
        self.assertEqual(kinds["index.html"], ("text/html; charset=utf-8", "public, max-age=5"))
        self.assertEqual(kinds["api/v1/summary"], ("application/json", "public, max-age=5"))
        self.assertEqual(kinds["feed.atom"][0], "application/atom+xml; charset=utf-8")
        style = next(kind for name, kind in kinds.items() if re.fullmatch(r"assets/style-\w+\.css", name))
        self.assertEqual(style, ("text/css; charset=utf-8", "public, max-age=31536000, immutable"))
        # Once at the root of a server and once below a path.
        shutil.copytree(www / "deep" / "er", www, dirs_exist_ok=True)
        port = free_port()
        self.start("web", sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "--directory", www)
        until("the web server answers", lambda: self.answers(f"http://127.0.0.1:{port}/"))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/summary.json") as answer:
            self.assertEqual(answer.headers["content-type"], "application/json")
            self.assertEqual(json.load(answer)["headline"], json.load(open(www / "api/v1/summary"))["headline"])
        environment = os.environ | {
            "PUBLISHED_URL": f"http://127.0.0.1:{port}",
            "PUBLISHED_DIR": str(www),
            "PUBLISHED_SOURCES": ",".join(source["id"] for source in summary["sources"]),
        }
        subprocess.run(["node", "--test", "published.mjs"], cwd=HERE.parent / "browser", env=environment, check=True)
        # Meanwhile a minute has passed, or it does now.
        until("a page of which nothing changes gives a sign of life", lambda: made() > first)


if __name__ == "__main__":
    unittest.main()
