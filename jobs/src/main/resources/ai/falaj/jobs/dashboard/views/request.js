import {ApiError, get, getText} from '../lib/api.js';
import {el, foreign, name as isolated, replaceChildren} from '../lib/dom.js';
import {count, dateTime, duration, words} from '../lib/format.js';
import {perInterval} from '../lib/frames.js';
import {longText} from '../lib/long-text.js';
import {link} from '../lib/router.js';
import {badge, empty, facts, replaceKeepingFocus, scrolling, table} from '../lib/widgets.js';
import {LiveSamples} from './live-samples.js';
import {provenanceFacts} from './provenance.js';
import {waterfall} from './waterfall.js';

const REPAINT_MS = 250;
const RETRY_MS = 1_500;

/**
 * All that is known of one request. While it runs, the server sends the trace when something of it changed, and chunks
 * extend the texts; when it has ended, the texts are fetched once more, whole.
 */
export class Request {
  events = ['chunks', 'completion', 'deadLetter'];
  request;
  /** @type {any} */
  #trace = null;
  #live = new LiveSamples();
  #retry = 0;
  #problem = empty('Looking for it …');
  #head = el('div', {class: 'trace'});
  #texts = el('div', {class: 'trace'});
  #rest = el('div', {class: 'trace'});
  #painter = perInterval(() => this.#paint(), REPAINT_MS);
  #reload;

  /**
   * @param {import('./view.js').Context} context
   * @param {string} id
   */
  constructor({reload}, id) {
    this.request = id;
    this.#reload = reload;
    this.element = el(
      'div',
      {class: 'view'},
      el('p', {}, el('a', {href: link('requests')}, 'All requests')),
      el('header', {class: 'view-head'}, el('h2', {tabIndex: -1}, 'Request ', el('bdi', {class: 'mono'}, id))),
      this.#problem,
      this.#head,
      this.#texts,
      this.#rest);
  }

  async refresh() {
    clearTimeout(this.#retry);
    try {
      this.#trace = await get('/api/request', {id: this.request});
      this.#problem.hidden = true;
    } catch (problem) {
      if (!(problem instanceof ApiError) || problem.status !== 404) {
        throw problem;
      }
      this.#problem.hidden = this.#trace !== null;
      replaceChildren(this.#problem, `${problem.message[0].toUpperCase()}${problem.message.slice(1)}.`);
      this.#retry = window.setTimeout(() => this.#reload(), RETRY_MS);
      return;
    }
    this.#live.fetched(this.#trace.samples ?? []);
    this.#showTexts();
    this.#painter.request();
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  event(name, data) {
    if (name === 'chunks') {
      this.#live.chunks(data.chunks.filter((/** @type {any} */ entry) => entry.requestId === this.request));
      if (this.#live.incomplete) {
        this.#reload();
      }
    } else if (name === 'trace' && data.request.requestId === this.request) {
      const known = this.#trace;
      this.#trace = {...data, prompt: known?.prompt ?? data.prompt, samples: known?.samples ?? []};
      this.#painter.request();
      if (known === null || (known.prompt === undefined && data.prompt !== undefined) || isRunning(known) !== isRunning(data)) {
        this.#reload(); // what comes with the event has no texts
      }
    } else if (name === 'completion' || name === 'deadLetter') {
      const rows = data.completions ?? data.deadLetters;
      if (rows.some((/** @type {any} */ row) => row.requestId === this.request)) {
        this.#reload();
      }
    }
  }

  close() {
    clearTimeout(this.#retry);
    this.#painter.cancel();
    this.#live.close();
  }

  /** Texts that still grow are painted as they grow; those that do not are shown from their beginning. */
  #showTexts() {
    const trace = this.#trace;
    replaceKeepingFocus(
      this.#texts,
      prompt(trace, this.request),
      ...(isRunning(trace) ? [this.#live.element] : (trace.samples ?? []).map((/** @type {any} */ sample) => ended(sample, trace, this.request))));
  }

  #paint() {
    const trace = this.#trace;
    if (trace === null) {
      return;
    }
    replaceKeepingFocus(this.#head, ...present([summary(trace), trace.deadLetter ? failure(trace.deadLetter) : null, waterfall(trace)]));
    replaceKeepingFocus(this.#rest, ...present([tools(trace), provenance(trace), record(trace)]));
  }
}

/** @param {any} trace */
function isRunning(trace) {
  return trace.request.state === 'QUEUED' || trace.request.state === 'DECODING';
}

/** @param {Array<Node|null>} nodes @returns {Node[]} */
function present(nodes) {
  return nodes.flatMap((node) => (node === null ? [] : [node]));
}

/** @param {any} trace */
function summary({request}) {
  const kind = request.state === 'COMPLETED' ? 'good' : request.state === 'DEAD_LETTERED' ? 'bad' : '';
  return el(
    'section',
    {class: 'panel'},
    facts([
      ['State', badge(request.errorCode ? words(request.errorCode) : words(request.state), kind)],
      ['Finish reason', request.finishReason ? words(request.finishReason) : null],
      ['Tenant', request.tenant ? isolated(request.tenant) : null],
      ['Conversation', request.conversationId ? isolated(request.conversationId) : null],
      ['Model', request.model],
      ['Created', dateTime(request.createdAt)],
      ['Queue', duration(request.queueMs)],
      ['First token', duration(request.timeToFirstTokenMs)],
      ['Total', duration(request.totalMs)],
      ['Prompt tokens', request.promptTokens === undefined ? null : `${count(request.promptTokens)}, ${count(request.cachedTokens)} cached`],
      ['Completion tokens', request.completionTokens === undefined ? null : `${count(request.completionTokens)}, ${count(request.reasoningTokens)} reasoning`],
      ['Attempts', count(request.attempts)],
      ['Samples', count(request.samples)],
    ]));
}

/** @param {any} letter */
function failure(letter) {
  return el(
    'section',
    {class: 'banner bad'},
    el('p', {}, el('strong', {}, words(letter.errorCode)), ' ', foreign('span', letter.message)),
    el('p', {}, el('a', {href: link('dead-letters', letter.errorCode)}, 'Dead letters of this kind')));
}

/**
 * @param {any} trace
 * @param {string} id
 */
function prompt(trace, id) {
  const messages = trace.prompt?.messages;
  if (!messages) {
    return el('section', {class: 'panel'}, el('h3', {}, 'Prompt'), el('p', {class: 'note'}, 'Not in memory: it was written before the history begins.'));
  }
  return el(
    'section',
    {class: 'panel'},
    el('header', {class: 'panel-head'}, el('h3', {}, 'Prompt')),
    ...messages.map((/** @type {any} */ message) =>
      el(
        'div',
        {class: 'turn'},
        el('p', {class: 'role'}, message.role),
        textOf(message.content, messages.length === 1 ? () => getText('/api/request/text', {id, channel: 'prompt'}) : undefined))));
}

/**
 * @param {any} sample
 * @param {any} trace
 * @param {string} id
 */
function ended(sample, trace, id) {
  const whole = (/** @type {string} */ channel) => () => getText('/api/request/text', {id, sample: sample.sample, channel});
  const several = (trace.samples ?? []).length > 1;
  return el(
    'section',
    {class: 'panel'},
    el(
      'header',
      {class: 'panel-head'},
      el('h3', {}, several ? `Sample ${sample.sample + 1}` : 'Answer'),
      el('p', {class: 'note'}, `${count(sample.tokens)} tokens${sample.finishReason ? `, ${words(sample.finishReason)}` : ''}`)),
    sample.reasoning?.characters
      ? el('details', {class: 'reasoning'}, el('summary', {dataset: {key: `reasoning-${sample.sample}`}}, `Reasoning, ${count(sample.reasoning.characters)} characters`), textOf(sample.reasoning, whole('reasoning')))
      : null,
    textOf(sample.answer, whole('answer')));
}

/**
 * @param {any} text as the API has it: text, characters, cut
 * @param {(() => Promise<string>)} [fetchWhole]
 */
function textOf(text, fetchWhole) {
  if (text === undefined) {
    return el('p', {class: 'note'}, 'No text.');
  }
  if (text.text === undefined) {
    return el('p', {class: 'note'}, `${count(text.characters)} characters, hidden on this server.`);
  }
  return longText(text.text, {wholeLength: text.cut ? text.characters : text.text.length, fetchWhole: text.cut ? fetchWhole : undefined});
}

/** @param {any} trace */
function tools(trace) {
  const calls = trace.completion?.toolCalls ?? [];
  if (calls.length === 0) {
    return null;
  }
  const body = el(
    'tbody',
    {},
    ...calls.map((/** @type {any} */ call) =>
      el('tr', {}, el('td', {class: 'number'}, count(call.round)), el('th', {scope: 'row'}, isolated(call.name)), el('td', {}, words(call.outcome)), el('td', {}, foreign('code', call.arguments?.text ?? '–')))));
  return el('section', {class: 'panel'}, el('h3', {}, 'Tools'), scrolling('Tools', table('Tool calls', [['Round', 'number'], 'Tool', 'Outcome', 'Arguments'], body)));
}

/** @param {any} trace */
function provenance(trace) {
  const made = trace.completion?.provenance;
  return made
    ? el('section', {class: 'panel'}, el('header', {class: 'panel-head'}, el('h3', {}, 'Made by'), el('a', {href: link('model')}, 'Model')), provenanceFacts(made))
    : null;
}

/** @param {any} trace */
function record({prompt: asked, completion}) {
  const metadata = Object.entries(asked?.metadata ?? {}).map(([key, value]) => (value.text === undefined ? key : `${key}: ${value.text}`)).join(', ');
  const entries = /** @type {Array<[string, any]>} */ ([
    ['Prompt record', asked?.topic ? `${asked.topic}-${asked.partition}@${asked.offset}` : null],
    ['Written', asked?.writtenAt ? dateTime(asked.writtenAt) : null],
    ['Priority', asked?.priority],
    ['Deadline', asked?.deadline ? dateTime(asked.deadline) : null],
    ['Trace context', asked?.traceparent],
    ['Metadata', metadata === '' ? null : foreign('span', metadata)],
    ['Completion record', completion?.topic ? `${completion.topic}-${completion.partition}@${completion.offset}` : null],
    ['Seen here', completion?.seenAt ? dateTime(completion.seenAt) : null],
  ]);
  return entries.some(([, value]) => value !== null && value !== undefined)
    ? el('section', {class: 'panel'}, el('header', {class: 'panel-head'}, el('h3', {}, 'Records')), facts(entries))
    : null;
}
