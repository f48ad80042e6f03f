// While a page says that it waits, look again every five seconds and show what changed in place.
const SECONDS = 5;

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href);
  if (answer.redirected) location.assign(answer.url);
  if (answer.redirected || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  const shown = document.querySelector("main");
  if (fresh && fresh.innerHTML !== shown.innerHTML) shown.replaceChildren(...fresh.childNodes);
}

async function waits() {
  if (!document.querySelector("[data-waiting]")) return;
  // A look that failed is no reason to stop: the next one may find the way again.
  await look().catch(() => undefined);
  setTimeout(waits, SECONDS * 1000);
}

setTimeout(waits, SECONDS * 1000);
