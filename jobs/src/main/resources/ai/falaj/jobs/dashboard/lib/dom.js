/**
 * Elements are made here and nowhere else. Text only ever becomes a text node, so what a model or a tenant wrote
 * can not become markup; the Content-Security-Policy is the second lock, not the first.
 */

/**
 * Makes an element.
 *
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `class`, `dataset`, `on` (listeners by event), properties such as
 *     `value`, and attributes; null, undefined and false leave an attribute out
 * @param {...(Node|string|number|null|undefined)} children
 * @returns {any} the element; `any`, as its type follows from the tag
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (name === 'dataset') {
      Object.assign(element.dataset, value);
    } else if (name === 'class') {
      element.className = value;
    } else if (PROPERTIES.has(name)) {
      Reflect.set(element, name, value);
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  append(element, children);
  return element;
}

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'htmlFor', 'textContent', 'tabIndex']);

/**
 * @param {Node} parent
 * @param {Array<Node|string|number|null|undefined>} children
 */
function append(parent, children) {
  for (const child of children) {
    if (child !== null && child !== undefined) {
      parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
    }
  }
}

/**
 * Sets the text of an element if it differs: writing the same text again costs a layout and, in a live region, an
 * announcement.
 *
 * @param {Element} element
 * @param {string|number} text
 */
export function setText(element, text) {
  const wanted = String(text);
  if (element.textContent !== wanted) {
    element.textContent = wanted;
  }
}

/**
 * Replaces the children of an element.
 *
 * @param {Element} parent
 * @param {...(Node|string|number|null|undefined)} children
 */
export function replaceChildren(parent, ...children) {
  parent.textContent = '';
  append(parent, children);
}

/**
 * An element for text that someone else wrote: its direction follows the text, paragraph by paragraph.
 *
 * @param {string} tag
 * @param {string|null|undefined} text
 * @param {string} [className]
 */
export function foreign(tag, text, className = '') {
  return el(tag, {class: `foreign ${className}`.trim(), dir: 'auto'}, text ?? '');
}

/**
 * A cell or paragraph for a name, such as a tenant's: isolated, so that it can not turn around what stands beside it.
 *
 * @param {string|null|undefined} name
 * @param {string} [whenEmpty] what to show for a name that is not there
 */
export function name(name, whenEmpty = '(none)') {
  return name ? el('bdi', {class: 'name', title: name}, name) : el('span', {class: 'muted'}, whenEmpty);
}
