import assert from 'node:assert/strict';
import test from 'node:test';
import {page} from './modules.js';

const format = await page('lib/format.js');
const {beginning, ending} = await page('lib/long-text.js');
const {link, parse} = await page('lib/router.js');
const {Backoff} = await page('lib/backoff.js');
const {bodyOf, EMPTY_DRAFT} = await page('state/prompt-form.js');
const {pathOf} = await page('lib/api.js');

test('durationsHaveTheUnitThatFits', () => {
  assert.deepEqual(
    [0, 4.26, 850, 999.6, 1_234, 12_345, 65_000, 3_700_000, null].map(format.duration),
    ['0 ms', '4.3 ms', '850 ms', '1.00 s', '1.23 s', '12.3 s', '1 min 05 s', '1 h 01 min', '–']);
});

test('whatIsNotKnownIsADash', () => {
  assert.deepEqual([format.count(undefined), format.rate(null), format.share(Number.NaN), format.clock(undefined)], ['–', '–', '–', '–']);
});

test('countsAreExactUntilThePlaceIsNarrow', () => {
  assert.equal(format.count(1_234_567), '1,234,567');
  assert.equal(format.brief(1_234_567), '1.2M');
  assert.equal(format.rate(21.54), '21.5');
});

test('billionthsAreMoney', () => {
  assert.equal(format.cost(1_234_000), '0.001234');
  assert.equal(format.cost(12_345_678_901), '12.35');
});

test('aCutNeverSplitsACodePoint', () => {
  assert.equal(beginning('a🌴b', 2), 'a');
  assert.equal(ending('a🌴b', 2), 'b');
  assert.equal(beginning('سلام', 2), 'سل');
});

test('everyIdMakesAnAddressThatLeadsBackToIt', () => {
  for (const id of ['r-1', 'a/b', '../x', '100%', 'سؤال ١', '<img src=x onerror=alert(1)>', '#', '?', '🌴']) {
    assert.deepEqual(parse(link('requests', id)), {view: 'requests', argument: id});
  }
  assert.deepEqual(parse(''), {view: '', argument: null});
  assert.deepEqual(parse('#/requests'), {view: 'requests', argument: null});
  assert.deepEqual(parse('#/requests/%E0%A4%A'), {view: 'requests', argument: '%E0%A4%A'});
});

test('waitsGrowUpToABound', () => {
  const backoff = new Backoff({firstMs: 100, longestMs: 1_000, random: () => 1});
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => backoff.nextMs()), [100, 200, 400, 800, 1_000, 1_000]);
  backoff.reset();
  assert.equal(backoff.nextMs(), 100);
  assert.equal(new Backoff({firstMs: 100, random: () => 0}).nextMs(), 50);
});

test('parametersAreLeftOutWhereTheyAreNotSet', () => {
  assert.equal(pathOf('/api/requests', {query: '', state: null, limit: 100}), '/api/requests?limit=100');
  assert.equal(pathOf('/api/request', {id: 'a&b=c/د'}), '/api/request?id=a%26b%3Dc%2F%D8%AF');
  const draft = {...EMPTY_DRAFT, prompt: 'why?', temperature: '0.7', stop: 'END\n\n', max_tokens: ''};
  assert.deepEqual(bodyOf(draft).body, {prompt: 'why?', stream: true, temperature: 0.7, stop: ['END']});
});

test('aSchemaThatIsNoJsonIsToldBeforeItIsSent', () => {
  const {body, problem, field} = bodyOf({...EMPTY_DRAFT, prompt: 'why?', format: 'json_schema', schema: '{'});
  assert.equal(body, undefined);
  assert.equal(field, 'schema');
  assert.match(problem, /^The schema is no JSON/);
});

test('aSchemaIsSentAsOpenAiHasIt', () => {
  const {body} = bodyOf({...EMPTY_DRAFT, prompt: 'why?', format: 'json_schema', schema: '{"type":"object"}'});
  assert.deepEqual(body.response_format, {type: 'json_schema', json_schema: {name: 'answer', schema: {type: 'object'}}});
});
