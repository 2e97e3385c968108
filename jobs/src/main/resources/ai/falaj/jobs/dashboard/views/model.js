import {get} from '../lib/api.js';
import {el, foreign, replaceChildren, setText} from '../lib/dom.js';
import {count, dateTime} from '../lib/format.js';
import {whileVisible} from '../lib/poll.js';
import {empty, facts} from '../lib/widgets.js';

const POLL_MS = 10_000;

/** What answers, as completions themselves tell it: model, file, engine. */
export class Model {
  events = /** @type {string[]} */ ([]);
  #summary = el('p', {class: 'note'});
  #list = el('div', {class: 'grid'});
  #shown = '';
  #endPolling;
  #session;

  /** @param {import('./view.js').Context} context */
  constructor({session, reload}) {
    this.#session = session;
    this.element = el(
      'div',
      {class: 'view'},
      el('header', {class: 'view-head'}, el('h2', {tabIndex: -1}, 'Model'), this.#summary),
      this.#list,
      el(
        'section',
        {class: 'panel'},
        el('header', {class: 'panel-head'}, el('h3', {}, 'This server')),
        facts([
          ['Falaj', session.version],
          ['History from', dateTime(session.historyFrom)],
          ['Texts', session.promptsVisible ? 'shown' : 'hidden'],
          ['Changes', session.readOnly ? 'not allowed' : 'allowed'],
          ['Flink', session.flink],
          ['Topics that are missing', session.missingTopics?.join(', ')],
        ])));
    this.#endPolling = whileVisible(reload, POLL_MS);
  }

  async refresh() {
    const {models} = await get('/api/model');
    const text = JSON.stringify(models);
    if (text === this.#shown) {
      return;
    }
    this.#shown = text;
    setText(this.#summary, models.length === 0 ? '' : `${count(models.length)} answered since the history begins`);
    replaceChildren(
      this.#list,
      ...(models.length === 0
        ? [empty(`No completion yet${this.#session.model ? `; the job's model is ${this.#session.model}` : ''}.`)]
        : models.map(panel)));
  }

  event() {}

  close() {
    this.#endPolling();
  }
}

/** @param {any} model */
function panel(model) {
  return el(
    'section',
    {class: 'panel'},
    el('header', {class: 'panel-head'}, el('h3', {}, foreign('span', model.model))),
    facts([
      ['Completions', count(model.completions)],
      ['Engine', `${model.engine} ${model.engineVersion ?? ''}`],
      ['Quantization', model.quantization ?? 'not known'],
      ['Adapter', model.adapter],
      ['First', dateTime(model.firstAt)],
      ['Last', dateTime(model.lastAt)],
      ['SHA-256 of the file', model.modelSha256 ? foreign('code', model.modelSha256) : 'none: a remote model'],
    ]));
}
