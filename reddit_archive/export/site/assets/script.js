// Adds search, local dates, "as of" and copying to the pages, which can be read without it.
// It never inserts HTML, and loads only the texts and quotes of the site.
"use strict";

(() => {
  const root = document.documentElement;
  const main = document.querySelector("main");
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("js");

  function made(name, className, ...children) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  function load(address) {
    return new Promise((done) => {
      const script = made("script");
      script.src = address;
      script.onload = script.onerror = done;
      document.head.append(script);
    });
  }

  const whenIdle = window.requestIdleCallback ?? setTimeout; // Safari has no requestIdleCallback

  function inTurns(items, work) {
    // In batches, so that the page stays responsive.
    const some = items.splice(0, 100);
    some.forEach(work);
    if (items.length) whenIdle(() => inTurns(items, work));
  }

  // Dates, in the reader's time zone and language

  const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  function local(moment) {
    const date = new Date(moment);
    return Number.isNaN(date.getTime()) ? moment : dates.format(date);
  }

  inTurns(all("time"), (time) => {
    time.title = time.textContent;
    time.textContent = local(time.dateTime || time.title.replace(" UTC", "Z").replace(" ", "T"));
  });

  const BRANCH = ":scope > details:first-child";

  // As of: each `data-states` is "snapshot:text:lost:edited|…", each `data-scores` "snapshot:points|…"

  const slider = one("#asof");
  if (slider) {
    const parseRows = (value) => value.split("|").map((row) => row.split(":"));
    const rowAt = (rows, number) => rows.findLast((row) => Number(row[0]) <= number);
    let states = null;
    let scores = null;
    const output = one(".asof output");
    const moments = output.dataset.moments.split(" ");
    const latest = one(".asof .latest");

    function readStates() {
      states = all("[data-states]").map((element) => {
        const body = one(BRANCH, element) ?? element;
        const texts = [...body.children].filter((child) => child.classList.contains("text"));
        const about = one(":scope > :is(summary, header, .by)", body);
        const marks = { lost: one(".mark.lost", about), edited: one(".mark.edited", about) };
        return { element, texts, ...marks, rows: parseRows(element.dataset.states) };
      });
      scores = all("[data-scores]").map((element) => ({ element, rows: parseRows(element.dataset.scores) }));
    }

    function showState({ element, texts, lost, edited, rows }, number) {
      const state = rowAt(rows, number);
      element.classList.toggle("absent", !state);
      if (!state) return;
      texts.forEach((text, index) => { text.hidden = index !== Number(state[1]); });
      if (lost) {
        lost.textContent = state[2];
        lost.hidden = !state[2];
      }
      if (edited) edited.hidden = !state[3];
    }

    function showTime() {
      const number = Number(slider.value);
      const isLatest = number === moments.length - 1;
      root.classList.toggle("then", !isLatest);
      output.textContent = `${local(moments[number])} (${number + 1} of ${moments.length})`;
      slider.setAttribute("aria-valuetext", output.textContent);
      latest.hidden = isLatest;
    }

    function show() {
      const number = Number(slider.value);
      showTime();
      if (!states) readStates();
      states.forEach((state) => showState(state, number));
      for (const { element } of states) {
        const isGone = element.classList.contains("absent");
        element.hidden = isGone && !one("article:not(.absent)", element);
      }
      for (const { element, rows } of scores) {
        const points = rowAt(rows, number)?.[1] ?? "";
        element.textContent = points && `${Number(points).toLocaleString("en")} point${Math.abs(points) === 1 ? "" : "s"}`;
      }
    }

    let isWaiting = false;
    slider.addEventListener("input", () => {
      if (isWaiting) return;
      isWaiting = true;
      requestAnimationFrame(() => { isWaiting = false; show(); });
    });
    latest.addEventListener("click", () => {
      slider.value = slider.max;
      show();
      slider.focus();
    });
    slider.value = slider.max; // when going back, browsers restore an older value
    one(".asof").hidden = false;
    one(".asof").addEventListener("submit", (event) => event.preventDefault());
    showTime(); // the page itself is that of the latest snapshot
  }

  // Branches. A comment without replies is a header and a text, because details take long to load.
  // Its header has a button; the comment becomes details when the reader collapses it.

  function toBranch(article) {
    const header = one(":scope > header", article);
    if (!header) return one(BRANCH, article);
    one(".toggle", header)?.remove();
    const branch = made("details", "", made("summary", "", ...header.childNodes));
    branch.open = true;
    header.remove();
    branch.append(...article.childNodes);
    article.append(branch);
    return branch;
  }

  one(".fold")?.addEventListener("click", () => {
    for (const article of all(".comments > article")) toBranch(article).open = false;
  });
  one(".unfold")?.addEventListener("click", () => {
    for (const branch of all("article > details:first-child")) branch.open = true;
  });

  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const header = target.closest("article > header");
    if (header) {
      const branch = toBranch(header.parentElement);
      branch.open = false;
      branch.firstChild.focus();
    } else if (target.matches(".replies")) { // only the line beside the replies, not the replies
      const branch = target.parentElement;
      branch.open = false;
      branch.parentElement.scrollIntoView({ block: "nearest" });
    }
  });

  // Actions: made for a branch shortly before the reader sees it

  function addActions(article) {
    const label = article.matches(".post") ? "the post" : `comment by ${one("h3", article).textContent}`;
    const header = one(":scope > header", article);
    const footer = one(":scope > footer", one(BRANCH, article) ?? article);
    if (!footer || one(".copy", footer)) return;
    if (header) {
      const toggle = made("button", "toggle");
      toggle.type = "button";
      toggle.setAttribute("aria-label", `Collapse the ${label}`);
      toggle.setAttribute("aria-expanded", "true");
      header.prepend(toggle);
    }
    const button = made("button", "copy", "Copy as Markdown", made("span", "unseen", `: ${label}`));
    button.type = "button";
    footer.append(button);
    const [link, source] = footer.children;
    link.append(made("span", "unseen", ` to ${label}`));
    source.append(made("span", "unseen", `: ${label}`));
  }

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      for (const article of [target, ...all("article", target)]) addActions(article);
    }
  }, { rootMargin: "100%" });
  for (const article of all(".post, .comments > article")) observer.observe(article);

  // Quotes

  let quotes = null;
  let loadingQuotes = null;
  window.archiveQuotes = (start, each) => { quotes = { start, each }; };

  async function loadQuotes() {
    loadingQuotes ??= load(main.dataset.quotes);
    await loadingQuotes;
    return quotes;
  }

  for (const kind of ["pointerover", "focusin"]) { // so that they are there when the reader clicks
    document.addEventListener(kind, ({ target }) => {
      if (target instanceof Element && target.closest(".copy")) loadQuotes();
    });
  }

  function copyByHand(text) {
    const area = made("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    let isDone = false;
    try { isDone = document.execCommand("copy"); } catch { /* the dialog comes next */ }
    area.remove();
    if (isDone) return true;
    const dialog = one("dialog.byhand");
    one("textarea", dialog).value = text;
    dialog.showModal();
    one("textarea", dialog).select();
    return false;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text);
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest(".copy") : null;
    if (!button) return;
    const { id } = button.closest("article");
    const found = await loadQuotes();
    if (found && !(await copy((id.startsWith("t3_") ? "" : found.start) + found.each[id]))) return;
    const answer = found ? "Copied" : "The quotes of this page are missing";
    const label = button.firstChild;
    const before = "Copy as Markdown";
    button.focus();
    label.textContent = answer;
    one("[role=status].status").textContent = answer;
    setTimeout(() => {
      label.textContent = before;
      one("[role=status].status").textContent = "";
    }, 1500);
  });

  // Search

  const form = one("form.search");
  const input = one("#q");
  form.hidden = false;
  if (!main.matches(".list")) return;

  const MOST = 50;
  const STANDS = ["", "deleted on Reddit, saved here", "an earlier version"];
  const LETTER = /[\u00c0-\u052f\u1e00-\u1fff]/g; // letters that may have diacritics
  const shards = main.dataset.shards.split(" ").filter(Boolean);
  const texts = [];
  const part = { results: one(".results"), status: one(".found"), list: one(".results ol"), more: one(".more") };
  let loading = null;
  let loaded = 0;
  let hits = [];
  let terms = [];

  function fold(text) {
    // Keeps the length, so that positions are also positions in the text.
    const plain = text.replace(LETTER, (letter) => letter.normalize("NFD")[0]);
    const lower = plain.toLowerCase();
    return lower.length === text.length ? lower : plain;
  }

  window.archiveTexts = (id, title, where, rows) => {
    const thread = { id, title, where, folded: fold(title) };
    for (const [name, author, at, stands, text] of rows) {
      const head = name.startsWith("t3_") ? thread.folded : "";
      texts.push({ thread, name, author, at, stands, text, head, folded: fold(text), who: fold(author) });
    }
  };

  function loadTexts() {
    loading ??= Promise.all(shards.map((name) => load(name).then(() => { loaded += 1; })));
    return loading;
  }

  function parsed(query) {
    const found = [...query.matchAll(/"([^"]+)"?|(\S+)/g)];
    return found.map(([, phrase, word]) => fold((phrase ?? word).trim())).filter(Boolean);
  }

  function search() {
    // Matches in a title come first, then the newest.
    const says = (text) => terms.every((term) => text.folded.includes(term) || text.head.includes(term) || text.who.includes(term));
    const isTitled = (text) => Number(text.head !== "" && terms.some((term) => text.head.includes(term)));
    const found = [];
    let before = null;
    for (const text of texts) {
      if (before?.name === text.name && before.thread === text.thread) continue; // a newer version of it
      if (!says(text)) continue;
      found.push([isTitled(text), text.at ?? 0, text]);
      before = text;
    }
    return found.sort((a, b) => b[0] - a[0] || b[1] - a[1]).map((each) => each[2]);
  }

  function marked(text, folded, start, end) {
    // The part of a text from `start` to `end`, with the search words in <mark>.
    const places = [];
    for (const term of terms) {
      for (let at = folded.indexOf(term, start); at >= 0 && at < end; at = folded.indexOf(term, at + term.length)) {
        places.push([at, Math.min(end, at + term.length)]);
      }
    }
    places.sort((a, b) => a[0] - b[0]);
    const parts = [];
    let done = start;
    for (const [from, to] of places) {
      if (from < done) continue;
      parts.push(text.slice(done, from), made("mark", "", text.slice(from, to)));
      done = to;
    }
    return [...parts, text.slice(done, end)];
  }

  function snippet({ text, folded }) {
    const first = Math.min(...terms.map((term) => folded.indexOf(term)).filter((at) => at >= 0), text.length);
    const start = first < 80 || first === text.length ? 0 : first - 60;
    const end = Math.min(text.length, start + 260);
    return [start ? "… " : "", ...marked(text, folded, start, end), end < text.length ? " …" : ""];
  }

  function row(hit) {
    const { id, title, where, folded } = hit.thread;
    const link = made("a", "title", ...(title ? marked(title, folded, 0, title.length) : ["(no title)"]));
    link.href = `threads/t3_${id}.html#${encodeURIComponent(hit.name)}`;
    link.dir = "auto";
    const about = made("p", "about", made("bdi", "", where), " · ", made("bdi", "", hit.author || "[deleted]"));
    if (hit.at) about.append(` · ${local(hit.at * 1000)}`);
    if (hit.stands) about.append(" ", made("span", `mark ${hit.stands === 1 ? "lost" : "edited"}`, STANDS[hit.stands]));
    const text = made("p", "snippet", ...snippet(hit));
    text.dir = "auto";
    return made("li", "", link, about, text);
  }

  function page() {
    const shown = part.list.children.length;
    part.list.append(...hits.slice(shown, shown + MOST).map(row));
    part.more.hidden = part.list.children.length >= hits.length;
  }

  async function run() {
    const query = input.value.trim();
    terms = parsed(query);
    part.results.hidden = !terms.length;
    one(".all").hidden = Boolean(terms.length);
    if (!terms.length) return;
    if (loaded < shards.length) part.status.textContent = "Searching …";
    await loadTexts();
    if (query !== input.value.trim()) return; // the query has changed
    const began = performance.now();
    hits = search();
    part.list.replaceChildren();
    page();
    part.status.textContent = hits.length
      ? `${hits.length.toLocaleString("en")} text${hits.length === 1 ? "" : "s"}`
      : "No text contains this.";
    root.dataset.searched = `${Math.round(performance.now() - began)} ms`;
  }

  let waiting = 0;
  input.addEventListener("focus", loadTexts, { once: true });
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(run, 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    run();
  });
  part.more.addEventListener("click", () => {
    const next = part.list.children.length;
    page();
    one("a", part.list.children[next])?.focus();
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    input.value = asked;
    run();
  }
})();
