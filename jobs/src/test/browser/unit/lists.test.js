import assert from 'node:assert/strict';
import test from 'node:test';
import {page} from './modules.js';

const {LiveList} = await page('state/live-list.js');
const {EventGate} = await page('state/event-gate.js');
const {LabelLines} = await page('state/label-lines.js');
const ids = (list) => list.rows.map((row) => row.id);

test('newRowsComeFirstAndOldOnesGo', () => {
  const list = new LiveList((row) => row.id, 3);
  list.reset([{id: 'c'}, {id: 'b'}, {id: 'a'}]);
  list.put({id: 'd'});
  assert.deepEqual(ids(list), ['d', 'c', 'b']);
});

test('aRowThatChangedStaysWhereItIs', () => {
  const list = new LiveList((row) => row.id, 3);
  list.reset([{id: 'b', state: 1}, {id: 'a', state: 1}]);
  list.put({id: 'a', state: 2});
  assert.deepEqual(list.rows, [{id: 'b', state: 1}, {id: 'a', state: 2}]);
});

test('nothingMovesWhileTheListIsHeld', () => {
  const list = new LiveList((row) => row.id, 3);
  list.reset([{id: 'a'}]);
  list.hold(true);
  for (let i = 0; i < 100; i++) {
    list.put({id: `n${i}`});
  }
  assert.deepEqual(ids(list), ['a']);
  assert.equal(list.waiting, 3);
  list.hold(false);
  assert.deepEqual(ids(list), ['n99', 'n98', 'n97']);
  assert.equal(list.waiting, 0);
});

test('eventsWaitForTheFetch', async () => {
  const heard = [];
  const gate = new EventGate((name) => heard.push(name));
  gate.event('before', null);
  await gate.during(async () => {
    gate.event('meanwhile', null);
    heard.push('fetched');
  });
  assert.deepEqual(heard, ['before', 'fetched', 'meanwhile']);
});

test('manyEventsDuringAFetchMeanAnotherFetch', async () => {
  let fetches = 0;
  const gate = new EventGate(() => undefined, 2);
  await gate.during(async () => {
    fetches++;
    if (fetches === 1) {
      ['a', 'b', 'c'].forEach((name) => gate.event(name, null));
    }
  });
  assert.equal(fetches, 2);
});

test('fetchesThatAreAskedForMeanwhileAreOne', async () => {
  let fetches = 0;
  const gate = new EventGate(() => undefined);
  const fetching = async () => {
    fetches++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await Promise.all([gate.during(fetching), gate.during(fetching), gate.during(fetching)]);
  assert.equal(fetches, 2);
});

test('aFailedFetchLetsTheEventsThrough', async () => {
  const heard = [];
  const gate = new EventGate((name) => heard.push(name));
  await assert.rejects(gate.during(async () => {
    gate.event('meanwhile', null);
    throw new Error('unreachable');
  }));
  gate.event('after', null);
  assert.deepEqual(heard, ['meanwhile', 'after']);
});

test('labelsAreCountedOverWindows', () => {
  const lines = new LabelLines(60_000, 3);
  const row = (minute, labels, key = `1m|${minute}`) => ({key, windowStart: minute * 60_000, labels});
  lines.put([row(1, [{label: 'leak', count: 2}]), row(3, [{label: 'odour', count: 5}, {label: 'leak', count: 1, burst: true}])]);
  assert.deepEqual(lines.top(2), ['odour', 'leak']);
  assert.deepEqual(lines.columns(['leak', 'odour']), [[60, 120, 180], [2, 0, 1], [0, 0, 5]]);
  assert.deepEqual(lines.bursts(9).map(({label}) => label.label), ['leak']);
  lines.put([row(3, [{label: 'leak', count: 9}])]);
  assert.deepEqual(lines.columns(['leak']), [[60, 120, 180], [2, 0, 9]]);
  lines.put([row(4, []), row(5, [])]);
  assert.deepEqual(lines.rows.map((one) => one.windowStart / 60_000), [5, 4, 3]);
});
