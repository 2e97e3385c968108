import {el, foreign} from './dom.js';
import {count} from './format.js';

const SHORT_CHARACTERS = 2_000;

/**
 * Text of any length: the first characters, and the rest once a person asks for it. A completion of a megabyte would
 * otherwise be laid out anew with everything around it.
 *
 * @param {string} text as far as it is here
 * @param {object} [options]
 * @param {string} [options.className]
 * @param {number} [options.wholeLength] characters that it has in all, where more are to be had
 * @param {() => Promise<string>} [options.fetchWhole] brings all of it
 * @returns {HTMLElement}
 */
export function longText(text, {className = '', wholeLength = text.length, fetchWhole} = {}) {
  const shown = beginning(text, SHORT_CHARACTERS);
  const body = foreign('div', shown, `prose ${className}`);
  if (wholeLength <= shown.length) {
    return body;
  }
  const button = el('button', {type: 'button', class: 'link'}, `Show all ${count(wholeLength)} characters`);
  button.addEventListener('click', async () => {
    button.disabled = true;
    const whole = fetchWhole && text.length < wholeLength ? await fetchWhole().catch(() => text) : text;
    body.textContent = whole;
    button.remove();
  });
  return el('div', {class: 'long-text'}, body, button);
}

/**
 * The first characters of a text, without half of a surrogate pair at the end.
 *
 * @param {string} text
 * @param {number} characters
 */
export function beginning(text, characters) {
  return text.length <= characters ? text : wholeCodePoints(text.slice(0, characters));
}

/**
 * The last characters of a text, without half of a surrogate pair at the beginning.
 *
 * @param {string} text
 * @param {number} characters
 */
export function ending(text, characters) {
  if (text.length <= characters) {
    return text;
  }
  const cut = text.slice(-characters);
  return isLowSurrogate(cut.charCodeAt(0)) ? cut.slice(1) : cut;
}

/** @param {string} text */
function wholeCodePoints(text) {
  return isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.slice(0, -1) : text;
}

/** @param {number} unit */
function isHighSurrogate(unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** @param {number} unit */
function isLowSurrogate(unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
