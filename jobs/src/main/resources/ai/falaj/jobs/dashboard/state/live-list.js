/**
 * The newest rows of a list, each key once, newest first, at most so many. While held (someone has scrolled down and
 * reads) new rows wait and are only counted, so nothing moves under the reader's eyes.
 *
 * @template T
 */
export class LiveList {
  #key;
  #limit;
  /** @type {Map<string, T>} oldest first */
  #shown = new Map();
  /** @type {Map<string, T>} */
  #waiting = new Map();
  #held = false;

  /**
   * @param {(row: T) => string} key
   * @param {number} limit
   */
  constructor(key, limit) {
    this.#key = key;
    this.#limit = limit;
  }

  /**
   * Starts over with rows as the server lists them.
   *
   * @param {T[]} newestFirst
   */
  reset(newestFirst) {
    this.#shown = new Map();
    this.#waiting = new Map();
    for (const row of newestFirst.slice(0, this.#limit).reverse()) {
      this.#shown.set(this.#key(row), row);
    }
  }

  /**
   * A row that changed stays where it is.
   *
   * @param {T} row
   */
  put(row) {
    const key = this.#key(row);
    const target = this.#held && !this.#shown.has(key) ? this.#waiting : this.#shown;
    target.set(key, row);
    if (target.size > this.#limit) {
      target.delete(/** @type {string} */ (target.keys().next().value));
    }
  }

  /** @param {T} row */
  remove(row) {
    this.#shown.delete(this.#key(row));
    this.#waiting.delete(this.#key(row));
  }

  /** @param {boolean} held */
  hold(held) {
    this.#held = held;
    if (!held) {
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      waiting.forEach((row) => this.put(row));
    }
  }

  /** Rows that wait; no more than the limit, however many came. */
  get waiting() {
    return this.#waiting.size;
  }

  /** @returns {T[]} newest first */
  get rows() {
    return [...this.#shown.values()].reverse();
  }
}
