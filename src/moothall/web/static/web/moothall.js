// Improves pages that work without it. Nothing here is needed to read or to write.
(() => {
  "use strict";
  // To the first field of a form that needs another look, so that what is wrong with it is read aloud.
  const wrong = document.querySelector("main [aria-invalid=true]:not([type=hidden])");
  if (wrong && !document.querySelector("main [autofocus]")) wrong.focus();
})();
