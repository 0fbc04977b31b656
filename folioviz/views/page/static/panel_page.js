// A panel as a page of its own, for blogs and documents: its picture first, and on a click what is alive.

/**
 * Escape text for HTML.
 * @param {string} text
 */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const STYLE = `
  :root { color-scheme: light dark; }
  body { margin: 0; padding: 12px; font: 14px/1.5 system-ui, sans-serif; }
  figure { margin: 0; }
  svg { display: block; max-width: 100%; height: auto; }
  iframe { display: block; width: 100%; height: 90vh; border: 0; }
`;
const START = `
  const button = document.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => {
    const frame = document.createElement("iframe");
    frame.src = document.querySelector("a").href;
    frame.title = document.title;
    document.querySelector("svg").replaceWith(frame);
    button.remove();
  });
`;

/**
 * Return a page that shows a picture, and asks no server for anything until somebody starts it.
 * @param {{ svg: string, title: string, caption: string, live: string, command: string }} panel
 *   its picture (which has the caption, too), what it is called, what is seen, the address where it is alive ("" if there is none), and the command
 *   that opens it on a reader's own machine
 */
export function panelPage({ svg, title, caption, live, command }) {
  const from = live ? ` frame-src ${new URL(live).origin};` : "";
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline';${from}`;
  const start = live
    ? `<button hidden>Start it here</button> <a href="${escaped(live)}">Open it in a tab of its own</a> · `
    : "";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<figure aria-label="${escaped(caption)}">
${svg}
<figcaption>${start}<code>${escaped(command)}</code></figcaption>
</figure>
${live ? `<script>${START}</script>` : ""}
</body>
</html>
`;
}
