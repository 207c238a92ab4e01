"use strict";
(() => {
  const PAGE = 50;
  const VERDICTS = ["confirmed", "possible", "suspected", "none", "undetermined"];
  const MODALITIES = ["image", "audio", "video", "text", "unknown"];
  const LAYERS = ["metadata", "watermark", "visible", "provenance"];
  const words = JSON.parse(document.getElementById("words").textContent);
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const rows = [];
  for (const block of document.querySelectorAll("script.rows")) {
    const { t, k, z, r } = JSON.parse(block.textContent);
    for (const [path, verdict, modality, format, thumb, layers, fails, warns, more] of r) {
      rows.push({ number: rows.length, path, verdict, modality, format, thumb, layers, fails,
        warns, more, t, k, z,
        sought: (path + "\n" + (more.label || []).join("\n")).toLowerCase() });
    }
    block.remove();
  }

  const state = { lang: facts.lang, theme: "", verdict: "", modality: "", q: "", sort: "order",
    page: 1, open: "" };
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(state)) if (asked.has(name)) state[name] = asked.get(name);
  if (!(state.lang in words)) state.lang = "en";
  state.page = Math.max(1, parseInt(state.page, 10) || 1);

  const say = (name) => words[state.lang][name] || name;
  const NUMBER = /[0-9]+(?:[.,][0-9]+)*(?:e[+-]?[0-9]+)?/g;
  function sentence(row, n) {
    if (state.lang !== "zh" || !row.z[n]) return row.t[n];
    const numbers = row.t[n].match(NUMBER);
    return row.k[row.z[n] - 1].replace(/\u0001([0-9]+)\u0001/g, (_, at) => numbers[at]);
  }
  function make(tag, attributes, ...inside) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== null && value !== false) element.setAttribute(name, value);
    }
    element.append(...inside.filter((x) => x !== null && x !== undefined));
    return element;
  }
  const count = (n) => n.toLocaleString(state.lang === "zh" ? "zh-CN" : "en");

  const SORTS = {
    order: (a, b) => a.number - b.number,
    name: (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.number - b.number),
    verdict: (a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict)
      || a.number - b.number,
    fails: (a, b) => b.fails - a.fails || b.warns - a.warns || a.number - b.number,
  };
  function chosen() {
    const q = state.q.trim().toLowerCase();
    const kept = rows.filter((row) => (!state.verdict || row.verdict === state.verdict)
      && (!state.modality || row.modality === state.modality) && (!q || row.sought.includes(q)));
    return kept.sort(SORTS[state.sort] || SORTS.order);
  }

  function set(changes) {
    Object.assign(state, { page: 1, open: "" }, changes);
    draw();
  }
  function remember() {
    const kept = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) {
      const usual = { lang: facts.lang, sort: "order", page: 1 }[name] ?? "";
      if (String(value) !== String(usual)) kept.set(name, value);
    }
    const hash = kept.toString();
    try { history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search); }
    catch { /* a page opened from a file may not */ }
  }

  function top() {
    const dark = document.documentElement.dataset.theme === "dark";
    return make("div", { class: "top" },
      make("h1", {}, say("title")),
      make("span", { class: "made" }, facts.made),
      make("button", { onclick: () => set({ lang: state.lang === "zh" ? "en" : "zh" }),
        id: "lang" }, state.lang === "zh" ? "English" : "中文"),
      make("button", { onclick: () => set({ theme: dark ? "light" : "dark" }), id: "theme",
        "aria-label": say("theme") }, dark ? "☀" : "☾"));
  }
  function cards() {
    const tally = Object.fromEntries(VERDICTS.map((v) => [v, 0]));
    for (const row of rows) tally[row.verdict] += 1;
    const card = (verdict, number) => make("button", { class: "card " + verdict,
      "data-verdict": verdict, "aria-pressed": String(state.verdict === verdict),
      onclick: () => set({ verdict: state.verdict === verdict ? "" : verdict }) },
      make("b", {}, count(number)), make("span", {}, say(verdict || "all")));
    const bar = make("div", { class: "bar", role: "img", "aria-label": say("shares") });
    for (const verdict of VERDICTS) {
      const part = make("i", { class: verdict });
      part.style.flexGrow = tally[verdict];
      bar.append(part);
    }
    return [make("div", { class: "cards" }, card("", rows.length),
      ...VERDICTS.map((verdict) => card(verdict, tally[verdict]))), bar];
  }

  const search = make("input", { type: "search", id: "q" });
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => set({ q: search.value }), 120);
  });
  function choice(name, options) {
    const select = make("select", { id: name, "aria-label": say(name),
      onchange: (event) => set({ [name]: event.target.value }) });
    for (const [value, text] of options) {
      const option = make("option", { value }, text);
      option.selected = state[name] === value;
      select.append(option);
    }
    return select;
  }
  function tools(found) {
    search.placeholder = say("search");
    search.setAttribute("aria-label", say("search"));
    if (document.activeElement !== search) search.value = state.q;
    const present = MODALITIES.filter((m) => rows.some((row) => row.modality === m));
    return [search,
      choice("modality", [["", say("all kinds")], ...present.map((m) => [m, say(m)])]),
      choice("sort", Object.keys(SORTS).map((name) => [name, say("sort " + name)])),
      make("span", { class: "count", id: "count" },
        `${count(found.length)} / ${count(rows.length)}`)];
  }

  function chips(row) {
    return make("span", { class: "layers" }, ...LAYERS.map((layer, i) => make("i", {
      class: row.layers >> i & 1 ? "yes" : "",
      title: `${say(layer)}: ${say(row.layers >> i & 1 ? "found" : "not found")}`,
    }, say("short " + layer))));
  }
  function marks(row) {
    const line = make("span", { class: "marks" });
    if (row.fails) line.append(make("span", { class: "fail" }, `✗ ${row.fails} `));
    if (row.warns) line.append(make("span", { class: "warn" }, `! ${row.warns}`));
    if (!row.fails && !row.warns) line.append(row.verdict === "undetermined" ? "" : "–");
    line.title = say("conformity");
    return line;
  }
  function item(row) {
    const cut = Math.max(row.path.lastIndexOf("/"), row.path.lastIndexOf("\\"));
    const inner = make("details", {},
      make("summary", {},
        make("span", { class: "thumb" }, row.thumb
          ? make("img", { src: row.thumb, alt: "", loading: "lazy" }) : say(row.modality)),
        make("span", { class: "name", title: row.path }, make("b", {}, row.path.slice(cut + 1)),
          make("small", {}, cut > 0 ? row.path.slice(0, cut) : row.format)),
        make("span", { class: "pill " + row.verdict }, say(row.verdict)),
        chips(row), marks(row)));
    const show = () => {
      if (inner.open && inner.children.length === 1) inner.append(details(row));
      if (inner.open) { state.open = String(row.number); remember(); }
    };
    inner.addEventListener("toggle", show);
    if (state.open === String(row.number)) { inner.open = true; inner.append(details(row)); }
    return make("li", { class: "row", "data-number": row.number }, inner);
  }

  function table(lines, kind) {
    return make("table", { class: kind || null }, make("tbody", {}, ...lines.map((cells) =>
      make("tr", {}, ...cells.map((cell) => cell instanceof Node && cell.nodeName === "TD" ? cell
        : make("td", {}, cell))))));
  }
  const code = (text) => make("code", {}, text);
  function told(extra, tell, detail) {
    const out = [];
    const add = (name, value) => out.push(`${say(name)} ${value}`);
    if (extra.text) out.push(`“${extra.text}”`);
    if (extra.place) out.push(extra.place);
    if (extra.bits) add("bits", extra.bits);
    if (extra.mark_id) add("mark id", extra.mark_id);
    if (typeof extra.p_value === "number") out.push(`p ≤ ${extra.p_value.toExponential(1)}`);
    if (extra.key) add("key", extra.key);
    if (extra.agrees_with_metadata === true) out.push(say("agrees"));
    if (extra.agrees_with_metadata === false) out.push(say("differs"));
    if (extra.height_ratio) add("height", `${(100 * extra.height_ratio).toFixed(1)} %`);
    if (extra.contrast) add("contrast", `${extra.contrast.toFixed(1)}:1`);
    if (extra.seconds) add("seconds", extra.seconds.map((s) => s.toFixed(1)).join("–"));
    if (extra.declares_ai === true) out.push(say("declares"));
    for (const line of extra.deviations || []) out.push("! " + tell(line));
    for (const [name, value] of Object.entries(extra.fields || {})) {
      if (value) out.push(`${name} = ${value}`);
    }
    if (detail) out.push(detail);
    return out.join(" · ");
  }
  function details(row) {
    const more = row.more;
    const tell = (n) => sentence(row, n);
    const box = make("div", { class: "more" });
    if (more.error !== null) box.append(make("p", { class: "error" }, tell(more.error)));
    if (more.notice) box.append(make("p", { class: "notice" }, more.notice));
    if (row.verdict === "none") box.append(make("p", { class: "notice" }, say("none means")));
    const heading = (name) => box.append(make("h2", {}, say(name)));
    const pairs = (values) => table(facts.fields.map((name, i) => [name, code(values[i] ?? "–")])
      .filter((_, i) => values[i] !== null));
    if (more.label || more.patch) {
      const sides = [];
      for (const name of ["label", "patch"]) {
        if (more[name]) sides.push(make("div", {}, make("h2", {}, say(name)), pairs(more[name])));
      }
      box.append(make("div", { class: "two" }, ...sides));
    }
    if (more.evidence.length) {
      heading("evidence");
      box.append(table(more.evidence.map(([layer, scheme, found, detail, extra]) => [
        say(row.t[layer]), code(row.t[scheme]),
        make("td", { class: found ? "status pass" : "no" }, say(found ? "found" : "not found")),
        make("td", { class: found ? "" : "no" }, told(extra, tell, tell(detail)))]), "tight"));
    }
    if (more.conformity.length) {
      heading("conformity");
      const order = ["fail", "warn", "pass", "not-checked", "not-applicable"];
      const lines = more.conformity.map(([number, clause, status, detail]) => [
        row.t[number], tell(clause), row.t[status], tell(detail)]);
      lines.sort((a, b) => order.indexOf(a[2]) - order.indexOf(b[2]));
      box.append(table(lines.map(([number, clause, status, detail]) => [
        code(number), make("td", { class: "status " + status }, say(status)), clause, detail])));
    }
    if (more.basis.length) {
      heading("basis");
      box.append(table(more.basis.map((line) => [tell(line)])));
    }
    if (more.sha256) {
      heading("file");
      box.append(table([[say("path"), code(row.path)], ["SHA-256", code(more.sha256)],
        [say("format"), `${say(row.modality)} · ${row.format}`],
        [say("integrity"), say(more.integrity)]]));
    }
    return box;
  }

  function pager(found) {
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    const go = (page) => { set({ page: Math.min(pages, Math.max(1, page)) }); scrollTo(0, 0); };
    const step = (text, page, name) => {
      const button = make("button", { onclick: () => go(page), "aria-label": say(name) }, text);
      button.disabled = page < 1 || page > pages || page === state.page;
      return button;
    };
    const field = make("input", { type: "number", min: 1, max: pages, value: state.page,
      "aria-label": say("page"), onchange: (event) => go(parseInt(event.target.value, 10) || 1) });
    return [step("«", 1, "first"), step("‹", state.page - 1, "before"), field,
      make("span", {}, `/ ${count(pages)}`), step("›", state.page + 1, "next"),
      step("»", pages, "last")];
  }

  const place = (id) => document.getElementById(id);
  function draw() {
    const root = document.documentElement;
    root.lang = state.lang === "zh" ? "zh-CN" : "en";
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = state.theme || (dark ? "dark" : "light");
    document.title = say("title");
    const found = chosen();
    state.page = Math.min(state.page, Math.max(1, Math.ceil(found.length / PAGE)));
    if (state.open) {
      const at = found.findIndex((row) => String(row.number) === state.open);
      if (at >= 0) state.page = Math.floor(at / PAGE) + 1;
    }
    const held = document.activeElement && document.activeElement.id;
    place("top").replaceChildren(top());
    place("sums").replaceChildren(...cards());
    place("tools").replaceChildren(...tools(found));
    const shown = found.slice((state.page - 1) * PAGE, state.page * PAGE);
    place("list").replaceChildren(...shown.map(item));
    place("list").hidden = !shown.length;
    place("empty").textContent = shown.length ? "" : say("nothing");
    place("pager").replaceChildren(...(found.length > PAGE ? pager(found) : []));
    place("legend").textContent = `${say("legend")} ${say("caution")}`;
    if (held && place(held)) place(held).focus();
    remember();
  }
  draw();
  document.body.dataset.ready = String(rows.length);
})();
