import {el} from '../lib/dom.js';
import {clock, count, duration, words} from '../lib/format.js';
import {scrolling, table} from '../lib/widgets.js';

/**
 * When what happened: a row for each phase and attempt, with a lane that shows where in the whole time it lies. It is a
 * table, so without the lanes it says the same.
 *
 * @param {any} trace as /api/request
 * @returns {HTMLElement|null} null where no time is known yet
 */
export function waterfall(trace) {
  const spans = spansOf(trace);
  if (spans.length === 0) {
    return null;
  }
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to), from + 1);
  const body = el(
    'tbody',
    {},
    ...spans.map((span) =>
      el(
        'tr',
        {class: span.kind},
        el('th', {scope: 'row'}, span.label),
        el('td', {class: 'number'}, `+${duration(span.from - from)}`),
        el('td', {class: 'number'}, duration(span.to - span.from)),
        el('td', {class: 'lane-cell'}, lane(span, from, to)),
        el('td', {}, span.note))));
  return el(
    'section',
    {class: 'panel waterfall'},
    el('header', {class: 'panel-head'}, el('h3', {}, 'Timeline'), el('p', {class: 'note'}, `from ${clock(from)}, ${duration(to - from)} in all`)),
    scrolling(
      'Timeline',
      table('Phases and attempts', ['Phase', ['Start', 'number'], ['Took', 'number'], ['Where in the whole', 'lane-head'], 'What'], body)));
}

/**
 * @typedef {object} Span
 * @property {string} label
 * @property {string} kind
 * @property {number} from
 * @property {number} to
 * @property {string} note
 */

/** @type {Record<string, string>} */
const PHASES = {
  TRANSPORT: 'from the client to the operator',
  QUEUE: 'waiting for a place in the batch',
  PREFILL: 'reading the prompt, up to the first token',
  DECODE: 'writing, token by token',
};

/**
 * @param {any} trace
 * @returns {Span[]}
 */
function spansOf(trace) {
  const phases = (trace.phases ?? []).map((/** @type {any} */ phase) => ({
    label: words(phase.phase),
    kind: phase.phase.toLowerCase(),
    from: phase.from,
    to: phase.to ?? Date.now(),
    note: PHASES[phase.phase] ?? '',
  }));
  const attempts = (trace.attempts ?? []).map((/** @type {any} */ attempt) => ({
    label: `attempt ${attempt.attempt}`,
    kind: 'attempt',
    from: attempt.firstAt,
    to: attempt.lastAt,
    note: `tokens ${count(attempt.fromToken)} to ${count(attempt.fromToken + attempt.tokens)}${attempt.follows ? `, after attempt ${attempt.follows}` : ''}`,
  }));
  return [...phases, ...attempts];
}

/**
 * @param {Span} span
 * @param {number} from
 * @param {number} to
 */
function lane(span, from, to) {
  const bar = el('span');
  bar.style.left = `${((span.from - from) / (to - from)) * 100}%`;
  bar.style.width = `${((span.to - span.from) / (to - from)) * 100}%`;
  return el('span', {class: 'lane', 'aria-hidden': 'true'}, bar);
}
