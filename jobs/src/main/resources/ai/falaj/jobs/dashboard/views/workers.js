import {el, replaceChildren, setText} from '../lib/dom.js';
import {bytes, count, rate, share} from '../lib/format.js';
import {empty, Meter} from '../lib/widgets.js';

/**
 * Each TaskManager with what its runtimes are doing: how full the batch and the KV cache are, what waits. Elements are
 * kept from one report to the next, so bars move instead of flickering.
 */
export class WorkersPanel {
  #list = el('div');
  #jobs = el('p', {class: 'note'});
  #problem = empty();
  /** @type {Map<string, Worker>} */
  #workers = new Map();
  element = el(
    'section',
    {class: 'panel'},
    el('header', {class: 'panel-head'}, el('h3', {}, 'TaskManagers'), this.#jobs),
    this.#problem,
    this.#list);

  /** @param {any} report as /api/workers */
  show(report) {
    const known = report.available ? report.taskManagers : [];
    this.#problem.hidden = known.length > 0;
    setText(this.#problem, report.available ? 'No TaskManager is registered.' : report.reason);
    setText(this.#jobs, (report.jobs ?? []).map((/** @type {any} */ job) => `${job.name}: ${job.state.toLowerCase()}`).join(' · '));
    const ids = new Set(known.map((/** @type {any} */ one) => one.id));
    for (const [id, worker] of this.#workers) {
      if (!ids.has(id)) {
        worker.element.remove();
        this.#workers.delete(id);
      }
    }
    for (const one of known) {
      let worker = this.#workers.get(one.id);
      if (worker === undefined) {
        worker = new Worker();
        this.#workers.set(one.id, worker);
        this.#list.append(worker.element);
      }
      worker.show(one);
    }
  }
}

class Worker {
  #title = el('h4', {class: 'mono'});
  #note = el('p', {class: 'note'});
  #heap = new Gauge('Heap');
  #runtimes = el('div', {class: 'worker-runtimes'});
  /** @type {Runtime[]} */
  #shown = [];
  element = el(
    'article',
    {class: 'worker'},
    el('header', {class: 'panel-head'}, this.#title, this.#note),
    el('div', {class: 'worker-figures'}, this.#heap.element),
    this.#runtimes);

  /** @param {any} worker */
  show(worker) {
    setText(this.#title, worker.id);
    setText(this.#note, `${count(worker.slots - worker.freeSlots)} of ${count(worker.slots)} slots used · CPU ${share(worker.cpuLoad)}`);
    this.#heap.show(bytes(worker.heapUsedBytes), (worker.heapUsedBytes ?? 0) / (worker.heapMaxBytes ?? 1), {warn: 0.85, bad: 0.95});
    const runtimes = worker.runtimes ?? [];
    if (runtimes.length !== this.#shown.length) {
      this.#shown = runtimes.map(() => new Runtime());
      replaceChildren(this.#runtimes, ...this.#shown.map((one) => one.element));
    }
    runtimes.forEach((/** @type {any} */ runtime, /** @type {number} */ index) => this.#shown[index].show(runtime));
  }
}

/** One runtime of a TaskManager: one model. */
class Runtime {
  #name = el('span');
  #note = el('span', {class: 'note'});
  #batch = new Gauge('Batch');
  #kv = new Gauge('KV cache');
  #prefix = new Gauge('Prefix hits');
  element = el(
    'div',
    {class: 'worker-runtime'},
    el('p', {}, this.#name, ' ', this.#note),
    el('div', {class: 'worker-figures'}, this.#batch.element, this.#kv.element, this.#prefix.element));

  /** @param {any} runtime */
  show(runtime) {
    setText(this.#name, `${runtime.job} · ${runtime.operator}`);
    setText(
      this.#note,
      `${rate(runtime.generationTokensPerSecond)} tokens/s · ${count(runtime.running)} running, ${count(runtime.waiting)} waiting · ${count(runtime.tokensInFlight)} tokens in flight · ${count(runtime.preemptions)} preemptions`);
    this.#batch.show(`${rate(runtime.meanBatch)} of ${count(runtime.maxSequences)}`, runtime.batchOccupancy);
    this.#kv.show(share(runtime.kvCacheUsage), runtime.kvCacheUsage, {warn: 0.85, bad: 0.97});
    this.#prefix.show(share(runtime.prefixHitRate), runtime.prefixHitRate);
  }
}

/** A label, a figure and a bar. */
class Gauge {
  #figure = el('span', {class: 'figure'});
  #meter = new Meter();

  /** @param {string} label */
  constructor(label) {
    this.element = el('div', {class: 'gauge'}, el('div', {class: 'line'}, el('span', {class: 'muted'}, label), this.#figure), this.#meter.element);
  }

  /**
   * @param {string} text
   * @param {number|undefined} part
   * @param {{warn?: number, bad?: number}} [limits]
   */
  show(text, part, limits) {
    setText(this.#figure, text);
    this.#meter.show(part, limits);
  }
}
