import {get} from '../lib/api.js';
import {el, setText} from '../lib/dom.js';
import {clock, count, duration, words} from '../lib/format.js';
import {perInterval} from '../lib/frames.js';
import {whileVisible} from '../lib/poll.js';
import {link} from '../lib/router.js';
import {choice, field, outcome, RowPool} from '../lib/widgets.js';
import {LiveList} from '../state/live-list.js';

/** @typedef {import('./view.js').RequestRow} RequestRow */

const LIMIT = 200;
const REPAINT_MS = 400;
const TYPING_MS = 250;
const POLL_MS = 5_000;
const COLUMNS = /** @type {Array<[string, string]>} */ ([
  ['Request', 'wide'],
  ['State', ''],
  ['Tenant', ''],
  ['Model', ''],
  ['Time', 'number'],
  ['First token', 'number'],
  ['Total', 'number'],
  ['Tokens', 'number'],
]);

/** The latest requests, found by a part of their id, conversation or tenant. */
export class Requests {
  events = ['completion', 'deadLetter'];
  /** @type {LiveList<RequestRow>} */
  #rows = new LiveList((row) => row.requestId, LIMIT);
  #query = '';
  #state = '';
  #typing = 0;
  #asked = 0;
  #endPolling;
  #summary = el('p', {class: 'note', role: 'status'});
  #problem = outcome();
  #body = el('tbody');
  #pool = new RowPool(this.#body, requestRow);
  #waiting = el('button', {type: 'button', hidden: true, on: {click: () => this.#showWaiting()}});
  #painter = perInterval(() => this.#paint(), REPAINT_MS);
  #frame = el(
    'div',
    {class: 'panel list', tabIndex: 0, role: 'region', 'aria-label': 'Requests', on: {scroll: () => this.#hold()}},
    el(
      'table',
      {},
      el('caption', {class: 'visually-hidden'}, 'Requests, newest first'),
      el('thead', {}, el('tr', {}, ...COLUMNS.map(([label, className]) => el('th', {scope: 'col', class: className}, label)))),
      this.#body));

  /** @param {import('./view.js').Context} context */
  constructor({reload}) {
    this.#endPolling = whileVisible(() => {
      if (!this.#isHeld()) {
        reload(); // states of those that run change without an event
      }
    }, POLL_MS);
    const search = el('input', {type: 'search', autocomplete: 'off', spellcheck: 'false', dir: 'auto', placeholder: 'Part of an id, conversation or tenant'});
    search.addEventListener('input', () => {
      this.#query = search.value.trim();
      clearTimeout(this.#typing);
      this.#typing = window.setTimeout(() => this.#search(), TYPING_MS);
    });
    const form = el(
      'form',
      {
        class: 'filters',
        role: 'search',
        on: {
          submit: (/** @type {Event} */ event) => {
            event.preventDefault();
            this.#openIfExact(search.value.trim());
          },
        },
      },
      field('Search', search, 'grow'),
      choice(
        'State',
        [['', 'All'], ['QUEUED', 'Queued'], ['DECODING', 'Decoding'], ['COMPLETED', 'Completed'], ['DEAD_LETTERED', 'Failed']],
        '',
        (state) => {
          this.#state = state;
          this.#search();
        }),
      this.#waiting);
    this.element = el(
      'div',
      {class: 'view'},
      el('header', {class: 'view-head'}, el('h2', {tabIndex: -1}, 'Requests'), this.#summary),
      form,
      this.#problem.element,
      this.#frame);
  }

  async refresh() {
    const asked = ++this.#asked;
    const answer = await get('/api/requests', {query: this.#query, state: this.#state, limit: LIMIT});
    if (asked === this.#asked) {
      this.#rows.reset(answer.requests);
      this.#problem.say('');
      setText(
        this.#summary,
        answer.requests.length === 0
          ? this.#query || this.#state ? 'Nothing matches.' : 'No request yet.'
          : answer.more ? `The newest ${count(answer.requests.length)}; ${count(answer.remembered)} are remembered` : `${count(answer.requests.length)} found`);
      this.#painter.request();
    }
  }

  /**
   * Rows that ended just now join the list by themselves, unless it is searched: then what matches is the server's to say.
   *
   * @param {string} name
   * @param {any} data
   */
  event(name, data) {
    if (this.#query !== '') {
      return;
    }
    const rows = name === 'completion' ? data.completions : name === 'deadLetter' ? data.deadLetters.flatMap(rowOfDeadLetter) : [];
    for (const row of rows) {
      if (this.#state === '' || this.#state === row.state) {
        this.#rows.put(row);
      } else {
        this.#rows.remove(row);
      }
    }
    if (rows.length > 0) {
      this.#painter.request();
    }
  }

  close() {
    clearTimeout(this.#typing);
    this.#endPolling();
    this.#painter.cancel();
  }

  #search() {
    this.#frame.scrollTop = 0;
    this.refresh().catch((problem) => this.#problem.say(problem.message, true));
  }

  /** @param {string} id */
  #openIfExact(id) {
    if (id !== '') {
      get('/api/request', {id}).then(
        () => (location.hash = link('requests', id)),
        () => this.#search());
    }
  }

  /** Whether someone has scrolled down and reads. */
  #isHeld() {
    return this.#frame.scrollTop > 4;
  }

  #hold() {
    this.#rows.hold(this.#isHeld());
    this.#painter.request();
  }

  #showWaiting() {
    this.#frame.scrollTop = 0;
    this.#hold();
    this.#frame.focus();
  }

  #paint() {
    this.#pool.show(this.#rows.rows);
    const waiting = this.#rows.waiting;
    this.#waiting.hidden = waiting === 0;
    setText(this.#waiting, `${waiting >= LIMIT ? `${LIMIT} or more` : count(waiting)} new: show`);
  }
}

/** @param {any} letter */
function rowOfDeadLetter(letter) {
  return letter.requestId === undefined
    ? []
    : [{requestId: letter.requestId, state: 'DEAD_LETTERED', errorCode: letter.errorCode, endedAt: letter.failedAt, attempts: letter.attempts}];
}

/** A row of the list that can be written over. */
function requestRow() {
  const id = el('a', {class: 'mono', dir: 'auto'});
  const state = el('span', {class: 'badge'});
  const tenant = el('bdi');
  const cells = [el('td'), el('td', {class: 'number'}), el('td', {class: 'number'}), el('td', {class: 'number'}), el('td', {class: 'number'})];
  const element = el('tr', {}, el('th', {scope: 'row'}, id), el('td', {}, state), el('td', {}, tenant), ...cells);
  /** @type {RequestRow|null} */
  let shown = null;
  return {
    element,
    /** @param {RequestRow} row */
    show(row) {
      if (row === shown) {
        return;
      }
      shown = row;
      if (id.textContent !== row.requestId) {
        id.textContent = row.requestId;
        id.title = row.requestId;
        id.href = link('requests', row.requestId);
      }
      const failed = row.state === 'DEAD_LETTERED';
      setText(state, failed ? words(row.errorCode) : row.finishReason && row.finishReason !== 'STOP' ? words(row.finishReason) : words(row.state));
      state.className = failed ? 'badge bad' : row.state === 'COMPLETED' && row.finishReason === 'STOP' ? 'badge good' : 'badge';
      setText(tenant, row.tenant || '–');
      const texts = [
        row.model ?? '–',
        clock(row.endedAt ?? row.createdAt),
        duration(row.timeToFirstTokenMs),
        duration(row.totalMs),
        count(row.completionTokens),
      ];
      texts.forEach((text, index) => setText(cells[index], text));
    },
  };
}
