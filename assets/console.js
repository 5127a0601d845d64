// The console's keys and hints. Nothing depends on it: every page is whole without.
(() => {
  "use strict";
  const typing = () => /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
  const goTo = { h: "/admin", i: "/admin/incidents", m: "/admin/maintenances", s: "/admin/services", t: "/admin/templates" };
  const list = [
    ["n", "declare an incident"], ["g h", "now"], ["g i", "incidents"], ["g m", "maintenances"], ["g s", "states"],
    ["g t", "templates"], ["Ctrl+Enter", "send the form you are in"], ["?", "this list"],
  ];

  // --- The list of keys -------------------------------------------------------------------------
  const help = () => {
    let box = document.getElementById("keys");
    if (!box) {
      box = document.createElement("dialog");
      box.id = "keys";
      box.setAttribute("aria-labelledby", "keys-h");
      const head = document.createElement("h2");
      head.id = "keys-h";
      head.textContent = "Keys";
      const keys = document.createElement("dl");
      keys.className = "facts";
      for (const [key, what] of list) {
        const [name, words] = [document.createElement("dt"), document.createElement("dd")];
        name.append(Object.assign(document.createElement("kbd"), { textContent: key }));
        words.textContent = what;
        keys.append(name, words);
      }
      const close = document.createElement("form");
      close.method = "dialog";
      close.append(Object.assign(document.createElement("button"), { textContent: "Close", className: "plain" }));
      box.append(head, keys, close);
      document.body.append(box);
    }
    if (box.open) box.close(); else box.showModal();
  };

  // --- Keys -------------------------------------------------------------------------------------
  let led = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = document.activeElement?.form;
      if (form?.hasAttribute("data-send")) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing()) return;
    if (event.key === "?") { event.preventDefault(); help(); return; }
    if (document.querySelector("dialog[open]")) return;
    if (Date.now() - led < 1500 && goTo[event.key]) { led = 0; location.assign(goTo[event.key]); return; }
    led = event.key === "g" ? Date.now() : 0;
    if (event.key === "n") { event.preventDefault(); location.assign("/admin/incidents/new"); }
  });

  // --- A form is sent once ----------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    // It may come to nothing: the form has to work again.
    setTimeout(() => delete form.dataset.sent, 5_000);
  });
  addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

  // --- A page that waits for something looks again ----------------------------------------------
  const waiting = document.querySelector("main[data-again]");
  if (waiting) {
    const again = () => (document.hidden ? setTimeout(again, 1_000) : location.reload());
    setTimeout(again, Number(waiting.dataset.again) * 1_000);
  }

  // --- Something changed meanwhile --------------------------------------------------------------
  // Nothing is swapped under somebody who decides or types: they are told, and load the page when they want.
  const page = document.querySelector("main[data-live]");
  if (!page) return;
  const hint = document.createElement("p");
  hint.className = "said hint-live";
  hint.setAttribute("role", "status");
  page.prepend(hint);
  hint.hidden = true;
  const tell = () => {
    if (!hint.hidden) return;
    hint.hidden = false;
    hint.textContent = "Something changed meanwhile. ";
    const again = document.createElement("a");
    again.href = location.pathname;
    again.textContent = "Show it";
    hint.append(again);
  };
  const kinds = page.dataset.live.split(" ").filter(Boolean);
  const stream = new EventSource("/events");
  for (const kind of kinds) stream.addEventListener(kind, tell);
})();
