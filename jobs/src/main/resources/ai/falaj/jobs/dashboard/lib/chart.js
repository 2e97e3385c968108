import uPlot from '../vendor/uplot/uPlot.esm.js';
import {el, setText} from './dom.js';
import {clock} from './format.js';
import {perInterval} from './frames.js';
import {color, onThemeChange} from './theme.js';
import {RowPool} from './widgets.js';

/**
 * A line of a chart. The dash tells lines apart where colours do not.
 *
 * @typedef {object} Line
 * @property {string} label
 * @property {string} token its colour, as a token of css/tokens.css
 * @property {number[]} [dash]
 * @property {boolean} [fill]
 * @property {boolean} [spanGaps] whether short times without a figure are drawn over
 */

const REPAINT_MS = 250;
const HEIGHT = 170;
const TABLE_ROWS = 120;
const LONGEST_SPAN = 24;

/**
 * The gaps that stay open: a line over a longer one would claim figures that nobody has.
 *
 * @param {any} _plot
 * @param {number} _series
 * @param {number} _from
 * @param {number} _to
 * @param {Array<[number, number]>} gaps in canvas pixels
 */
function longGaps(_plot, _series, _from, _to, gaps) {
  return gaps.filter(([from, to]) => to - from > LONGEST_SPAN * devicePixelRatio);
}

/**
 * Lines over time: a canvas for the eye, and under it, unfolded on demand, the same figures as a table for those who
 * do not see the canvas or want the number. What it draws is what {@link Chart#show} was given last; it keeps no
 * history of its own.
 */
export class Chart {
  #title;
  #lines;
  #format;
  #plot = /** @type {any} */ (null);
  /** @type {Array<Array<number|null>>} seconds, then a column for each line */
  #columns;
  #canvas = el('div', {class: 'chart-canvas', role: 'img'});
  #legend;
  #latest;
  #body = el('tbody');
  #rows;
  #table;
  #painter = perInterval(() => this.#paint(), REPAINT_MS);
  #resizes = new ResizeObserver(() => this.#fit());
  #forgetTheme;

  /**
   * @param {object} options
   * @param {string} options.title
   * @param {Line[]} options.lines
   * @param {(value: number|null|undefined) => string} options.format
   * @param {string} [options.note] what the figures are, below the title
   */
  constructor({title, lines, format, note}) {
    this.#title = title;
    this.#lines = lines;
    this.#format = format;
    this.#columns = [[], ...lines.map(() => [])];
    this.#rows = new RowPool(this.#body, () => figureRow(lines.length));
    this.#latest = lines.map(() => el('span', {class: 'figure'}, '–'));
    this.#legend = el(
      'ul',
      {class: 'legend'},
      ...lines.map((line, index) =>
        el('li', {}, el('span', {class: `swatch swatch-${line.token.slice(2)}`}), el('bdi', {}, line.label), ' ', this.#latest[index])));
    this.#table = el(
      'details',
      {class: 'chart-figures', on: {toggle: () => this.#fillTable()}},
      el('summary', {}, 'Figures', el('span', {class: 'visually-hidden'}, ` of ${title}`)),
      el(
        'div',
        {class: 'scroll-x', tabIndex: 0, role: 'region', 'aria-label': `${title}: figures`},
        el(
          'table',
          {},
          el('caption', {class: 'visually-hidden'}, `${title}, newest first`),
          el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'Time'), ...lines.map((line) => el('th', {scope: 'col', class: 'number'}, line.label)))),
          this.#body)));
    this.element = el(
      'section',
      {class: 'panel chart'},
      el('header', {class: 'panel-head'}, el('h3', {}, title), note ? el('p', {class: 'note'}, note) : null, this.#legend),
      this.#canvas,
      this.#table);
    this.#resizes.observe(this.#canvas);
    this.#forgetTheme = onThemeChange(() => this.#restyle());
  }

  /**
   * @param {Array<Array<number|null>>} columns epoch seconds, ascending, then one column for each line
   */
  show(columns) {
    this.#columns = columns;
    this.#painter.request();
  }

  /** Gives canvas and listeners back. */
  close() {
    this.#painter.cancel();
    this.#resizes.disconnect();
    this.#forgetTheme();
    this.#plot?.destroy();
    this.#plot = null;
  }

  #paint() {
    const last = this.#columns[0].length - 1;
    const spoken = this.#lines.map((line, index) => {
      const text = this.#format(last < 0 ? null : this.#columns[index + 1][last]);
      setText(this.#latest[index], text);
      return `${line.label} ${text}`;
    });
    this.#canvas.setAttribute('aria-label', `${this.#title}: ${last < 0 ? 'no figures yet' : spoken.join(', ')}`);
    if (this.#plot === null) {
      this.#plot = this.#draw();
    } else {
      this.#plot.setData(this.#columns);
    }
    this.#fillTable();
  }

  #draw() {
    const axis = {stroke: color('--muted'), grid: {stroke: color('--grid'), width: 1}, ticks: {show: false}, font: '11px system-ui'};
    return new uPlot(
      {
        width: Math.max(120, this.#canvas.clientWidth),
        height: HEIGHT,
        padding: [8, 8, 0, 0],
        legend: {show: false},
        cursor: {drag: {x: false, y: false}, points: {size: 6}},
        scales: {y: {range: (/** @type {any} */ _plot, /** @type {number} */ _min, /** @type {number} */ max) => [0, max > 0 ? max * 1.08 : 1]}},
        axes: [
          {...axis, space: 60, size: 26, values: (/** @type {any} */ _plot, /** @type {number[]} */ ticks) => ticks.map((second) => clock(second * 1_000).slice(0, 5))},
          {...axis, size: 58, values: (/** @type {any} */ _plot, /** @type {number[]} */ ticks) => ticks.map((tick) => this.#format(tick))},
        ],
        series: [
          {},
          ...this.#lines.map((line) => ({
            label: line.label,
            stroke: color(line.token),
            width: 1.5,
            dash: line.dash,
            fill: line.fill ? color(`${line.token}-soft`) : undefined,
            points: {show: false},
            ...(line.spanGaps ? {gaps: longGaps} : {}),
          })),
        ],
      },
      this.#columns,
      this.#canvas);
  }

  #fit() {
    const width = this.#canvas.clientWidth;
    if (this.#plot !== null && width > 0 && width !== this.#plot.width) {
      this.#plot.setSize({width, height: HEIGHT});
    }
  }

  #restyle() {
    if (this.#plot !== null) {
      this.#plot.destroy();
      this.#plot = this.#draw();
    }
  }

  #fillTable() {
    if (!this.#table.open) {
      return;
    }
    const [seconds, ...columns] = this.#columns;
    const rows = [];
    for (let index = seconds.length - 1; index >= Math.max(0, seconds.length - TABLE_ROWS); index--) {
      rows.push([clock(Number(seconds[index]) * 1_000), ...columns.map((column) => this.#format(column[index]))]);
    }
    this.#rows.show(rows);
  }
}

/**
 * A row of the table: its time and a figure for each line.
 *
 * @param {number} lines
 */
function figureRow(lines) {
  const cells = [el('th', {scope: 'row'}), ...Array.from({length: lines}, () => el('td', {class: 'number'}))];
  return {
    element: el('tr', {}, ...cells),
    /** @param {string[]} texts */
    show(texts) {
      texts.forEach((text, index) => setText(cells[index], text));
    },
  };
}
