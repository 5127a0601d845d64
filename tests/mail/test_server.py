"""The mail server of the tests keeps, refuses and hangs as it is told."""

import json
import smtplib
import subprocess
import sys
import unittest
from email.message import EmailMessage
from pathlib import Path


class Served(unittest.TestCase):
    def serve(self, *options):
        command = [sys.executable, str(Path(__file__).with_name("server.py")), *options]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        self.lines = (json.loads(line) for line in process.stdout)
        serving = next(self.lines)
        client = smtplib.SMTP(serving["host"], serving["port"], timeout=2)
        self.addCleanup(client.close)
        return client

    def mail(self):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Status <status@example.com>", "ops@example.com", "Störung"
        mail["Message-ID"] = "<a@example.com>"
        mail.set_content("Zürich\n.\n")
        mail.add_alternative("<p>Zürich</p>\n", subtype="html")
        return mail

    def test_a_mail_is_kept_as_it_is_read(self):
        self.serve().send_message(self.mail())
        kept = next(self.lines)
        self.assertEqual((kept["event"], kept["readers"]), ("mail", ["ops@example.com"]))
        self.assertIn(["subject", "Störung"], kept["headers"])
        self.assertEqual(set(kept["parts"]), {"text/plain", "text/html"})
        self.assertEqual(kept["parts"]["text/plain"], "Zürich\n.\n")

    def test_readers_and_mails_are_refused_as_told(self):
        client = self.serve("--rcpt", "550 5.1.1 gone", "--only", "ops@")
        with self.assertRaises(smtplib.SMTPRecipientsRefused):
            client.send_message(self.mail())
        with self.assertRaises(smtplib.SMTPDataError):
            self.serve("--data", "451 4.3.0 later").send_message(self.mail())

    def test_it_hangs_where_it_is_told(self):
        with self.assertRaises((TimeoutError, smtplib.SMTPServerDisconnected)):
            self.serve("--hang", "RCPT").send_message(self.mail())

    def test_nobody_sends_without_signing_on_where_that_is_asked(self):
        client = self.serve("--login", "me:secret")
        with self.assertRaises(smtplib.SMTPException):
            client.send_message(self.mail())
        client = self.serve("--login", "me:secret")
        client.login("me", "secret")
        client.send_message(self.mail())
        self.assertEqual(next(self.lines)["user"], "me")


if __name__ == "__main__":
    unittest.main()
