// One slide at a time: arrows, space, Home and End; F for the full screen; N shows what is said beside it.

const slides = [...document.querySelectorAll(".slide")];
const place = document.getElementById("place");
let at = Math.max(0, Math.min(slides.length, Number(location.hash.slice(1)) || 1) - 1);

function show(n) {
  at = Math.max(0, Math.min(slides.length - 1, n));
  slides.forEach((slide, i) => slide.classList.toggle("current", i === at));
  place.textContent = `${at + 1} / ${slides.length}`;
  history.replaceState(null, "", "#" + (at + 1));
  fit(slides[at]);
}

// fit sets a slide smaller that would be cut at the bottom, as far as it can still be read from the last row.
function fit(slide) {
  slide.style.fontSize = "";
  const whole = parseFloat(getComputedStyle(slide).fontSize);
  for (let part = .95; document.documentElement.scrollHeight > innerHeight && part > .5; part -= .05)
    slide.style.fontSize = `${whole * part}px`;
}
addEventListener("resize", () => fit(slides[at]));

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {}); // a browser may not want to
}

const keys = {
  ArrowRight: () => show(at + 1), PageDown: () => show(at + 1), " ": () => show(at + 1),
  ArrowLeft: () => show(at - 1), PageUp: () => show(at - 1),
  Home: () => show(0), End: () => show(slides.length - 1),
  f: fullScreen, n: () => { document.body.classList.toggle("notes"); fit(slides[at]); },
};

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, button")) return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
document.getElementById("full").addEventListener("click", fullScreen);
document.querySelector("main").addEventListener("click", event => {
  if (event.target.closest("a, form, button, input, pre")) return;
  show(event.clientX < innerWidth / 3 ? at - 1 : at + 1);
});
for (const form of document.querySelectorAll("form")) form.addEventListener("submit", event => event.preventDefault());
show(at);
