// The playground without reloading: lines are sent in place and new ones arrive by server-sent events.
const room = document.querySelector("[data-room]");
const lines = document.querySelector(".lines");
const form = document.querySelector("form.say");
const input = form.elements.text;
let last = Number(room.dataset.last);
const MARKS = { twitch: "▲ T", discord: "◆ D", slack: "■ S" };
const history = [];
let back = 0;

function show(line) {
  if (line.seq <= last) return;
  last = line.seq;
  const item = document.createElement("li");
  item.className = line.kind;
  const who = document.createElement("span");
  who.className = "who";
  if (MARKS[line.look] && line.kind !== "bot") {
    const mark = document.createElement("span");
    mark.className = `mark ${line.look}`;
    mark.textContent = MARKS[line.look];
    who.append(mark, " ");
  }
  who.append(line.private ? `${line.speaker} (private)` : line.speaker);
  const text = document.createElement("span");
  text.className = "text";
  text.textContent = line.text;
  item.append(who, text);
  if (line.event_id) {
    const why = document.createElement("a");
    why.className = "why";
    why.href = `${room.dataset.traces}/${encodeURIComponent(line.event_id)}`;
    why.textContent = "why ›";
    item.append(why);
  }
  const atEnd = lines.scrollTop + lines.clientHeight > lines.scrollHeight - 60;
  lines.append(item);
  if (atEnd || line.kind !== "bot") lines.scrollTop = lines.scrollHeight;
}

function listen() {
  const source = new EventSource(`${room.dataset.stream}?after=${last}`);
  source.onmessage = (message) => show(JSON.parse(message.data));
}

async function send(fields) {
  const body = new URLSearchParams({ form_token: form.elements.form_token.value, as: form.elements.as.value, ...fields });
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
  const problem = document.querySelector(".say-problem");
  problem.textContent = answer.ok ? "" : (await answer.json()).message;
}

// On a phone the focus would raise the keyboard over the very lines that one came to read.
function focus() {
  if (matchMedia("(pointer: fine)").matches) input.focus({ preventScroll: true });
}

function speakAs(name) {
  form.elements.as.value = name;
  for (const button of document.querySelectorAll(".people-list button")) {
    const speaks = button.value === name;
    button.setAttribute("aria-pressed", String(speaks));
    if (speaks) button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  input.placeholder = `Write as ${name}`;
  focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  history.push(text);
  back = history.length;
  input.value = "";
  send({ text });
});
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowUp" && back > 0) input.value = history[--back];
  else if (event.key === "ArrowDown" && back < history.length) input.value = history[++back] ?? "";
  else return;
  event.preventDefault();
});
document.querySelector(".people-list").addEventListener("submit", (event) => {
  event.preventDefault();
  speakAs(event.submitter.value);
});
document.querySelector(".events").addEventListener("submit", (event) => {
  event.preventDefault();
  send({ event: event.submitter.value });
});
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !/^[1-9]$/.test(event.key)) return;
  const button = document.querySelectorAll(".people-list button")[Number(event.key) - 1];
  if (button) speakAs(button.value);
});
const preview = document.querySelector(".preview");
if (preview) {
  new ResizeObserver(() => preview.style.setProperty("--scale", preview.clientWidth / 1920)).observe(preview);
}
lines.scrollTop = lines.scrollHeight;
speakAs(form.elements.as.value);
listen();
