// The playhead: a native slider, a line in the chart that can be dragged, and the clock that plays. It reports only
// what a person does, and plays no faster than the kernel answers.
export function makePlayhead(root, model, data) {
  let dragging = false;
  let waiting = false;
  let wanted = null;
  let timer = null;
  let pace = "";

  const ask = (message) => {
    waiting = true;
    model.send(message);
  };
  // At its very start, an operation gives way to the one before: a hand that drags stays in the operation.
  const inside = (position) =>
    Math.max(position, data.get("head").first + (data.get("head").first > 0 ? 1 : 0));
  const seek = (position) => {
    if (waiting) wanted = position;
    else ask({ seek: position });
  };
  const tick = () => {
    const head = data.get("head");
    if (head.value >= head.end) model.send({ play: false });
    else if (!waiting) ask({ step: 1 });
  };
  const show = () => {
    const head = data.get("head");
    const slider = root.querySelector(".fv-playhead input");
    const line = root.querySelector(".fv-needle");
    if (!head || !slider) return;
    const share = (head.value - head.first) / (head.last - head.first);
    if (Number(slider.min) !== head.first) slider.min = head.first;
    if (Number(slider.max) !== head.last) slider.max = head.last;
    if (!dragging) slider.value = head.value;
    slider.setAttribute("aria-valuetext", head.words);
    line?.style.setProperty("--x", share.toFixed(5));
    if (pace !== `${head.playing} ${head.interval}`) {
      pace = `${head.playing} ${head.interval}`;
      clearInterval(timer);
      timer = head.playing ? setInterval(tick, head.interval) : null;
    }
  };
  // The kernel has answered, whatever it said.
  const answered = () => {
    waiting = false;
    if (wanted === null) return;
    const next = wanted;
    wanted = null;
    ask({ seek: next });
  };
  const isSlider = (node) => node.matches?.(".fv-playhead input");
  root.addEventListener("input", (event) => {
    if (isSlider(event.target))
      seek(dragging ? inside(Number(event.target.value)) : Number(event.target.value));
  });
  let chart = null;
  const inChart = (event) => {
    const head = data.get("head");
    const area = chart.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - area.left) / area.width, 0), 1);
    seek(inside(Math.round(head.first + share * (head.last - head.first))));
  };
  root.addEventListener("pointerdown", (event) => {
    dragging = isSlider(event.target);
    chart = event.target.closest?.(".fv-plot");
    if (!chart || event.button > 0) return;
    chart.setPointerCapture(event.pointerId);
    inChart(event);
  });
  root.addEventListener("pointermove", (event) => {
    if (chart) inChart(event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    root.addEventListener(name, () => {
      dragging = false;
      chart = null;
    });
  }
  return { show, answered, stop: () => clearInterval(timer) };
}
