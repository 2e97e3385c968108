const ROUNDS = 3;

/**
 * Holds events back while a view fetches what it shows, and lets them through afterwards: an event is never undone by
 * an older answer. Where more come than it holds, the view fetches once more.
 */
export class EventGate {
  #deliver;
  #limit;
  /** @type {Array<[string, any]>} */
  #held = [];
  #overflowed = false;
  #fetching = false;

  /**
   * @param {(name: string, data: any) => void} deliver
   * @param {number} [limit]
   */
  constructor(deliver, limit = 400) {
    this.#deliver = deliver;
    this.#limit = limit;
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  event(name, data) {
    if (!this.#fetching) {
      this.#deliver(name, data);
    } else if (this.#held.length < this.#limit) {
      this.#held.push([name, data]);
    } else {
      this.#overflowed = true;
    }
  }

  /**
   * Runs a fetch; another one that is asked for meanwhile follows it, and many are one.
   *
   * @param {() => Promise<void>} fetching
   */
  async during(fetching) {
    if (this.#fetching) {
      this.#overflowed = true;
      return;
    }
    this.#fetching = true;
    try {
      for (let round = 0; round < ROUNDS && (round === 0 || this.#overflowed); round++) {
        this.#overflowed = false;
        this.#held = [];
        await fetching();
      }
    } finally {
      this.#fetching = false;
      const held = this.#held;
      this.#held = [];
      held.forEach(([name, data]) => this.#deliver(name, data));
    }
  }
}
