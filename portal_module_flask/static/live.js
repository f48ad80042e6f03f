// The live page by itself: what happens is put on top as it is told, each event once, a hundred rows at most.
const MOST = 100;
const state = document.querySelector("[data-live]");
const rows = document.querySelector("[data-happened]");
const empty = document.querySelector("template").content.firstElementChild;
const traces = state.dataset.stream.replace(/live\/stream$/, "traces/");
const shown = new Set([...rows.children].map((row) => row.dataset.event));
const TONES = { said: "ok", done: "ok", refused: "warning", failed: "danger", dead: "danger" };

function row(one) {
  const made = empty.cloneNode(true);
  const [when, who, what, became, why] = made.children;
  made.dataset.event = one.event_id;
  when.firstChild.dateTime = one.occurred_at;
  when.firstChild.textContent = one.occurred_at.slice(11, 19);
  who.textContent = one.speaker || "–";
  what.textContent = one.text || (one.command ? `!${one.command}` : one.message_type);
  const [badge, said] = became.children;
  badge.textContent = one.outcome ?? "";
  if (TONES[one.outcome]) badge.classList.add(TONES[one.outcome]);
  said.textContent = one.said ?? "";
  why.firstChild.href = traces + one.event_id.split("/").map(encodeURIComponent).join("/");
  return made;
}

function show(one) {
  if (shown.has(one.event_id)) return;
  shown.add(one.event_id);
  rows.prepend(row(one));
  while (rows.children.length > MOST) {
    shown.delete(rows.lastElementChild.dataset.event);
    rows.lastElementChild.remove();
  }
  rows.parentElement.hidden = false;
  document.querySelector("[data-nothing]").hidden = true;
}

const source = new EventSource(`${state.dataset.stream}?after=${encodeURIComponent(state.dataset.last)}`);
source.onopen = () => { state.textContent = "Following: what happens appears here by itself."; };
source.onerror = () => {
  state.textContent = source.readyState === EventSource.CLOSED
    ? "The line is broken. The button looks again."
    : "Connecting again …";
};
source.onmessage = (message) => show(JSON.parse(message.data));
