// A drawing of the neighbourhood that can be moved, beside the one that the server drew.
const place = document.getElementById("moving");
const still = document.getElementById("still");
const button = document.getElementById("switch");

const dark = matchMedia("(prefers-color-scheme: dark)");
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

function colours() {
  const of = getComputedStyle(document.documentElement);
  const read = (name) => of.getPropertyValue(name).trim();
  return {text: read("--text"), line: read("--line-strong"), fill: [read("--ring-0"), read("--ring-1"), read("--ring-2")]};
}

function style() {
  const c = colours();
  return [
    {selector: "node", style: {
      label: "data(name)", color: c.text, "font-size": 11, "text-valign": "bottom", "text-margin-y": 4,
      "text-wrap": "ellipsis", "text-max-width": 120, "border-width": 1.5, "border-color": c.line, width: 22, height: 22,
    }},
    ...c.fill.map((fill, ring) => ({selector: `node[ring = ${ring}]`, style: {"background-color": fill}})),
    {selector: "node[ring = 0]", style: {width: 36, height: 36, "font-weight": "bold", "font-size": 13}},
    {selector: "edge", style: {
      width: 1.2, "line-color": c.line, "target-arrow-color": c.line, "target-arrow-shape": "triangle", "arrow-scale": 0.8,
      "curve-style": "bezier", label: "data(verb)", "font-size": 8, color: c.text, "text-rotation": "autorotate",
      "min-zoomed-font-size": 9,
    }},
  ];
}

let drawn = null;

async function show() {
  const answer = await fetch(place.dataset.document, {credentials: "same-origin"});
  if (!answer.ok) {
    return;
  }
  const found = await answer.json();
  place.hidden = false;
  drawn = cytoscape({
    container: place,
    style: style(),
    elements: [
      ...found.nodes.map((n) => ({data: {id: n.key, name: n.name, ring: n.ring, link: n.link}})),
      ...found.edges.map((e) => ({data: {source: e.from, target: e.to, verb: e.verb}})),
    ],
    layout: {name: "concentric", concentric: (n) => 2 - n.data("ring"), levelWidth: () => 1, minNodeSpacing: 34, animate: false},
    wheelSensitivity: 0.3,
    maxZoom: 2.5,
  });
  drawn.on("tap", "node", (event) => {
    const link = event.target.data("link");
    if (link) {
      location.assign(link);
    }
  });
  dark.addEventListener("change", () => drawn.style(style()));
}

if (window.cytoscape && place) {
  document.getElementById("drawn").hidden = false;
  button.addEventListener("click", async () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    still.hidden = on;
    place.hidden = !on;
    if (on && !drawn) {
      await show();
    } else if (on) {
      drawn.resize();
      drawn.fit(undefined, calm ? 0 : 20);
    }
  });
}
