import {el, replaceChildren, setText} from './dom.js';

let groups = 0;

/**
 * A choice of one among few, as radio buttons: arrow keys work by themselves.
 *
 * @param {string} legend read by screen readers only
 * @param {Array<[string, string]>} options value and label
 * @param {string} chosen
 * @param {(value: string) => void} onChoice
 * @returns {HTMLElement}
 */
export function choice(legend, options, chosen, onChoice) {
  const group = `choice-${++groups}`;
  return el(
    'fieldset',
    {class: 'choice'},
    el('legend', {}, legend),
    ...options.map(([value, label]) =>
      el(
        'label',
        {},
        el('input', {type: 'radio', name: group, value, checked: value === chosen, on: {change: () => onChoice(value)}}),
        label)));
}

/**
 * A labelled form control.
 *
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [className]
 */
export function field(label, control, className = '') {
  control.id ||= `field-${++groups}`;
  return el('div', {class: `field ${className}`.trim()}, el('label', {for: control.id}, label), control);
}

/**
 * Names and values. A value that is null or undefined is left out with its name.
 *
 * @param {Array<[string, Node|string|number|null|undefined]>} entries
 */
export function facts(entries) {
  return el(
    'dl',
    {class: 'facts'},
    ...entries
      .filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))));
}

/**
 * A short word in a frame.
 *
 * @param {string} text
 * @param {''|'good'|'bad'|'warn'} [kind]
 */
export function badge(text, kind = '') {
  return el('span', {class: `badge ${kind}`.trim()}, text);
}

/** A part of a whole as a bar. The figure has to stand beside it as text: the bar itself is not read out. */
export class Meter {
  #fill = el('span');
  element = el('span', {class: 'meter', 'aria-hidden': 'true'}, this.#fill);

  /**
   * @param {number|null|undefined} part of 1
   * @param {{warn?: number, bad?: number}} [limits] from where on it is drawn as a warning, and as bad
   */
  show(part, {warn = 2, bad = 2} = {}) {
    const shown = Math.max(0, Math.min(1, part ?? 0));
    this.#fill.style.transform = `scaleX(${shown})`;
    this.element.className = `meter ${shown >= bad ? 'bad' : shown >= warn ? 'warn' : ''}`.trim();
  }
}

/**
 * What a view says when there is nothing to show.
 *
 * @param {...(Node|string)} content
 */
export function empty(...content) {
  return el('p', {class: 'empty'}, ...content);
}

/**
 * A table that has a caption for those who do not see what it stands under.
 *
 * @param {string} caption
 * @param {Array<string|[string, string]>} heads texts, or text and class
 * @param {HTMLElement} body
 */
export function table(caption, heads, body) {
  return el(
    'table',
    {},
    el('caption', {class: 'visually-hidden'}, caption),
    el(
      'thead',
      {},
      el('tr', {}, ...heads.map((head) => (typeof head === 'string' ? el('th', {scope: 'col'}, head) : el('th', {scope: 'col', class: head[1]}, head[0]))))),
    body);
}

/**
 * Something wide that scrolls sideways in its own frame, by keyboard as well.
 *
 * @param {string} label
 * @param {HTMLElement} content
 */
export function scrolling(label, content) {
  return el('div', {class: 'scroll-x', role: 'region', 'aria-label': label, tabIndex: 0}, content);
}

/**
 * Rows that are written over instead of made anew, as a list that changes several times a second would leave the
 * garbage collector thousands of elements.
 *
 * @template T
 */
export class RowPool {
  #body;
  #make;
  /** @type {Array<{element: HTMLElement, show: (row: T) => void}>} */
  #rows = [];

  /**
   * @param {HTMLElement} body
   * @param {() => {element: HTMLElement, show: (row: T) => void}} make
   */
  constructor(body, make) {
    this.#body = body;
    this.#make = make;
  }

  /** @param {T[]} rows */
  show(rows) {
    while (this.#rows.length < rows.length) {
      const row = this.#make();
      this.#rows.push(row);
      this.#body.append(row.element);
    }
    while (this.#rows.length > rows.length) {
      this.#rows.pop()?.element.remove();
    }
    rows.forEach((row, index) => this.#rows[index].show(row));
  }
}

const SVG = 'http://www.w3.org/2000/svg';

/** A small line without axes. The figures have to stand beside it: it is not read out. */
export class Spark {
  #line = document.createElementNS(SVG, 'polyline');
  element = document.createElementNS(SVG, 'svg');

  constructor() {
    this.element.setAttribute('class', 'spark');
    this.element.setAttribute('viewBox', '0 0 100 20');
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('aria-hidden', 'true');
    this.element.append(this.#line);
  }

  /** @param {number[]} values oldest first */
  show(values) {
    const highest = Math.max(1, ...values);
    const step = values.length > 1 ? 100 / (values.length - 1) : 0;
    this.#line.setAttribute(
      'points',
      values.map((value, index) => `${(index * step).toFixed(1)},${(19 - (18 * value) / highest).toFixed(1)}`).join(' '));
  }
}

/**
 * A line that says how an action went; screen readers say it too.
 *
 * @returns {{element: HTMLElement, say: (text: string, bad?: boolean) => void}}
 */
export function outcome() {
  const element = el('p', {class: 'note', role: 'status', hidden: true});
  return {
    element,
    say(text, bad = false) {
      element.hidden = text === '';
      element.className = bad ? 'note problem' : 'note';
      setText(element, text);
    },
  };
}

/**
 * Replaces the content of a container, keeping the keyboard focus where an element with the same data-key has it.
 *
 * @param {HTMLElement} container
 * @param {...Node} content
 */
export function replaceKeepingFocus(container, ...content) {
  const active = document.activeElement;
  const key = active instanceof HTMLElement && container.contains(active) ? active.dataset.key : undefined;
  replaceChildren(container, ...content);
  if (key !== undefined) {
    /** @type {HTMLElement|undefined} */ ([...container.querySelectorAll('[data-key]')].find((one) => /** @type {HTMLElement} */ (one).dataset.key === key))?.focus();
  }
}
