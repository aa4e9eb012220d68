// The button beside a text to copy (portal/copy_text.html). Without this script the text is selected by hand.
"use strict";
(() => {
  const show = (root) => root.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
  const byHand = (field) => {
    field.focus();
    field.select();
    try { return document.execCommand("copy"); } catch { return false; }
  };
  document.addEventListener("DOMContentLoaded", () => show(document));
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = button.parentElement.querySelector("textarea"), label = button.textContent;
    let done = false;
    try {
      await navigator.clipboard.writeText(field.value);  // not there without https
      done = true;
    } catch { done = byHand(field); }
    button.textContent = done ? button.dataset.done : button.dataset.failed;
    setTimeout(() => { button.textContent = label; }, 2500);
  });
})();
