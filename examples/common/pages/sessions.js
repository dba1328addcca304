// <live-sessions>: the numbers of /sessions.json as they change, once a second.

import { clock, element, sessionChip } from "./element.js";

const EACH = 1000; // ms
const MEMORY = 90; // so many seconds of "watching" are drawn
const TOTALS = ["sessions", "started", "ended", "requests"];
const COLUMNS = ["watching", "sessions", "started", "requests"];

class LiveSessions extends HTMLElement {
  #history = [];
  #cards = new Map(); // by the session's id
  #timer;

  connectedCallback() {
    this.watching = element("output", { className: "watching", id: "watching" }, "0");
    this.line = element("div", { className: "line" });
    this.totals = element("dl", { className: "totals" });
    this.streams = element("tbody");
    this.sessions = element("ul", { className: "sessions", id: "sessions" });
    this.away = element("p", { className: "notice", hidden: true }, "The app does not answer.");
    const heads = ["stream", ...COLUMNS].map((name) => element("th", { scope: "col" }, name));
    this.replaceChildren(
      element(
        "section",
        { className: "card headline" },
        element(
          "div",
          { className: "now" },
          this.watching,
          element("p", {}, element("b", {}, "watching"), element("br"), "right now"),
          this.line,
        ),
        this.totals,
        this.away,
      ),
      element(
        "section",
        { className: "card by-stream" },
        element("h2", {}, "Streams"),
        element("table", {}, element("thead", {}, element("tr", {}, ...heads)), this.streams),
      ),
      element("section", { className: "card all" }, element("h2", {}, "Sessions"), this.sessions),
    );
    document.addEventListener("visibilitychange", this.#ask);
    this.#ask();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#ask);
    clearTimeout(this.#timer);
  }

  #ask = async () => {
    clearTimeout(this.#timer);
    if (document.hidden) return; // asks again when somebody looks
    try {
      const answer = await fetch("/sessions.json", { cache: "no-store" });
      this.#show(await answer.json());
      this.away.hidden = true;
    } catch {
      this.away.hidden = false;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ask, EACH);
  };

  #show({ now, window, counts, streams, sessions }) {
    this.watching.value = counts.watching;
    this.#draw(counts.watching);
    this.totals.replaceChildren(
      ...TOTALS.map((name) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, counts[name])),
      ),
    );
    const rows = Object.entries(streams).map(([name, each]) =>
      element(
        "tr",
        { "data-stream": name, className: each.watching ? "watched" : "" },
        element("th", { scope: "row" }, name),
        ...COLUMNS.map((column) => element("td", { "data-count": column }, each[column])),
      ),
    );
    this.streams.replaceChildren(...(rows.length ? rows : [nothing("td", "No stream was asked for.")]));
    const silent = ({ last_seen }) => now - last_seen > window;
    const [watch, rest] = [sessions.filter((each) => !silent(each)), sessions.filter(silent)];
    const cards = [...watch, ...rest].map((session) => this.#card(session, now, window));
    this.#cards = new Map(cards.map((card) => [card.dataset.session, card]));
    const shown = cards.length ? cards : [nothing("li", "Nobody watches. Play something.")];
    const before = this.sessions.children;
    if (shown.length !== before.length || shown.some((card, at) => card !== before[at])) {
      this.sessions.replaceChildren(...shown);
    }
  }

  // A session's card lives as long as the session, so that its dot can fade.
  #card(session, now, window) {
    const silent = Math.max(0, now - session.last_seen);
    const left = Math.max(0, session.expires - now);
    const watches = silent <= window;
    const card = this.#cards.get(session.id) ?? newCard(session);
    card.classList.toggle("silent", !watches);
    card.style.setProperty("--freshness", Math.max(0, 1 - silent / window).toFixed(2));
    card.style.setProperty("--left", left / (left + silent || 1));
    const said = {
      state: watches ? "watching" : session.state,
      seen: silent < 1.5 ? "asked just now" : `asked ${Math.round(silent)} s ago`,
      requests: `${session.requests} request${session.requests === 1 ? "" : "s"}`,
      left: watches ? `since ${clock(now - session.started)}` : `ends in ${clock(left)}`,
    };
    for (const [name, text] of Object.entries(said)) {
      card.querySelector(`.${name}`).textContent = text;
    }
    const plays = card.querySelector(".presentation");
    plays.hidden = !session.presentation;
    plays.textContent = session.presentation === "vod" ? "VOD" : session.presentation;
    return card;
  }

  #draw(watching) {
    this.#history = [...this.#history, watching].slice(-MEMORY);
    const top = Math.max(2, ...this.#history);
    const y = (count) => (38 - (count / top) * 34).toFixed(1);
    const start = MEMORY - this.#history.length;
    const points = this.#history.flatMap((count, at) => [
      `${start + at},${y(count)}`,
      `${start + at + 1},${y(count)}`,
    ]);
    this.line.innerHTML = `
      <svg viewBox="0 0 ${MEMORY} 40" preserveAspectRatio="none" aria-hidden="true">
        <polygon points="${start},40 ${points.join(" ")} ${MEMORY},40"/>
        <polyline points="${points.join(" ")}"/>
      </svg>`;
  }
}

// Its token is refused from now on; what its player has loaded it may play to the end.
async function stop(id) {
  await fetch(`/stop/${id}`, { method: "POST" });
}

function newCard(session) {
  const button = element("button", { type: "button", className: "quiet stop" }, "Stop");
  button.title = "End this session, and refuse its token for ten minutes";
  button.addEventListener("click", () => {
    button.disabled = true;
    stop(session.id);
  });
  return element(
    "li",
    { className: "session", "data-session": session.id, "data-stream": session.stream },
    element(
      "div",
      { className: "who" },
      element("span", { className: "dot" }),
      element("b", {}, session.stream),
      element("span", { className: "pill" }, session.protocol),
      element("span", { className: "pill presentation", hidden: true }),
      sessionChip(session.id),
    ),
    element(
      "div",
      { className: "what" },
      element("span", { className: "state" }),
      element("span", {}, session.ip),
      element("span", { className: "requests" }),
    ),
    element(
      "div",
      { className: "what" },
      element("span", { className: "seen" }),
      element("span", { className: "left" }),
      button,
    ),
  );
}

function nothing(tag, text) {
  const cell = element(tag, { className: "nothing" }, text);
  if (tag !== "td") return cell;
  cell.colSpan = COLUMNS.length + 1;
  return element("tr", {}, cell);
}

customElements.define("live-sessions", LiveSessions);
