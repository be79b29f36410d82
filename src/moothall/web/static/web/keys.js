// Single-letter keys, only on pages of members who turned them on (WCAG 2.1.4). They rest in fields and dialogs.
(() => {
  "use strict";
  const STOPS = ".feed > .talk h3 a, .post[id], main a[rel=prev], main a[rel=next]";
  const FIELDS = "input, textarea, select, [contenteditable], dialog[open]";
  const list = document.getElementById("letter-keys");

  // From what has the focus, else from the first stop that is not above the window.
  const move = (step) => {
    const stops = [...document.querySelectorAll(STOPS)];
    const here = stops.findIndex((stop) => stop.contains(document.activeElement));
    const inView = stops.findIndex((stop) => stop.getBoundingClientRect().bottom > 0);
    const next = here >= 0 ? here + step : step > 0 ? inView : inView - 1;
    const stop = stops[next];
    if (!stop) return;
    if (stop.matches(".post")) stop.tabIndex = -1;
    stop.focus();
    stop.scrollIntoView({ block: "nearest" });
  };

  const search = () => {
    // On narrow screens the field is shown once its place is the page's target.
    const field = document.getElementById("q");
    if (!field.checkVisibility()) location.hash = "search";
    field.focus();
    field.select();
  };

  const KEYS = { j: () => move(1), k: () => move(-1), "/": search, "?": () => list.showModal() };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(FIELDS)) return;
    const key = event.key.toLowerCase();
    // Signs may need Shift, as the keyboard has it; a letter with it is somebody's own.
    if (!Object.hasOwn(KEYS, key) || (event.shiftKey && key >= "a")) return;
    event.preventDefault();
    KEYS[key]();
  });
})();
