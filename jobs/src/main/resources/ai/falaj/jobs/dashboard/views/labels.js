import {get} from '../lib/api.js';
import {Chart} from '../lib/chart.js';
import {el, name as isolated, replaceChildren, setText} from '../lib/dom.js';
import {clock, count, rate, share, words} from '../lib/format.js';
import {perInterval} from '../lib/frames.js';
import {badge, choice, empty, Meter, scrolling, table} from '../lib/widgets.js';
import {LabelLines} from '../state/label-lines.js';

const WINDOWS = {
  '10s': {label: '10 s', lengthMs: 10_000, count: 180},
  '1m': {label: '1 min', lengthMs: 60_000, count: 120},
  '1h': {label: '1 hour', lengthMs: 3_600_000, count: 72},
};
const TOKENS = ['--accent', '--amber', '--rose', '--violet', '--sky', '--muted'];
const DASHES = [undefined, [6, 3], [2, 3], [9, 3, 2, 3], undefined, [4, 4]];
const MOST_BURSTS = 30;
const REPAINT_MS = 500;

/** What answers say: the most frequent labels over time, which of them are on the rise, and bursts. */
export class Labels {
  events = ['labels'];
  /** @type {keyof typeof WINDOWS} */
  #window = '1m';
  #lines = new LabelLines(WINDOWS['1m'].lengthMs, WINDOWS['1m'].count);
  #shown = /** @type {string[]} */ ([]);
  #chart = /** @type {Chart|null} */ (null);
  #chartPlace = el('div');
  #summary = el('p', {class: 'note'});
  #latestBody = el('tbody');
  #latestNote = el('p', {class: 'note'});
  #bursts = el('div');
  #none = empty('No labels yet. ', el('code', {}, 'falaj analytics -D falaj.analytics.label-field=/category'), ' counts those of structured answers.');
  #content;
  #painter = perInterval(() => this.#paint(), REPAINT_MS);

  constructor() {
    this.#content = el(
      'div',
      {class: 'view', hidden: true},
      this.#chartPlace,
      el(
        'div',
        {class: 'grid'},
        el(
          'section',
          {class: 'panel'},
          el('header', {class: 'panel-head'}, el('h3', {}, 'Latest window'), this.#latestNote),
          scrolling(
            'Labels of the latest window',
            table('Labels of the latest window', ['Label', ['Count', 'number'], ['Share', 'number'], ['Usual', 'number'], 'Trend'], this.#latestBody))),
        el('section', {class: 'panel'}, el('header', {class: 'panel-head'}, el('h3', {}, 'Bursts')), this.#bursts)));
    this.element = el(
      'div',
      {class: 'view'},
      el(
        'header',
        {class: 'view-head'},
        el('h2', {tabIndex: -1}, 'Labels'),
        this.#summary,
        el(
          'div',
          {class: 'end'},
          choice(
            'Length of a window',
            Object.entries(WINDOWS).map(([window, {label}]) => [window, label]),
            this.#window,
            (window) => this.#choose(/** @type {keyof typeof WINDOWS} */ (window))))),
      this.#none,
      this.#content);
  }

  async refresh() {
    const window = this.#window;
    const {lengthMs, count: windows} = WINDOWS[window];
    const answer = await get('/api/labels', {window, grouping: 'ALL', minutes: Math.ceil((lengthMs * windows) / 60_000)});
    if (window === this.#window) {
      this.#lines.clear();
      this.#lines.put(answer.rows);
      this.#painter.request();
    }
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  event(name, data) {
    if (name === 'labels') {
      this.#lines.put(data.rows.filter((/** @type {any} */ row) => row.window === this.#window && row.grouping === 'ALL'));
      this.#painter.request();
    }
  }

  close() {
    this.#painter.cancel();
    this.#chart?.close();
  }

  /** @param {keyof typeof WINDOWS} window */
  #choose(window) {
    this.#window = window;
    this.#lines = new LabelLines(WINDOWS[window].lengthMs, WINDOWS[window].count);
    this.refresh().catch(() => undefined); // the next connection of the feed fetches again
  }

  #paint() {
    const rows = this.#lines.rows;
    this.#none.hidden = rows.length > 0;
    this.#content.hidden = rows.length === 0;
    setText(this.#summary, rows.length === 0 ? '' : `${count(rows.length)} windows`);
    if (rows.length > 0) {
      this.#paintChart();
      this.#paintLatest(rows[0]);
      this.#paintBursts();
    }
  }

  /** A chart is made anew when other labels are the most frequent, as its lines are their names. */
  #paintChart() {
    const top = this.#lines.top(TOKENS.length);
    if (this.#chart === null || top.join('\u0000') !== this.#shown.join('\u0000')) {
      this.#shown = top;
      this.#chart?.close();
      this.#chart = new Chart({
        title: 'Labels over time',
        note: 'the most frequent, by window',
        lines: top.map((label, index) => ({label, token: TOKENS[index], dash: DASHES[index]})),
        format: count,
      });
      replaceChildren(this.#chartPlace, this.#chart.element);
    }
    this.#chart.show(this.#lines.columns(top));
  }

  /** @param {import('../state/label-lines.js').LabelRow} row */
  #paintLatest(row) {
    setText(this.#latestNote, `${clock(row.windowStart)} to ${clock(row.windowEnd)}, ${row.closed ? 'closed' : 'open'}, ${count(row.occurrences)} occurrences of ${count(row.distinctLabels)} labels`);
    replaceChildren(
      this.#latestBody,
      ...row.labels.map((label) => {
        const meter = new Meter();
        meter.show(label.share);
        return el(
          'tr',
          {},
          el('th', {scope: 'row'}, isolated(label.label), meter.element),
          el('td', {class: 'number'}, count(label.count)),
          el('td', {class: 'number'}, share(label.share)),
          el('td', {class: 'number'}, rate(label.baseline)),
          el('td', {}, trendOf(label)));
      }));
  }

  #paintBursts() {
    const bursts = this.#lines.bursts(MOST_BURSTS);
    if (bursts.length === 0) {
      replaceChildren(this.#bursts, el('p', {class: 'note'}, 'None in these windows.'));
      return;
    }
    const body = el(
      'tbody',
      {},
      ...bursts.map(({row, label}) =>
        el(
          'tr',
          {},
          el('td', {}, clock(row.windowStart)),
          el('th', {scope: 'row'}, isolated(label.label)),
          el('td', {class: 'number'}, count(label.count)),
          el('td', {class: 'number'}, rate(label.baseline)))));
    replaceChildren(this.#bursts, scrolling('Bursts', table('Bursts, newest first', ['Window', 'Label', ['Count', 'number'], ['Usual', 'number']], body)));
  }
}

/** @param {{trend?: string, burst: boolean}} label */
function trendOf({trend, burst}) {
  const arrows = /** @type {Record<string, string>} */ ({RISING: '↑ ', FALLING: '↓ ', STEADY: '→ '});
  return el(
    'span',
    {},
    trend ? el('span', {}, el('span', {'aria-hidden': 'true'}, arrows[trend] ?? ''), words(trend)) : '–',
    burst ? ' ' : null,
    burst ? badge('burst', 'warn') : null);
}
