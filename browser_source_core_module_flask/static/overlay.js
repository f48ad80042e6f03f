// Draws what the server decides. Every text becomes a text node; nothing that arrives is ever markup.
const socketAddress = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${location.pathname.replace(/\/(ticker|media|general|alerts)$/, "")}/socket`;
// How fast a long line runs, in rem a second; the server reckons with the same 240 px at 1920.
const SPEED = 15;
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
const WAITS = [1, 2, 4, 8, 16, 30];
let socket, seq = 0, tries = 0, heard = Date.now(), version = null;
const timers = new Map();

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined && text !== null && text !== "") made.textContent = String(text);
  return made;
}

function add(parent, name, className, text) {
  if (text === undefined || text === null || text === "") return null;
  const made = element(name, className, text);
  parent.append(made);
  return made;
}

function rows(parent, list) {
  if (!Array.isArray(list) || !list.length) return;
  const shown = element("ol");
  for (const row of list) {
    const text = row && typeof row === "object" ? Object.values(row).join("  ") : row;
    add(shown, "li", "", text);
  }
  parent.append(shown);
}

function titled(box, data) {
  add(box, "h1", "", data.title ?? data.name ?? data.label);
  add(box, "p", "small", data.subtitle ?? data.when);
  add(box, "p", "", data.text ?? data.content ?? data.message ?? data.note);
  add(box, "p", "small", data.author ?? data.where ?? data.winner);
  for (const value of Object.values(data)) if (Array.isArray(value)) rows(box, value);
}

const DRAW = {
  alert(box, data) {
    box.classList.add("alert");
    add(box, "span", "icon", data.icon ?? "★").setAttribute("aria-hidden", "true");
    add(box, "span", "", data.title);
  },
  ticker(box, data, seconds) {
    const line = add(box, "span", "line", data.text);
    requestAnimationFrame(() => {
      if (line.offsetWidth <= box.clientWidth - 5 * rem()) return;
      const needed = (line.offsetWidth + innerWidth) / (SPEED * rem());
      line.style.setProperty("--run", `${needed}s`);
      // With less time left than a whole run needs, the line is already on its way: it comes in where it would be.
      if (seconds !== null && seconds < needed) line.style.setProperty("--passed", `${seconds - needed}s`);
      line.classList.add("long");
    });
  },
  media(box, data) {
    box.classList.add("media");
    const source = data.art_url || (data.kind === "image" ? data.url : "");
    if (source) {
      const picture = element("img");
      picture.alt = "";
      picture.src = source;
      box.append(picture);
    }
    const words = element("div");
    add(words, "h1", "", data.title);
    add(words, "p", "", data.artist);
    add(words, "p", "small", data.requested_by ? `for ${data.requested_by}` : data.album);
    box.append(words);
  },
  memory_card(box, data) {
    if (data.kind === "quote") add(box, "blockquote", "", `“${data.content}”`);
    else { add(box, "h1", "", data.title); add(box, "p", "", data.content); }
    add(box, "p", "small", data.author ? `— ${data.author}  #${data.number}` : `#${data.number}`);
  },
  caption(box, data) { add(box, "p", "", data.text); add(box, "p", "small", data.original); },
};

function show(item) {
  const lane = document.getElementById(item.lane);
  if (!lane) return;
  const box = element("div", "item");
  box.dataset.number = item.number;
  (DRAW[item.template] ?? titled)(box, item.data, item.seconds);
  lane.replaceChildren(box);
  clearTimeout(timers.get(item.lane));
  // The server says when it is over; this only covers a server that went away meanwhile.
  if (item.seconds !== null) timers.set(item.lane, setTimeout(() => hide(item.lane, item.number), item.seconds * 1000 + 1500));
}

function hide(laneName, number) {
  const lane = document.getElementById(laneName);
  if (lane && (number === undefined || lane.firstChild?.dataset.number === String(number))) lane.replaceChildren();
}

function send(message) { if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ v: 1, ...message })); }

function receive(message) {
  heard = Date.now();
  if (message.type === "ping") return send({ type: "pong" });
  if (message.seq && message.type !== "state" && seq && message.seq > seq + 1 && document.documentElement.dataset.widget === "all") send({ type: "resync" });
  if (message.seq) seq = message.seq;
  if (message.type === "welcome") {
    if (version && version !== message.page_version) location.reload();
    version = message.page_version;
  } else if (message.type === "state") {
    const kept = new Set(message.items.map((item) => item.lane));
    for (const lane of document.querySelectorAll(".lane")) if (!kept.has(lane.id)) lane.replaceChildren();
    for (const item of message.items) {
      const there = document.getElementById(item.lane)?.firstChild;
      if (there?.dataset.number !== String(item.number)) show(item);
    }
  } else if (message.type === "show") show(message);
  else if (message.type === "hide") hide(message.widget, message.number);
  else if (message.type === "clear") for (const lane of document.querySelectorAll(".lane")) lane.replaceChildren();
  else if (message.type === "reload") location.reload();
}

function connect() {
  socket = new WebSocket(socketAddress);
  socket.onopen = () => {
    tries = 0;
    heard = Date.now();
    send({ type: "hello", protocols: [1], page_version: version, last_seq: seq, width: innerWidth, height: innerHeight, motion: matchMedia("(prefers-reduced-motion: reduce)").matches ? "none" : "full" });
  };
  socket.onmessage = (event) => receive(JSON.parse(event.data));
  socket.onclose = (event) => {
    if (event.code === 4406) {
      if (!sessionStorage.getItem("reloaded")) { sessionStorage.setItem("reloaded", "1"); location.reload(); }
      return;
    }
    const first = event.code === 1012 && tries === 0 ? Math.random() * 10 : WAITS[Math.min(tries, WAITS.length - 1)] * (0.5 + Math.random());
    const wait = event.code === 1008 ? 300 : event.code === 4429 ? 60 : first;
    tries += 1;
    setTimeout(connect, wait * 1000);
  };
}

// OBS says whether the scene with this page is on air.
addEventListener("obsSourceActiveChanged", (event) => send({ type: "visible", visible: Boolean(event.detail.active) }));
setInterval(() => { if (Date.now() - heard > 60000) socket.close(); }, 5000);
connect();
