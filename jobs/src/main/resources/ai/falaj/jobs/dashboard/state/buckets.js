/**
 * A bucket of event time, as `/api/history` and the event `overview` have it.
 *
 * @typedef {object} Bucket
 * @property {number} start
 * @property {number} requests
 * @property {number} deadLetters
 * @property {number} chunks
 * @property {number} promptTokens
 * @property {number} cachedTokens
 * @property {number} reasoningTokens
 * @property {number} completionTokens
 * @property {number} streamedTokens
 * @property {number} [ttftP50Ms]
 * @property {number} [ttftP95Ms]
 * @property {number} [ttftP99Ms]
 * @property {number} [totalP50Ms]
 * @property {number} [totalP95Ms]
 * @property {number} [totalP99Ms]
 * @property {Record<string, number>} [finishReasons]
 * @property {Record<string, number>} [errors]
 */

/**
 * The newest buckets of one length. A bucket replaces the one with its start, as late records change old ones; what
 * is older than the range is forgotten, so the memory of a page that stays open is bounded.
 */
export class Buckets {
  #lengthMs;
  #count;
  /** @type {Map<number, Bucket>} */
  #byStart = new Map();
  #newest = -Infinity;

  /**
   * @param {number} lengthMs of one bucket
   * @param {number} count of buckets to keep
   */
  constructor(lengthMs, count) {
    this.#lengthMs = lengthMs;
    this.#count = count;
  }

  /** @param {Bucket[]} buckets */
  put(buckets) {
    for (const bucket of buckets) {
      this.#newest = Math.max(this.#newest, bucket.start);
      this.#byStart.set(bucket.start, bucket);
    }
    if (this.#byStart.size > this.#count) {
      const oldest = this.#oldest(this.#newest);
      for (const start of this.#byStart.keys()) {
        if (start < oldest) {
          this.#byStart.delete(start);
        }
      }
    }
  }

  clear() {
    this.#byStart.clear();
    this.#newest = -Infinity;
  }

  get size() {
    return this.#byStart.size;
  }

  /**
   * Columns for a chart. Times without records are there as well: a count is 0 then, a quantile is not known.
   *
   * @param {Array<(bucket: Bucket|undefined) => number|null>} figures one for each column
   * @param {number} nowMs the chart reaches up to the last bucket that is over, as the one that is not would look like a
   *     drop; but not where that would push the newest bucket into the older half: a replayed day is shown as the day it was
   * @returns {Array<Array<number|null>>} epoch seconds, then the columns
   */
  columns(figures, nowMs) {
    /** @type {Array<Array<number|null>>} */
    const columns = [[], ...figures.map(() => [])];
    if (this.#byStart.size === 0) {
      return columns;
    }
    const lastOver = Math.floor(nowMs / this.#lengthMs) * this.#lengthMs - this.#lengthMs;
    const isRecent = lastOver - this.#newest < (this.#count * this.#lengthMs) / 2;
    const end = isRecent ? lastOver : this.#newest;
    const first = Math.max(this.#oldest(end), Math.min(...this.#byStart.keys()));
    for (let start = first; start <= end; start += this.#lengthMs) {
      const bucket = this.#byStart.get(start);
      columns[0].push(start / 1_000);
      figures.forEach((figure, index) => columns[index + 1].push(figure(bucket)));
    }
    return columns;
  }

  /** @param {number} newest */
  #oldest(newest) {
    return newest - (this.#count - 1) * this.#lengthMs;
  }
}
