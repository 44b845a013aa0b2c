// The keys of the review page. It is loaded after app.js and takes j, k, Enter, a, e, s, x and ? for itself; every button works without it.

const page = document.querySelector("[data-review]");
const keys = document.getElementById("review-keys");
const rows = () => [...page.querySelectorAll("[data-draft] a")];

function step(by) {
  const all = rows();
  const here = all.findIndex((link) => link.getAttribute("aria-current"));
  const next = all[Math.max(0, Math.min(all.length - 1, here + by))];
  if (next && next !== all[here]) location.assign(next.href);
}

function press(act) {
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
    const body = document.getElementById("body");
    body?.focus();
    body?.setSelectionRange(0, 0);
  },
  Enter: () => page.querySelector(".beside .who a")?.click(),
  "?": () => keys?.showModal(),
};

// Before app.js sees the key: there j and k only move a mark.
addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys?.open) return;
    if (event.target.closest("input, textarea, select, button, summary, a, [contenteditable]") && !(event.key in acts && event.key !== "Enter" && event.target.closest("a, button, summary"))) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  },
  { capture: true },
);

for (const button of page.querySelectorAll("[data-confirm]")) {
  button.addEventListener("click", (event) => {
    if (!confirm(button.dataset.confirm)) event.preventDefault();
  });
}

// The text is as tall as what stands in it.
const body = document.getElementById("body");
function grow() {
  body.style.height = "auto";
  body.style.height = `${body.scrollHeight + 4}px`;
}
if (body) {
  body.addEventListener("input", grow);
  grow();
}
