// A slider and the number beside it say the same.
for (const slider of document.querySelectorAll(".slider")) {
  const [range, exact] = slider.children;
  range.addEventListener("input", () => { exact.value = range.value; });
  exact.addEventListener("input", () => { range.value = exact.value; });
}
