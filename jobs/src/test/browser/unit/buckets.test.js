import assert from 'node:assert/strict';
import test from 'node:test';
import {page} from './modules.js';

const {Buckets} = await page('state/buckets.js');
const requests = (bucket) => bucket?.requests ?? 0;
const p50 = (bucket) => bucket?.ttftP50Ms ?? null;

test('aBucketReplacesTheOneWithItsStart', () => {
  const buckets = new Buckets(1_000, 10);
  buckets.put([{start: 1_000, requests: 1}, {start: 2_000, requests: 2}]);
  buckets.put([{start: 1_000, requests: 5}]);
  assert.deepEqual(buckets.columns([requests], 3_500), [[1, 2], [5, 2]]);
});

test('timesWithoutRecordsCountNothingAndHaveNoQuantile', () => {
  const buckets = new Buckets(1_000, 10);
  buckets.put([{start: 4_000, requests: 3, ttftP50Ms: 7}, {start: 1_000, requests: 1, ttftP50Ms: 5}]);
  assert.deepEqual(buckets.columns([requests, p50], 5_000), [[1, 2, 3, 4], [1, 0, 0, 3], [5, null, null, 7]]);
});

test('forgetsWhatIsOlderThanTheRange', () => {
  const buckets = new Buckets(1_000, 3);
  for (let second = 0; second < 10_000; second++) {
    buckets.put([{start: second * 1_000, requests: second}]);
  }
  assert.equal(buckets.size, 3);
  assert.deepEqual(buckets.columns([requests], 10_000_000)[1], [9_997, 9_998, 9_999]);
});

test('reachesUpToTheLastThatIsOver', () => {
  const buckets = new Buckets(1_000, 10);
  buckets.put([{start: 1_000, requests: 1}]);
  assert.deepEqual(buckets.columns([requests], 3_900), [[1, 2], [1, 0]]);
  buckets.put([{start: 3_000, requests: 7}]);
  assert.deepEqual(buckets.columns([requests], 3_900), [[1, 2], [1, 0]]);
  assert.deepEqual(buckets.columns([requests], 4_000), [[1, 2, 3], [1, 0, 7]]);
});

test('aReplayedDayIsShownAsTheDayItWas', () => {
  const buckets = new Buckets(1_000, 10);
  buckets.put([{start: 1_000, requests: 1}, {start: 3_000, requests: 2}]);
  assert.deepEqual(buckets.columns([requests], 86_400_000), [[1, 2, 3], [1, 0, 2]]);
});

test('aLongPauseDoesNotStretchTheRange', () => {
  const buckets = new Buckets(1_000, 4);
  buckets.put([{start: 1_000, requests: 1}, {start: 3_600_000, requests: 2}]);
  assert.deepEqual(buckets.columns([requests], 3_601_000), [[3_597, 3_598, 3_599, 3_600], [0, 0, 0, 2]]);
});

test('nothingHasNoColumns', () => {
  assert.deepEqual(new Buckets(1_000, 4).columns([requests], 5_000), [[], []]);
});
