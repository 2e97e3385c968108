/**
 * A row of labels, as `/api/labels` has it.
 *
 * @typedef {object} LabelRow
 * @property {string} key
 * @property {string} window
 * @property {number} windowStart
 * @property {number} windowEnd
 * @property {string} grouping
 * @property {boolean} closed
 * @property {number} occurrences
 * @property {number} distinctLabels
 * @property {Array<{label: string, count: number, share: number, baseline?: number, trend?: string, burst: boolean}>} labels
 */

/**
 * The newest rows of one window length, by key: a row replaces the one before it. Bounded by the number of windows.
 */
export class LabelLines {
  #lengthMs;
  #count;
  /** @type {Map<string, LabelRow>} */
  #rows = new Map();

  /**
   * @param {number} lengthMs of a window
   * @param {number} count of windows to keep
   */
  constructor(lengthMs, count) {
    this.#lengthMs = lengthMs;
    this.#count = count;
  }

  /** @param {LabelRow[]} rows */
  put(rows) {
    for (const row of rows) {
      this.#rows.set(row.key, row);
    }
    if (this.#rows.size > this.#count) {
      const kept = this.rows.slice(0, this.#count);
      this.#rows = new Map(kept.map((row) => [row.key, row]));
    }
  }

  clear() {
    this.#rows.clear();
  }

  /** Newest first. */
  get rows() {
    return [...this.#rows.values()].sort((a, b) => b.windowStart - a.windowStart);
  }

  /**
   * Labels with the most occurrences in all windows, then by name.
   *
   * @param {number} count
   * @returns {string[]}
   */
  top(count) {
    /** @type {Map<string, number>} */
    const totals = new Map();
    for (const row of this.#rows.values()) {
      for (const {label, count: occurrences} of row.labels) {
        totals.set(label, (totals.get(label) ?? 0) + occurrences);
      }
    }
    return [...totals]
      .sort(([aLabel, a], [bLabel, b]) => b - a || (aLabel < bLabel ? -1 : 1))
      .slice(0, count)
      .map(([label]) => label);
  }

  /**
   * Columns for a chart: epoch seconds, then the counts of each label. A window without a row, or without the label
   * among its most frequent, counts 0.
   *
   * @param {string[]} labels
   * @returns {Array<Array<number|null>>}
   */
  columns(labels) {
    /** @type {Array<Array<number|null>>} */
    const columns = [[], ...labels.map(() => [])];
    const rows = this.rows;
    if (rows.length === 0) {
      return columns;
    }
    const byStart = new Map(rows.map((row) => [row.windowStart, row]));
    const last = rows[0].windowStart;
    const first = Math.max(rows[rows.length - 1].windowStart, last - (this.#count - 1) * this.#lengthMs);
    for (let start = first; start <= last; start += this.#lengthMs) {
      columns[0].push(start / 1_000);
      labels.forEach((label, index) => {
        columns[index + 1].push(byStart.get(start)?.labels.find((one) => one.label === label)?.count ?? 0);
      });
    }
    return columns;
  }

  /**
   * Bursts, newest first.
   *
   * @param {number} limit
   */
  bursts(limit) {
    return this.rows
      .flatMap((row) => row.labels.filter((label) => label.burst).map((label) => ({row, label})))
      .slice(0, limit);
  }
}
