// What a reader is told when a part of the page could not be exchanged. The texts stand in the frame of the page.
"use strict";
(() => {
  const box = document.getElementById("exchange-failed");
  const show = (text) => {
    if (!box) return;
    box.textContent = text;
    box.hidden = !text;
    if (text) box.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:beforeRequest", () => show(""));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    show(box ? (status === 403 ? box.dataset.refused : box.dataset.failed) : "");
  });
  document.addEventListener("htmx:sendError", () => show(box ? box.dataset.failed : ""));
  // A session that has ended answers with the page of the login: load the whole page, which leads there and back.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!new URL(event.detail.xhr.responseURL).pathname.endsWith("/login/")) return;
    event.detail.shouldSwap = false;
    window.location.reload();
  });
})();
