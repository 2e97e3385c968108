import {ending} from '../lib/long-text.js';

/**
 * The end of a text that grows and of which an attempt may take a part back. Positions are UTF-16 units of the whole
 * text. What is kept is bounded: the beginning is dropped, and only its length is remembered.
 */
export class TailText {
  #keep;
  #start = 0;
  #text = '';

  /** @param {number} keep units to keep at least, once there are so many; at most twice as many are held */
  constructor(keep) {
    this.#keep = keep;
  }

  /** The end of the text. */
  get text() {
    return this.#text;
  }

  /** Units that are left out before it. */
  get start() {
    return this.#start;
  }

  /** Units of the whole text. */
  get length() {
    return this.#start + this.#text.length;
  }

  /**
   * Takes a known beginning of the whole text.
   *
   * @param {string} text
   */
  reset(text) {
    this.#start = 0;
    this.#text = text;
    this.#trim();
  }

  /**
   * Cuts the text to a length and appends.
   *
   * @param {number} at
   * @param {string} appended
   * @returns {boolean} false if something before it is missing here: the text has to be fetched
   */
  apply(at, appended) {
    if (at > this.length || at < this.#start) {
      return false;
    }
    this.#text = this.#text.slice(0, at - this.#start) + appended;
    this.#trim();
    return true;
  }

  /**
   * Goes on at a position, leaving out what is before it.
   *
   * @param {number} at
   * @param {string} appended
   */
  jump(at, appended) {
    this.#start = at;
    this.#text = appended;
    this.#trim();
  }

  #trim() {
    if (this.#text.length > 2 * this.#keep) {
      const kept = ending(this.#text, this.#keep);
      this.#start += this.#text.length - kept.length;
      this.#text = kept;
    }
  }
}
