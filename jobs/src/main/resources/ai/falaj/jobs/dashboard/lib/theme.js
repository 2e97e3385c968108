/** Light, dark, or as the system has it. The choice is kept by the browser. */

const KEY = 'falaj.theme';
const CHOICES = ['system', 'light', 'dark'];
const dark = matchMedia('(prefers-color-scheme: dark)');
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {string} */
export function choice() {
  const kept = localStorage.getItem(KEY);
  return kept && CHOICES.includes(kept) ? kept : 'system';
}

/** @param {string} theme */
export function choose(theme) {
  localStorage.setItem(KEY, theme);
  apply();
}

/** Puts the choice into the page; charts hear of it, as canvases know no CSS. */
export function apply() {
  const wanted = choice();
  document.documentElement.dataset.theme = wanted === 'system' ? (dark.matches ? 'dark' : 'light') : wanted;
  for (const listener of listeners) {
    listener();
  }
}

/**
 * @param {() => void} listener
 * @returns {() => void} forgets the listener
 */
export function onThemeChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The colour of a token of css/tokens.css, such as `--accent`.
 *
 * @param {string} token
 */
export function color(token) {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}

dark.addEventListener('change', apply);
