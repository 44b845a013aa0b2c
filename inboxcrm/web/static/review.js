// The review page without waiting: j, k, Enter, a, e, s, x and ?, and the next draft in the place of the last without a new page. Every
// link and button works without it. It is loaded after app.js and takes its keys first.

const page = document.querySelector("[data-review]");
const keys = document.getElementById("review-keys");
const letter = () => document.getElementById("letter");
const body = () => document.getElementById("body");

let before = ""; // what stood in the form when it came
let busy = false; // the next draft is under way
let again = 0; // j and k pressed meanwhile

// What was typed and isn't saved yet -----------------------------------------------------------------

const told = (form) => new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "then")).toString();
const dirty = () => letter() !== null && told(letter()) !== before;

addEventListener("beforeunload", (event) => {
  if (!busy && dirty()) event.preventDefault();
});

// One draft in the place of another ------------------------------------------------------------------

async function show(address, options, push = true) {
  if (busy) return;
  busy = true;
  page.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, options);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const came = next.querySelector("[data-review]");
    if (!answer.ok || !came) {
      location.assign(answer.url);
      return;
    }
    page.replaceChildren(...[...came.childNodes].map((child) => document.adoptNode(child)));
    for (const part of ["#places", ".head .sub"]) {
      const [old, fresh] = [document, next].map((one) => one.querySelector(part));
      if (old && fresh) old.innerHTML = fresh.innerHTML;
    }
    document.querySelector("[data-notice]")?.remove();
    const notice = next.querySelector("[data-notice]");
    if (notice) document.getElementById("main").prepend(document.adoptNode(notice));
    if (push) history.pushState(null, "", answer.url);
    arrived();
  } catch {
    location.assign(options ? location.href : address);
  } finally {
    busy = false;
    page.removeAttribute("aria-busy");
  }
  if (again) step(again);
}

function arrived() {
  const [form, text, row] = [letter(), body(), page.querySelector(".queue .row.open")];
  before = form ? told(form) : "";
  if (text) grow(text);
  const queue = row?.closest(".queue");
  if (queue && row.offsetTop + row.offsetHeight > queue.scrollTop + queue.clientHeight) {
    queue.scrollTop = row.offsetTop - queue.clientHeight / 2;
  }
  if (document.activeElement === document.body) scrollTo(0, 0);
}

function send(form, button) {
  const fields = new URLSearchParams([...new FormData(form)]);
  if (button?.name) fields.set(button.name, button.value);
  show(form.action, { method: "POST", body: fields });
}

// Going to another draft keeps what was typed in this one.
function go(link) {
  const form = letter();
  if (!dirty()) {
    show(link.href);
    return;
  }
  form.elements.then.value = new URL(link.href).pathname.split("/").pop();
  send(form, form.querySelector('button[value="save"]'));
}

page.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-confirm]");
  if (asked && !confirm(asked.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  const link = event.target.closest(".queue a, .turn a, #draft-changed a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  if (link.closest("#draft-changed")) show(link.href);
  else go(link);
});

page.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter);
});

addEventListener("popstate", () => show(location.href, undefined, false));

// Keys -----------------------------------------------------------------------------------------------

function step(by) {
  if (busy) {
    again = by;
    return;
  }
  again = 0;
  const all = [...page.querySelectorAll("[data-draft] a")];
  const here = all.findIndex((link) => link.getAttribute("aria-current"));
  const next = all[Math.max(0, Math.min(all.length - 1, here + by))];
  if (next && next !== all[here]) go(next);
}

// While the next draft is under way nothing is decided: it has not been seen yet.
function press(act) {
  if (busy) return;
  const button = page.querySelector(`[data-act="${act}"]`);
  button?.click();
  if (button?.matches("summary")) button.parentElement.querySelector("button")?.focus();
}

const acts = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press("approve"),
  s: () => press("snooze"),
  x: () => press("skip"),
  e: () => {
    body()?.focus();
    body()?.setSelectionRange(0, 0);
  },
  Enter: () => busy || page.querySelector(".beside .who a")?.click(),
  "?": () => keys?.showModal(),
};

// Before app.js sees the key: there j and k only move a mark. Enter stays with what has the focus.
addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || keys?.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  },
  { capture: true },
);

// Changed elsewhere ----------------------------------------------------------------------------------

document.addEventListener("inboxcrm:refreshed", () => {
  const state = document.getElementById("draft-state");
  if (!state || busy || state.textContent === state.dataset.seen) return;
  // What was typed stays, and a menu does not close under the finger that is about to choose in it.
  if (dirty() || page.querySelector("details[data-menu][open]")) document.getElementById("draft-changed").hidden = false;
  else show(location.href, undefined, false);
});

// The text is as tall as what stands in it.
function grow(text) {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 4}px`;
}
page.addEventListener("input", (event) => {
  if (event.target.id === "body") grow(event.target);
});
arrived();
page.dataset.review = "on"; // it takes keys now
