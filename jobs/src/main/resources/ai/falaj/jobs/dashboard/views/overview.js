import {get} from '../lib/api.js';
import {Chart} from '../lib/chart.js';
import {el, setText} from '../lib/dom.js';
import {brief, count, duration, rate} from '../lib/format.js';
import {choice} from '../lib/widgets.js';
import {Buckets} from '../state/buckets.js';
import {WorkersPanel} from './workers.js';

/** @typedef {import('../state/buckets.js').Bucket} Bucket */

/** Ranges of the charts: label, buckets and how many of them. */
const RANGES = {
  '1s': {label: '5 min', lengthMs: 1_000, count: 300},
  '10s': {label: '1 hour', lengthMs: 10_000, count: 360},
  '1m': {label: '24 hours', lengthMs: 60_000, count: 1_440},
};

const QUANTILES = [
  {label: 'p50', token: '--accent', spanGaps: true},
  {label: 'p95', token: '--amber', dash: [6, 3], spanGaps: true},
  {label: 'p99', token: '--rose', dash: [2, 3], spanGaps: true},
];

/** How fast requests are answered now, and for the last minutes or hours. */
export class Overview {
  events = ['workers'];
  /** @type {keyof typeof RANGES} */
  #range = '10s';
  #buckets = new Buckets(RANGES['10s'].lengthMs, RANGES['10s'].count);
  #nowMs = Date.now();
  #charts = makeCharts();
  #tiles = makeTiles();
  #workers = new WorkersPanel();

  constructor() {
    this.element = el(
      'div',
      {class: 'view'},
      el(
        'header',
        {class: 'view-head'},
        el('h2', {tabIndex: -1}, 'Overview'),
        el('p', {class: 'note'}, 'By event time: late records count where they belong.'),
        el(
          'div',
          {class: 'end'},
          choice(
            'Range of the charts',
            Object.entries(RANGES).map(([resolution, range]) => [resolution, range.label]),
            this.#range,
            (resolution) => this.#choose(/** @type {keyof typeof RANGES} */ (resolution))))),
      this.#tiles.element,
      el('div', {class: 'grid'}, ...this.#charts.map(({chart}) => chart.element)),
      this.#workers.element);
  }

  async refresh() {
    const resolution = this.#range;
    const range = RANGES[resolution];
    const [history, workers] = await Promise.all([
      get('/api/history', {resolution, minutes: Math.ceil((range.lengthMs * range.count) / 60_000)}),
      get('/api/workers'),
    ]);
    if (resolution === this.#range) {
      this.#buckets.clear();
      this.#buckets.put(history.buckets);
      this.#draw();
    }
    this.#workers.show(workers);
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  event(name, data) {
    if (name === 'overview') {
      this.#nowMs = data.at;
      this.#tiles.show(data);
      this.#buckets.put(data.changed?.[this.#range] ?? []);
      this.#draw();
    } else if (name === 'workers') {
      this.#workers.show(data);
    }
  }

  close() {
    this.#charts.forEach(({chart}) => chart.close());
  }

  /** @param {keyof typeof RANGES} resolution */
  #choose(resolution) {
    this.#range = resolution;
    this.#buckets = new Buckets(RANGES[resolution].lengthMs, RANGES[resolution].count);
    this.refresh().catch(() => undefined); // the next connection of the feed fetches again
  }

  #draw() {
    const seconds = RANGES[this.#range].lengthMs / 1_000;
    for (const {chart, figures} of this.#charts) {
      chart.show(this.#buckets.columns(figures(seconds), this.#nowMs));
    }
  }
}

/**
 * @param {(bucket: Bucket) => number|undefined} value
 * @param {number} [divisor]
 * @returns {(bucket: Bucket|undefined) => number|null}
 */
function sum(value, divisor = 1) {
  return (bucket) => (bucket === undefined ? 0 : (value(bucket) ?? 0) / divisor);
}

/**
 * @param {(bucket: Bucket) => number|undefined} value
 * @returns {(bucket: Bucket|undefined) => number|null}
 */
function quantile(value) {
  return (bucket) => (bucket === undefined ? null : (value(bucket) ?? null));
}

/** Charts and, for each, how its columns come out of buckets that are so many seconds long. */
function makeCharts() {
  return [
    {
      chart: new Chart({
        title: 'Tokens per second',
        lines: [{label: 'streamed', token: '--accent', fill: true}, {label: 'completed', token: '--violet', dash: [6, 3]}],
        format: rate,
      }),
      figures: (/** @type {number} */ seconds) => [sum((b) => b.streamedTokens, seconds), sum((b) => b.completionTokens, seconds)],
    },
    {
      chart: new Chart({
        title: 'Requests',
        lines: [{label: 'completed', token: '--accent', fill: true}, {label: 'failed', token: '--rose', dash: [2, 3]}],
        format: count,
      }),
      figures: () => [sum((b) => b.requests), sum((b) => b.deadLetters)],
    },
    {
      chart: new Chart({title: 'Time to first token', lines: QUANTILES, format: duration}),
      figures: () => [quantile((b) => b.ttftP50Ms), quantile((b) => b.ttftP95Ms), quantile((b) => b.ttftP99Ms)],
    },
    {
      chart: new Chart({title: 'Total time', lines: QUANTILES, format: duration}),
      figures: () => [quantile((b) => b.totalP50Ms), quantile((b) => b.totalP95Ms), quantile((b) => b.totalP99Ms)],
    },
  ];
}

/** The figures at the top: of the last minute of event time, and of all that was read. */
function makeTiles() {
  /**
   * @param {string} label
   * @param {string} key
   */
  const tile = (label, key) => {
    const figure = el('dd', {dataset: {figure: key}}, '–');
    const detail = el('dd', {class: 'small', dataset: {figure: `${key}-detail`}}, '\u00a0');
    return {element: el('div', {class: 'tile'}, el('dt', {}, label), figure, detail), figure, detail};
  };
  const tokens = tile('Tokens per second', 'tokens-per-second');
  const requests = tile('Requests', 'requests');
  const running = tile('Running', 'running');
  const first = tile('First token, p95', 'ttft');
  const total = tile('Total, p95', 'total');
  const failed = tile('Dead letters', 'dead-letters');
  return {
    element: el('dl', {class: 'tiles'}, ...[tokens, requests, running, first, total, failed].map((one) => one.element)),
    /** @param {any} data */
    show({totals, states, lastMinute}) {
      setText(tokens.figure, rate(lastMinute.streamedTokensPerSecond));
      setText(tokens.detail, `${brief(totals.promptTokens)} in, ${brief(totals.completionTokens)} out`);
      setText(requests.figure, count(totals.requests));
      setText(requests.detail, `${rate(lastMinute.requestsPerSecond)} per second`);
      setText(running.figure, count(states.decoding));
      setText(running.detail, `${count(states.queued)} waiting`);
      setText(first.figure, duration(lastMinute.ttftP95Ms));
      setText(first.detail, `p50 ${duration(lastMinute.ttftP50Ms)} · p99 ${duration(lastMinute.ttftP99Ms)}`);
      setText(total.figure, duration(lastMinute.totalP95Ms));
      setText(total.detail, `p50 ${duration(lastMinute.totalP50Ms)} · p99 ${duration(lastMinute.totalP99Ms)}`);
      setText(failed.figure, count(totals.deadLetters));
      setText(failed.detail, totals.undecodable ? `${count(totals.undecodable)} undecodable` : 'since the history begins');
    },
  };
}
