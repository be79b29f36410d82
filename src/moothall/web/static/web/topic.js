// Improves conversations and the composer; without it every link and button here does the same by a page.
(() => {
  "use strict";
  const text = document.getElementById("text");

  // A permalink without its page: #p7 of a long conversation stands on another page.
  const wanted = /^#p(\d+)$/.exec(location.hash);
  if (wanted && !document.getElementById(location.hash.slice(1))) {
    const address = new URL(location.href);
    if (address.searchParams.get("post") !== wanted[1]) {
      address.search = `?post=${wanted[1]}`;
      location.replace(address);
    }
  }

  // An address that ends in #text gives the field the focus; one writes on below the quote or the draft.
  if (text && location.hash === "#text") text.setSelectionRange(text.value.length, text.value.length);

  // What was asked for beside the writing and did not come is told where it would have stood. The line that says when the
  // draft was kept would else go on saying so of words that nobody has.
  const unanswered = (event) => {
    const place = event.detail.target;
    const isDraft = place.matches(".kept");
    if (!isDraft && place.id !== "shown") return;
    const words = isDraft
      ? "This is not kept as a draft: the site does not answer. It is tried again while you write."
      : "There is no preview: the site does not answer. What you wrote is still here; try again in a minute.";
    if (place.textContent === words) return;
    const line = document.createElement("b");
    line.className = "err";
    line.setAttribute("role", "alert");
    line.textContent = words;
    place.replaceChildren(line);
  };
  document.addEventListener("htmx:sendError", unanswered);
  document.addEventListener("htmx:responseError", unanswered);

  // Ctrl Enter posts.
  if (text) {
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        text.form.requestSubmit(text.form.querySelector("button[value=post]"));
      }
    });
  }

  // A duplicated tab brings along the name of its form, under which the server would keep its text in place of the
  // other one's. A form that hears its own name from another window takes a new one.
  const name = text && text.form.elements.window;
  if (name) {
    let windows;
    const hear = ({ data }) => {
      if (data.name !== name.value) return;
      if (!data.isTaken) return windows.postMessage({ name: name.value, isTaken: true });
      const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
      name.value = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    };
    // Not while the page is out of sight: browsers drop one that listens, instead of showing it again as it was.
    addEventListener("pagehide", () => windows.close());
    addEventListener("pageshow", () => {
      windows = new BroadcastChannel("windows");
      windows.addEventListener("message", hear);
      windows.postMessage({ name: name.value });
    });
  }

  // Reply while some words of the post are selected: quotes these instead of the whole.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-quote]");
    const chosen = document.getSelection();
    if (!link || !text || event.ctrlKey || event.metaKey || event.shiftKey || chosen.isCollapsed) return;
    const words = link.closest(".post").querySelector(".prose");
    if (!words.contains(chosen.anchorNode) || !words.contains(chosen.focusNode)) return;
    event.preventDefault();
    const quote = chosen.toString().trim().split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
    text.value = `${text.value.trim() ? `${text.value.trimEnd()}\n\n` : ""}${quote}\n\n`;
    text.form.elements.reply_to.value = link.dataset.quote;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  });
})();
