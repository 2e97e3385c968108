/** The official JavaScript client against the gateway, as anybody would use it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import OpenAI, {AuthenticationError, BadRequestError, NotFoundError} from 'openai';

const baseURL = process.env.GATEWAY_URL;
const client = new OpenAI({baseURL, apiKey: process.env.GATEWAY_KEY, maxRetries: 0});
const messages = [{role: 'user', content: 'How do dates grow in an oasis?'}];

test('chats', async () => {
  const completion = await client.chat.completions.create({model: 'falaj', messages, max_tokens: 12, seed: 1});
  assert.equal(completion.choices.length, 1);
  assert.equal(completion.choices[0].message.role, 'assistant');
  assert.ok(completion.choices[0].message.content.length > 0);
  assert.equal(completion.usage.completion_tokens, 12);
  assert.equal(completion.usage.total_tokens, completion.usage.prompt_tokens + 12);
  assert.equal(completion.choices[0].finish_reason, 'length');
});

test('streams what it says whole', async () => {
  const request = {model: 'falaj', messages, max_tokens: 24, seed: 7, temperature: 0.7};
  const whole = await client.chat.completions.create(request);
  const stream = await client.chat.completions.create({...request, stream: true, stream_options: {include_usage: true}});
  let text = '';
  let usage;
  const reasons = [];
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    reasons.push(...chunk.choices.flatMap((choice) => choice.finish_reason ?? []));
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(reasons, ['length']);
  assert.equal(usage.completion_tokens, 24);
});

test('answers in the shape of a JSON schema', async () => {
  const schema = {type: 'object', properties: {ripe: {type: 'boolean'}, month: {enum: ['July', 'August']}}, required: ['ripe', 'month'], additionalProperties: false};
  const completion = await client.chat.completions.create({model: 'falaj', messages, max_tokens: 200, reasoning_effort: 'none', response_format: {type: 'json_schema', json_schema: {name: 'harvest', strict: true, schema}}});
  assert.equal(completion.choices[0].finish_reason, 'stop', JSON.stringify(completion));
  const harvest = JSON.parse(completion.choices[0].message.content);
  assert.equal(typeof harvest.ripe, 'boolean');
  assert.ok(['July', 'August'].includes(harvest.month));
});

test('cancels', async () => {
  const stream = await client.chat.completions.create({model: 'falaj', messages, max_tokens: 3_000, stream: true, metadata: {case: 'cancelled by JavaScript'}});
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) {
      break; // leaves the stream, which closes the connection
    }
  }
});

test('lists models', async () => {
  const names = [];
  for await (const model of client.models.list()) {
    names.push(model.id);
  }
  assert.deepEqual(names, ['falaj']);
  assert.equal((await client.models.retrieve('falaj')).object, 'model');
});

test('raises the errors that clients know', async () => {
  const stranger = new OpenAI({baseURL, apiKey: 'sk-nobody-has-this-key', maxRetries: 0});
  await assert.rejects(stranger.chat.completions.create({model: 'falaj', messages}), AuthenticationError);
  await assert.rejects(client.chat.completions.create({model: 'gpt-of-elsewhere', messages}), (error) => error instanceof NotFoundError && error.code === 'model_not_found');
  await assert.rejects(client.chat.completions.create({model: 'falaj', messages, n: 2}), (error) => error instanceof BadRequestError && error.param === 'n');
  await assert.rejects(client.chat.completions.create({model: 'falaj', messages: [{role: 'user', content: 'long '.repeat(20_000)}]}), (error) => error instanceof BadRequestError && error.code === 'context_length_exceeded');
  await assert.rejects(client.chat.completions.create({model: 'gpt-of-elsewhere', messages, stream: true}), NotFoundError);
});
