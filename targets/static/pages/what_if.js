// Sliders beside the number fields of a form. A slider has no name: what is sent is the number in the field.
"use strict";
(() => {
  const language = document.documentElement.lang || "vi";
  const format = new Intl.NumberFormat(language, { useGrouping: false, maximumFractionDigits: 6 });
  const decimalSign = format.format(1.5).charAt(1);
  const read = (written) => {
    const other = decimalSign === "," ? /\./g : /,/g;
    return Number(written.replace(other, "").replace(decimalSign, ".").replace("−", "-"));
  };
  for (const slider of document.querySelectorAll("input[type=range][data-for]")) {
    const field = document.getElementById(slider.dataset.for);
    if (!field) continue;
    const follow = () => {
      const value = read(field.value);
      if (field.value && Number.isFinite(value)) slider.value = String(value);
    };
    follow();
    slider.hidden = false;
    slider.addEventListener("input", () => {
      field.value = format.format(Number(slider.value)).replace("-", "−");
    });
    field.addEventListener("input", follow);
  }
})();
