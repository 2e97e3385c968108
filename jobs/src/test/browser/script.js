/** What the scripted server tells: requests that come, are written and end, at a steady rate; drawn from a fixed seed. */

const TEXTS = [
  'A falaj carries water from one shared source to many fields. Each field has its hour, and nobody runs dry. ',
  'الفلج قناة قديمة تحمل الماء من مصدر واحد إلى حقول كثيرة، ولكل حقل ساعته. Its name in English is also falaj. ',
  '{"category": "leak", "severity": 3, "note": "<script>alert(1)</script>"} ',
];
const TENANTS = ['acme', 'شركة المياه', '', '<img src=x onerror=alert(1)>'];
const CODES = ['PROMPT_TOO_LONG', 'TIMEOUT', 'UNDECODABLE_RECORD'];
const LABELS = ['leak', 'odour', 'تسرب', 'pressure', 'meter', 'billing'];
const AT_ONCE = 16;
const REMEMBERED = 1_000;
const REASONING_TOKENS = 30;

/** A small generator of random numbers (mulberry32), as Math.random takes no seed. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Script {
  #random = random(8);
  #eventsPerTick;
  #tokens;
  #owed = 0;
  #number = 0;
  #startedAt = Date.now();
  #running = new Map();
  #requests = new Map();
  #letters = [];
  #buckets = {'1s': new Map(), '10s': new Map(), '1m': new Map()};
  #changed = {'1s': new Set(), '10s': new Set(), '1m': new Set()};
  #totals = {requests: 0, deadLetters: 0, promptTokens: 0, cachedTokens: 0, reasoningTokens: 0, completionTokens: 0, chunks: 0, streamedTokens: 0, prompts: 0, undecodable: 0, ahead: 0};

  /**
   * @param {number} eventsPerSecond
   * @param {number} tokens of a request, about
   */
  constructor(eventsPerSecond, tokens) {
    this.#eventsPerTick = eventsPerSecond / 20;
    this.#tokens = tokens;
    for (let minute = 60; minute > 0; minute--) {
      this.#count(Date.now() - minute * 60_000, {requests: 20, completionTokens: 2_400, streamedTokens: 2_400, promptTokens: 640});
    }
    for (let i = 0; i < 12; i++) {
      this.#deadLetter(Date.now() - i * 60_000);
    }
  }

  /** What happens in 50 ms. @returns {Array<[string, any]>} */
  tick(now) {
    const chunks = [];
    const completions = [];
    const deadLetters = [];
    this.#owed += this.#eventsPerTick;
    while (this.#running.size < AT_ONCE) {
      this.#begin(now);
    }
    const turn = [...this.#running.values()];
    for (let i = 0; this.#owed >= 1; i++, this.#owed--) {
      const one = turn[(this.#number + i) % turn.length];
      if (one.tokens >= one.length) {
        if (this.#running.delete(one.row.requestId)) {
          completions.push(this.#complete(one, now));
        }
        if (this.#random() < 0.02) {
          deadLetters.push(this.#deadLetter(now));
        }
      } else {
        chunks.push(this.#write(one, now));
      }
    }
    this.#number++;
    return [
      ...(chunks.length ? [['chunks', {chunks, count: chunks.length, newest: now}]] : []),
      ...(completions.length ? [['completion', {completions}]] : []),
      ...(deadLetters.length ? [['deadLetter', {deadLetters}]] : []),
    ];
  }

  event(name, now) {
    if (name === 'overview') {
      const changed = {};
      for (const [resolution, starts] of Object.entries(this.#changed)) {
        changed[resolution] = [...starts].map((start) => this.#buckets[resolution].get(start));
        starts.clear();
      }
      return {at: now, latestEventTime: now, totals: this.#totals, states: {queued: 3, decoding: this.#running.size, forgotten: 0}, lastMinute: {requestsPerSecond: 2.1, streamedTokensPerSecond: 330.5, ...quantiles(this.#random)}, changed, pages: 1};
    }
    if (name === 'running') {
      return {running: [...this.#running.values()].map((one) => ({...one.row, firstTokenAt: one.row.createdAt + 120, tokens: one.tokens, reasoningTokens: Math.min(one.tokens, REASONING_TOKENS), samples: 1, attempt: 1, tokensPerSecond: 21.5})), more: 0};
    }
    return this.#workers(now);
  }

  /** @returns {{status: number, json?: any, text?: string}} */
  answer(method, pathname, query, body) {
    const calls = {
      'GET /api/session': () => ({version: '0.1.0', authenticated: true, tokenNeeded: false, promptsVisible: true, readOnly: false, playground: true, retry: true, serverTime: Date.now(), historyFrom: this.#startedAt - 3_600_000, missingTopics: [], feed: 'live', flink: 'http://127.0.0.1:8088', model: 'k2-think'}),
      'GET /api/history': () => ({resolution: query.get('resolution'), buckets: [...this.#buckets[query.get('resolution')].values()]}),
      'GET /api/requests': () => this.#find(query),
      'GET /api/request': () => this.#trace(query.get('id')),
      'GET /api/dead-letters': () => this.#deadLetters(query.get('code')),
      'GET /api/tenants': () => this.#tenants(),
      'GET /api/labels': () => this.#labels(query.get('window')),
      'GET /api/model': () => ({models: [{model: 'k2-think', modelSha256: 'c0ffee'.repeat(10) + 'c0de', engine: 'llama.cpp', engineVersion: '0.5.0', quantization: 'Q4_1', completions: this.#totals.requests, firstAt: this.#startedAt, lastAt: Date.now()}]}),
      'GET /api/workers': () => this.#workers(Date.now()),
      'POST /api/prompts': () => ({requestId: this.#begin(Date.now(), body.prompt).row.requestId}),
      'POST /api/prompts/cancel': () => this.#cancel(body.requestId),
    };
    if (pathname === '/api/request/text') {
      const known = this.#requests.get(query.get('id'));
      return {status: 200, text: known ? wholeText(known)[query.get('channel')] ?? known.prompt : ''};
    }
    if (pathname.endsWith('/retry')) {
      return {status: 200, json: {outcome: 'SENT'}};
    }
    const json = calls[`${method} ${pathname}`]?.();
    return json === undefined ? {status: 404, json: {error: {message: 'no request of that id is in memory', type: 'not_found', code: 'unknown_request'}}} : {status: 200, json};
  }

  #begin(now, prompt = 'Why is the sky blue?') {
    const requestId = `r-${(this.#requests.size + this.#totals.requests).toString(36)}-${Math.floor(this.#random() * 1e9).toString(36)}`;
    const one = {
      row: {requestId, tenant: TENANTS[Math.floor(this.#random() * TENANTS.length)], model: 'k2-think', state: 'DECODING', createdAt: now},
      prompt,
      source: TEXTS[Math.floor(this.#random() * TEXTS.length)],
      tokens: 0,
      length: Math.max(1, Math.floor(this.#tokens * (0.5 + this.#random()))),
    };
    this.#running.set(requestId, one);
    this.#requests.set(requestId, one);
    this.#totals.prompts++;
    if (this.#requests.size > REMEMBERED) {
      this.#requests.delete(this.#requests.keys().next().value);
    }
    return one;
  }

  #write(one, now) {
    const at = lengths(one);
    const before = wholeText(one);
    one.tokens++;
    const after = wholeText(one);
    this.#count(now, {chunks: 1, streamedTokens: 1});
    return {
      requestId: one.row.requestId, sample: 0, at,
      append: {answer: after.answer.slice(before.answer.length), reasoning: after.reasoning.slice(before.reasoning.length)},
      tokens: one.tokens, reasoningTokens: Math.min(one.tokens, REASONING_TOKENS), channel: one.tokens > REASONING_TOKENS ? 'ANSWER' : 'REASONING',
      ...(one.tokens === one.length ? {finished: 'STOP'} : {}),
    };
  }

  #complete(one, now) {
    Object.assign(one.row, {state: 'COMPLETED', endedAt: now, promptTokens: 32, cachedTokens: 16, reasoningTokens: REASONING_TOKENS, completionTokens: one.tokens, queueMs: 4, timeToFirstTokenMs: 120, totalMs: now - one.row.createdAt, finishReason: one.row.finishReason ?? 'STOP', attempts: 1, samples: 1});
    this.#count(now, {requests: 1, completionTokens: one.tokens, promptTokens: 32, cachedTokens: 16, reasoningTokens: REASONING_TOKENS});
    return one.row;
  }

  #cancel(requestId) {
    const one = this.#running.get(requestId);
    if (one) {
      one.length = one.tokens;
      one.row.finishReason = 'CANCELLED';
    }
    return {};
  }

  #deadLetter(now) {
    const letter = {id: `0-${this.#letters.length}`, requestId: `d-${this.#letters.length}`, errorCode: CODES[this.#letters.length % CODES.length], message: 'the prompt has 40,000 tokens, the context 32,768: shorten it', failedAt: now, attempts: 1, retries: 0, source: `falaj.prompts-0@${this.#letters.length}`, state: 'OPEN'};
    this.#letters.unshift(letter);
    this.#letters.length = Math.min(this.#letters.length, REMEMBERED);
    this.#count(now, {deadLetters: 1});
    return letter;
  }

  #count(now, figures) {
    for (const [resolution, lengthMs] of [['1s', 1_000], ['10s', 10_000], ['1m', 60_000]]) {
      const start = Math.floor(now / lengthMs) * lengthMs;
      const buckets = this.#buckets[resolution];
      const bucket = buckets.get(start) ?? {start, requests: 0, deadLetters: 0, chunks: 0, promptTokens: 0, cachedTokens: 0, reasoningTokens: 0, completionTokens: 0, streamedTokens: 0, ...quantiles(this.#random)};
      for (const [name, value] of Object.entries(figures)) {
        bucket[name] += value;
      }
      buckets.set(start, bucket);
      this.#changed[resolution].add(start);
      if (buckets.size > 900) {
        buckets.delete(buckets.keys().next().value);
      }
    }
    for (const [name, value] of Object.entries(figures)) {
      this.#totals[name] += value;
    }
  }

  #find(query) {
    const part = (query.get('query') ?? '').toLowerCase();
    const found = [...this.#requests.values()].reverse().map((one) => one.row).filter((row) => row.requestId.includes(part) && (!query.get('state') || row.state === query.get('state')));
    return {requests: found.slice(0, 200), more: found.length > 200, remembered: found.length};
  }

  #trace(id) {
    const one = this.#requests.get(id);
    if (one === undefined) {
      return undefined;
    }
    const {createdAt, endedAt} = one.row;
    const {answer, reasoning} = wholeText(one);
    const text = (value) => ({text: value, characters: value.length, cut: false});
    return {
      request: one.row,
      prompt: {writtenAt: createdAt + 5, topic: 'falaj.prompts', partition: 2, offset: 4_711, stream: true, priority: 0, sampling: {temperature: 0.7}, metadata: {template: text('tickets')}, messages: [{role: 'system', content: text('Answer briefly.')}, {role: 'user', content: text(one.prompt)}]},
      phases: endedAt ? [{phase: 'TRANSPORT', from: createdAt, to: createdAt + 20}, {phase: 'QUEUE', from: createdAt + 20, to: createdAt + 60}, {phase: 'PREFILL', from: createdAt + 60, to: createdAt + 140}, {phase: 'DECODE', from: createdAt + 140, to: endedAt}] : [{phase: 'TRANSPORT', from: createdAt, to: createdAt + 20}],
      attempts: [{attempt: 1, fromToken: 0, tokens: one.tokens, firstAt: createdAt + 140, lastAt: endedAt ?? Date.now()}],
      samples: [{sample: 0, answer: text(answer), reasoning: text(reasoning), tokens: one.tokens, finishReason: endedAt ? one.row.finishReason : undefined}],
      completion: endedAt ? {completedAt: endedAt, seenAt: endedAt + 900, topic: 'falaj.completions', partition: 1, offset: 99, provenance: {model: 'k2-think', modelSha256: 'c0ffee', engine: 'llama.cpp', engineVersion: '0.5.0', quantization: 'Q4_1', seed: 42, attempts: 1, sampling: {temperature: 0.7, topP: 0.95, maxTokens: 200}}} : undefined,
    };
  }

  #deadLetters(code) {
    const byCode = {};
    this.#letters.forEach((letter) => (byCode[letter.errorCode] = (byCode[letter.errorCode] ?? 0) + 1));
    const found = this.#letters.filter((letter) => !code || letter.errorCode === code);
    return {deadLetters: found.slice(0, 200), byCode, more: found.length > 200};
  }

  #tenants() {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    return {
      tenants: TENANTS.map((tenant, index) => ({tenant, requests: 1_200 - index * 300, deadLetters: index, running: 4 - index, promptTokens: 38_400, cachedTokens: 19_200, completionTokens: 76_800, reasoningTokens: 0, lastAt: Date.now(), minutes: Array.from({length: 40}, (_, i) => ({start: minute - (39 - i) * 60_000, requests: 3, tokens: 400 + ((i * 97 + index * 31) % 13) * 90}))})),
      budgets: [80, 100].map((percent) => ({key: `acme|TOKENS|x|${percent}`, tenant: 'acme', resource: 'TOKENS', thresholdPercent: percent, budget: 100_000, used: percent * 1_003, periodStart: minute - 3_600_000, periodEnd: minute + 3_600_000, reachedAt: minute - (100 - percent) * 20_000})),
      currencyScale: 1_000_000_000,
    };
  }

  #labels(window) {
    const lengthMs = {'10s': 10_000, '1m': 60_000, '1h': 3_600_000}[window];
    const last = Math.floor(Date.now() / lengthMs) * lengthMs;
    const rows = Array.from({length: 60}, (_, back) => {
      const windowStart = last - back * lengthMs;
      const labels = LABELS.map((label, index) => ({label, count: 10 + ((back * 7 + index * 13) % 17) + (index === 0 && back === 5 ? 60 : 0), baseline: 18.2, trend: ['RISING', 'STEADY', 'FALLING'][(back + index) % 3], burst: index === 0 && back === 5}));
      const occurrences = labels.reduce((sum, label) => sum + label.count, 0);
      return {key: `${window}|${windowStart}|ALL`, window, windowStart, windowEnd: windowStart + lengthMs, grouping: 'ALL', closed: back > 0, occurrences, distinctLabels: labels.length, labels: labels.map((label) => ({...label, share: label.count / occurrences})).sort((a, b) => b.count - a.count)};
    });
    return {rows, available: true};
  }

  #workers(now) {
    return {
      available: true, flink: 'http://127.0.0.1:8088', at: now, jobs: [{id: 'ab12', name: 'falaj-completion', state: 'RUNNING'}],
      taskManagers: ['localhost:41234-1a2b', 'localhost:41235-3c4d'].map((id, index) => ({
        id, host: 'localhost', slots: 4, freeSlots: index, heapUsedBytes: 123_456_789 + this.#random() * 1e8, heapMaxBytes: 536_870_912, cpuLoad: 0.75,
        runtimes: [{job: 'falaj-completion', operator: 'inference', running: 12, waiting: 3, kvCacheUsage: 0.42 + index * 0.5, meanBatch: 11.6, maxSequences: 16, batchOccupancy: 0.725, inFlight: 15, tokensInFlight: 900, generationTokensPerSecond: 320, prefixHitRate: 0.5, preemptions: 0}],
      })),
    };
  }
}

/** Each token is a word. */
function wholeText({source, tokens}) {
  const words = source.split(/(?<= )/);
  const take = (from, to) => Array.from({length: Math.max(0, to - from)}, (_, index) => words[(from + index) % words.length]).join('');
  return {reasoning: take(0, Math.min(tokens, REASONING_TOKENS)), answer: take(REASONING_TOKENS, tokens)};
}

function lengths(one) {
  const {answer, reasoning} = wholeText(one);
  return {answer: answer.length, reasoning: reasoning.length};
}

function quantiles(next) {
  const base = 100 + next() * 40;
  return {ttftP50Ms: base, ttftP95Ms: base * 2.4, ttftP99Ms: base * 3.5, totalP50Ms: base * 18, totalP95Ms: base * 33, totalP99Ms: base * 40};
}
