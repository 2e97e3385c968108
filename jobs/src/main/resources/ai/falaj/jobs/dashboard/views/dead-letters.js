import {ApiError, get, post} from '../lib/api.js';
import {announce} from '../lib/announce.js';
import {el, foreign, setText} from '../lib/dom.js';
import {count, dateTime, words} from '../lib/format.js';
import {perInterval} from '../lib/frames.js';
import {beginning} from '../lib/long-text.js';
import {link} from '../lib/router.js';
import {badge, empty, replaceKeepingFocus, scrolling, table} from '../lib/widgets.js';

const LIMIT = 200;
const REPAINT_MS = 500;
const MESSAGE_CHARACTERS = 400;

/** Why a retry was not made, for people. @type {Record<string, string>} */
const REFUSALS = {
  already_retried: 'It was sent already.',
  undecided: 'Not decided yet: the job has not made its next checkpoint. Ask again in a moment.',
  exhausted: 'It was sent as often as it may be.',
  gone: 'The topic does not hold it any more.',
  read_only: 'This server is read-only.',
};

/** Records that could not be answered, why, and the button that sends one again. */
export class DeadLetters {
  events = ['deadLetter'];
  /** @type {Map<string, any>} newest first */
  #letters = new Map();
  /** @type {Record<string, number>} */
  #byCode = {};
  #code;
  /** Answers to retries of this page, by letter. @type {Map<string, {text: string, bad: boolean}>} */
  #outcomes = new Map();
  #more = false;
  #mayRetry;
  #summary = el('p', {class: 'note'});
  #codes = el('ul', {class: 'filters', 'aria-label': 'Codes'});
  #list = el('div');
  #painter = perInterval(() => this.#paint(), REPAINT_MS);

  /**
   * @param {import('./view.js').Context} context
   * @param {string|null} code
   */
  constructor({session}, code) {
    this.#code = code;
    this.#mayRetry = session.retry === true;
    this.element = el(
      'div',
      {class: 'view'},
      el('header', {class: 'view-head'}, el('h2', {tabIndex: -1}, 'Dead letters'), this.#summary),
      this.#codes,
      this.#list);
  }

  async refresh() {
    const answer = await get('/api/dead-letters', {limit: LIMIT, code: this.#code});
    this.#letters = new Map(answer.deadLetters.map((/** @type {any} */ letter) => [letter.id, letter]));
    this.#byCode = answer.byCode;
    this.#more = answer.more;
    this.#painter.request();
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  event(name, data) {
    if (name !== 'deadLetter') {
      return;
    }
    const added = [];
    for (const letter of data.deadLetters) {
      if (!this.#letters.has(letter.id)) {
        this.#byCode[letter.errorCode] = (this.#byCode[letter.errorCode] ?? 0) + 1;
      }
      if (this.#code === null || letter.errorCode === this.#code) {
        this.#letters.delete(letter.id);
        added.unshift(letter);
      }
    }
    const all = [...added.map((letter) => [letter.id, letter]), ...this.#letters];
    this.#more ||= all.length > LIMIT;
    this.#letters = new Map(/** @type {Array<[string, any]>} */ (all.slice(0, LIMIT)));
    this.#painter.request();
  }

  close() {
    this.#painter.cancel();
  }

  /** @param {any} letter */
  async #retry(letter) {
    this.#outcomes.set(letter.id, {text: 'Sending …', bad: false});
    this.#paint();
    try {
      await post(`/api/dead-letters/${encodeURIComponent(letter.id)}/retry`, {});
      letter.state = 'RETRIED';
      this.#outcomes.set(letter.id, {text: 'Sent again.', bad: false});
    } catch (problem) {
      const error = problem instanceof ApiError ? problem : new ApiError(0, 'page', String(problem));
      if (error.code === 'already_retried') {
        letter.state = 'RETRIED';
      }
      this.#outcomes.set(letter.id, {text: REFUSALS[error.code] ?? error.message, bad: true});
    }
    announce(this.#outcomes.get(letter.id)?.text ?? '');
    this.#paint();
  }

  #paint() {
    const total = Object.values(this.#byCode).reduce((sum, one) => sum + one, 0);
    setText(this.#summary, this.#more ? `The newest ${count(this.#letters.size)} of ${count(total)}` : count(this.#letters.size));
    this.#paintCodes(total);
    if (this.#letters.size === 0) {
      replaceKeepingFocus(this.#list, empty(this.#code === null ? 'None: every record was answered.' : 'None of this kind.'));
      return;
    }
    const body = el('tbody', {}, ...[...this.#letters.values()].map((letter) => this.#row(letter)));
    replaceKeepingFocus(
      this.#list,
      el('div', {class: 'panel'}, scrolling('Dead letters', table('Dead letters, newest first', ['Failed', 'Code', 'Request', 'Message', 'Record', ['Attempts', 'number'], 'Retry'], body))));
  }

  /** @param {number} total */
  #paintCodes(total) {
    const entries = /** @type {Array<[string|null, number]>} */ ([[null, total], ...Object.entries(this.#byCode).sort((a, b) => b[1] - a[1])]);
    replaceKeepingFocus(
      this.#codes,
      ...entries.map(([code, number]) =>
        el(
          'li',
          {},
          el(
            'a',
            {class: 'badge', href: link('dead-letters', code), 'aria-current': code === this.#code ? 'true' : null, dataset: {key: `code ${code}`}},
            `${code === null ? 'all' : words(code)} ${count(number)}`))));
  }

  /** @param {any} letter */
  #row(letter) {
    const outcome = this.#outcomes.get(letter.id);
    const retried = letter.state === 'RETRIED';
    const name = letter.requestId ?? letter.source;
    return el(
      'tr',
      {},
      el('td', {class: 'time'}, dateTime(letter.failedAt)),
      el('td', {}, badge(words(letter.errorCode), 'bad')),
      el('th', {scope: 'row'}, letter.requestId ? el('a', {href: link('requests', letter.requestId), class: 'mono', dir: 'auto'}, letter.requestId) : '–'),
      el('td', {}, foreign('span', beginning(letter.message, MESSAGE_CHARACTERS))),
      el('td', {}, el('span', {class: 'mono'}, letter.source)),
      el('td', {class: 'number'}, letter.retries > 0 ? `${count(letter.attempts)}, ${count(letter.retries)} retries` : count(letter.attempts)),
      el(
        'td',
        {},
        retried
          ? el('span', {class: 'note', tabIndex: -1, dataset: {key: letter.id}}, 'retried')
          : el(
            'button',
            {
              type: 'button',
              disabled: !this.#mayRetry || outcome?.text === 'Sending …',
              title: this.#mayRetry ? null : REFUSALS.read_only,
              'aria-label': `Retry ${name}`,
              dataset: {key: letter.id},
              on: {click: () => this.#retry(letter)},
            },
            'Retry'),
        outcome ? el('span', {class: outcome.bad ? 'note problem' : 'note'}, ` ${outcome.text}`) : null));
  }
}
