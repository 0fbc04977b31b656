// A panel as a picture: its elements with the styles they have, inside an SVG; drawn on a canvas for PNG.
const LEFT_OUT = ".fv-controls, .fv-bar, .fv-playhead, .fv-switch, .fv-tip, .fv-pop, .fv-tail, style, script";
const UNSEEN =
  /^(--|transition|animation|cursor|pointer|touch|user|caret|scroll|overscroll|app-region|will|perspective-origin|transform-origin|-webkit|(min-|max-)?(inline|block)-size|(border|padding|margin|inset)-(inline|block))/;
const INHERITED =
  /^(color|fill|stroke|font|line-height|letter-spacing|word-spacing|text-(align|anchor|indent|transform|rendering|size)|white-space|list-style|visibility|border-(collapse|spacing)|quotes|tab-size)/;
const MARGIN = 12;
const FOOT = 22;

export function drawPicture(panel, kind, caption) {
  const area = panel.getBoundingClientRect();
  const body = document.createElement("div");
  const plain = document.createElement("iframe");
  plain.setAttribute("style", "position:absolute;left:-99999px;visibility:visible");
  document.body.append(plain);
  const bare = new Map();

  // What an element of this kind looks like without any style sheet.
  const unstyled = (node) => {
    const kindOf = `${node.namespaceURI} ${node.localName}`;
    if (!bare.has(kindOf)) {
      const page = plain.contentDocument;
      const one = page.createElementNS(node.namespaceURI, node.localName);
      page.body.append(one);
      const style = plain.contentWindow.getComputedStyle(one);
      bare.set(kindOf, Object.fromEntries([...style].map((name) => [name, style.getPropertyValue(name)])));
      one.remove();
    }
    return bare.get(kindOf);
  };
  // Give a copy a class with what differs from its kind's usual look, or, if it is inherited, from its parent.
  const classes = new Map();
  const shrunk = new WeakSet(); // copies that lack something, so that their height is not what it was
  const dress = (copy, style, around) => {
    const usual = unstyled(copy);
    const common = unstyled(body);
    const inherits = around && !["button", "input", "option", "select"].includes(copy.localName);
    let text = "";
    for (const name of style) {
      if (UNSEEN.test(name) || (name === "height" && shrunk.has(copy))) continue;
      let value = style.getPropertyValue(name);
      const passed = inherits && INHERITED.test(name) && usual[name] === common[name];
      if (value === (passed ? around.getPropertyValue(name) : usual[name]) && !copy.hasAttribute(name))
        continue;
      // An automatic margin comes as the room it took: a pixel less, lest rounding breaks the line.
      if (/^margin-(left|right)$/.test(name) && parseFloat(value) > 20) value = `${parseFloat(value) - 1}px`;
      text += `${name}:${value};`;
    }
    if (!classes.has(text)) classes.set(text, `s${classes.size}`);
    copy.removeAttribute("style");
    copy.setAttribute("class", classes.get(text));
  };
  const generated = (node, which) => {
    const style = getComputedStyle(node, which);
    if (!/^"/.test(style.content)) return null;
    const span = document.createElement("span");
    span.textContent = style.content.slice(1, -1);
    dress(span, style, getComputedStyle(node));
    return span;
  };
  const copied = (node, around) => {
    if (node.nodeType === Node.TEXT_NODE) return node.cloneNode();
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(LEFT_OUT)) return null;
    const style = getComputedStyle(node);
    if (style.display === "none") return null;
    let copy = node.cloneNode(false);
    if (node.localName === "canvas") {
      copy = document.createElement("img");
      copy.src = node.toDataURL();
    } else if (node.localName === "input") copy.setAttribute("value", node.value);
    else if (node.localName === "option" && node.selected) copy.setAttribute("selected", "");
    const children = [...node.childNodes].map((child) => copied(child, style)).filter(Boolean);
    const lacks = [...node.children].some(
      (child) => child.matches(LEFT_OUT) && !child.matches("style, script"),
    );
    if (lacks || children.some((child) => shrunk.has(child))) shrunk.add(copy);
    dress(copy, style, around);
    copy.append(...[generated(node, "::before"), ...children, generated(node, "::after")].filter(Boolean));
    return copy;
  };

  const look = getComputedStyle(panel.closest(".fv-root"));
  const width = Math.ceil(area.width) + 2 * MARGIN;
  body.setAttribute(
    "style",
    `box-sizing:border-box;width:${width}px;padding:${MARGIN}px;background:${look.backgroundColor}`,
  );
  const inside = copied(panel, null);
  const foot = document.createElement("div");
  foot.textContent = caption;
  foot.setAttribute(
    "style",
    `font:11px/${FOOT}px ${look.fontFamily};height:${FOOT}px;color:${look.getPropertyValue("--fv-dim")}`,
  );
  const sheet = document.createElement("style");
  sheet.textContent = [...classes].map(([text, name]) => `.${name}{${text}}`).join("\n");
  body.append(sheet, inside, foot);
  plain.remove();

  // How high it is without what was left out.
  const trial = document.createElement("div");
  trial.setAttribute("style", "position:absolute;left:-99999px;top:0");
  trial.append(body);
  document.body.append(trial);
  const height = Math.ceil(body.getBoundingClientRect().height);
  trial.remove();

  const xml = new XMLSerializer().serializeToString(body);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<foreignObject width="100%" height="100%">${xml}</foreignObject></svg>`;
  if (kind === "svg") return svg;

  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  return image.decode().then(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.drawImage(image, 0, 0);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  });
}
