import {get} from '../lib/api.js';
import {el, setText} from '../lib/dom.js';
import {count, duration, rate, words} from '../lib/format.js';
import {perFrame} from '../lib/frames.js';
import {GrowingText} from '../lib/growing-text.js';
import {link} from '../lib/router.js';
import {badge, empty} from '../lib/widgets.js';
import {Generations} from '../state/generations.js';

/** @typedef {import('../state/generations.js').Generation} Generation */

const FETCHES_AT_ONCE = 4;

/**
 * Generations while they are written, token by token. Chunks are applied as they come and painted once per frame, and
 * only in cards that are in sight.
 */
export class Running {
  events = ['running', 'chunks'];
  #generations = new Generations();
  /** @type {Map<string, Card>} */
  #cards = new Map();
  #more = 0;
  #fetching = new Set();
  #summary = el('p', {class: 'note'});
  #none = empty('Nothing is being generated. What runs appears here by itself.');
  #list = el('div', {class: 'cards'});
  #painter = perFrame(() => this.#paint());
  #sight = new IntersectionObserver((entries) => this.#seen(entries), {rootMargin: '100px'});
  #hidden;

  /** @param {import('./view.js').Context} context */
  constructor({session}) {
    this.#hidden = !session.promptsVisible;
    this.element = el(
      'div',
      {class: 'view'},
      el('header', {class: 'view-head'}, el('h2', {tabIndex: -1}, 'Running'), this.#summary),
      this.#hidden ? el('p', {class: 'banner'}, 'Texts are hidden on this server: ', el('code', {}, '--show-prompts'), ' shows them.') : null,
      this.#none,
      this.#list);
  }

  /** What runs comes each second by itself; only texts that began before are fetched. */
  async refresh() {
    this.#generations.all.forEach((generation) => {
      generation.incomplete = generation.finished === null;
    });
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  event(name, data) {
    const now = performance.now();
    if (name === 'running') {
      this.#more = data.more + Math.max(0, data.running.length - 24);
      this.#generations.running(data.running, now);
    } else if (name === 'chunks') {
      this.#generations.chunks(data.chunks, now);
    } else {
      return;
    }
    this.#fetchMissing();
    this.#painter.request();
  }

  close() {
    this.#painter.cancel();
    this.#sight.disconnect();
  }

  #fetchMissing() {
    if (this.#hidden) {
      return;
    }
    for (const generation of this.#generations.all) {
      const id = generation.requestId;
      if (generation.incomplete && !this.#fetching.has(id) && this.#fetching.size < FETCHES_AT_ONCE) {
        this.#fetching.add(id);
        get('/api/request', {id})
          .then((trace) => this.#generations.fetched(id, trace.samples))
          .catch(() => this.#generations.fetched(id, [])) // forgotten meanwhile, or out of reach: show what comes
          .finally(() => {
            this.#fetching.delete(id);
            this.#painter.request();
          });
      }
    }
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #seen(entries) {
    for (const entry of entries) {
      const card = this.#cards.get(/** @type {HTMLElement} */ (entry.target).dataset.key ?? '');
      if (card !== undefined) {
        card.inSight = entry.isIntersecting;
      }
    }
    this.#painter.request();
  }

  #paint() {
    const generations = this.#generations.all;
    const keys = new Set(generations.map((generation) => generation.key));
    for (const [key, card] of this.#cards) {
      if (!keys.has(key)) {
        this.#sight.unobserve(card.element);
        card.element.remove();
        this.#cards.delete(key);
      }
    }
    for (const generation of generations) {
      let card = this.#cards.get(generation.key);
      if (card === undefined) {
        card = new Card(generation, this.#hidden);
        this.#cards.set(generation.key, card);
        this.#list.append(card.element);
        this.#sight.observe(card.element);
      }
      card.show(generation);
    }
    this.#none.hidden = generations.length > 0;
    const running = generations.filter((generation) => generation.endedAt === 0).length;
    setText(this.#summary, this.#more > 0 ? `${count(running)} shown, ${count(this.#more)} more` : `${count(running)} shown`);
  }
}

/** One generation. */
class Card {
  inSight = true;
  #version = 0;
  #state = badge('');
  #figures = el('span', {class: 'note figure'});
  #reasoning = new GrowingText();
  #answer = new GrowingText();
  #summary = el('summary', {}, 'Reasoning');
  #details = el('details', {class: 'reasoning', hidden: true}, this.#summary, el('div', {class: 'stream'}, this.#reasoning.element));

  /**
   * @param {Generation} generation
   * @param {boolean} hidden
   */
  constructor(generation, hidden) {
    const {requestId, sample, row} = generation;
    this.element = el(
      'article',
      {class: 'panel card', dataset: {key: generation.key}, 'aria-label': `Request ${requestId}`},
      el(
        'header',
        {},
        el('a', {href: link('requests', requestId), dir: 'auto'}, sample === 0 ? requestId : `${requestId} · sample ${sample + 1}`),
        this.#state,
        el('span', {class: 'note'}, row.tenant ? el('bdi', {}, row.tenant) : null, row.tenant && row.model ? ' · ' : '', row.model ?? ''),
        this.#figures),
      hidden ? el('div') : this.#details,
      el('div', {class: 'stream', tabIndex: 0, role: 'group', 'aria-label': 'Answer so far'}, this.#answer.element));
    this.#details.addEventListener('toggle', () => {
      this.#version = 0;
      this.show(generation);
    });
  }

  /** @param {Generation} generation */
  show(generation) {
    if (!this.inSight || this.#version === generation.version) {
      return;
    }
    this.#version = generation.version;
    const {row, texts, tokens, finished, endedAt} = generation;
    this.element.classList.toggle('ended', endedAt > 0);
    setText(this.#state, finished ? words(finished) : endedAt > 0 ? 'ended' : words(row.state));
    setText(this.#figures, figures(row, tokens));
    this.#details.hidden = texts.reasoning.length === 0;
    setText(this.#summary, row.reasoningTokens ? `Reasoning, ${count(row.reasoningTokens)} tokens` : 'Reasoning');
    if (this.#details.open) {
      this.#reasoning.show(texts.reasoning);
    }
    this.#answer.show(texts.answer);
  }
}

/**
 * @param {any} row
 * @param {number} tokens
 */
function figures(row, tokens) {
  const parts = [`${count(tokens)} tokens`];
  if (row.tokensPerSecond) {
    parts.push(`${rate(row.tokensPerSecond)}/s`);
  }
  if (row.firstTokenAt && row.createdAt) {
    parts.push(`first after ${duration(row.firstTokenAt - row.createdAt)}`);
  }
  if (row.attempt > 1) {
    parts.push(`attempt ${row.attempt}`);
  }
  return parts.join(' · ');
}
