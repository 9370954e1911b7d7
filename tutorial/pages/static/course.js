// Questions are judged at once; attempts, wherever they are started, are shown as they end.

async function post(path, form) {
  const response = await fetch(path, {method: "POST", body: new URLSearchParams(form)});
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

for (const form of document.querySelectorAll("form.question")) {
  form.addEventListener("submit", async event => {
    event.preventDefault();
    const output = form.querySelector("output");
    try {
      const data = new FormData(form);
      data.append("unit", form.dataset.unit);
      const reply = await post("/learn/answer", data);
      output.textContent = reply.text;
      if (reply.kept) settle(form, reply.correct ?? []);
    } catch (error) {
      output.textContent = error.message;
    }
  });
}

// settle leaves a question as it was answered: the first answer counts.
function settle(form, correct) {
  form.classList.add("done");
  for (const input of form.querySelectorAll("input")) {
    input.disabled = true;
    input.closest("label")?.classList.toggle("right", correct.includes(Number(input.value)));
  }
  form.querySelector("button").hidden = true;
}

document.addEventListener("click", async event => {
  const button = event.target.closest("[data-action]");
  if (!button) return;
  const panel = button.closest(".panel");
  button.disabled = true;
  try {
    const reply = await post(button.dataset.action, {unit: panel.dataset.unit});
    if (reply.text) show(panel, reply.text);
  } catch (error) {
    panel.classList.remove("running");
    show(panel, error.message);
  }
  button.disabled = false;
});

function show(panel, text) {
  const hint = panel.querySelector(".hint");
  hint.hidden = false;
  hint.textContent = text;
}

function find(unit) {
  return document.querySelector(`.panel[data-unit="${CSS.escape(unit)}"]`);
}

const events = new EventSource("/learn/events");
events.addEventListener("running", event => {
  const panel = find(event.data);
  if (!panel) return;
  panel.classList.add("running");
  tell(panel, panel.querySelector(".running").textContent, "running");
});
events.addEventListener("attempt", async event => {
  const panel = find(event.data);
  if (!panel) return;
  const response = await fetch("/learn/panel/" + event.data);
  if (!response.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await response.text(); // of our own server, which escapes what a learner's program printed
  panel.replaceWith(fresh.content);
  const judged = find(event.data), verdict = judged.querySelector(".verdict");
  tell(judged, verdict.firstChild.textContent, verdict.classList.contains("right") ? "right" : "wrong");
  look(judged);
});

// tell says at the top of what is being read how it goes with an exercise.
function tell(panel, text, how) {
  const verdict = document.getElementById("verdict");
  const link = document.createElement("a");
  link.href = "#" + panel.closest(".exercise").id;
  link.textContent = `${panel.dataset.unit}  ${text}`;
  verdict.replaceChildren(link);
  verdict.className = how;
  verdict.hidden = false;
}

// the stepper: glass gets the same bytes, and stops at the stage where it died
let steps = 0;
document.addEventListener("click", event => {
  const button = event.target.closest("[data-stage]");
  if (!button || !inspector) return;
  inspector.contentWindow.location.hash = `${button.closest(".panel").dataset.exchange}:${button.dataset.stage}:${++steps}`;
  open(true);
});

const inspector = document.getElementById("inspector");

// On a phone the inspector is a sheet at the bottom, which a button opens over the text.
const sheet = document.querySelector(".inspector"), opener = document.getElementById("look");
function open(wanted) {
  opener.setAttribute("aria-expanded", sheet.classList.toggle("open", wanted));
}
opener?.addEventListener("click", () => open());

function look(panel) {
  if (inspector && panel.dataset.exchange) inspector.contentWindow.location.hash = panel.dataset.exchange;
}
// what was checked before this page was opened
const checked = [...document.querySelectorAll(".panel")].filter(panel => panel.dataset.exchange).at(-1);
if (checked) inspector?.addEventListener("load", () => look(checked));

events.onopen = () => document.body.classList.add("live");
