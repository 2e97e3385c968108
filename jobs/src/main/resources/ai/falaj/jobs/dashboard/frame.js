import {el, setText} from './lib/dom.js';
import {count, duration} from './lib/format.js';
import {link} from './lib/router.js';
import {choice as themeChoice, choose as chooseTheme} from './lib/theme.js';
import {VIEWS} from './views/index.js';

const SVG = 'http://www.w3.org/2000/svg';
const LOST_SHOWN_MS = 10_000;

/** What stands around every view: name, views, connection, theme, and what is wrong. */
export class Frame {
  #links;
  #main = el('main', {id: 'content', tabIndex: -1});
  #pulse = el('button', {type: 'button', class: 'link pulse', dataset: {state: 'off'}}, 'connecting');
  #running = el('span', {class: 'note figure'});
  #problem = el('p', {class: 'banner', role: 'status', hidden: true});
  #server = el('p', {class: 'banner', role: 'status', hidden: true});
  #lost = el('p', {class: 'banner', role: 'status', hidden: true});
  #lostTimer = 0;

  /**
   * @param {object} options
   * @param {import('./views/view.js').Session} options.session
   * @param {() => void} options.onRetry
   * @param {() => void} options.onLogout
   */
  constructor({session, onRetry, onLogout}) {
    this.#pulse.addEventListener('click', onRetry);
    this.#pulse.title = 'Connect anew';
    this.#links = VIEWS.map((view) => ({name: view.name, element: el('a', {href: link(view.name)}, view.title)}));
    const theme = el(
      'select',
      {'aria-label': 'Colours', on: {change: () => chooseTheme(theme.value)}},
      ...[['system', 'System'], ['light', 'Light'], ['dark', 'Dark']].map(([value, label]) => el('option', {value}, label)));
    theme.value = themeChoice();
    this.element = el(
      'div',
      {},
      el(
        'header',
        {class: 'bar'},
        el('h1', {class: 'brand'}, mark(), 'Falaj'),
        this.#running,
        el(
          'div',
          {class: 'bar-end'},
          this.#pulse,
          theme,
          session.tokenNeeded ? el('button', {type: 'button', on: {click: onLogout}}, 'Log out') : null)),
      el(
        'div',
        {class: 'shell'},
        el('nav', {class: 'views', 'aria-label': 'Views'}, el('ul', {}, ...this.#links.map(({element}) => el('li', {}, element)))),
        el('div', {class: 'column'}, this.#server, this.#problem, this.#lost, this.#main)));
  }

  /**
   * @param {string} name of the view
   * @param {HTMLElement} element
   * @param {boolean} focus
   */
  show(name, element, focus) {
    for (const one of this.#links) {
      if (one.name === name) {
        one.element.setAttribute('aria-current', 'page');
        one.element.scrollIntoView({block: 'nearest', inline: 'nearest'});
      } else {
        one.element.removeAttribute('aria-current');
      }
    }
    this.#main.replaceChildren(element);
    this.problem('');
    if (focus) {
      scrollTo(0, 0);
      /** @type {HTMLElement|null} */ (element.querySelector('h2'))?.focus();
    }
  }

  /**
   * @param {import('./lib/feed.js').FeedState} state
   * @param {number} retryInMs
   */
  feedIs(state, retryInMs) {
    const texts = {
      CONNECTING: 'connecting',
      LIVE: 'live',
      RETRYING: `no connection, again in ${duration(retryInMs)}`,
      PAUSED: 'paused',
      CLOSED: 'closed',
    };
    this.#pulse.dataset.state = state === 'LIVE' ? 'live' : state === 'RETRYING' ? 'trouble' : 'off';
    setText(this.#pulse, texts[state]);
  }

  /** @param {{feed?: string, feedProblem?: string}} report how the server itself is fed */
  serverFeed({feed, feedProblem}) {
    const text = feed === 'catching-up'
      ? 'The server is reading the history; figures grow until it is done.'
      : feed === 'waiting' ? `The server has no news: ${feedProblem ?? 'the topics do not answer'}.` : '';
    this.#server.hidden = text === '';
    setText(this.#server, text);
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  heard(name, data) {
    if (name === 'overview') {
      setText(this.#running, `${count(data.states.decoding)} running, ${count(data.states.queued)} waiting`);
    }
  }

  /** @param {{chunks?: number, completions?: number, deadLetters?: number}} left what this page was too slow for */
  lost({chunks = 0, completions = 0, deadLetters = 0}) {
    setText(this.#lost, `This page was too slow: ${count(chunks)} pieces of text, ${count(completions)} completions and ${count(deadLetters)} dead letters were fetched anew.`);
    this.#lost.hidden = false;
    clearTimeout(this.#lostTimer);
    this.#lostTimer = window.setTimeout(() => (this.#lost.hidden = true), LOST_SHOWN_MS);
  }

  /** @param {string} text '' where there is none */
  problem(text) {
    this.#problem.hidden = text === '';
    setText(this.#problem, text);
  }
}

/** Water in a channel. */
function mark() {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 32 32');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'mark');
  for (const y of [11, 17, 23]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', `M6 ${y}c4-4 7 4 11 0s6 0 9-1`);
    svg.append(path);
  }
  return svg;
}
