// Shows one full number in place, and hides it again; without this script the form answers with the whole card.
"use strict";
document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".member-reveal form");
  if (!form) return;
  event.preventDefault();
  const box = form.closest("details"), shown = box.previousElementSibling, mask = shown.textContent;
  const error = form.querySelector(".member-reveal-error"), button = form.querySelector("button");
  error.hidden = true;
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: {"X-Requested-With": "fetch"}, cache: "no-store", redirect: "error",
    });
    const told = await answer.json();
    form.elements.key.value = told.key;
    if (told.error) throw new Error(told.error);
    const hide = () => {
      shown.textContent = mask;
      shown.classList.remove("member-shown");
      box.hidden = false;
    };
    shown.textContent = told.value;
    shown.classList.add("member-shown");
    shown.setAttribute("role", "status");
    box.open = false;
    box.hidden = true;
    form.reset();
    setTimeout(hide, told.seconds * 1000);
    addEventListener("pagehide", hide, {once: true});  // the page that "back" brings from memory shows the mask
  } catch (problem) {
    if (problem instanceof TypeError || problem instanceof SyntaxError) form.submit();  // logged out, or no network
    else {
      error.textContent = problem.message;
      error.hidden = false;
    }
  } finally {
    button.disabled = false;
  }
});
