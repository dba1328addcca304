// <live-sessions>: the numbers of /sessions.json as they change, once a second.

import { clock, element, sessionChip } from "./element.js";

const EACH = 1000; // ms
const MEMORY = 90; // so many seconds of "watching" are drawn
const TOTALS = ["quiet", "sessions", "started", "ended", "requests"];
const COLUMNS = ["watching", "quiet", "sessions", "started", "requests"];
const QUIET = "viewers who need not ask for anything as they play: nobody knows whether they do";

class LiveSessions extends HTMLElement {
  #history = [];
  #cards = new Map(); // by the session's id
  #denied = new Map(); // by the address: until when, in ms, and the notice
  #timer;

  connectedCallback() {
    this.watching = element("output", { className: "watching", id: "watching" }, "0");
    this.line = element("div", { className: "line" });
    this.totals = element("dl", { className: "totals" });
    this.streams = element("tbody");
    this.sessions = element("ul", { className: "sessions", id: "sessions" });
    this.away = element("p", { className: "notice", hidden: true }, "The app does not answer.");
    this.denied = element("div", { className: "denied", id: "denied" });
    const heads = ["stream", ...COLUMNS].map((name) =>
      element("th", { scope: "col", title: name === "quiet" ? QUIET : "" }, name),
    );
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
        this.denied,
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

  #show({ now, counts, streams, sessions }) {
    this.watching.value = counts.watching;
    this.#showDenied();
    this.#draw(counts.watching);
    this.totals.replaceChildren(
      ...TOTALS.map((name) =>
        element(
          "div",
          { title: name === "quiet" ? QUIET : "" },
          element("dt", {}, name),
          element("dd", { "data-total": name }, counts[name]),
        ),
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
    const cards = ["watching", "quiet", "silent"].flatMap((how) =>
      sessions.filter((each) => how === howIs(each, now)).map((each) => this.#card(each, now)),
    );
    this.#cards = new Map(cards.map((card) => [card.dataset.session, card]));
    const shown = cards.length ? cards : [nothing("li", "Nobody watches. Play something.")];
    const before = this.sessions.children;
    if (shown.length !== before.length || shown.some((card, at) => card !== before[at])) {
      this.sessions.replaceChildren(...shown);
    }
  }

  // A session's card lives as long as the session, so that its dot can fade.
  #card(session, now) {
    const silent = Math.max(0, now - session.last_seen);
    const left = Math.max(0, session.expires - now);
    const how = howIs(session, now);
    const card = this.#cards.get(session.id) ?? this.#newCard(session);
    card.dataset.how = how;
    card.style.setProperty("--freshness", Math.max(0, 1 - silent / (session.window || 1)).toFixed(2));
    card.style.setProperty("--left", left / (left + silent || 1));
    const said = {
      state: how === "silent" ? session.state : how,
      seen: silent < 1.5 ? "asked just now" : `asked ${Math.round(silent)} s ago`,
      requests: `${session.requests} request${session.requests === 1 ? "" : "s"}`,
      left: how === "watching" ? `since ${clock(now - session.started)}` : `ends in ${clock(left)}`,
    };
    for (const [name, text] of Object.entries(said)) {
      card.querySelector(`.${name}`).textContent = text;
    }
    const plays = card.querySelector(".presentation");
    plays.hidden = !session.presentation;
    plays.textContent = session.presentation === "vod" ? "VOD" : session.presentation;
    return card;
  }

  #newCard(session) {
    // Its token is refused from then on; what its player has loaded it may play to the end.
    const stop = button("Stop", "End this session, and refuse its token for ten minutes", () =>
      tell(`/stop/${session.id}`),
    );
    const deny = button("Deny IP", `Keep ${session.ip} out for a minute`, async () => {
      const { denied, seconds } = await tell(`/deny/${encodeURIComponent(session.ip)}`);
      this.#denied.get(denied)?.notice.remove();
      const notice = this.#newNotice(denied);
      this.#denied.set(denied, { until: Date.now() + 1000 * seconds, notice });
      this.denied.append(notice);
      this.#showDenied();
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
        stop,
        deny,
      ),
    );
  }

  // Whom this page has denied, each with a way back.
  #newNotice(ip) {
    const allow = button("Let in", `Let ${ip} in again`, async () => {
      await tell(`/allow/${encodeURIComponent(ip)}`);
      this.#denied.get(ip).until = 0;
      this.#showDenied();
    });
    return element("p", { className: "notice" }, `${ip} is kept out: `, element("time"), allow);
  }

  #showDenied() {
    for (const [ip, { until, notice }] of this.#denied) {
      const left = (until - Date.now()) / 1000;
      notice.querySelector("time").textContent = clock(left + 1);
      if (left > 0) continue;
      notice.remove();
      this.#denied.delete(ip);
    }
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

// Who need not ask is quiet, whenever it asked last.
function howIs({ quiet, window, last_seen }, now) {
  if (quiet) return "quiet";
  return now - last_seen <= window ? "watching" : "silent";
}

function button(text, title, does) {
  const made = element("button", { type: "button", className: "quiet act", title }, text);
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await does();
    } catch {
      made.disabled = false; // it has not happened: who likes may try again
    }
  });
  return made;
}

async function tell(path) {
  const answer = await fetch(path, { method: "POST" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

function nothing(tag, text) {
  const cell = element(tag, { className: "nothing" }, text);
  if (tag !== "td") return cell;
  cell.colSpan = COLUMNS.length + 1;
  return element("tr", {}, cell);
}

customElements.define("live-sessions", LiveSessions);
