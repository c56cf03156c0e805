// Select2 names a box after its value: without one, or while one searches in it, it has no name for a screen reader.
"use strict";
(() => {
  const nameOf = (select) => {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const words = label ? label.textContent : select.closest("td")?.dataset.label || select.name;
    return words.replace(/[\s*]+/g, " ").trim();
  };

  const nameParts = (parent, select) => {
    for (const part of parent.querySelectorAll(".select2-selection__rendered, .select2-search__field")) {
      part.setAttribute("aria-label", nameOf(select));
    }
  };

  const nameBoxes = () => {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      nameParts(select.parentElement, select);
    }
    const open = document.querySelector(".select2-container--open")?.previousElementSibling;
    const list = document.querySelector(".select2-dropdown");
    if (open?.matches("select") && list) nameParts(list, open);
  };

  // Boxes are made after the page is loaded, for each new row, and each time a list is opened.
  new MutationObserver(nameBoxes).observe(document, { childList: true, subtree: true });
})();
