import {ApiError, post} from '../lib/api.js';
import {el} from '../lib/dom.js';
import {field, outcome} from '../lib/widgets.js';

/** Asks for the token of a server that is not only for this machine. */
export class Login {
  #token = el('input', {type: 'password', autocomplete: 'current-password', required: true, dir: 'ltr'});
  #button = el('button', {type: 'submit', class: 'primary'}, 'Log in');
  #status = outcome();
  #onSuccess;

  /** @param {() => void} onSuccess */
  constructor(onSuccess) {
    this.#onSuccess = onSuccess;
    this.element = el(
      'main',
      {id: 'content', class: 'panel login'},
      el('h1', {}, 'Falaj'),
      el('p', {class: 'note'}, 'This server asks for its token: whoever started it has it.'),
      el(
        'form',
        {
          class: 'view',
          on: {
            submit: (/** @type {Event} */ event) => {
              event.preventDefault();
              this.#submit();
            },
          },
        },
        field('Token', this.#token),
        this.#button,
        this.#status.element));
    queueMicrotask(() => this.#token.focus());
  }

  async #submit() {
    this.#button.disabled = true;
    try {
      await post('/api/login', {token: this.#token.value});
      this.#onSuccess();
    } catch (problem) {
      this.#status.say(problem instanceof ApiError ? problem.message : String(problem), true);
      this.#token.select();
    } finally {
      this.#button.disabled = false;
    }
  }
}
