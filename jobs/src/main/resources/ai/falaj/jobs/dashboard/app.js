import {announce} from './lib/announce.js';
import {ApiError, get, post} from './lib/api.js';
import {Backoff} from './lib/backoff.js';
import {el, replaceChildren} from './lib/dom.js';
import {Feed} from './lib/feed.js';
import {parse} from './lib/router.js';
import {EventGate} from './state/event-gate.js';
import {Frame} from './frame.js';
import {Login} from './views/login.js';
import {DEFAULT_VIEW, VIEWS} from './views/index.js';

/** @typedef {import('./views/view.js').View} View */

/**
 * The page: who is asked for a token, which view is shown, and what of the feed reaches it.
 *
 * One view lives at a time. It is made for an address, closed for the next one, and hears of events only while it
 * lives; while it fetches, they wait ({@link EventGate}).
 */
export class App {
  #root;
  #backoff = new Backoff();
  /** @type {any} */
  #session = null;
  /** @type {Frame|null} */
  #frame = null;
  /** @type {Feed|null} */
  #feed = null;
  /** @type {View|null} */
  #view = null;
  /** @type {EventGate|null} */
  #gate = null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    addEventListener('hashchange', () => this.#navigate(true));
    // As a plain link it would leave the view, whose address is the hash.
    document.querySelector('.skip')?.addEventListener('click', (event) => {
      event.preventDefault();
      document.getElementById('content')?.focus();
    });
  }

  /** Asks the server who it is; again and again while it does not answer. */
  async start() {
    try {
      this.#session = await get('/api/session');
    } catch {
      replaceChildren(this.#root, el('main', {class: 'login panel'}, el('h1', {}, 'Falaj'), el('p', {role: 'status'}, 'The server does not answer. Trying again …')));
      setTimeout(() => this.start(), this.#backoff.nextMs());
      return;
    }
    this.#backoff.reset();
    if (this.#session.tokenNeeded && !this.#session.authenticated) {
      this.#login();
    } else {
      this.#open();
    }
  }

  #login() {
    this.#close();
    replaceChildren(this.#root, new Login(() => this.start()).element);
  }

  #open() {
    this.#close();
    this.#frame = new Frame({
      session: this.#session,
      onRetry: () => this.#feed?.retryNow(),
      onLogout: () => post('/api/logout', {}).finally(() => this.start()),
    });
    replaceChildren(this.#root, this.#frame.element);
    this.#feed = new Feed({
      onEvent: (name, data) => this.#event(name, data),
      onState: (state, retryInMs) => this.#feedIs(state, retryInMs),
    });
    if (this.#session.feed) {
      this.#frame.serverFeed(this.#session);
    }
    this.#navigate(false);
  }

  #close() {
    this.#view?.close();
    this.#feed?.close();
    this.#view = null;
    this.#feed = null;
    this.#frame = null;
  }

  /** @param {boolean} byPerson whether the focus follows, as it would to a new page */
  #navigate(byPerson) {
    if (this.#frame === null) {
      return;
    }
    const {view: name, argument} = parse(location.hash);
    const entry = VIEWS.find((one) => one.name === name) ?? DEFAULT_VIEW;
    this.#view?.close();
    const view = entry.make(
      {session: this.#session, follow: (request) => this.#feed?.subscribe(view.events, request), reload: () => this.#reload(view)},
      argument);
    this.#view = view;
    this.#gate = new EventGate((event, data) => view.event(event, data));
    document.title = `${entry.title} · Falaj`;
    this.#frame.show(entry.name, view.element, byPerson);
    this.#feed?.subscribe(view.events, view.request ?? null); // its hello makes the view fetch
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  #event(name, data) {
    if (name === 'hello') {
      if (this.#view !== null) {
        this.#reload(this.#view);
      }
    } else if (name === 'lost') {
      this.#frame?.lost(data);
      if (this.#view !== null) {
        this.#reload(this.#view);
      }
    } else if (name === 'feed') {
      this.#frame?.serverFeed(data);
    } else {
      this.#frame?.heard(name, data);
      this.#gate?.event(name, data);
    }
  }

  /** @param {View} view */
  async #reload(view) {
    const gate = this.#gate;
    if (view !== this.#view || gate === null) {
      return;
    }
    try {
      await gate.during(() => view.refresh());
      if (view === this.#view) {
        this.#frame?.problem('');
      }
    } catch (problem) {
      if (view !== this.#view) {
        return;
      }
      if (problem instanceof ApiError && problem.status === 401) {
        this.start();
      } else if (problem instanceof ApiError) {
        this.#frame?.problem(`Not up to date: ${problem.message}.`);
      } else {
        throw problem;
      }
    }
  }

  /**
   * @param {import('./lib/feed.js').FeedState} state
   * @param {number} retryInMs
   */
  #feedIs(state, retryInMs) {
    this.#frame?.feedIs(state, retryInMs);
    if (state === 'RETRYING') {
      announce('The connection is lost. Trying again.');
      this.#whetherLoggedOut();
    } else if (state === 'LIVE') {
      this.#frame?.problem('');
    }
  }

  /** A stream does not tell why it was refused: a cookie that is void looks like a server that is gone. */
  async #whetherLoggedOut() {
    try {
      const session = await get('/api/session');
      if (session.tokenNeeded && !session.authenticated) {
        this.#login();
      }
    } catch (problem) {
      if (!(problem instanceof ApiError)) {
        throw problem;
      }
      // It does not answer at all: the feed tries on.
    }
  }
}
