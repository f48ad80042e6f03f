// A slider and the number beside it say the same; a text is tried out while it is typed.
for (const slider of document.querySelectorAll(".slider")) {
  const [range, exact] = slider.children;
  range.addEventListener("input", () => { exact.value = range.value; });
  exact.addEventListener("input", () => { range.value = exact.value; });
}

const form = document.getElementById("try");
let asked = 0;

async function tryOut() {
  const mine = (asked += 1);
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("hits");
  // What was typed meanwhile has an answer of its own under way.
  if (answer.ok && fresh && mine === asked) document.getElementById("hits").replaceWith(fresh);
}

let soon;
form.addEventListener("input", () => {
  clearTimeout(soon);
  // Without an answer the button still works.
  soon = setTimeout(() => tryOut().catch(() => undefined), 250);
});
