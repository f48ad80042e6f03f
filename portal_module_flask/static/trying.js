// What a form would do is shown while it is typed.
const form = document.querySelector("form[data-try]");
const shown = form.dataset.shows;
let asked = 0;

async function tryOut() {
  const mine = (asked += 1);
  const answer = await fetch(form.dataset.try, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(shown);
  // What was typed meanwhile has an answer of its own under way.
  if (fresh && mine === asked) document.getElementById(shown).replaceWith(fresh);
}

let soon;
form.addEventListener("input", () => {
  clearTimeout(soon);
  // Without an answer the button still works.
  soon = setTimeout(() => tryOut().catch(() => undefined), 250);
});
