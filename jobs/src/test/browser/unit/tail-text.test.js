import assert from 'node:assert/strict';
import test from 'node:test';
import {page} from './modules.js';

const {TailText} = await page('state/tail-text.js');

test('appendsAtItsEnd', () => {
  const text = new TailText(100);
  assert.ok(text.apply(0, 'Dates grow'));
  assert.ok(text.apply(10, ' where it is hot'));
  assert.equal(text.text, 'Dates grow where it is hot');
});

test('anAttemptReplacesTextThatWasShown', () => {
  const text = new TailText(100);
  text.apply(0, 'Dates grow where it is hot,');
  assert.ok(text.apply(16, ' roots find water.'));
  assert.equal(text.text, 'Dates grow where roots find water.');
});

test('saysThatSomethingIsMissing', () => {
  const text = new TailText(100);
  text.apply(0, 'abc');
  assert.equal(text.apply(5, 'f'), false);
  assert.equal(text.text, 'abc');
});

test('keepsTheEndOfALongText', () => {
  const text = new TailText(1_000);
  for (let i = 0; i < 100_000; i++) {
    assert.ok(text.apply(i * 10, '0123456789'));
    assert.ok(text.text.length <= 2_000);
  }
  assert.equal(text.length, 1_000_000);
  assert.equal(text.start + text.text.length, 1_000_000);
  assert.ok(text.text.endsWith('0123456789'));
});

test('canNotGoBackBehindWhatItKept', () => {
  const text = new TailText(10);
  text.apply(0, 'x'.repeat(100));
  assert.equal(text.apply(3, 'y'), false);
});

test('neverKeepsHalfOfACodePoint', () => {
  const text = new TailText(5);
  text.apply(0, '🌴'.repeat(20));
  assert.equal([...text.text].every((character) => character === '🌴'), true);
  assert.equal(text.start + text.text.length, 40);
});

test('goesOnAtAPosition', () => {
  const text = new TailText(10);
  text.jump(5_000, 'abc');
  assert.ok(text.apply(5_003, 'd'));
  assert.equal(text.text, 'abcd');
  assert.equal(text.length, 5_004);
});
