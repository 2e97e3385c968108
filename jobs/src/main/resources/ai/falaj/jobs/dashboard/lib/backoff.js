/** Waits that grow: exponential with full jitter, so that the pages of a restarted server do not come back at once. */
export class Backoff {
  #firstMs;
  #longestMs;
  #random;
  #failures = 0;

  /**
   * @param {{firstMs?: number, longestMs?: number, random?: () => number}} [options]
   */
  constructor({firstMs = 500, longestMs = 20_000, random = Math.random} = {}) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#random = random;
  }

  /** Milliseconds until the next try, never less than half of the first wait. */
  nextMs() {
    const bound = Math.min(this.#longestMs, this.#firstMs * 2 ** this.#failures);
    this.#failures++;
    return Math.round(this.#firstMs / 2 + this.#random() * (bound - this.#firstMs / 2));
  }

  /** After a success. */
  reset() {
    this.#failures = 0;
  }
}
