// Follows an import until it is finished; without scripts the page reloads itself. Rejects a file that is too large.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("import-progress");
  if (box) {
    const bar = box.querySelector("progress");
    const message = document.getElementById("import-message");
    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.url, { cache: "no-store" });
        // The session has ended: the reload shows the login page.
        if (answer.redirected) return location.reload();
        const state = await answer.json();
        if (!state.open) return location.reload();
        message.textContent = state.message;
        if (state.rows) {
          bar.max = state.rows;
          bar.value = state.done;
        }
      } catch {
        // The network or the service is away: ask again.
      }
      setTimeout(ask, 1000);
    };
    setTimeout(ask, 500);
  }

  const form = document.querySelector("form[data-max-size]");
  const input = form && form.querySelector("input[type=file]");
  if (input) {
    input.addEventListener("change", () => {
      const file = input.files[0];
      input.setCustomValidity(file && file.size > Number(form.dataset.maxSize) ? form.dataset.tooLarge : "");
      input.reportValidity();
    });
  }
  // A second click would send the file, or confirm it, again.
  document.querySelectorAll("form[data-once]").forEach((form) =>
    form.addEventListener("submit", () => {
      form.querySelectorAll("button").forEach((button) => {
        button.disabled = true;
      });
    }),
  );
});
// When the user returns by the back button, the buttons of the page must work again.
window.addEventListener("pageshow", () =>
  document.querySelectorAll("form[data-once] button").forEach((button) => {
    button.disabled = false;
  }),
);
