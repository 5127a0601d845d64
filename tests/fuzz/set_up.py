"""Sets a fresh allclear up as a person would, and prints an API token that may do everything."""

import html
import http.cookiejar
import os
import re
import sys
import urllib.parse
import urllib.request

URL = os.environ["ALLCLEAR_URL"]
PASSWORD = "three green bicycles"
BROWSER = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def ask(path, fields=None):
    """What the page at this path is, or what comes of a form with these fields."""
    data = urllib.parse.urlencode(fields, doseq=True).encode() if fields else None
    headers = {"Sec-Fetch-Site": "same-origin"} if fields else {}
    with BROWSER.open(urllib.request.Request(URL + path, data, headers), timeout=30) as answer:
        return answer.read().decode()


def fill(page, action, fields):
    """Sends a form of a page with its hidden fields."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.S)
    if not form:
        sys.exit(f"no form {action} on this page:\n{page}")
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', form[1]):
        name, value = (re.search(rf'{key}="([^"]*)"', tag)[1] for key in ("name", "value"))
        fields.setdefault(html.unescape(name), html.unescape(value))
    return ask(action, fields)


with open(os.environ["ALLCLEAR_PAGE_LOG"], encoding="utf-8") as log:
    setup = re.search(r"/admin/setup\?code=[\w-]+", log.read())[0]
fill(ask(setup), "/admin/setup", {"name": "fuzz", "password": PASSWORD, "again": PASSWORD})
scopes = ["read", "incidents:write", "maintenances:write", "verdicts:write", "sources:write", "subscribers:write", "messages:write", "admin"]
made = fill(ask("/admin/tokens"), "/admin/tokens", {"name": "fuzz", "scope": scopes, "days": ""})
print(re.search(r"acl_[\w-]{43}", made)[0])
