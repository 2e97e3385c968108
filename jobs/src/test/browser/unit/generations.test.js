import assert from 'node:assert/strict';
import test from 'node:test';
import {page} from './modules.js';

const {Generations} = await page('state/generations.js');
const row = (requestId, tokens = 0) => ({requestId, state: 'DECODING', tokens});
const chunk = (requestId, at, answer, more = {}) => ({
  requestId, sample: 0, at: {answer: at, reasoning: 0}, append: {answer, reasoning: ''}, tokens: 1, ...more,
});
const answers = (generations) => generations.all.map((one) => one.texts.answer.text);

test('aGenerationGrowsWithItsChunks', () => {
  const generations = new Generations();
  generations.running([row('a')], 0);
  generations.chunks([chunk('a', 0, 'How')], 0);
  generations.chunks([chunk('a', 3, ' deep')], 0);
  assert.deepEqual(answers(generations), ['How deep']);
  assert.equal(generations.all[0].incomplete, false);
});

test('whatBeganBeforeThePageIsFetched', () => {
  const generations = new Generations();
  generations.running([row('a', 40)], 0);
  assert.equal(generations.all[0].incomplete, true);
});

test('chunksThatComeDuringAFetchAreApplied', () => {
  const generations = new Generations();
  generations.running([row('a', 40)], 0);
  generations.chunks([chunk('a', 3, ' deep')], 0);
  generations.chunks([chunk('a', 8, ' is it')], 0);
  generations.fetched('a', [{sample: 0, tokens: 2, answer: {text: 'How deep', characters: 8, cut: false}}]);
  assert.deepEqual(answers(generations), ['How deep is it']);
  assert.equal(generations.all[0].incomplete, false);
});

test('aLostChunkIsNoticed', () => {
  const generations = new Generations();
  generations.running([row('a')], 0);
  generations.chunks([chunk('a', 0, 'How')], 0);
  generations.chunks([chunk('a', 8, ' is it')], 0);
  assert.equal(generations.all[0].incomplete, true);
  assert.deepEqual(answers(generations), ['How']);
});

test('aTextTooLongToFetchGoesOnWhereTheNextChunkIs', () => {
  const generations = new Generations();
  generations.running([row('a', 90_000)], 0);
  generations.fetched('a', [{sample: 0, tokens: 90_000, answer: {text: 'x'.repeat(65_536), characters: 300_000, cut: true}}]);
  generations.chunks([chunk('a', 300_004, 'end')], 0);
  assert.equal(generations.all[0].incomplete, false);
  assert.equal(generations.all[0].texts.answer.length, 300_007);
});

test('noMoreThanTheLimitIsKept', () => {
  const generations = new Generations({limit: 3});
  generations.running(['a', 'b', 'c', 'd', 'e'].map((id) => row(id)), 0);
  generations.chunks([chunk('e', 0, 'x')], 0);
  assert.deepEqual(generations.all.map((one) => one.requestId), ['a', 'b', 'c']);
});

test('oneThatEndedStaysForAMomentAndMakesRoom', () => {
  const generations = new Generations({limit: 2, lingerMs: 1_000});
  generations.running([row('a'), row('b')], 0);
  generations.chunks([chunk('a', 0, 'done', {finished: 'STOP'})], 10);
  generations.running([row('b')], 500);
  assert.deepEqual(generations.all.map((one) => one.requestId), ['a', 'b']);
  generations.running([row('b'), row('c')], 600);
  assert.deepEqual(generations.all.map((one) => one.requestId), ['b', 'c']);
  generations.running([], 700);
  generations.running([], 1_700);
  assert.deepEqual(generations.all, []);
});

test('samplesOfARequestAreGenerationsOfTheirOwn', () => {
  const generations = new Generations();
  generations.running([row('a')], 0);
  generations.chunks([chunk('a', 0, 'one'), {...chunk('a', 0, 'two'), sample: 1}], 0);
  assert.deepEqual(answers(generations), ['one', 'two']);
});

test('withoutTextsTokensAreCounted', () => {
  const generations = new Generations();
  generations.running([row('a')], 0);
  generations.chunks([{requestId: 'a', sample: 0, tokens: 17}], 0);
  assert.equal(generations.all[0].tokens, 17);
  assert.equal(generations.all[0].incomplete, false);
});
