// Live updates, local times, the filter, and saying so when the page has grown old. The page is whole without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);
  root.classList.add("js");

  // --- Times in the reader's own zone -----------------------------------------------------------
  const near = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  // On a page of the past nothing is ago.
  const past = document.querySelector(".past") !== null;
  const say = (at) => {
    if (past) return day.format(at);
    const seconds = Math.round((at - Date.now()) / 1000);
    const ago = Math.abs(seconds);
    if (ago < 60) return seconds > 0 ? "in a moment" : "just now";
    if (ago < 3600) return near.format(Math.trunc(seconds / 60), "minute");
    if (ago < 43_200 && new Date().getDate() === at.getDate()) return clock.format(at);
    return day.format(at);
  };
  const times = (within) => {
    for (const time of within.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const words = say(at);
      if (time.textContent !== words) time.textContent = words;
      time.title = day.format(at);
    }
  };

  // --- The filter, kept in the address ----------------------------------------------------------
  const form = $("filter");
  const filter = () => {
    if (!form) return;
    const wanted = { q: form.q.value.trim().toLowerCase(), tag: form.tag.value, state: form.state.value };
    let shown = 0;
    for (const group of document.querySelectorAll("#all .group")) {
      let any = 0;
      for (const cell of group.querySelectorAll(".cell")) {
        const fits = (!wanted.q || cell.dataset.find.includes(wanted.q))
          && (!wanted.tag || cell.dataset.tags.split(" ").includes(wanted.tag))
          && (!wanted.state || (wanted.state === "trouble" ? cell.dataset.state !== "operational" : cell.dataset.state === wanted.state));
        cell.hidden = !fits;
        any += fits;
      }
      group.hidden = !any;
      shown += any;
    }
    $("found").textContent = wanted.q || wanted.tag || wanted.state ? `${shown} shown` : "";
  };
  if (form) {
    const asked = new URLSearchParams(location.search);
    for (const key of ["q", "tag", "state"]) {
      const value = asked.get(key);
      if (value && (key === "q" || [...form[key].options].some((option) => option.value === value))) form[key].value = value;
    }
    form.addEventListener("input", () => {
      const kept = new URLSearchParams(new FormData(form));
      for (const [key, value] of [...kept]) if (!value) kept.delete(key);
      history.replaceState(null, "", kept.size ? `?${kept}` : location.pathname);
      filter();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        form.q.focus();
      } else if (event.key === "Escape" && document.activeElement === form.q) {
        form.q.value = "";
        form.dispatchEvent(new Event("input"));
      }
    });
  }

  // --- The page's own age -----------------------------------------------------------------------
  const main = $("main");
  const live = main.hasAttribute("data-live");
  // A published page: files that somebody writes anew as long as all is well there, `beat` after all others.
  const beat = $("beat");
  const OLD = Number(main.dataset.old) * 1000 || 120_000;
  let made = new Date(main.dataset.generated ?? "").getTime();
  let heard = Date.now();
  let connected = !live;
  // The server's clock against the reader's, which may be wrong.
  let ahead = 0;
  const age = () => {
    times(document);
    const old = Date.now() - heard > OLD || Date.now() + ahead - made > OLD;
    const text = beat
      ? old ? "This page has grown old: nobody has written it anew. It does not tell the present." : ""
      : !connected && Date.now() - heard > 5_000
        ? "The live connection is lost. What you see may be out of date."
        : old ? "This page is older than it should be. What you see may be out of date." : "";
    if (beat && old) disown();
    root.classList.toggle("old", Boolean(beat) && old);
    const banner = $("age");
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = !text;
  };

  // What is old shows no good news: the headline is unknown, and says what it was.
  const disown = () => {
    const head = $("headline");
    if (!head || head.dataset.was) return;
    const [title, detail] = [head.querySelector("h1"), head.querySelector("p")];
    head.dataset.was = title.textContent;
    detail.textContent = `It was: ${title.textContent}`;
    title.textContent = "Not known: this page has grown old";
    head.className = "headline unknown";
    head.querySelector(".shape").setAttribute("class", "shape unknown");
    head.querySelector("use").setAttribute("href", "#s-unknown");
    document.title = title.textContent;
    const now = $("now-h");
    if (!now) return;
    // That nothing was wrong then is no news now.
    if (now.nextElementSibling?.matches("p")) now.nextElementSibling.remove();
    now.textContent = "Then";
  };

  // --- Live updates -----------------------------------------------------------------------------
  const swap = (fresh) => {
    const focused = document.activeElement?.id || document.activeElement?.getAttribute?.("href");
    const open = new Set([...main.querySelectorAll("details[open]")].map((details) => details.id));
    times(fresh);
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const here = $(part.id);
      if (!here || here.innerHTML === part.innerHTML) continue;
      here.className = part.className;
      delete here.dataset.was;
      here.replaceChildren(...part.childNodes);
    }
    const at = Date.parse(fresh.dataset.generated ?? "");
    if (!Number.isNaN(at)) made = at;
    const asOf = $("as-of");
    if (asOf) asOf.dateTime = fresh.dataset.generated;
    for (const id of open) $(id)?.setAttribute("open", "");
    filter();
    if (focused && document.activeElement === document.body) {
      ($(focused) ?? main.querySelector(`a[href="${CSS.escape(focused)}"]`))?.focus({ preventScroll: true });
    }
  };
  let fetching = false;
  let again = false;
  const refresh = async () => {
    if (fetching) { again = true; return false; }
    fetching = true;
    let done = false;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, cache: "no-cache" });
      if (answer.ok) {
        const said = Date.parse(answer.headers.get("date") ?? "");
        const off = said - Date.now();
        // What others kept for us bears an old date: it may make a published page older, never younger.
        if (Math.abs(off) > 10_000 && (!beat || off > 0)) ahead = off;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        document.title = page.title;
        const fresh = page.getElementById("main");
        if (fresh) swap(document.adoptNode(fresh));
        heard = Date.now();
        done = true;
      }
    } catch { /* the banner says it */ }
    fetching = false;
    age();
    if (again) { again = false; refresh(); }
    return done;
  };
  if (live) {
    const kinds = (main.dataset.live || "").split(" ").filter(Boolean);
    let stream;
    const connect = () => {
      stream = new EventSource("/events");
      stream.onopen = () => { connected = true; refresh(); };
      stream.onerror = () => {
        connected = false;
        setTimeout(age, 6_000);
        if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 5_000 + Math.random() * 5_000);
      };
      // Only a page that was fetched counts as heard: an event alone shows nothing.
      for (const kind of ["hello", "reset", ...kinds]) stream.addEventListener(kind, refresh);
    };
    connect();
    setInterval(() => { if (connected) refresh(); }, 30_000);
    addEventListener("offline", () => { stream.close(); connected = false; setTimeout(age, 6_000); });
    addEventListener("online", () => { stream.close(); connect(); refresh(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  }
  if (beat) {
    let last = "";
    const listen = async () => {
      try {
        const answer = await fetch(beat.href, { cache: "no-cache" });
        const said = answer.ok ? (await answer.json()).generated_at : "";
        if (said && said === last) heard = Date.now();
        else if (said && await refresh()) {
          last = said;
          // The page of one thing bears no time: once it is the newest of its kind, it is as old as the beat.
          if (!main.dataset.generated) made = Date.parse(said);
        }
      } catch { /* the banner says it */ }
      age();
    };
    listen();
    setInterval(listen, 30_000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) listen(); });
  }
  filter();
  age();
  setInterval(age, 10_000);
})();
