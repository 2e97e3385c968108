import {pathOf} from './api.js';
import {Backoff} from './backoff.js';

/**
 * CONNECTING: asked, nothing heard. LIVE: the server said hello. RETRYING: waiting for the next try. PAUSED: nobody
 * looks at the page. CLOSED: for good.
 *
 * @typedef {'CONNECTING'|'LIVE'|'RETRYING'|'PAUSED'|'CLOSED'} FeedState
 */

const EVENTS = ['hello', 'lost', 'feed', 'overview', 'running', 'chunks', 'completion', 'deadLetter', 'usage', 'labels', 'alert', 'workers', 'trace'];
const SILENCE_MS = 12_000;
const HIDDEN_GRACE_MS = 5_000;

/**
 * The stream of events, one connection at a time. It is opened anew with growing waits when it breaks or is silent
 * (`overview` comes each second), when other events are wanted, and when a page that was hidden is looked at again:
 * a hidden page has no connection, so it works for nobody and leaves the browser's few connections to others. Nothing
 * is replayed by the server: after each `hello` the reader fetches what it shows.
 */
export class Feed {
  #onEvent;
  #onState;
  #open;
  #backoff;
  /** @type {EventSource|null} */
  #source = null;
  #query = {events: '', request: /** @type {string|null} */ (null)};
  #retryTimer = 0;
  #silenceTimer = 0;
  #hiddenTimer = 0;
  /** @type {FeedState} */
  #state = 'PAUSED';
  #visibility = () => this.#visibilityChanged();

  /**
   * @param {object} options
   * @param {(name: string, data: any) => void} options.onEvent
   * @param {(state: FeedState, retryInMs: number) => void} options.onState
   * @param {(url: string) => EventSource} [options.open]
   * @param {Backoff} [options.backoff]
   */
  constructor({onEvent, onState, open = (url) => new EventSource(url), backoff = new Backoff()}) {
    this.#onEvent = onEvent;
    this.#onState = onState;
    this.#open = open;
    this.#backoff = backoff;
    document.addEventListener('visibilitychange', this.#visibility);
  }

  /**
   * Says what is wanted from now on; the connection is another one afterwards.
   *
   * @param {string[]} events
   * @param {string|null} [request] chunks and trace of this request only
   */
  subscribe(events, request = null) {
    this.#query = {events: [...new Set(['overview', 'feed', ...events])].join(','), request};
    this.#backoff.reset();
    if (document.hidden) {
      this.#disconnect();
      this.#become('PAUSED');
    } else {
      this.#connect();
    }
  }

  /** Tries at once, because a person asked. */
  retryNow() {
    this.#connect();
  }

  close() {
    this.#disconnect();
    clearTimeout(this.#hiddenTimer);
    document.removeEventListener('visibilitychange', this.#visibility);
    this.#become('CLOSED');
  }

  #connect() {
    this.#disconnect();
    this.#become('CONNECTING');
    const source = this.#open(pathOf('/api/events', this.#query));
    this.#source = source;
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => this.#heard(source, name, event));
    }
    source.onerror = () => this.#broken(source);
    this.#watchSilence(source);
  }

  /**
   * @param {EventSource} source
   * @param {string} name
   * @param {any} event
   */
  #heard(source, name, event) {
    if (source !== this.#source) {
      return;
    }
    this.#watchSilence(source);
    if (name === 'hello') {
      this.#backoff.reset();
      this.#become('LIVE');
    }
    this.#onEvent(name, JSON.parse(event.data));
  }

  /** @param {EventSource} source */
  #watchSilence(source) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = window.setTimeout(() => this.#broken(source), SILENCE_MS);
  }

  /** @param {EventSource} source */
  #broken(source) {
    if (source !== this.#source) {
      return;
    }
    this.#disconnect();
    const waitMs = this.#backoff.nextMs();
    this.#retryTimer = window.setTimeout(() => this.#connect(), waitMs);
    this.#become('RETRYING', waitMs);
  }

  #disconnect() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    this.#source?.close();
    this.#source = null;
  }

  #visibilityChanged() {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = window.setTimeout(() => {
        this.#disconnect();
        this.#become('PAUSED');
      }, HIDDEN_GRACE_MS);
    } else if (this.#state === 'PAUSED' && this.#query.events !== '') {
      this.#connect();
    }
  }

  /**
   * @param {FeedState} state
   * @param {number} [retryInMs]
   */
  #become(state, retryInMs = 0) {
    this.#state = state;
    this.#onState(state, retryInMs);
  }
}
