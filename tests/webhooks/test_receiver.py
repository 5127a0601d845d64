"""The receiver takes what the library signed just now, and nothing else."""

import io
import json
import threading
import unittest
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

from receiver import Receiver
from standardwebhooks.webhooks import Webhook

NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw"
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = json.dumps({"type": "incident.opened", "data": {"title": "Zürich"}}, ensure_ascii=False)


class Received(unittest.TestCase):
    def setUp(self):
        self.out = io.StringIO()
        self.server = Receiver([NEW], [], self.out)
        self.addCleanup(self.server.server_close)
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.shutdown)

    def send(self, body=BODY, secrets=(NEW,), age=0, sent=None):
        at = datetime.now(timezone.utc) - timedelta(seconds=age)
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(Webhook(secret).sign("msg_1", at, body) for secret in secrets),
        }
        request = urllib.request.Request(self.server.url, (sent or body).encode(), headers, method="POST")
        try:
            status = urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            status = error.code
        return status, json.loads(self.out.getvalue().splitlines()[-1])

    def test_what_was_signed_just_now_is_taken(self):
        status, line = self.send()
        self.assertEqual((status, line["event"], line["id"], line["type"]), (204, "verified", "msg_1", "incident.opened"))
        self.assertEqual(line["body"]["data"]["title"], "Zürich")

    def test_either_of_two_secrets_is_enough(self):
        _, line = self.send(secrets=(OLD, NEW))
        self.assertEqual((line["event"], line["signatures"], line["secrets"]), ("verified", 2, 1))

    def test_anything_else_is_refused(self):
        for case in ({"secrets": (OLD,)}, {"age": 3600}, {"age": -3600}, {"sent": BODY + " "}):
            status, line = self.send(**case)
            self.assertEqual((status, line["event"]), (400, "refused"), case)

    def test_answers_come_in_turn(self):
        self.server.answers = [500, 429]
        self.assertEqual([self.send()[0] for _ in range(3)], [500, 429, 204])


if __name__ == "__main__":
    unittest.main()
