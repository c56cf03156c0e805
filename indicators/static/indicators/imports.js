// Follows an import until it is finished; without scripts the page reloads itself. Says at once when a file is too large.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("import-progress");
  if (box) {
    const bar = box.querySelector("progress");
    const said = document.getElementById("import-said");
    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.url, { cache: "no-store" });
        // Somebody who is logged out meanwhile is shown the login by the reload.
        if (answer.redirected) return location.reload();
        const state = await answer.json();
        if (!state.open) return location.reload();
        said.textContent = state.said;
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

  const form = document.querySelector("form[data-most]");
  const input = form && form.querySelector("input[type=file]");
  if (input) {
    input.addEventListener("change", () => {
      const file = input.files[0];
      input.setCustomValidity(file && file.size > Number(form.dataset.most) ? form.dataset.tooLarge : "");
      input.reportValidity();
    });
  }
  // A second click would send the file, or confirm it, again.
  document.querySelectorAll("form[data-once]").forEach((each) =>
    each.addEventListener("submit", () => {
      each.querySelectorAll("button").forEach((button) => {
        button.disabled = true;
      });
    }),
  );
});
// Come back to by the browser's button, the page would still have its buttons disabled.
window.addEventListener("pageshow", () =>
  document.querySelectorAll("form[data-once] button").forEach((button) => {
    button.disabled = false;
  }),
);
