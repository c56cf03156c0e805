// While a formula is typed, shows what it would give, or what is wrong with it. Nothing is saved.
"use strict";
(() => {
  const box = document.getElementById("formula-preview");
  const formula = document.querySelector("input[name=formula]");
  if (!box || !formula) return;
  const area = box.querySelector("input");
  const shown = box.querySelector("output");
  const code = document.querySelector("input[name=code]");
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

  const ask = async () => {
    const mine = ++asked;
    if (!formula.value.trim()) return show([]);
    const query = new URLSearchParams({
      formula: formula.value,
      area: area.value.trim(),
      code: code ? code.value : box.dataset.code,
    });
    const answer = await fetch(`${box.dataset.url}?${query}`);
    const lines = answer.ok ? (await answer.json()).lines : [`${answer.status}`];
    // Answers may overtake each other: only the last question counts.
    if (mine === asked) show(lines);
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  };
  [formula, area].forEach((input) => input.addEventListener("input", soon));
  if (formula.value) ask();
})();
