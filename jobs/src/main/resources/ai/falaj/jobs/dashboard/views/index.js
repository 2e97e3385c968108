import {DeadLetters} from './dead-letters.js';
import {Labels} from './labels.js';
import {Model} from './model.js';
import {Overview} from './overview.js';
import {Playground} from './playground.js';
import {Request} from './request.js';
import {Requests} from './requests.js';
import {Running} from './running.js';
import {Tenants} from './tenants.js';

/**
 * @typedef {object} Entry
 * @property {string} name in the address
 * @property {string} title
 * @property {(context: import('./view.js').Context, argument: string|null) => import('./view.js').View} make
 */

/** All views, in the order of the navigation. @type {Entry[]} */
export const VIEWS = [
  {name: 'overview', title: 'Overview', make: () => new Overview()},
  {name: 'running', title: 'Running', make: (context) => new Running(context)},
  {name: 'requests', title: 'Requests', make: (context, id) => (id === null ? new Requests(context) : new Request(context, id))},
  {name: 'labels', title: 'Labels', make: () => new Labels()},
  {name: 'dead-letters', title: 'Dead letters', make: (context, code) => new DeadLetters(context, code)},
  {name: 'tenants', title: 'Tenants', make: (context) => new Tenants(context)},
  {name: 'model', title: 'Model', make: (context) => new Model(context)},
  {name: 'playground', title: 'Playground', make: (context) => new Playground(context)},
];

/** Shown where the address names none. */
export const DEFAULT_VIEW = VIEWS[0];
