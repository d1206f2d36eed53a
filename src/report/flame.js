// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the flame graphs of a page from the JSON beside each: callers above what they call, as wide as their time.
// Names reach the page through textContent alone. Everything walks in loops: recursion may be thousands of calls deep.
"use strict";
(function () {
  const ROW = 19, MIN_PX = 1, MIN_TEXT_PX = 34, SPARE_ROWS = 15; // rows drawn above and below those that are seen
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const graphs = [];

  function make(tag, attributes, text) {
    const element = document.createElement(tag);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function time(ns) {
    const size = Math.abs(ns);
    const [scale, unit] = size >= 1e9 ? [1e9, "s"] : size >= 1e6 ? [1e6, "ms"] : size >= 1e3 ? [1e3, "µs"] : [1, "ns"];
    const shown = size / scale;
    return shown.toFixed(shown === 0 || shown >= 100 ? 0 : shown >= 10 ? 1 : 2) + " " + unit;
  }
  const signed = (ns) => (ns < 0 ? "−" : "+") + time(ns);
  const percent = (part, whole) => (whole > 0 ? ((100 * part) / whole).toFixed(1) : "0.0") + " %";

  function mix(from, to, share) {
    return from.map((value, i) => Math.round(value + (to[i] - value) * share));
  }
  function paint([red, green, blue]) {
    const light = (red * 299 + green * 587 + blue * 114) / 1000;
    return ["rgb(" + red + "," + green + "," + blue + ")", light > 140 ? "#111" : "#fff"];
  }
  // Red is slower and blue is faster: the two that people with any kind of colour blindness tell apart.
  function changeColor(share) {
    const neutral = dark.matches ? [52, 58, 64] : [230, 232, 235];
    const slower = dark.matches ? [242, 112, 96] : [190, 40, 28], faster = dark.matches ? [92, 172, 230] : [0, 99, 166];
    return paint(mix(neutral, share < 0 ? faster : slower, Math.pow(Math.abs(share), 0.6)));
  }
  // The kind of code sets how vivid a colour is: one's own stands out from libraries and the system.
  function crateColor(crate, kind) {
    let hash = 7;
    for (const letter of crate) hash = (hash * 31 + letter.codePointAt(0)) % 3600;
    const vivid = { 1: 62, 2: 38, 3: 14, 4: 6, 5: 6 }[kind] || 24;
    return ["hsl(" + hash / 10 + "," + vivid + "%," + (dark.matches ? 34 : 76) + "%)", dark.matches ? "#fff" : "#111"];
  }

  function Graph(element) {
    this.element = element;
    this.data = JSON.parse(element.querySelector("script").textContent);
    this.n = this.data.parent.length;
    this.two = this.data.total.length === 2;
    this.side = this.two ? 1 : 0;
    this.byChange = this.two;
    this.zoomed = this.active = 0;
    this.query = "";
    this.places = new Map(); // node -> [left, width, encloses the zoomed one]
    this.frames = new Map(); // node -> element, of the rows around those that are seen
    this.link();
    this.build();
  }

  const methods = Graph.prototype;

  // First child and next sibling, the one with most time first.
  methods.link = function () {
    const { parent, total } = this.data, n = this.n;
    const size = (i) => Math.max(...total.map((side) => side[i]));
    const order = Array.from({ length: n - 1 }, (_, i) => i + 1).sort((a, b) => size(a) - size(b) || b - a);
    this.child = new Int32Array(n).fill(-1);
    this.sibling = new Int32Array(n).fill(-1);
    this.level = new Int32Array(n);
    for (const i of order) {
      this.sibling[i] = this.child[parent[i]];
      this.child[parent[i]] = i;
    }
    let most = 0;
    for (let i = 1; i < n; i++) {
      this.level[i] = this.level[parent[i]] + 1;
      if (this.two) most = Math.max(most, Math.abs(this.data.self[1][i] - this.data.self[0][i]));
    }
    // Where nothing changed by 2 % of the whole, noise is not blown up to the full colours.
    this.most = this.two ? Math.max(most, 0.02 * Math.max(total[0][0], total[1][0]), 1) : 1;
  };

  methods.name = function (i) {
    return i === 0 ? "all" : this.data.names[this.data.name[i]];
  };
  methods.crate = function (i) {
    const crate = i === 0 ? -1 : this.data.crate[this.data.name[i]];
    return crate < 0 ? "" : this.data.crates[crate];
  };
  methods.kind = function (i) {
    return i === 0 ? 0 : this.data.kind[this.data.name[i]];
  };

  methods.build = function () {
    const bar = make("div", { class: "fbar" });
    const search = make("input", { type: "search", placeholder: "Search functions", "aria-label": "Search functions" });
    this.search = search;
    this.reset = make("button", { type: "button" }, "Show all");
    this.found = make("span", { class: "ffound", role: "status" });
    this.legend = make("p", { class: "flegend" });
    this.detail = make("p", { class: "fdetail", "aria-live": "polite" });
    this.plot = make("div", { class: "fplot", role: "tree", tabindex: "0", "aria-label":
      "Flame graph. Arrow keys move, Enter zooms, Escape shows all." });
    bar.append(search, this.reset);
    if (this.two) {
      bar.append(this.choice("Colour", ["change", "crate"], (value) => (this.byChange = value === "change")));
      bar.append(this.choice("Width", ["current", "baseline"], (value) => (this.side = value === "current" ? 1 : 0)));
    }
    bar.append(this.found);
    this.plot.append((this.sheet = make("div", { class: "fsheet" })));
    const fallback = this.element.querySelector("details");
    fallback.open = false;
    this.element.insertBefore(bar, fallback);
    for (const part of [this.legend, this.plot, this.detail]) this.element.insertBefore(part, fallback);
    search.addEventListener("input", () => { this.find(search.value); this.mark(); this.remember(); });
    this.reset.addEventListener("click", () => this.zoom(0));
    this.sheet.addEventListener("click", (event) => this.at(event, (i) => this.zoom(i)));
    this.sheet.addEventListener("pointerover", (event) => this.at(event, (i) => this.tell(i)));
    this.sheet.addEventListener("pointerleave", () => this.tell(this.active));
    this.plot.addEventListener("scroll", () => {
      if (Math.abs(this.plot.scrollTop / ROW - this.painted) > SPARE_ROWS / 2) this.paint();
    });
    this.plot.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => { if (this.plot.clientWidth !== this.width) this.draw(); }).observe(this.plot);
    dark.addEventListener("change", () => this.draw());
  };

  methods.choice = function (label, values, chosen) {
    const box = make("label", {}, label + " "), select = make("select", {});
    for (const value of values) select.append(make("option", { value }, value));
    select.addEventListener("change", () => { chosen(select.value); this.draw(); });
    box.append(select);
    return box;
  };

  methods.at = function (event, act) {
    const frame = event.target.closest(".ff");
    if (frame) act(Number(frame.dataset.i));
  };

  methods.color = function (i) {
    if (this.byChange) return changeColor((this.data.self[1][i] - this.data.self[0][i]) / this.most);
    return crateColor(this.crate(i) || this.name(i), this.kind(i));
  };

  // Calls back with each node that is wide enough: what encloses the zoomed one across the whole width, it and what it
  // calls as their time is. Children that together claim more than their parent's time share its width.
  methods.layout = function (width, place) {
    const total = this.data.total[this.side], parent = this.data.parent;
    for (let i = parent[this.zoomed]; i >= 0; i = parent[i]) place(i, 0, width, true);
    const todo = [[this.zoomed, 0, width]];
    while (todo.length) {
      const [i, left, wide] = todo.pop();
      place(i, left, wide, false);
      let sum = 0;
      for (let c = this.child[i]; c >= 0; c = this.sibling[c]) sum += total[c];
      const scale = wide / Math.max(total[i], sum, 1e-9);
      for (let c = this.child[i], x = left; c >= 0; c = this.sibling[c]) {
        const w = total[c] * scale;
        if (w >= MIN_PX) todo.push([c, x, w]);
        x += w;
      }
    }
  };

  methods.draw = function () {
    this.width = this.plot.clientWidth;
    if (!this.width) return; // in a closed section; drawn when it opens
    let depth = 0;
    this.places.clear();
    this.layout(this.width, (i, left, wide, isOuter) => {
      this.places.set(i, [left, wide, isOuter]);
      depth = Math.max(depth, this.level[i] + 1);
    });
    this.sheet.style.height = depth * ROW + "px";
    this.element.dataset.drawn = this.places.size;
    this.element.dataset.zoom = this.zoomed;
    this.reset.disabled = this.zoomed === 0;
    this.explain();
    this.paint();
    this.activate(this.places.has(this.active) ? this.active : this.zoomed);
  };

  methods.paint = function () {
    const top = Math.floor(this.plot.scrollTop / ROW), rows = Math.ceil(this.plot.clientHeight / ROW);
    const first = top - SPARE_ROWS, last = top + rows + SPARE_ROWS, sheet = document.createDocumentFragment();
    this.painted = top;
    this.frames.clear();
    for (const [i, [left, wide, isOuter]] of this.places) {
      const level = this.level[i];
      if (level < first || level > last) continue;
      const frame = document.createElement("div"), [back, ink] = this.color(i);
      frame.className = isOuter ? "ff fouter" : "ff";
      frame.setAttribute("role", "treeitem");
      frame.dataset.i = i;
      frame.style.cssText = "left:" + left.toFixed(1) + "px;width:" + (wide - 0.5).toFixed(1) + "px;top:" + level * ROW +
        "px;background:" + back + ";color:" + ink;
      if (wide >= MIN_TEXT_PX) frame.textContent = this.label(i);
      this.frames.set(i, frame);
      sheet.append(frame);
    }
    this.sheet.replaceChildren(sheet);
    this.mark();
  };

  methods.label = function (i) {
    const delta = this.byChange ? this.data.self[1][i] - this.data.self[0][i] : 0;
    return Math.abs(delta) > 0.15 * this.most ? this.name(i) + " " + signed(delta) : this.name(i);
  };

  methods.mark = function () {
    for (const [i, frame] of this.frames) {
      const hit = this.query && this.matches(i);
      frame.classList.toggle("fhit", Boolean(hit));
      frame.classList.toggle("fmiss", Boolean(this.query && !hit));
      frame.classList.toggle("factive", i === this.active);
    }
  };

  methods.explain = function () {
    this.legend.replaceChildren();
    if (this.byChange) {
      for (const [share, word] of [[-1, "own time fell"], [0, "same"], [1, "own time rose"]])
        this.legend.append(this.swatch(changeColor(share)[0], word));
      return;
    }
    const time = new Map(), total = this.data.self[this.side];
    for (let i = 1; i < this.n; i++) {
      const crate = this.crate(i);
      if (!crate) continue;
      const entry = time.get(crate) || [0, this.kind(i)];
      entry[0] += total[i];
      time.set(crate, entry);
    }
    for (const [crate, [, kind]] of [...time].sort((a, b) => b[1][0] - a[1][0]).slice(0, 8))
      this.legend.append(this.swatch(crateColor(crate, kind)[0], crate));
  };
  methods.swatch = function (color, word) {
    const item = make("span", {}), box = make("i", { "aria-hidden": "true" });
    box.style.background = color;
    item.append(box, word);
    return item;
  };

  methods.tell = function (i) {
    const { total, self } = this.data, unit = this.data.unit ? " " + this.data.unit : "";
    const parts = [this.name(i)], crate = this.crate(i);
    const times = (values) => this.two
      ? time(values[0][i]) + " → " + time(values[1][i]) + " (" + signed(values[1][i] - values[0][i]) + ")"
      : time(values[0][i]) + ", " + percent(values[0][i], total[0][0]);
    if (crate) parts.push(crate);
    if (i && this.data.inline[this.data.name[i]]) parts.push("inlined");
    if (this.two && i && !total[0][i]) parts.push("new");
    if (this.two && i && !total[1][i]) parts.push("gone");
    this.detail.textContent = parts.join(" · ") + " — total " + times(total) + ", self " + times(self) + unit +
      (this.two ? "; " + percent(total[1][i], total[1][0]) + " of the current time" : "");
  };

  methods.activate = function (i) {
    const before = this.frames.get(this.active), frame = this.frames.get(i), id = this.element.id + "active";
    if (before) {
      before.classList.remove("factive");
      before.removeAttribute("id");
    }
    this.active = i;
    if (frame) {
      frame.classList.add("factive");
      frame.id = id;
      frame.setAttribute("aria-label", this.name(i));
      this.plot.setAttribute("aria-activedescendant", id);
    }
    this.tell(i);
  };

  methods.reveal = function (i) {
    const top = this.level[i] * ROW, plot = this.plot;
    if (top < plot.scrollTop) plot.scrollTop = top;
    else if (top + ROW > plot.scrollTop + plot.clientHeight) plot.scrollTop = top + ROW - plot.clientHeight;
    if (!this.frames.has(i)) this.paint();
  };

  methods.show = function (i) {
    this.zoomed = this.active = i;
    this.draw();
    this.plot.scrollTop = Math.max(0, (this.level[i] - 3) * ROW);
    this.paint();
    this.activate(i);
  };
  methods.zoom = function (i) {
    this.show(i);
    this.remember();
  };

  methods.key = function (event) {
    const { parent } = this.data, i = this.active;
    const seen = (k) => (k >= 0 && this.places.has(k) ? k : -1);
    let next = -1;
    if (event.key === "ArrowUp") next = seen(parent[i]);
    else if (event.key === "ArrowDown") {
      for (let c = this.child[i]; c >= 0 && next < 0; c = this.sibling[c]) next = seen(c);
    } else if (event.key === "ArrowRight" && i) next = seen(this.sibling[i]);
    else if (event.key === "ArrowLeft" && i) {
      for (let c = this.child[parent[i]]; c >= 0 && c !== i; c = this.sibling[c]) next = seen(c);
    } else if (event.key === "Home") next = 0;
    else if (event.key === "Enter" || event.key === " ") this.zoom(i);
    else if (event.key === "Escape") this.zoom(0);
    else return;
    event.preventDefault();
    if (seen(next) < 0) return;
    this.reveal(next);
    this.activate(next);
  };

  methods.matches = function (i) {
    return i > 0 && this.hits[this.data.name[i]];
  };

  // Nested matches count once, by the outermost.
  methods.find = function (query) {
    const { parent, total, names } = this.data, within = new Uint8Array(this.n);
    const wanted = query.trim().toLowerCase(), sums = [0, 0];
    this.query = wanted;
    this.hits = names.map((name) => wanted !== "" && name.toLowerCase().includes(wanted));
    const functions = new Set();
    for (let i = 1; i < this.n; i++) {
      const hit = this.matches(i);
      within[i] = within[parent[i]] || hit ? 1 : 0;
      if (hit) functions.add(names[this.data.name[i]]);
      if (hit && !within[parent[i]]) total.forEach((side, k) => (sums[k] += side[i]));
    }
    const shares = total.map((side, k) => percent(sums[k], side[0]));
    this.found.textContent = wanted === "" ? "" : functions.size + (functions.size === 1 ? " function, " : " functions, ") +
      shares.join(" → ") + " of the time";
  };

  methods.remember = function () {
    const parts = [];
    if (graphs.length > 1) parts.push("graph=" + this.element.id);
    if (this.zoomed) parts.push("zoom=" + this.zoomed);
    if (this.query) parts.push("search=" + encodeURIComponent(this.query));
    try {
      history.replaceState(null, "", "#" + parts.join("&"));
    } catch { /* a sandboxed frame has no address to remember it in */ }
  };

  function follow() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    if (!wanted.has("zoom") && !wanted.has("search")) return;
    const graph = graphs.find((one) => one.element.id === wanted.get("graph")) || graphs[0];
    const zoomed = Number(wanted.get("zoom"));
    for (let at = graph.element.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    graph.search.value = wanted.get("search") || "";
    graph.find(graph.search.value);
    graph.show(Number.isInteger(zoomed) && zoomed > 0 && zoomed < graph.n ? zoomed : 0);
    graph.element.scrollIntoView();
  }

  for (const element of document.querySelectorAll(".flame")) {
    const graph = new Graph(element);
    graphs.push(graph);
    graph.find("");
    graph.draw();
  }
  if (graphs.length) {
    window.addEventListener("hashchange", follow);
    follow();
  }
})();
