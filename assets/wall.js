// The wall keeps itself fresh for as long as it hangs there, takes turns with what does not fit, and says loudly when it
// cannot know. The page is whole without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const wall = $("wall");
  // Asked for again so often, an answer waited for so long; without one for so long it is lost, and then old.
  const POLL = 15_000, PATIENCE = 10_000, LOST = 35_000, OLD = 120_000, TURN = 10_000, STREAM = 30_000;
  root.classList.add("js");

  // --- Times ------------------------------------------------------------------------------------
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  let heard = Date.now();
  // The server's clock against this screen's, which may be wrong; until it answers, the page is taken for new.
  const off = (moment) => (Math.abs(moment - Date.now()) > 10_000 ? moment - Date.now() : 0);
  let ahead = off(Date.parse(wall.dataset.generated));
  const now = () => Date.now() + ahead;
  const same = (a, b) => a.toDateString() === b.toDateString();
  const at = (moment) => (same(moment, new Date(now())) ? clock : day).format(moment);
  const length = (ms) => {
    const seconds = Math.max(0, Math.round(ms / 1000));
    if (seconds < 100) return `${seconds} s`;
    const minutes = Math.round(seconds / 60);
    return minutes < 100 ? `${minutes} min` : minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
  };
  const times = (within) => {
    for (const time of within.querySelectorAll("[data-part] time[datetime]")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      const ago = now() - moment;
      const words = ago > 0 && ago < 172_800_000 ? `${at(moment)} (${length(ago)})` : at(moment);
      if (time.textContent !== words) time.textContent = words;
    }
  };

  // --- Turns ------------------------------------------------------------------------------------
  let page = 0, pages = 1, next = 0, paused = false;
  const lay = () => {
    const tiles = [...$("tiles").children];
    // What is hidden has no height to measure.
    if (tiles[0]) tiles[0].hidden = false;
    const grid = getComputedStyle($("tiles"));
    const gap = parseFloat(grid.rowGap) || 0;
    const columns = grid.gridTemplateColumns.split(" ").length;
    const high = tiles[0] ? tiles[0].offsetHeight : 1;
    const rows = Math.max(1, Math.floor(($("rest").clientHeight + gap + 1) / (high + gap)));
    pages = Math.max(1, Math.ceil(tiles.length / (columns * rows)));
    page %= pages;
    tiles.forEach((tile, place) => { tile.hidden = Math.floor(place / (columns * rows)) !== page; });
    const coming = [...$("coming").children];
    coming.forEach((one, place) => { one.hidden = place !== next % coming.length; });
    const words = pages > 1 ? `${page + 1} of ${pages}${paused ? ", held" : ""}` : "";
    if ($("turn").textContent !== words) $("turn").textContent = words;
  };
  const turn = (by) => {
    page = (page + by + pages) % pages;
    next += 1;
    lay();
  };
  setInterval(() => { if (!paused) turn(1); }, TURN);
  addEventListener("resize", lay);
  addEventListener("keydown", (event) => {
    if (event.key === " ") { paused = !paused; lay(); event.preventDefault(); }
    if (event.key === "ArrowRight") turn(1);
    if (event.key === "ArrowLeft") turn(-1);
  });

  // --- What it knows of its own age -------------------------------------------------------------
  let wrong = "";
  const served = root.classList.contains("old");
  let believed = !served;
  const put = (id, words) => { if ($(id).textContent !== words) $(id).textContent = words; };
  const tick = () => {
    const made = new Date(wall.dataset.generated);
    const age = now() - made;
    const lost = Date.now() - heard > LOST;
    const old = Date.now() - heard > OLD || age > OLD;
    put("clock", clock.format(now()));
    put("fresh", `as of ${length(age)} ago`);
    $("alarm").hidden = !(lost || old || !believed);
    if (lost) put("alarm", `Connection lost: this is from ${at(made)}, ${length(age)} ago. ${wrong}`.trim());
    else if (old || !believed) put("alarm", `Nothing new since ${at(made)}: allclear itself does not go on.`);
    root.classList.toggle("old", old || !believed);
    // Good news is not left standing when nobody vouches for it.
    const cover = old && believed;
    $("head").hidden = cover;
    $("stale").hidden = !cover;
    if (cover) {
      put("stale-h", `Not known since ${at(made)}`);
      put("stale-p", `before that: ${$("head").querySelector("h1").textContent}`);
    }
    times(wall);
  };

  // --- Staying fresh ----------------------------------------------------------------------------
  const own = new Map([...wall.querySelectorAll("[data-part]")].map((part) => [part.id, part.innerHTML]));
  const files = (within) => [...within.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.getAttribute("href") ?? one.getAttribute("src")).join(" ");
  const version = files(document);
  const swap = (fresh, classes) => {
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const here = $(part.id);
      if (!here || own.get(part.id) === part.innerHTML) continue;
      own.set(part.id, part.innerHTML);
      here.className = part.className;
      here.replaceChildren(...part.childNodes);
    }
    wall.dataset.generated = fresh.dataset.generated;
    believed = !classes.contains("old");
    times(wall);
    lay();
  };
  const load = async () => {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-cache", signal });
    if (!answer.ok) throw new Error(`The server says ${answer.status}.`);
    const said = Date.parse(answer.headers.get("date") ?? "");
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const there = fresh.getElementById("wall");
    if (!there) throw new Error(answer.redirected ? "This screen has to sign in again." : "The server answers something else.");
    ahead = Number.isNaN(said) ? 0 : off(said);
    // A new version of the program: its files must be there before this page is given up for it.
    if (files(fresh) !== version) {
      const script = fresh.querySelector("script[src]");
      if ((await fetch(script.getAttribute("src"), { signal })).ok) location.reload();
    }
    document.title = fresh.title;
    swap(document.adoptNode(there), fresh.documentElement.classList);
    heard = Date.now();
    wrong = "";
  };
  let loading = false, again = false;
  const refresh = async () => {
    if (loading) { again = true; return; }
    loading = true;
    do {
      again = false;
      try { await load(); } catch (error) { wrong = error.message.startsWith("Th") ? error.message : ""; again = false; }
      tick();
    } while (again);
    loading = false;
  };

  // The stream only says that there is something to fetch; what is believed is what was fetched.
  let stream, opened = Date.now();
  const connect = () => {
    stream?.close();
    opened = Date.now();
    stream = new EventSource("/events");
    for (const kind of ["hello", "reset", ...wall.dataset.live.split(" ").filter(Boolean)]) {
      stream.addEventListener(kind, () => { opened = Date.now(); refresh(); });
    }
  };
  connect();
  setInterval(() => {
    refresh();
    if (stream.readyState !== EventSource.OPEN && Date.now() - opened > STREAM) connect();
  }, POLL);
  addEventListener("online", () => { connect(); refresh(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  lay();
  tick();
  setInterval(tick, 1_000);
})();
