// What a browser with JavaScript adds: live updates, keyboard shortcuts, small comforts. Every page works without it.
//
// Live updates: a part of a page says by data-live which topics concern it (and by data-live-customer which customer). When
// such news arrives, the page is fetched again and these parts are exchanged; children with a data-key that was not there
// before slide in. What a person is typing into, or has opened, stays.

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

// Live updates ------------------------------------------------------------------------------------

let source = null;
let pending = false;
let busy = false;
let timer = 0;
let greeted = false;
let awaited = false; // news waits for a menu to be closed

function concerns(part, news) {
  if (news.topic === "all") return true;
  if (!part.dataset.live.split(" ").includes(news.topic)) return false;
  const customer = part.dataset.liveCustomer;
  return !customer || news.customers.length === 0 || news.customers.map(String).includes(customer);
}

function refreshSoon() {
  pending = true;
  if (document.hidden || busy || timer) return;
  timer = setTimeout(refresh, 150);
}

async function refresh() {
  timer = 0;
  if (!pending || busy) return;
  pending = false;
  busy = true;
  const begun = performance.now();
  const address = location.href;
  try {
    const answer = await fetch(address, { headers: { "X-Live": "1" }, redirect: "error" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (location.href !== address) {
      // Another page stands here by now, in the place of the one that was asked for.
      pending = true;
      return;
    }
    for (const part of document.querySelectorAll("[data-live][id]")) exchange(part, page.getElementById(part.id));
    document.dispatchEvent(new Event("inboxcrm:refreshed"));
  } catch {
    // The service is restarting or the network is gone: the stream reconnects and asks again.
  } finally {
    busy = false;
    // At most one refresh a second, however fast mail arrives; and a slow page is asked for less often.
    if (pending) timer = setTimeout(refresh, Math.max(1000, 6 * (performance.now() - begun)));
  }
}

function exchange(part, next) {
  if (!next || part.innerHTML === next.innerHTML) return;
  const active = document.activeElement;
  if (part.contains(active) && active.matches("input, textarea, select")) return;
  if (part.querySelector("details[data-menu][open]")) {
    awaited = true;
    return;
  }
  const known = new Set([...part.querySelectorAll("[data-key]")].map((child) => child.dataset.key));
  const opened = new Set([...part.querySelectorAll("details[open][data-keep]")].map((child) => child.dataset.keep));
  const focus = active && part.contains(active) ? active.closest("[data-key]")?.dataset.key : null;
  part.replaceChildren(...[...next.childNodes].map((child) => document.adoptNode(child)));
  for (const child of part.querySelectorAll("[data-key]")) if (!known.has(child.dataset.key)) child.classList.add("fresh");
  for (const child of part.querySelectorAll("details[data-keep]")) if (opened.has(child.dataset.keep)) child.open = true;
  if (focus) part.querySelector(`[data-key="${CSS.escape(focus)}"] a, a[data-key="${CSS.escape(focus)}"]`)?.focus();
}

document.addEventListener(
  "toggle",
  (event) => {
    if (!awaited || event.target.open || !event.target.matches("details[data-menu]")) return;
    awaited = false;
    refreshSoon();
  },
  true,
);

function listen() {
  if (source || document.hidden || !document.querySelector("[data-live]")) return;
  source = new EventSource("/live");
  source.addEventListener("hello", () => {
    // Reconnected, or long after the page was made: something may have been missed.
    if (greeted || performance.now() > 1500) refreshSoon();
    greeted = true;
    document.documentElement.dataset.liveState = "on";
  });
  source.addEventListener("news", (event) => {
    const news = JSON.parse(event.data);
    if ([...document.querySelectorAll("[data-live]")].some((part) => concerns(part, news))) refreshSoon();
  });
  source.addEventListener("error", () => {
    document.documentElement.dataset.liveState = "off";
    if (source?.readyState === EventSource.CLOSED) {
      source = null;
      setTimeout(listen, 5000);
    }
  });
}

// A hidden page lets go of its connection: browsers allow few to one host, and people open many tabs.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    source?.close();
    source = null;
  } else {
    if (document.querySelector("[data-live]")) refreshSoon();
    listen();
  }
});
addEventListener("pagehide", () => {
  source?.close();
  source = null;
});
listen();

// Keyboard ----------------------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
let chosen = null; // the key of the row that j and k have come to
let going = 0;

function choose(step) {
  const all = rows();
  if (all.length === 0) return;
  const here = all.findIndex((row) => row.dataset.row === chosen);
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, here + step))];
  chosen = next.dataset.row;
  mark();
  (next.querySelector("a, summary") ?? next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function mark() {
  for (const row of rows()) row.classList.toggle("chosen", row.dataset.row === chosen);
}
document.addEventListener("inboxcrm:refreshed", mark);

const shortcuts = document.getElementById("shortcuts");

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") {
    if (event.target.matches("input, textarea")) event.target.blur();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
    return;
  }
  if (event.target.closest("input, textarea, select, [contenteditable]") || shortcuts?.open) return;
  if (going && Date.now() - going < 1500) {
    going = 0;
    const place = document.querySelector(`#places [data-key="${CSS.escape(event.key)}"]`);
    if (place) {
      event.preventDefault();
      location.assign(place.href);
    }
    return;
  }
  switch (event.key) {
    case "/": {
      event.preventDefault();
      const field = document.querySelector("main [data-search]") ?? document.querySelector("[data-search]");
      field?.focus();
      field?.select();
      break;
    }
    case "g":
      going = Date.now();
      break;
    case "j":
      choose(1);
      break;
    case "k":
      choose(-1);
      break;
    case "?":
      shortcuts?.showModal();
      break;
  }
});

// Comforts ----------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-shortcuts]")) {
  button.hidden = false;
  button.addEventListener("click", () => shortcuts?.showModal());
}

// Menus close when one clicks elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Filters apply when they change; their button is for browsers without JavaScript.
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.classList.add("automatic");
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
  });
}

// Empty fields make no parameters, so that addresses stay short.
for (const form of document.querySelectorAll("form[method=get]")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}

// Choosing a customer while typing: the field offers names, the form works without it too.
for (const field of document.querySelectorAll("input[data-customers]")) suggest(field);

function suggest(field) {
  const list = document.createElement("datalist");
  list.id = `${field.name}-${Math.random().toString(36).slice(2)}`;
  field.after(list);
  field.setAttribute("list", list.id);
  let asked = 0;
  field.addEventListener("input", () => {
    clearTimeout(asked);
    if (field.value.trim().length < 2 || field.value.startsWith("#")) return;
    asked = setTimeout(async () => {
      try {
        const answer = await fetch(`/api/v1/customers?text=${encodeURIComponent(field.value.trim())}&limit=8`, {
          headers: { "X-CSRF-Token": csrf },
        });
        if (!answer.ok) return;
        const { customers } = await answer.json();
        list.replaceChildren(
          ...customers.map((customer) => {
            const option = document.createElement("option");
            option.value = `#${customer.id} ${customer.name}`;
            if (customer.local_name) option.label = `${customer.name} · ${customer.local_name}`;
            return option;
          }),
        );
      } catch {
        // Suggestions are a comfort; the search button still works.
      }
    }, 160);
  });
}
