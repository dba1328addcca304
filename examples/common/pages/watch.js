// The watch page: tiles that play, three ways to begin, and commands to play it elsewhere.
//
// /?play=film:hls:hls.js,cam1:dash:dash.js makes these tiles and starts them at once;
// &begin=redirect or &begin=announce begins them so.

import "./sessions.js";
import { element } from "./element.js";
import { findPlayers, HLS } from "./players.js";
import { Tile, WAYS } from "./tile.js";

const CATALOGUE_EACH = 5000; // ms: live streams come and go
const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const tiles = new Set();
let catalogue = [];

const way = () => WAYS[document.querySelector("input[name=begin]:checked").value];

// One tile begins after the other: the first gets the cookie that they share.
let turn = Promise.resolve();
const play = (tile) => (turn = turn.then(() => tile.play(way())));

function add(wanted) {
  const tile = new Tile(catalogue, wanted);
  const toggle = () => (tile.isOn ? tile.stop() : play(tile));
  tile.button.addEventListener("click", toggle);
  tile.big.addEventListener("click", toggle);
  tile.remove.addEventListener("click", () => {
    tile.stop();
    tile.element.remove();
    tiles.delete(tile);
  });
  tiles.add(tile);
  $("tiles").append(tile.element);
  return tile;
}

async function readCatalogue() {
  try {
    const told = await (await fetch("/streams.json", { cache: "no-store" })).json();
    if (JSON.stringify(told) === JSON.stringify(catalogue)) return;
    catalogue = told;
  } catch {
    return; // the numbers beside it tell of it
  }
  for (const tile of tiles) tile.update(catalogue);
  $("elsewhere").replaceChildren($("elsewhere").firstElementChild, ...catalogue.map(commands));
}

// --- Play it elsewhere --------------------------------------------------------------------------

function commands({ stream, live, probe, sources }) {
  const source = sources.find(({ type }) => type === HLS) ?? sources[0];
  const url = new URL(source.url, location).href;
  // A live MPD is not for all of them: ffmpeg plays it at real time, others ask for it without end.
  const players =
    live && source.type !== HLS
      ? [`ffmpeg -v error -re -i '${url}' -f null -`]
      : ["ffplay", "mpv", "vlc"].map((name) => `${name} '${url}'`);
  const lines = [`curl -i '${url}'`, `curl '${new URL(probe, location).href}'`, ...players];
  return element(
    "details",
    { className: "card", "data-stream": stream },
    element("summary", {}, stream, badge(live)),
    ...lines.map((line) => {
      const copy = element("button", { type: "button", className: "quiet" }, "copy");
      copy.addEventListener("click", async () => {
        await navigator.clipboard.writeText(line);
        copy.textContent = "copied";
        setTimeout(() => (copy.textContent = "copy"), 1500);
      });
      return element("div", { className: "command" }, element("code", {}, line), copy);
    }),
  );
}

const badge = (live) =>
  element("span", { className: `badge${live ? " live" : ""}` }, live ? "live" : "VOD");

// --- The page -----------------------------------------------------------------------------------

function firstTiles() {
  const wanted = asked.get("play");
  if (wanted) {
    return wanted.split(",").map((text) => {
      const parts = text.split(":");
      const [player, source] = [parts.pop(), parts.pop()];
      return { stream: parts.join(":"), source, player };
    });
  }
  const film = catalogue.find(({ live }) => !live) ?? catalogue[0];
  const broadcast = catalogue.find(({ live }) => live) ?? film;
  return [{ stream: film?.stream }, { stream: broadcast?.stream, source: "dash" }];
}

async function begin() {
  const showWay = () => ($("begin-says").textContent = way().says);
  const chosen = document.querySelector(`input[name=begin][value="${asked.get("begin")}"]`);
  if (chosen) chosen.checked = true;
  $("begin").addEventListener("change", showWay);
  showWay();
  const [missing] = await Promise.all([findPlayers(), readCatalogue()]);
  $("no-streams").hidden = catalogue.length > 0;
  $("no-players").hidden = missing.length === 0;
  $("no-players").firstElementChild.textContent = `Not here: ${missing.join(", ")}.`;
  const first = firstTiles().map(add);
  $("add").addEventListener("click", () => add());
  if (asked.has("play")) first.forEach(play);
  setInterval(async () => {
    if (document.hidden) return;
    await readCatalogue();
    $("no-streams").hidden = catalogue.length > 0;
  }, CATALOGUE_EACH);
}

begin();
