// The players that a page can have, each behind the same three words: types, file, start.
// start(video, url, fail) begins to play, and gives what ends it.

export const HLS = "application/vnd.apple.mpegurl";
export const DASH = "application/dash+xml";

// Seconds to load ahead: with little, a film is asked for bit by bit while it is watched, and so
// is seen to be watched. Live streams have no more anyway.
const AHEAD = 8;

// Seconds behind the newest of a live MPD: ffmpeg suggests one segment, which is too little to play
// without a stop.
const BEHIND = 6;

export const PLAYERS = {
  "hls.js": {
    types: [HLS],
    file: "hls.js",
    start(video, url, fail) {
      const hls = new window.Hls({ maxBufferLength: AHEAD, maxMaxBufferLength: AHEAD });
      hls.on(window.Hls.Events.ERROR, (_, error) => {
        if (error.fatal) fail(inWords(error.response?.code, error.details));
      });
      hls.loadSource(url);
      hls.attachMedia(video);
      return () => hls.destroy();
    },
  },
  "dash.js": {
    types: [DASH],
    file: "dash.js",
    start(video, url, fail) {
      const player = window.dashjs.MediaPlayer().create();
      player.updateSettings({
        streaming: {
          utcSynchronization: { enabled: false }, // or it asks a clock on another site
          delay: { liveDelay: BEHIND, useSuggestedPresentationDelay: false },
          buffer: {
            bufferTimeDefault: AHEAD,
            bufferTimeAtTopQuality: AHEAD,
            bufferTimeAtTopQualityLongForm: AHEAD,
          },
        },
      });
      player.on("error", ({ error }) => {
        fail(inWords(error?.data?.response?.status, error?.message ?? String(error)));
      });
      player.initialize(video, url, true);
      return () => player.destroy();
    },
  },
  "shaka-player": {
    types: [HLS, DASH],
    file: "shaka-player.js",
    async start(video, url, fail) {
      window.shaka.polyfill.installAll();
      const player = new window.shaka.Player();
      const tell = (error) => fail(inWords(error.data?.[1], `shaka-player's error ${error.code}`));
      player.addEventListener("error", ({ detail }) => tell(detail));
      player.configure({ streaming: { bufferingGoal: AHEAD } });
      await player.attach(video);
      player.load(url).catch(tell);
      return () => player.destroy();
    },
  },
  native: {
    says: "browser",
    types: [HLS],
    start(video, url, fail) {
      const told = () => fail(inWords(undefined, video.error?.message));
      video.addEventListener("error", told);
      video.src = url;
      return () => {
        video.removeEventListener("error", told);
        video.removeAttribute("src");
        video.load();
      };
    },
  },
};

const there = {}; // by file: whether the app has it

export async function findPlayers() {
  const files = Object.values(PLAYERS).flatMap(({ file }) => file ?? []);
  await Promise.all(
    files.map(async (file) => {
      there[file] = (await fetch(`/players/${file}`, { method: "HEAD" })).ok;
    }),
  );
  return files.filter((file) => !there[file]);
}

// The names of the players that can play a type of manifest here.
export const playersFor = (type) =>
  Object.keys(PLAYERS).filter((name) => {
    const { types, file } = PLAYERS[name];
    if (!types.includes(type)) return false;
    return file ? there[file] : document.createElement("video").canPlayType(type) !== "";
  });

const loaded = {};

// Loads a player's script, once.
export function load(name) {
  const { file } = PLAYERS[name];
  if (!file) return Promise.resolve();
  loaded[file] ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `/players/${file}`;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${name} can't be loaded`));
    document.head.append(script);
  });
  return loaded[file];
}

export function inWords(status, otherwise) {
  const known = {
    403: "The app refuses it (403): this viewer may not watch now.",
    404: "It is not there (404): the stream may have ended.",
    410: "The session is over (410): it was stopped.",
    503: "There is no room for another session now (503).",
  };
  return known[status] ?? `It can't be played${otherwise ? `: ${otherwise}` : "."}`;
}
