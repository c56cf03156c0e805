// While the terms of a target, or of an amendment, are written, says them in words. Nothing is saved.
"use strict";
(() => {
  const box = document.getElementById("target-words");
  if (!box || !box.dataset.url) return;
  const shown = box.querySelector("output");
  const names = [
    "indicator", "goal", "qualitative", "about", "lower", "upper", "lower_open", "upper_open", "profile", "baseline",
    "tolerance", "tolerance_percent",
  ];
  let prefix = "";
  let timer = 0;
  let asked = 0;

  const show = (lines) =>
    shown.replaceChildren(
      ...lines.map((line) => {
        const row = document.createElement("div");
        row.textContent = line;
        return row;
      }),
    );

  const value = (name) => {
    const input = document.querySelector(`[name="${prefix}${name}"]`) || document.querySelector(`[name="${name}"]`);
    if (!input) return "";
    return input.type === "checkbox" ? (input.checked ? "on" : "") : input.value;
  };

  const ask = async () => {
    const mine = ++asked;
    const query = new URLSearchParams(names.map((name) => [name, value(name)]));
    query.set("target", box.dataset.target);
    const answer = await fetch(`${box.dataset.url}?${query}`);
    const lines = answer.ok ? (await answer.json()).lines : [`${answer.status}`];
    // Answers may overtake each other: only the last question counts.
    if (mine === asked) show(lines);
  };

  const soon = (event) => {
    const [, row, name] = /^(versions-\d+-)?(\w+)$/.exec(event.target.name || "") || [];
    if (!names.includes(name)) return;
    if (row || !box.dataset.target) prefix = row || "";
    // On the page of a target that exists, its terms stand in the row of an amendment.
    if (box.dataset.target && !prefix) return;
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  };
  document.addEventListener("input", soon);
  document.addEventListener("change", soon);
  // The list of indicators tells its changes to jQuery alone.
  if (window.django && window.django.jQuery) window.django.jQuery(document).on("change", soon);
  if (!box.dataset.target && (value("lower") || value("upper"))) ask();
})();
