// The past of an exchange as a row of moments: each step of the server, and after it the lines of the application at which it
// was stopped. Back, Forward and the scrubber go along it.
import { state } from "./store.js";

// momentsOf are { step, line }: indexes in steps and in lines; line is null for the step itself.
export function momentsOf(x) {
  const all = [];
  let next = 0;
  for (const step of x.steps) {
    all.push({ step: step.index, line: null });
    for (; next < (x.lines ?? []).length && x.lines[next].step <= step.index; next++) all.push({ step: step.index, line: next });
  }
  return all;
}

// momentNow is the index of the moment that is looked at: the last one is the present.
export function momentNow(x) {
  const all = momentsOf(x);
  if (state.step === null) return all.length - 1;
  const at = all.findIndex(m => m.step === state.step && m.line === state.line);
  return at < 0 ? all.length - 1 : at;
}

// lineNow is the recorded line that is looked at: of the past, or the last one of an exchange that has ended.
export function lineNow(x) {
  if (state.line !== null) return x.lines?.[state.line] ?? null;
  return state.step === null && !x.stop ? x.lines?.at(-1) ?? null : null;
}
