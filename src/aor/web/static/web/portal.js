/* What the portal adds where scripts run; every page works without it. */
"use strict";

// A form with errors: the summary takes the focus, so that a screen reader reads it first.
function focusErrors(root) {
  const summary = root.querySelector("[data-focus]");
  if (summary) summary.focus();
}

// A menu closes with Escape or a click elsewhere, and gives the focus back.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("header details[open]").forEach((menu) => {
    const held = menu.contains(document.activeElement);
    menu.open = false;
    if (held) menu.querySelector("summary").focus();
  });
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("header details[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// A second click on a form that is on its way does nothing; the server would notice it too.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.target || form.dataset.download !== undefined) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

document.addEventListener("DOMContentLoaded", () => focusErrors(document));
document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.target));

// An answer that is not a page part, such as the end of a session, is shown as a whole page.
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401 || status === 403) window.location.reload();
});
