// A tile: one player, what it plays, and how it goes.

import { clock, element, sessionChip } from "./element.js";
import { DASH, HLS, inWords, load, PLAYERS, playersFor } from "./players.js";

export const SHORT = { [HLS]: "hls", [DASH]: "dash" };

// Three ways for a page to begin. Each gives the URL for the player; the probe also tells which
// session it is.
export const WAYS = {
  probe: {
    says: "The page asks the probe, and plays the source that it names: no redirect.",
    async begin(stream, source) {
      const told = await (await answered(stream.probe)).json();
      return { url: told.sources.find(({ type }) => type === source.type).url, session: told.session };
    },
  },
  redirect: {
    says: "The player gets the plain URL, and is redirected to one with a token.",
    begin: async (_, source) => ({ url: source.url }),
  },
  announce: {
    says: "The page asks with ?response=200, and plays the Location of the answer.",
    async begin(_, source) {
      const answer = await answered(`${source.url}?response=200`);
      return { url: answer.headers.get("Location") ?? source.url };
    },
  },
};

async function answered(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(inWords(answer.status, `the app answers ${answer.status}`));
  return answer;
}

const SAYS = {
  stopped: "Stopped",
  loading: "Loading",
  playing: "Playing",
  waiting: "Waits for media",
  paused: "Paused",
  ended: "The end",
};

const FIRST_PICTURE = 5000; // ms; the next tile begins then, whatever became of this one

let made = 0;

export class Tile {
  #stop = () => {};
  #round = 0; // which Play it is: what an earlier one still has to say is of no interest
  #catalogue = [];

  constructor(catalogue, { stream, source, player } = {}) {
    made += 1;
    // It plays by itself once it has something. play() called before that confuses dash.js, which
    // then never asks for a live manifest again.
    this.video = element("video", { muted: true, playsInline: true, autoplay: true });
    this.video.setAttribute("muted", "");
    this.badge = element("span", { className: "badge" });
    this.big = element("button", { className: "big", type: "button", title: "Play" });
    this.picks = Object.fromEntries(
      ["stream", "source", "player"].map((name) => [name, element("select", { name, title: name })]),
    );
    this.button = element("button", { className: "primary", type: "button" }, "Play");
    this.remove = element("button", { className: "quiet", type: "button", title: "Remove" }, "×");
    this.says = element("span", { className: "says" });
    this.time = element("time");
    this.size = element("span", { className: "size" });
    this.session = element("span", { className: "of" });
    this.element = element(
      "article",
      { className: "tile card", id: `tile-${made}` },
      element("div", { className: "screen" }, this.video, this.badge, this.big),
      element("div", { className: "picks" }, ...Object.values(this.picks)),
      element(
        "p",
        { className: "how" },
        element("span", { className: "dot" }),
        this.says,
        this.time,
        this.size,
        this.session,
        this.button,
        this.remove,
      ),
    );
    this.update(catalogue, { stream, source, player });
    this.#listen();
    this.#is("stopped");
  }

  get isOn() {
    return !["stopped", "failed"].includes(this.element.dataset.state);
  }

  // Shows what there is to choose from; what was chosen stays where it is still there.
  update(catalogue, wanted = this.#chosen()) {
    this.#catalogue = catalogue;
    const { stream, source, player } = this.picks;
    // A stream that is not there, or no longer, stays named: Play says so.
    const names = new Set(catalogue.map((each) => each.stream));
    fill(stream, [...(wanted.stream ? names.add(wanted.stream) : names)], wanted.stream);
    const sources = this.#stream()?.sources ?? [];
    const kinds = sources.map(({ type }) => SHORT[type]);
    fill(source, kinds, wanted.source, (kind) => kind.toUpperCase());
    const players = playersFor(this.#source()?.type);
    fill(player, players, wanted.player, (name) => PLAYERS[name].says ?? name);
    Object.assign(this.element.dataset, this.#chosen());
    this.badge.textContent = this.#stream() ? (this.#stream().live ? "live" : "VOD") : "";
    this.badge.classList.toggle("live", Boolean(this.#stream()?.live));
    this.button.disabled = this.big.disabled = !stream.value;
  }

  // Begins to play; done as soon as there is a picture, or won't be one.
  async play(way) {
    this.stop();
    const round = this.#round;
    const isLate = () => round !== this.#round;
    const fail = (text) => isLate() || this.#fail(text);
    const [stream, source, { player }] = [this.#stream(), this.#source(), this.#chosen()];
    this.#is("loading");
    try {
      if (!stream || !source) throw new Error("There is no such stream now.");
      if (!player) throw new Error("No player for it is here.");
      const [{ url, session }] = await Promise.all([way.begin(stream, source), load(player)]);
      if (isLate()) return;
      this.session.replaceChildren(...(session ? [sessionChip(session)] : []));
      this.video.controls = true;
      const picture = new Promise((resolve) => {
        this.video.addEventListener("loadeddata", resolve, { once: true });
        setTimeout(resolve, FIRST_PICTURE);
      });
      const stop = await PLAYERS[player].start(this.video, new URL(url, location).href, fail);
      if (isLate()) stop();
      else this.#stop = stop;
      await picture;
    } catch (error) {
      fail(error.message);
    }
  }

  stop() {
    this.#round += 1;
    this.#stop();
    this.#stop = () => {};
    this.video.controls = false;
    this.session.replaceChildren();
    this.#is("stopped");
  }

  #fail(text) {
    this.stop();
    this.#is("failed", text);
  }

  #is(state, text = SAYS[state]) {
    this.element.dataset.state = state;
    this.says.textContent = text;
    this.button.textContent = this.isOn ? "Stop" : "Play";
    this.#tick();
  }

  #tick() {
    const { currentTime, videoHeight } = this.video;
    this.element.dataset.time = currentTime.toFixed(1);
const shown = this.isOn && videoHeight > 0;
    this.time.textContent = shown ? clock(currentTime) : "";
    this.size.textContent = shown ? `${videoHeight}p` : "";
  }

  #listen() {
    const states = { playing: "playing", waiting: "waiting", pause: "paused", ended: "ended" };
    for (const [event, state] of Object.entries(states)) {
      this.video.addEventListener(event, () => {
        if (this.isOn && !(event === "pause" && this.video.ended)) this.#is(state);
      });
    }
    this.video.addEventListener("timeupdate", () => this.#tick());
    for (const select of Object.values(this.picks)) {
      select.addEventListener("change", () => {
        if (this.isOn) this.stop();
        this.update(this.#catalogue);
      });
    }
  }

  #chosen() {
    const { stream, source, player } = this.picks;
    return { stream: stream.value, source: source.value, player: player.value };
  }

  #stream() {
    return this.#catalogue.find((each) => each.stream === this.picks.stream.value);
  }

  #source() {
    return this.#stream()?.sources.find(({ type }) => SHORT[type] === this.picks.source.value);
  }
}

function fill(select, values, wanted, says = (value) => value) {
  const now = [...select.options].map(({ value }) => value);
  if (now.join("\n") !== values.join("\n")) {
    select.replaceChildren(...values.map((value) => new Option(says(value), value)));
  }
  if (wanted !== undefined && values.includes(wanted)) select.value = wanted;
}
