/** Numbers, times and sizes as people read them. Pure. */

const NONE = '–';
const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const oneDigit = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
const compact = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});
const percent = new Intl.NumberFormat('en', {style: 'percent', maximumFractionDigits: 0});

/** @typedef {number|null|undefined} Maybe */

/**
 * @param {Maybe} value
 * @returns {value is null|undefined}
 */
function isNone(value) {
  return value === null || value === undefined || Number.isNaN(value);
}

/**
 * A count: 1,234,567.
 *
 * @param {Maybe} value
 */
export function count(value) {
  return isNone(value) ? NONE : whole.format(value);
}

/**
 * A count for a narrow place: 1.2M.
 *
 * @param {Maybe} value
 */
export function brief(value) {
  return isNone(value) ? NONE : value < 10_000 ? oneDigit.format(value) : compact.format(value);
}

/**
 * A rate: below 100 with a digit after the point.
 *
 * @param {Maybe} value
 */
export function rate(value) {
  return isNone(value) ? NONE : value < 100 ? oneDigit.format(value) : brief(value);
}

/**
 * A part of one: 83%.
 *
 * @param {Maybe} value
 */
export function share(value) {
  return isNone(value) ? NONE : percent.format(value);
}

/**
 * A duration: 850 ms, 12.3 s, 4 min 05 s.
 *
 * @param {Maybe} ms
 */
export function duration(ms) {
  if (isNone(ms)) {
    return NONE;
  }
  if (ms < 999.5) {
    return `${oneDigit.format(ms < 10 ? ms : Math.round(ms))} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  }
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) {
    return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  }
  return `${Math.floor(seconds / 3_600)} h ${pad(Math.floor((seconds % 3_600) / 60))} min`;
}

/** @param {number} value */
function pad(value) {
  return String(value).padStart(2, '0');
}

/**
 * Clock time of the reader's zone: 14:03:07.
 *
 * @param {Maybe} epochMs
 */
export function clock(epochMs) {
  if (isNone(epochMs)) {
    return NONE;
  }
  const date = new Date(epochMs);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/**
 * Date and clock time of the reader's zone: 2026-11-24 14:03:07.
 *
 * @param {Maybe} epochMs
 */
export function dateTime(epochMs) {
  if (isNone(epochMs)) {
    return NONE;
  }
  const date = new Date(epochMs);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock(epochMs)}`;
}

/**
 * How long ago, coarsely, so that it need not be written anew every second: just now, 2 min ago.
 *
 * @param {Maybe} epochMs
 * @param {number} nowMs
 */
export function ago(epochMs, nowMs) {
  if (isNone(epochMs)) {
    return NONE;
  }
  const seconds = Math.max(0, Math.round((nowMs - epochMs) / 1_000));
  if (seconds < 10) {
    return 'just now';
  }
  if (seconds < 60) {
    return `${Math.floor(seconds / 10) * 10} s ago`;
  }
  if (seconds < 3_600) {
    return `${Math.floor(seconds / 60)} min ago`;
  }
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`;
}

/**
 * An amount of money from billionths: 0.0123.
 *
 * @param {Maybe} nanos
 */
export function cost(nanos) {
  if (isNone(nanos)) {
    return NONE;
  }
  const amount = nanos / 1e9;
  return amount.toLocaleString('en', {minimumFractionDigits: 2, maximumFractionDigits: amount < 1 ? 6 : 2});
}

/**
 * A size: 3.4 MB.
 *
 * @param {Maybe} bytes
 */
export function bytes(bytes) {
  if (isNone(bytes)) {
    return NONE;
  }
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${oneDigit.format(value)} ${units[unit]}`;
}

/**
 * ENGINE_FAILURE as words: engine failure.
 *
 * @param {string|null|undefined} constant
 */
export function words(constant) {
  return constant ? constant.toLowerCase().replaceAll('_', ' ') : NONE;
}
