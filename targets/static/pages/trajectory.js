// Draws the trajectory of a target over its picture, which stays for print and for readers without scripts.
"use strict";
(() => {
  const plot = document.getElementById("trajectory");
  const source = document.getElementById("trajectory-data");
  if (!plot || !source || !window.Chart) return;
  const data = JSON.parse(source.textContent);
  const dayTexts = new Map(data.days);
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", plot.querySelector("svg").getAttribute("aria-label"));
  plot.append(canvas);
  const numbers = new Intl.NumberFormat(data.language, { maximumFractionDigits: 6 });
  let chart = null;

  const styles = () => {
    const read = getComputedStyle(document.documentElement);
    const colour = (name) => read.getPropertyValue(`--${name}`).trim();
    return {
      colour,
      marks: {
        actual: { borderColor: colour("text"), backgroundColor: colour("text"), borderWidth: 2.5, pointRadius: 3 },
        due: { borderColor: colour("muted"), borderWidth: 1.5, pointRadius: 0 },
        outlook: { borderColor: colour("outlook"), borderWidth: 2, borderDash: [5, 4], pointRadius: 2 },
        needed: { borderColor: colour("bad"), borderWidth: 1.5, borderDash: [2, 3], pointRadius: 2 },
        before: { borderColor: colour("line"), borderWidth: 2, pointRadius: 2, pointBackgroundColor: colour("line") },
        earlier: { borderColor: colour("muted"), backgroundColor: colour("ground"), pointRadius: 4, showLine: false },
        forecast: {
          borderColor: colour("watched"), backgroundColor: colour("watched"), pointRadius: 6, pointStyle: "rectRot", showLine: false,
        },
      },
    };
  };

  // The band of the target, at the right edge; an open side runs on.
  const band = {
    id: "band",
    beforeDatasetsDraw: ({ ctx, chartArea, scales }) => {
      if (!data.band) return;
      const [lower, upper] = data.band;
      const top = upper === null ? chartArea.top : scales.y.getPixelForValue(upper);
      const bottom = lower === null ? chartArea.bottom : scales.y.getPixelForValue(lower);
      ctx.fillStyle = styles().colour("band");
      ctx.fillRect(chartArea.right - 8, top, 12, Math.max(bottom - top, 2));
    },
  };

  const draw = () => {
    const { colour, marks } = styles();
    if (chart) chart.destroy();
    chart = new window.Chart(canvas, {
      type: "line",
      data: { datasets: data.series.map((row) => ({ ...marks[row.name], data: row.points, parsing: false, tension: 0 })) },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "nearest", intersect: false },
        layout: { padding: { right: 6 } },
        plugins: {
          legend: { display: false },
          tooltip: { displayColors: false, callbacks: { title: () => "", label: (item) => item.raw.text } },
        },
        scales: {
          x: {
            type: "linear",
            min: 0,
            max: data.last,
            grid: { display: false },
            border: { color: colour("line") },
            afterBuildTicks: (axis) => {
              axis.ticks = data.days.map(([value]) => ({ value }));
            },
            ticks: { color: colour("muted"), autoSkip: true, autoSkipPadding: 14, maxRotation: 0, callback: (value) => dayTexts.get(value) ?? "" },
          },
          y: {
            suggestedMin: data.band ? Math.min(...data.band.filter((edge) => edge !== null)) : undefined,
            suggestedMax: data.band ? Math.max(...data.band.filter((edge) => edge !== null)) : undefined,
            grace: "5%",
            grid: { color: colour("line") },
            border: { display: false },
            ticks: { color: colour("muted"), maxTicksLimit: 6, callback: (value) => (data.words ? (data.words[value] ?? "") : numbers.format(value)) },
          },
        },
      },
      plugins: [band],
    });
  };

  plot.classList.add("drawn");
  draw();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
