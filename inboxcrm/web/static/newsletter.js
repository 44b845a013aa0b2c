// What a browser with JavaScript adds while a newsletter is made: what is typed is kept by itself and shown beside, buttons that
// format, the audience counted while it is chosen. Every step works without it.

// Text ---------------------------------------------------------------------------------------------

const editor = document.querySelector("form[data-editor]");
const body = document.getElementById("body");

if (editor && body) {
  // The buttons write Markdown.
  const offer = () => {
    for (const bar of document.querySelectorAll("[data-toolbar]")) bar.hidden = editor.elements.format.value === "html";
  };
  offer();
  for (const choice of editor.elements.format) choice.addEventListener("change", offer);
  let typing = body;
  editor.addEventListener("focusin", (event) => {
    if (event.target.matches('#body, input[name="subject"]')) typing = event.target;
  });

  const put = (field, before, after = "", chosen = "") => {
    const [start, end] = [field.selectionStart, field.selectionEnd];
    const inside = field.value.slice(start, end) || chosen;
    field.focus();
    field.setRangeText(before + inside + after, start, end, "end");
    if (inside) field.setSelectionRange(start + before.length, start + before.length + inside.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  editor.addEventListener("click", (event) => {
    const button = event.target.closest("[data-wrap], [data-line], [data-insert]");
    if (!button) return;
    const { wrap, line, insert } = button.dataset;
    if (wrap) put(body, wrap, wrap, "…");
    else if (line) {
      const start = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
      body.setSelectionRange(start, start);
      put(body, line);
    } else put(insert.startsWith("{{") ? typing : body, insert);
    const menu = button.closest("details[data-menu]");
    if (menu) menu.open = false;
  });

  const told = () => new URLSearchParams([...new FormData(editor)]).toString();
  let saved = told();
  let leaving = false;
  let timer = 0;
  let busy = false;
  let refused = false;

  // Keeps what was typed, and shows it beside. When it can't be kept, the button Save tells why.
  async function keep() {
    if (busy || told() === saved) return;
    busy = true;
    refused = false;
    const sent = told();
    try {
      const answer = await fetch(editor.action, { method: "POST", body: new URLSearchParams([...new FormData(editor)]) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const seen = page.querySelector('form[data-editor] input[name="seen"]');
      if (!answer.ok || !seen) {
        refused = true;
        return;
      }
      editor.elements.seen.value = seen.value;
      saved = told() === sent.replace(/(^|&)seen=[^&]*/, `$1seen=${seen.value}`) ? told() : "";
      for (const state of document.querySelectorAll("#issue-state")) {
        state.innerHTML = page.getElementById("issue-state")?.innerHTML ?? state.innerHTML;
      }
      const problems = document.getElementById("text-problems");
      const next = page.getElementById("text-problems");
      if (problems && next) problems.innerHTML = next.innerHTML;
      const frame = document.querySelector("iframe[data-preview]");
      if (frame) frame.src = frame.getAttribute("src");
    } catch {
      // The service is away; what was typed stays in the form.
    } finally {
      busy = false;
      if (told() !== saved && !refused) later();
    }
  }
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 1200);
  };
  editor.addEventListener("input", later);
  editor.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  // Going elsewhere keeps what was typed first.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (leaving || told() === saved) return;
    event.preventDefault();
    clearTimeout(timer);
    await keep();
    leaving = told() === saved;
    location.assign(link.href);
  });
  addEventListener("beforeunload", (event) => {
    if (!leaving && told() !== saved) event.preventDefault();
  });
  addEventListener("pageshow", () => {
    leaving = false;
  });
}

// Recipients ---------------------------------------------------------------------------------------

const audience = document.querySelector("form[data-count]");

if (audience) {
  audience.classList.add("counting");
  let timer = 0;
  let busy = false;
  let again = false;
  // One count at a time: among very many contacts each takes seconds, whether somebody still waits for it or not.
  const count = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    const result = document.getElementById("audience-result");
    result.setAttribute("aria-busy", "true");
    try {
      const fields = new URLSearchParams([...new FormData(audience)]);
      fields.set("act", "count");
      const answer = await fetch(audience.action, { method: "POST", body: fields });
      if (answer.ok && !again) exchange(result, await answer.text());
    } catch {
      // Saving counts too.
    } finally {
      busy = false;
      if (again) {
        again = false;
        count();
      } else result.removeAttribute("aria-busy");
    }
  };
  audience.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(count, 350);
  });
}

// What takes a while comes after the page.

function exchange(part, text) {
  const next = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
  if (!next) return false;
  part.replaceChildren(...[...next.childNodes].map((child) => document.adoptNode(child)));
  part.removeAttribute("data-later");
  for (const tally of document.querySelectorAll("[data-tally]")) {
    tally.textContent = part.querySelector("[data-in]").textContent;
  }
  return true;
}

for (const part of document.querySelectorAll("[data-later]")) {
  fetch(part.dataset.later, { redirect: "error" })
    .then(async (answer) => {
      // Counted anew meanwhile, since something else was chosen.
      if (!part.dataset.later) return;
      if (!answer.ok || !exchange(part, await answer.text())) throw new Error("no such part");
      if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
    })
    .catch(() => {
      for (const one of part.querySelectorAll("[data-waiting]")) one.hidden = true;
      for (const one of part.querySelectorAll("[data-failed]")) one.hidden = false;
    });
}
