import {TailText} from './tail-text.js';

const MOST_PENDING = 200;

/**
 * A sample that is being written.
 *
 * @typedef {object} Generation
 * @property {string} key
 * @property {string} requestId
 * @property {number} sample
 * @property {any} row as the event `running` has it
 * @property {Record<'answer'|'reasoning', TailText>} texts
 * @property {number} tokens
 * @property {string|null} finished
 * @property {number} endedAt when it was last seen running, by the page's clock; 0 while it runs
 * @property {boolean} incomplete something of its texts is missing here
 * @property {any[]} pending entries that came while it was incomplete
 * @property {boolean} mayJump the server does not have more of it either: go on where the next chunk is
 * @property {number} version grows with every change
 */

/**
 * The generations that a page shows while they run: at most so many, the oldest that run first, and of each text the
 * end. One that has ended stays for a moment, so that its last words can be read, or as long as its place is not wanted.
 */
export class Generations {
  #limit;
  #keep;
  #lingerMs;
  /** @type {Map<string, Generation>} */
  #byKey = new Map();

  /**
   * @param {{limit?: number, keepCharacters?: number, lingerMs?: number}} [options]
   */
  constructor({limit = 24, keepCharacters = 4_000, lingerMs = 6_000} = {}) {
    this.#limit = limit;
    this.#keep = keepCharacters;
    this.#lingerMs = lingerMs;
  }

  /** @returns {Generation[]} in the order in which they came */
  get all() {
    return [...this.#byKey.values()];
  }

  /**
   * What runs now. A request with several samples is one row but several generations: those appear with their chunks.
   *
   * @param {any[]} rows oldest first
   * @param {number} nowMs
   */
  running(rows, nowMs) {
    const ids = new Map(rows.map((row) => [row.requestId, row]));
    for (const generation of this.#byKey.values()) {
      const row = ids.get(generation.requestId);
      if (row !== undefined) {
        generation.row = row;
        if (generation.finished === null) {
          generation.endedAt = 0;
        }
        generation.version++;
      } else if (generation.endedAt === 0) {
        generation.endedAt = nowMs;
        generation.version++;
      }
    }
    this.#forgetEnded(nowMs);
    for (const row of rows) {
      if (!this.#byKey.has(keyOf(row.requestId, 0)) && this.#makeRoom()) {
        // Its chunks may have begun long ago, or it may come from nowhere: what was written so far has to be fetched.
        this.#add(row.requestId, 0, row).incomplete = row.tokens > 0;
      }
    }
  }

  /**
   * @param {any[]} entries as the event `chunks` has them
   * @param {number} nowMs
   */
  chunks(entries, nowMs) {
    for (const entry of entries) {
      const generation = this.#byKey.get(keyOf(entry.requestId, entry.sample)) ?? this.#nextSample(entry);
      if (generation !== undefined) {
        apply(generation, entry);
        if (entry.finished) {
          generation.finished = entry.finished;
          generation.endedAt ||= nowMs;
        }
      }
    }
  }

  /**
   * Texts as the server holds them.
   *
   * @param {string} requestId
   * @param {any[]} samples as /api/request has them; none where the server does not know the request
   */
  fetched(requestId, samples) {
    for (const generation of this.#byKey.values()) {
      if (generation.requestId === requestId && generation.incomplete) {
        take(generation, samples.find((sample) => sample.sample === generation.sample));
      }
    }
  }

  /** @param {number} nowMs */
  #forgetEnded(nowMs) {
    for (const [key, generation] of this.#byKey) {
      if (generation.endedAt > 0 && nowMs - generation.endedAt >= this.#lingerMs) {
        this.#byKey.delete(key);
      }
    }
  }

  /** Whether there is room for one more, perhaps where one that has ended was. */
  #makeRoom() {
    if (this.#byKey.size < this.#limit) {
      return true;
    }
    const ended = this.all.filter((one) => one.endedAt > 0).sort((a, b) => a.endedAt - b.endedAt)[0];
    return ended !== undefined && this.#byKey.delete(ended.key);
  }

  /** @param {any} entry */
  #nextSample(entry) {
    const first = this.#byKey.get(keyOf(entry.requestId, 0));
    if (first === undefined || !this.#makeRoom()) {
      return undefined;
    }
    return this.#add(entry.requestId, entry.sample, first.row);
  }

  /**
   * @param {string} requestId
   * @param {number} sample
   * @param {any} row
   */
  #add(requestId, sample, row) {
    const generation = {
      key: keyOf(requestId, sample),
      requestId,
      sample,
      row,
      texts: {answer: new TailText(this.#keep), reasoning: new TailText(this.#keep)},
      tokens: sample === 0 ? row.tokens : 0,
      finished: null,
      endedAt: 0,
      incomplete: false,
      pending: [],
      mayJump: false,
      version: 1,
    };
    this.#byKey.set(generation.key, generation);
    return /** @type {Generation} */ (generation);
  }
}

/** @type {Array<'answer'|'reasoning'>} */
const CHANNELS = ['answer', 'reasoning'];

/**
 * What is known of a sample's texts.
 *
 * @typedef {Pick<Generation, 'texts'|'tokens'|'incomplete'|'pending'|'mayJump'|'version'>} SampleTexts
 */

/**
 * Takes the texts of a sample as the server holds them.
 *
 * @param {SampleTexts} target
 * @param {any} sample as /api/request has it; undefined where the server does not know it
 */
export function take(target, sample) {
  for (const channel of CHANNELS) {
    if (sample?.[channel]?.text !== undefined) {
      target.texts[channel].reset(sample[channel].text);
    }
  }
  target.mayJump = sample === undefined || CHANNELS.some((channel) => sample[channel]?.cut);
  target.tokens = Math.max(target.tokens, sample?.tokens ?? 0);
  target.incomplete = false;
  target.version++;
  const pending = target.pending;
  target.pending = [];
  pending.forEach((entry) => apply(target, entry));
}

/**
 * Applies an entry of the event `chunks` to texts. While something is missing, entries wait for {@link take}: what the
 * server answers may be older than they are.
 *
 * @param {SampleTexts} target
 * @param {any} entry
 */
export function apply(target, entry) {
  target.tokens = entry.tokens;
  target.version++;
  if (entry.at === undefined) {
    return; // texts are hidden
  }
  if (target.incomplete) {
    target.pending.push(entry);
    target.pending.splice(0, target.pending.length - MOST_PENDING);
    return;
  }
  for (const channel of CHANNELS) {
    const at = entry.at[channel] ?? 0;
    const appended = entry.append?.[channel] ?? '';
    if (!target.texts[channel].apply(at, appended)) {
      if (target.mayJump) {
        target.texts[channel].jump(at, appended);
      } else {
        target.incomplete = true;
        target.pending = [entry];
        return;
      }
    }
  }
}

/**
 * @param {string} requestId
 * @param {number} sample
 */
function keyOf(requestId, sample) {
  return `${sample} ${requestId}`;
}
