import {el, setText} from '../lib/dom.js';
import {count, words} from '../lib/format.js';
import {perFrame} from '../lib/frames.js';
import {GrowingText} from '../lib/growing-text.js';
import {apply, take} from '../state/generations.js';
import {TailText} from '../state/tail-text.js';

const KEEP_CHARACTERS = 30_000;
const MOST_SAMPLES = 16;

/** The samples of one request while they are written: what the request's view and the playground stream into. */
export class LiveSamples {
  /** @type {Map<number, LiveSample>} */
  #samples = new Map();
  #painter = perFrame(() => this.paint());
  element = el('div', {class: 'trace'});

  /** Whether something of a text is missing here, so that the request has to be fetched. */
  get incomplete() {
    return [...this.#samples.values()].some((sample) => sample.incomplete);
  }

  /** Whether every sample that was seen has ended. */
  get finished() {
    return this.#samples.size > 0 && [...this.#samples.values()].every((sample) => sample.finished !== null);
  }

  /** Tokens of all samples. */
  get tokens() {
    return [...this.#samples.values()].reduce((sum, sample) => sum + sample.tokens, 0);
  }

  /** @param {any[]} samples as /api/request has them */
  fetched(samples) {
    for (const sample of samples) {
      const target = this.#sample(sample.sample);
      if (target !== undefined) {
        take(target, sample);
        target.finished = sample.finishReason ?? target.finished;
      }
    }
    this.#painter.request();
  }

  /** @param {any[]} entries as the event `chunks` has them, of this request */
  chunks(entries) {
    for (const entry of entries) {
      const target = this.#sample(entry.sample);
      if (target !== undefined) {
        apply(target, entry);
        target.finished = entry.finished ?? target.finished;
      }
    }
    this.#painter.request();
  }

  clear() {
    this.#samples.clear();
    this.element.textContent = '';
  }

  close() {
    this.#painter.cancel();
  }

  paint() {
    for (const sample of this.#samples.values()) {
      sample.paint(this.#samples.size > 1);
    }
  }

  /** @param {number} index */
  #sample(index) {
    let sample = this.#samples.get(index);
    if (sample === undefined && this.#samples.size < MOST_SAMPLES) {
      sample = new LiveSample(index);
      this.#samples.set(index, sample);
      this.element.append(sample.element);
    }
    return sample;
  }
}

class LiveSample {
  tokens = 0;
  incomplete = false;
  /** @type {any[]} */
  pending = [];
  mayJump = false;
  version = 1;
  /** @type {string|null} */
  finished = null;
  texts = {answer: new TailText(KEEP_CHARACTERS), reasoning: new TailText(KEEP_CHARACTERS)};
  #index;
  #painted = 0;
  #title = el('h3');
  #note = el('p', {class: 'note figure'});
  #reasoning = new GrowingText();
  #answer = new GrowingText();
  #summary = el('summary', {}, 'Reasoning');
  #details = el('details', {class: 'reasoning', hidden: true}, this.#summary, this.#reasoning.element);

  /** @param {number} index */
  constructor(index) {
    this.#index = index;
    this.#answer.element.classList.add('answer-text');
    this.element = el(
      'section',
      {class: 'panel live-sample'},
      el('header', {class: 'panel-head'}, this.#title, this.#note),
      this.#details,
      this.#answer.element);
  }

  /** @param {boolean} several whether it is one of several */
  paint(several) {
    setText(this.#title, several ? `Sample ${this.#index + 1}` : 'Answer');
    if (this.#painted === this.version) {
      return;
    }
    this.#painted = this.version;
    setText(this.#note, `${count(this.tokens)} tokens${this.finished ? `, ${words(this.finished)}` : ' …'}`);
    this.#details.hidden = this.texts.reasoning.length === 0;
    setText(this.#summary, `Reasoning, ${count(this.texts.reasoning.length)} characters`);
    this.#reasoning.show(this.texts.reasoning);
    this.#answer.show(this.texts.answer);
  }
}
