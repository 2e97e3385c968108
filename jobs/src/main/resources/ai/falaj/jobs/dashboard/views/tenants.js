import {get} from '../lib/api.js';
import {el, name as isolated, replaceChildren, setText} from '../lib/dom.js';
import {clock, cost, count, dateTime, share, words} from '../lib/format.js';
import {whileVisible} from '../lib/poll.js';
import {empty, Meter, RowPool, scrolling, Spark, table} from '../lib/widgets.js';

const POLL_MS = 5_000;
const MINUTES = 60;

/** Who asked how much, and whose budget runs out. */
export class Tenants {
  events = ['alert'];
  #summary = el('p', {class: 'note'});
  #body = el('tbody');
  #pool = new RowPool(this.#body, tenantRow);
  #budgets = el('div');
  #budgetRows = /** @type {any[]} */ ([]);
  #none = empty('No tenant has asked anything yet.');
  #content;
  #endPolling;

  /** @param {import('./view.js').Context} context */
  constructor({reload}) {
    this.#content = el(
      'section',
      {class: 'panel', hidden: true},
      scrolling(
        'Tenants',
        table(
          'Tenants by requests',
          ['Tenant', ['Requests', 'number'], ['Running', 'number'], ['Failed', 'number'], ['Tokens read', 'number'], ['Cached', 'number'], ['Tokens written', 'number'], 'Last hour', ['Last seen', 'number']],
          this.#body)));
    this.element = el(
      'div',
      {class: 'view'},
      el('header', {class: 'view-head'}, el('h2', {tabIndex: -1}, 'Tenants'), this.#summary),
      this.#none,
      this.#content,
      el('section', {class: 'panel'}, el('header', {class: 'panel-head'}, el('h3', {}, 'Budgets'), el('p', {class: 'note'}, 'thresholds that were reached, newest first')), this.#budgets));
    this.#endPolling = whileVisible(reload, POLL_MS);
  }

  async refresh() {
    const answer = await get('/api/tenants');
    const tenants = [...answer.tenants].sort((a, b) => b.requests - a.requests || (a.tenant < b.tenant ? -1 : 1));
    this.#none.hidden = tenants.length > 0;
    this.#content.hidden = tenants.length === 0;
    setText(this.#summary, tenants.length === 0 ? '' : `${count(tenants.length)}, since the history begins`);
    this.#pool.show(tenants);
    this.#showBudgets(answer.budgets, answer.currencyScale);
  }

  /** @param {string} name */
  event(name) {
    if (name === 'alert') {
      this.refresh().catch(() => undefined); // the next poll fetches again
    }
  }

  close() {
    this.#endPolling();
  }

  /**
   * @param {any[]} budgets
   * @param {number} scale
   */
  #showBudgets(budgets, scale) {
    const rows = [...budgets].sort((a, b) => b.reachedAt - a.reachedAt || b.thresholdPercent - a.thresholdPercent);
    if (JSON.stringify(rows) === JSON.stringify(this.#budgetRows) && this.#budgets.firstChild !== null) {
      return;
    }
    this.#budgetRows = rows;
    if (rows.length === 0) {
      replaceChildren(this.#budgets, el('p', {class: 'note'}, 'None. Budgets are those of ', el('code', {}, 'falaj analytics'), '.'));
      return;
    }
    const amount = (/** @type {any} */ row, /** @type {number} */ value) => (row.resource === 'COST' ? cost((value / scale) * 1e9) : count(value));
    const body = el(
      'tbody',
      {},
      ...rows.map((row) => {
        const meter = new Meter();
        meter.show(row.used / row.budget, {warn: 0.5, bad: 1});
        return el(
          'tr',
          {},
          el('th', {scope: 'row'}, isolated(row.tenant)),
          el('td', {}, words(row.resource)),
          el('td', {class: 'number'}, `${row.thresholdPercent}%`),
          el('td', {class: 'number'}, amount(row, row.used)),
          el('td', {class: 'number'}, amount(row, row.budget)),
          el('td', {class: 'bar-cell'}, share(row.used / row.budget), meter.element),
          el('td', {class: 'number'}, dateTime(row.reachedAt)),
          el('td', {class: 'number'}, dateTime(row.periodEnd)));
      }));
    replaceChildren(
      this.#budgets,
      scrolling(
        'Budgets',
        table('Budget alerts, newest first', ['Tenant', 'Of', ['Threshold', 'number'], ['Used', 'number'], ['Budget', 'number'], 'Part', ['Reached', 'number'], ['Period ends', 'number']], body)));
  }
}

/** A row of the table that can be written over. */
function tenantRow() {
  const head = el('th', {scope: 'row'});
  const cells = Array.from({length: 6}, () => el('td', {class: 'number'}));
  const spark = new Spark();
  const sparkText = el('span', {class: 'visually-hidden'});
  const last = el('td', {class: 'number'});
  /** @type {string|null} */
  let shown = null;
  return {
    element: el('tr', {}, head, ...cells, el('td', {}, spark.element, sparkText), last),
    /** @param {any} row */
    show(row) {
      if (shown !== row.tenant) {
        shown = row.tenant;
        replaceChildren(head, isolated(row.tenant, '(no name)'));
      }
      [row.requests, row.running, row.deadLetters, row.promptTokens, row.cachedTokens, row.completionTokens].forEach((value, index) => setText(cells[index], count(value)));
      const minutes = filled(row.minutes ?? []);
      spark.show(minutes);
      setText(sparkText, `${count(minutes.reduce((sum, one) => sum + one, 0))} tokens in the last hour`);
      setText(last, clock(row.lastAt));
    },
  };
}

/**
 * Tokens of each of the last minutes, those without records included.
 *
 * @param {Array<{start: number, tokens: number}>} minutes oldest first
 */
function filled(minutes) {
  if (minutes.length === 0) {
    return [0];
  }
  const byStart = new Map(minutes.map((minute) => [minute.start, minute.tokens]));
  const last = minutes[minutes.length - 1].start;
  return Array.from({length: MINUTES}, (_, index) => byStart.get(last - (MINUTES - 1 - index) * 60_000) ?? 0);
}
