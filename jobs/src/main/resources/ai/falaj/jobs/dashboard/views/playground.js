import {announce} from '../lib/announce.js';
import {ApiError, get, post} from '../lib/api.js';
import {el, foreign, replaceChildren} from '../lib/dom.js';
import {count, duration, words} from '../lib/format.js';
import {link} from '../lib/router.js';
import {choice, empty, field, outcome} from '../lib/widgets.js';
import {bodyOf, EMPTY_DRAFT} from '../state/prompt-form.js';
import {LiveSamples} from './live-samples.js';

const LOOK_AGAIN_MS = 700;

/** What was typed stays for as long as the page is open; it is never stored, as prompts may be secret. */
const draft = {...EMPTY_DRAFT};

/** Writes a prompt to the topic and shows the answer as it comes back on the others. */
export class Playground {
  /** @type {string|null} */
  request = null;
  #context;
  /** @type {'IDLE'|'SENDING'|'RUNNING'|'ENDED'} */
  #state = 'IDLE';
  #sentMs = 0;
  #lookAgain = 0;
  #live = new LiveSamples();
  #status = outcome();
  #facts = el('p', {class: 'note figure'});
  #send = el('button', {type: 'submit', class: 'primary'}, 'Send');
  #cancel = el('button', {type: 'button', disabled: true, on: {click: () => this.#cancelRequest()}}, 'Cancel');
  #answer = el('div', {class: 'answer', role: 'region', 'aria-label': 'Answer'});
  #schema = el('textarea', {rows: 8, class: 'mono', spellcheck: 'false', dir: 'ltr', value: draft.schema});
  #controls = /** @type {Record<string, HTMLInputElement|HTMLTextAreaElement>} */ ({});

  /** @param {import('./view.js').Context} context */
  constructor(context) {
    this.#context = context;
    const head = el('header', {class: 'view-head'}, el('h2', {tabIndex: -1}, 'Playground'), el('p', {class: 'note'}, 'The prompt goes to the topic like any other, and its answer can be seen by whoever sees this page.'));
    this.element = el(
      'div',
      {class: 'view'},
      head,
      context.session.playground
        ? el('div', {class: 'playground'}, this.#form(), el('section', {class: 'panel'}, el('header', {class: 'panel-head'}, el('h3', {}, 'Answer'), this.#facts), this.#status.element, this.#answer))
        : empty(context.session.readOnly ? 'This server is read-only.' : 'Texts are hidden on this server: ', context.session.readOnly ? '' : el('code', {}, '--show-prompts'), context.session.readOnly ? '' : ' allows prompts from the page.'));
    replaceChildren(this.#answer, el('p', {class: 'note'}, 'Nothing sent yet.'));
  }

  /** Nothing until there is a request: the chunks of all others are no business of this view. */
  get events() {
    return this.request === null ? [] : ['chunks', 'completion', 'deadLetter'];
  }

  async refresh() {
    if (this.request !== null && this.#state !== 'SENDING') {
      await this.#look(this.request);
    }
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  event(name, data) {
    if (this.request === null) {
      return;
    }
    if (name === 'chunks') {
      const entries = data.chunks.filter((/** @type {any} */ entry) => entry.requestId === this.request);
      this.#live.chunks(entries);
      if (entries.length > 0 && this.#facts.textContent === '') {
        this.#facts.textContent = `first text after ${duration(performance.now() - this.#sentMs)}`;
        this.#status.say('Writing …');
      }
      if (this.#live.incomplete) {
        this.#context.reload();
      }
    } else if (name === 'completion' && data.completions.some((/** @type {any} */ row) => row.requestId === this.request)) {
      this.#context.reload();
    } else if (name === 'deadLetter') {
      const letter = data.deadLetters.find((/** @type {any} */ one) => one.requestId === this.request);
      if (letter !== undefined) {
        this.#failed(letter);
      }
    }
  }

  close() {
    clearTimeout(this.#lookAgain);
    this.#live.close();
  }

  #form() {
    const control = (/** @type {keyof typeof draft} */ name, /** @type {string} */ tag, /** @type {object} */ attributes) => {
      const element = el(tag, {...attributes, name, value: draft[name]});
      element.addEventListener('input', () => Reflect.set(draft, name, element.value));
      this.#controls[name] = element;
      return element;
    };
    const number = (/** @type {keyof typeof draft} */ name, /** @type {string} */ label, /** @type {object} */ attributes = {}) =>
      field(label, control(name, 'input', {type: 'number', inputmode: 'decimal', step: 'any', placeholder: 'default', ...attributes}));
    this.#controls.schema = this.#schema;
    this.#schema.addEventListener('input', () => (draft.schema = this.#schema.value));
    const schemaField = field('JSON schema of the answer', this.#schema);
    schemaField.hidden = draft.format !== 'json_schema';
    const stream = el('input', {type: 'checkbox', checked: draft.stream, on: {change: () => (draft.stream = stream.checked)}});
    const prompt = control('prompt', 'textarea', {rows: 5, required: true, dir: 'auto'});
    return el(
      'form',
      {
        class: 'panel',
        novalidate: true,
        on: {
          submit: (/** @type {Event} */ event) => {
            event.preventDefault();
            this.#submit();
          },
          keydown: (/** @type {KeyboardEvent} */ event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              this.#submit();
            }
          },
        },
      },
      field('Prompt', prompt),
      field('System prompt', control('system', 'textarea', {rows: 2, dir: 'auto'})),
      el(
        'div',
        {class: 'parameters'},
        number('max_tokens', 'Most tokens', {step: 1, min: 1}),
        number('temperature', 'Temperature', {min: 0, max: 2}),
        number('top_p', 'Top p', {min: 0, max: 1}),
        number('top_k', 'Top k', {step: 1, min: 0}),
        number('seed', 'Seed', {step: 1, min: 0}),
        number('n', 'Samples', {step: 1, min: 1, max: 16}),
        number('reasoning_budget', 'Reasoning budget', {step: 1, min: 0}),
        field('Tenant', control('tenant', 'input', {autocomplete: 'off', dir: 'auto', placeholder: 'none'})),
        field('Model', control('model', 'input', {autocomplete: 'off', placeholder: 'the job\'s'}))),
      field('Stop texts, one a line', control('stop', 'textarea', {rows: 1, dir: 'auto'})),
      el(
        'div',
        {class: 'actions'},
        choice('Format of the answer', [['text', 'Text'], ['json_object', 'JSON'], ['json_schema', 'JSON schema']], draft.format, (format) => {
          draft.format = /** @type {typeof draft.format} */ (format);
          schemaField.hidden = format !== 'json_schema';
        }),
        el('label', {}, stream, ' stream')),
      schemaField,
      el('div', {class: 'actions'}, this.#send, this.#cancel, el('span', {class: 'note'}, 'Ctrl+Enter sends')));
  }

  async #submit() {
    if (this.#state === 'SENDING' || this.#state === 'RUNNING') {
      return;
    }
    const {body, problem, field: where} = bodyOf(draft);
    if (body === undefined) {
      this.#status.say(problem ?? '', true);
      this.#controls[where ?? 'prompt']?.focus();
      return;
    }
    this.#live.clear();
    this.#facts.textContent = '';
    replaceChildren(this.#answer, this.#live.element);
    this.#become('SENDING');
    this.#sentMs = performance.now();
    try {
      const {requestId} = await post('/api/prompts', body);
      this.request = requestId;
      this.#become('RUNNING');
      this.#context.follow(requestId);
      this.#status.say('Sent. Waiting for the first text …');
    } catch (error) {
      this.#become('IDLE');
      this.#status.say(error instanceof ApiError ? error.message : String(error), true);
    }
  }

  async #cancelRequest() {
    if (this.request === null) {
      return;
    }
    this.#cancel.disabled = true;
    try {
      await post('/api/prompts/cancel', {requestId: this.request});
      this.#status.say('Cancelling …');
    } catch (error) {
      this.#cancel.disabled = false;
      this.#status.say(error instanceof ApiError ? error.message : String(error), true);
    }
  }

  /**
   * Fetches what was written so far, and whether that is all. A prompt that was sent a moment ago may not be known yet.
   *
   * @param {string} id
   */
  async #look(id) {
    clearTimeout(this.#lookAgain);
    let trace;
    try {
      trace = await get('/api/request', {id});
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) {
        throw error;
      }
      this.#lookAgain = window.setTimeout(() => this.#context.reload(), LOOK_AGAIN_MS);
      return;
    }
    this.#live.fetched(trace.samples ?? []);
    if (trace.deadLetter) {
      this.#failed(trace.deadLetter);
    } else if (trace.completion || trace.request.state === 'CANCELLED') {
      this.#completed(trace.request);
    }
  }

  /** @param {any} row */
  #completed(row) {
    if (this.#state === 'ENDED') {
      return;
    }
    this.#become('ENDED');
    const how = row.finishReason ? words(row.finishReason) : words(row.state);
    this.#facts.textContent = `${count(row.completionTokens)} tokens · first after ${duration(row.timeToFirstTokenMs)} · total ${duration(row.totalMs)} · ${how}`;
    this.#status.say(row.finishReason === 'CANCELLED' ? 'Cancelled.' : 'Complete.');
    this.#answer.append(el('p', {}, el('a', {href: link('requests', row.requestId)}, 'Whole trace')));
    announce(`The answer is ${row.finishReason === 'CANCELLED' ? 'cancelled' : 'complete'}.`);
  }

  /** @param {any} letter */
  #failed(letter) {
    if (this.#state === 'ENDED') {
      return;
    }
    this.#become('ENDED');
    this.#status.say('');
    this.#answer.append(el('div', {class: 'banner bad', role: 'alert'}, el('strong', {}, words(letter.errorCode)), ' ', foreign('span', letter.message)));
  }

  /** @param {'IDLE'|'SENDING'|'RUNNING'|'ENDED'} state */
  #become(state) {
    this.#state = state;
    this.#send.disabled = state === 'SENDING' || state === 'RUNNING';
    this.#cancel.disabled = state !== 'RUNNING';
  }
}
