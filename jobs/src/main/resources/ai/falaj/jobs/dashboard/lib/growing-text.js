import {el, setText} from './dom.js';
import {count} from './format.js';

/** The end of a text in the page. Text that only grew is appended, which costs less than setting it again. */
export class GrowingText {
  #node = document.createTextNode('');
  #cut = el('span', {class: 'muted', dir: 'ltr', hidden: true});
  #start = 0;
  element = el('div', {class: 'foreign prose', dir: 'auto'}, this.#cut, this.#node);

  /** @param {import('../state/tail-text.js').TailText} tail */
  show(tail) {
    const shown = this.#node.data;
    if (tail.start === this.#start && tail.text.startsWith(shown)) {
      if (tail.text.length > shown.length) {
        this.#node.appendData(tail.text.slice(shown.length));
      }
    } else {
      this.#start = tail.start;
      this.#node.data = tail.text;
    }
    this.#cut.hidden = tail.start === 0;
    setText(this.#cut, tail.start === 0 ? '' : `… ${count(tail.start)} characters before\n`);
  }
}
