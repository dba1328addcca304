// Makes elements, so that no text of a stream or of a client is ever read as HTML.

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

// The public id of a session, shortened, with a colour of its own to know it by.
export function sessionChip(id) {
  const hue = (parseInt(id.slice(0, 4), 16) * 137) % 360;
  return element(
    "span",
    { className: "chip", title: `session ${id}`, style: `--hue: ${hue}` },
    id.slice(0, 8),
  );
}
