// The playhead: a native slider and a Play button. It reports only what a person does, and plays no faster than the
// kernel answers (ipywidgets' IntSlider reports back every range that the kernel sets, and so moves the playhead).
export default {
  render({ model, el }) {
    el.classList.add("fv-playhead");
    const slider = Object.assign(document.createElement("input"), { type: "range", step: 1 });
    slider.setAttribute("aria-label", "playhead");
    slider.title = "playhead: drag, or use the arrow keys";
    el.append(slider);

    let dragging = false;
    let waiting = false;
    let wanted = null;
    let timer = null;

    const ask = (message) => {
      waiting = true;
      model.send(message);
    };
    const show = () => {
      waiting = false;
      slider.min = model.get("first");
      slider.max = model.get("last");
      if (!dragging) slider.value = model.get("value");
      slider.setAttribute("aria-valuetext", model.get("words"));
      if (wanted !== null) {
        const next = wanted;
        wanted = null;
        ask({ seek: next });
      }
    };
    slider.addEventListener("pointerdown", () => (dragging = true));
    slider.addEventListener("pointerup", () => (dragging = false));
    slider.addEventListener("pointercancel", () => (dragging = false));
    slider.addEventListener("input", () => {
      const position = Number(slider.value);
      if (waiting) wanted = position;
      else ask({ seek: position });
    });

    const tick = () => {
      if (model.get("value") >= model.get("end")) model.send({ play: false });
      else if (!waiting) ask({ step: 1 });
    };
    const play = () => {
      clearInterval(timer);
      timer = model.get("playing") ? setInterval(tick, model.get("interval")) : null;
      waiting = false;
    };
    model.on("change:frame", show);
    model.on("change:playing", play);
    model.on("change:interval", play);
    show();
    play();
    return () => clearInterval(timer);
  },
};
