import assert from 'node:assert/strict';
import test, {beforeEach, mock} from 'node:test';
import {page} from './modules.js';

/** Of a browser, what the feed uses. */
const visibility = new Set();
globalThis.window = globalThis;
globalThis.document = {
  hidden: false,
  addEventListener: (_name, listener) => visibility.add(listener),
  removeEventListener: (_name, listener) => visibility.delete(listener),
};

const {Feed} = await page('lib/feed.js');
const {Backoff} = await page('lib/backoff.js');

class FakeSource {
  static all = [];
  listeners = {};
  isOpen = true;
  constructor(url) {
    this.url = url;
    FakeSource.all.push(this);
  }
  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }
  send(name, data) {
    this.listeners[name]({data: JSON.stringify(data)});
  }
  close() {
    this.isOpen = false;
  }
}

let heard;
let states;
let feed;
const latest = () => FakeSource.all.at(-1);
const hide = (hidden) => {
  document.hidden = hidden;
  visibility.forEach((listener) => listener());
};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({apis: ['setTimeout']});
  FakeSource.all = [];
  visibility.clear();
  document.hidden = false;
  heard = [];
  states = [];
  feed = new Feed({
    onEvent: (name, data) => heard.push([name, data]),
    onState: (state) => states.push(state),
    open: (url) => new FakeSource(url),
    backoff: new Backoff({firstMs: 100, longestMs: 1_000, random: () => 1}),
  });
});

test('asksForTheEventsOfTheViewAndOfTheFrame', () => {
  feed.subscribe(['chunks'], 'a&b');
  assert.equal(latest().url, '/api/events?events=overview%2Cfeed%2Cchunks&request=a%26b');
});

test('isLiveOnceTheServerSaidHello', () => {
  feed.subscribe([]);
  assert.deepEqual(states, ['CONNECTING']);
  latest().send('hello', {});
  latest().send('overview', {at: 1});
  assert.deepEqual(states, ['CONNECTING', 'LIVE']);
  assert.deepEqual(heard, [['hello', {}], ['overview', {at: 1}]]);
});

test('aBrokenConnectionIsTriedAgainAfterGrowingWaits', () => {
  feed.subscribe([]);
  for (const waitMs of [100, 200, 400]) {
    latest().onerror();
    const tried = FakeSource.all.length;
    mock.timers.tick(waitMs - 1);
    assert.equal(FakeSource.all.length, tried);
    mock.timers.tick(1);
    assert.equal(FakeSource.all.length, tried + 1);
  }
  assert.equal(FakeSource.all.filter((source) => source.isOpen).length, 1);
});

test('silenceIsABrokenConnection', () => {
  feed.subscribe([]);
  latest().send('hello', {});
  mock.timers.tick(11_999);
  latest().send('overview', {});
  mock.timers.tick(11_999);
  assert.equal(states.at(-1), 'LIVE');
  mock.timers.tick(1);
  assert.equal(states.at(-1), 'RETRYING');
});

test('whatAnOldConnectionStillSaysIsNotHeard', () => {
  feed.subscribe(['chunks']);
  const old = latest();
  feed.subscribe(['labels']);
  old.send('chunks', {});
  old.onerror();
  assert.deepEqual(heard, []);
  assert.equal(old.isOpen, false);
  assert.equal(latest().isOpen, true);
});

test('aHiddenPageHasNoConnectionAfterAMoment', () => {
  feed.subscribe([]);
  latest().send('hello', {});
  hide(true);
  mock.timers.tick(4_999);
  assert.equal(latest().isOpen, true);
  mock.timers.tick(1);
  assert.equal(latest().isOpen, false);
  mock.timers.tick(600_000);
  assert.equal(FakeSource.all.length, 1);
  assert.equal(states.at(-1), 'PAUSED');
  hide(false);
  assert.equal(FakeSource.all.length, 2);
  assert.equal(states.at(-1), 'CONNECTING');
});

test('aGlanceAtAnotherTabKeepsTheConnection', () => {
  feed.subscribe([]);
  hide(true);
  mock.timers.tick(1_000);
  hide(false);
  mock.timers.tick(5_000);
  assert.equal(FakeSource.all.length, 1);
  assert.equal(latest().isOpen, true);
});

test('aPageOpenedInTheBackgroundWaitsUntilSomeoneLooks', () => {
  document.hidden = true;
  feed.subscribe(['chunks']);
  assert.equal(FakeSource.all.length, 0);
  hide(false);
  assert.equal(FakeSource.all.length, 1);
});

test('aClosedFeedTriesNoMore', () => {
  feed.subscribe([]);
  latest().onerror();
  feed.close();
  mock.timers.tick(600_000);
  hide(true);
  hide(false);
  assert.equal(FakeSource.all.length, 1);
  assert.equal(states.at(-1), 'CLOSED');
});
