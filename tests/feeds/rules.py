"""What validators ask of feeds (RFC 4287, the RSS Profile, JSON Feed 1.1) and calendars (RFC 5545, RFC 7986).

Each function takes a document and gives back what is wrong with it; nothing where it is valid."""

import email.utils
import json
import re
import xml.etree.ElementTree as tree
from urllib.parse import urlsplit

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})")
URN = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def is_absolute(url):
    return urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).netloc)


def twice(things):
    return sorted({thing for thing in things if things.count(thing) > 1})


def atom(body, own):
    """An Atom feed that is served at `own`."""
    wrong = []
    feed = tree.fromstring(body)

    def one(element, name):
        found = element.findall(ATOM + name)
        if len(found) != 1:
            wrong.append(f"{element.tag} has {len(found)} {name}, not one")
        return (found[0].text or "") if found else ""

    def links(element, rel):
        return [link for link in element.findall(ATOM + "link") if link.get("rel", "alternate") == rel]

    if feed.tag != ATOM + "feed":
        return [f"the root is {feed.tag}"]
    if [link.get("href") for link in links(feed, "self")] != [own]:
        wrong.append(f"the link to itself is {[link.get('href') for link in links(feed, 'self')]}, not {own}")
    elements = [feed, *feed.findall(ATOM + "entry")]
    for element in elements:
        for name in ("id", "title", "updated"):
            one(element, name)
        if not URN.fullmatch(element.findtext(ATOM + "id", "")):
            wrong.append(f"no URN: {element.findtext(ATOM + 'id')}")
        if len(links(element, "alternate")) != 1:
            wrong.append("there is not one alternate link")
        wrong += [f"not absolute: {link.get('href')}" for link in element.findall(ATOM + "link") if not is_absolute(link.get("href", ""))]
        for name in ("updated", "published"):
            wrong += [f"no RFC 3339 date: {at.text}" for at in element.findall(ATOM + name) if not RFC3339.fullmatch(at.text or "")]
    if not feed.findtext(f"{ATOM}author/{ATOM}name"):
        wrong.append("nobody is its author")
    entries = feed.findall(ATOM + "entry")
    wrong += [f"twice: {name}" for name in twice([entry.findtext(ATOM + "id") for entry in entries])]
    for entry in entries:
        if entry.findtext(ATOM + "published", "") > entry.findtext(ATOM + "updated", ""):
            wrong.append(f"updated before it was published: {entry.findtext(ATOM + 'id')}")
        if entry.find(ATOM + "content").get("type") != "html":
            wrong.append("the content is not marked as HTML")
    return wrong


def rss(body, own):
    """An RSS 2.0 feed that is served at `own`."""
    wrong = []
    root = tree.fromstring(body)
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        return [f"the root is {root.tag} {root.attrib}"]
    known = {"title", "link", "description", "lastBuildDate", "generator", "docs", "item", "guid", "pubDate", "category"}
    for element in [channel, *channel.iter("item")]:
        strange = [part.tag for part in element if not part.tag.startswith("{") and part.tag not in known]
        wrong += [f"unknown: {name}" for name in strange]
        for name in ("title", "link", "description"):
            if len(element.findall(name)) != 1 or not (element.findtext(name) or "").strip():
                wrong.append(f"a {element.tag} has not one {name}")
        if not is_absolute(element.findtext("link", "")):
            wrong.append(f"not absolute: {element.findtext('link')}")
        for at in [*element.findall("pubDate"), *element.findall("lastBuildDate")]:
            at = at.text or ""
            if not RFC822.fullmatch(at) or email.utils.parsedate_to_datetime(at).strftime("%a") != at[:3]:
                wrong.append(f"no RFC 822 date: {at}")
    own_links = [link for link in channel.findall(ATOM + "link") if link.get("rel") == "self"]
    if [(link.get("href"), link.get("type")) for link in own_links] != [(own, "application/rss+xml")]:
        wrong.append(f"the link to itself is {[link.attrib for link in own_links]}, not {own}")
    guids = [item.find("guid") for item in channel.iter("item")]
    if any(guid is None or guid.get("isPermaLink") != "false" or not URN.fullmatch(guid.text or "") for guid in guids):
        wrong.append("an item has no guid that says that it is no link")
    wrong += [f"twice: {name}" for name in twice([guid.text for guid in guids if guid is not None])]
    return wrong


def json_feed(body, own):
    """A JSON Feed that is served at `own`."""
    wrong = []
    feed = json.loads(body)

    def shape(thing, required, optional):
        for name, kind in required.items():
            if not isinstance(thing.get(name), kind):
                wrong.append(f"`{name}` is {thing.get(name)!r}")
        for name in set(thing) - set(required):
            if not (name in optional and isinstance(thing[name], optional[name])):
                wrong.append(f"`{name}` is {thing[name]!r}")

    shape(feed, {"version": str, "title": str, "items": list},
          {"home_page_url": str, "feed_url": str, "authors": list, "description": str})
    if feed["version"] != "https://jsonfeed.org/version/1.1":
        wrong.append(f"another version: {feed['version']}")
    if feed.get("feed_url") != own:
        wrong.append(f"the address of itself is {feed.get('feed_url')}, not {own}")
    if not all(isinstance(author, dict) and author.get("name") for author in feed.get("authors", [])):
        wrong.append("an author has no name")
    for item in feed["items"]:
        shape(item, {"id": str, "content_html": str},
              {"url": str, "external_url": str, "title": str, "summary": str, "date_published": str,
               "date_modified": str, "tags": list})
        wrong += [f"no RFC 3339 date: {item[name]}" for name in ("date_published", "date_modified") if not RFC3339.fullmatch(item[name])]
        wrong += [f"not absolute: {item[name]}" for name in ("url", "external_url") if name in item and not is_absolute(item[name])]
        if not all(isinstance(tag, str) for tag in item.get("tags", [])):
            wrong.append("a tag is no text")
    wrong += [f"not absolute: {feed[name]}" for name in ("home_page_url", "feed_url") if not is_absolute(feed.get(name, ""))]
    wrong += [f"twice: {name}" for name in twice([item["id"] for item in feed["items"]])]
    return wrong


ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "CREATED", "LAST-MODIFIED", "SEQUENCE", "STATUS", "SUMMARY",
        "DESCRIPTION", "URL", "RRULE", "RECURRENCE-ID", "TRANSP"}
TIME = re.compile(r"\d{8}T\d{6}Z?")


def calendar(body):
    """An iCalendar document that is published."""
    wrong = []
    text = body.decode()
    if not text.endswith("\r\n") or "\n" in text.replace("\r\n", "") or "\r" in text.replace("\r\n", ""):
        wrong.append("lines do not end with CRLF")
    wrong += [f"longer than 75 octets: {line}" for line in text.split("\r\n") if len(line.encode()) > 75]
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        wrong.append("there is a control character")
    if wrong:
        return wrong
    stack, components = [], []
    for line in text.replace("\r\n ", "").split("\r\n")[:-1]:
        head, value = re.fullmatch(r'((?:[^":;]|;[A-Z-]+=(?:"[^"]*"|[^";:,]*))+):(.*)', line).groups()
        name, *parameters = head.split(";")
        if name == "BEGIN":
            stack.append((value, []))
        elif name == "END":
            kind, lines = stack.pop()
            if kind != value:
                wrong.append(f"{kind} is ended as {value}")
            components.append((kind, lines, [outer for outer, _ in stack]))
        else:
            stack[-1][1].append((name, dict(part.split("=", 1) for part in parameters), value))
    kinds = [kind for kind, _, _ in components]
    if stack or kinds[-1:] != ["VCALENDAR"] or len(kinds) < 2:
        wrong.append(f"the components are {kinds}")
    whole = components[-1][1]
    for name, value in (("VERSION", "2.0"), ("METHOD", "PUBLISH"), ("PRODID", None)):
        found = [said for key, _, said in whole if key == name]
        if len(found) != 1 or value not in (None, found[0]):
            wrong.append(f"{name} is {found}")
    zones = {value for kind, lines, _ in components if kind == "VTIMEZONE" for name, _, value in lines if name == "TZID"}
    for kind, lines, outer in components:
        if kind in ("STANDARD", "DAYLIGHT"):
            missing = {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"} - {name for name, _, _ in lines}
            wrong += [f"{kind} has no {name}" for name in missing]
        if kind != "VEVENT":
            continue
        if outer != ["VCALENDAR"]:
            wrong.append(f"an event stands in {outer}")
        wrong += event(lines, zones)
    events = [{name: value for name, _, value in lines} for kind, lines, _ in components if kind == "VEVENT"]
    wrong += [f"twice: {name}" for name in twice([(one.get("UID"), one.get("RECURRENCE-ID")) for one in events])]
    masters = {one["UID"] for one in events if "RECURRENCE-ID" not in one}
    wrong += [f"apart from nothing: {one['UID']}" for one in events if one["UID"] not in masters]
    return wrong


def event(lines, zones):
    """One event, `zones` being those that the calendar describes."""
    wrong = []
    names = [name for name, _, _ in lines]
    said = {name: (parameters, value) for name, parameters, value in lines}
    wrong += [f"twice in an event: {name}" for name in twice(names) if name in ONCE]
    wrong += [f"an event has no {name}" for name in ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS", "SUMMARY") if name not in said]
    if "DTEND" in said and "DURATION" in said:
        wrong.append("an event has two ends")
    for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
        if name in said and not said[name][1].endswith("Z"):
            wrong.append(f"{name} is not in UTC: {said[name][1]}")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE"):
        for at in said[name][1].split(",") if name in said else ():
            in_zone = "TZID" in said[name][0]
            if not TIME.fullmatch(at) or at.endswith("Z") == in_zone:
                wrong.append(f"{name} is {said[name]}")
            if in_zone and said[name][0]["TZID"] not in zones:
                wrong.append(f"no such time zone: {said[name][0]}")
    if "RRULE" in said:
        end = re.search(r"UNTIL=([^;]*)", said["RRULE"][1])
        if end and not re.fullmatch(r"\d{8}T\d{6}Z", end[1]):
            wrong.append(f"a rule ends at {end[1]}")
        if "EXDATE" in said and said["EXDATE"][0] != said["DTSTART"][0]:
            wrong.append("exceptions are on other clocks than the rule")
    if "DTEND" in said and "TZID" not in said["DTSTART"][0] and said["DTEND"][1] <= said["DTSTART"][1]:
        wrong.append("an event ends before it starts")
    if said.get("STATUS", ({}, ""))[1] not in ("CONFIRMED", "TENTATIVE", "CANCELLED"):
        wrong.append(f"STATUS is {said.get('STATUS')}")
    if not said.get("SEQUENCE", ({}, ""))[1].isdigit():
        wrong.append(f"SEQUENCE is {said.get('SEQUENCE')}")
    return wrong
