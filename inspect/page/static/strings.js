// The page's words. Both catalogues are in the page; a test holds them to the same keys.

const catalogs = JSON.parse(document.getElementById("catalogs").textContent);
export const languages = Object.keys(catalogs);
let language = "en";

// remember keeps a choice in this browser; a page that is a file may have no place for it.
export function remember(name, value) {
  try {
    if (value === undefined) return localStorage.getItem("glass." + name);
    localStorage.setItem("glass." + name, value);
  } catch { /* no storage: the choice lasts as long as the page */ }
  return null;
}

// t is the text of a key; {name} stands for values. An unknown key gives the fallback.
export function t(key, values = {}, fallback = key) {
  const text = catalogs[language][key] ?? fallback;
  return text.replace(/\{(\w+)\}/g, (all, name) => name in values ? String(values[name]) : all);
}

export function currentLanguage() { return language; }

export function speak(wanted) {
  language = catalogs[wanted] ? wanted : "en";
  document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  remember("language", language);
  translate(document);
}

// translate fills in the elements that name their text.
export function translate(root) {
  for (const e of root.querySelectorAll("[data-t]")) e.textContent = t(e.dataset.t);
  for (const e of root.querySelectorAll("[data-t-label]")) e.setAttribute("aria-label", t(e.dataset.tLabel));
  for (const e of root.querySelectorAll("[data-t-title]")) e.title = t(e.dataset.tTitle);
  for (const e of root.querySelectorAll("[data-t-placeholder]")) e.placeholder = t(e.dataset.tPlaceholder);
}

// outerLanguage is that of the page which shows this one in a frame.
function outerLanguage() {
  try { return parent !== window ? parent.document.documentElement.lang : null; } catch { return null; }
}

export function firstLanguage() {
  return outerLanguage() ?? remember("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
}
