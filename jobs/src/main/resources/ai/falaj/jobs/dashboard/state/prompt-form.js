/**
 * What a person typed into the playground. Empty texts mean: as the job has it.
 *
 * @typedef {object} PromptDraft
 * @property {string} prompt
 * @property {string} system
 * @property {string} tenant
 * @property {string} model
 * @property {string} temperature
 * @property {string} top_p
 * @property {string} top_k
 * @property {string} max_tokens
 * @property {string} seed
 * @property {string} n
 * @property {string} reasoning_budget
 * @property {string} stop one in each line
 * @property {'text'|'json_object'|'json_schema'} format
 * @property {string} schema
 * @property {boolean} stream
 */

/** @type {PromptDraft} */
export const EMPTY_DRAFT = {
  prompt: '', system: '', tenant: '', model: '',
  temperature: '', top_p: '', top_k: '', max_tokens: '200', seed: '', n: '', reasoning_budget: '', stop: '',
  format: 'text',
  schema: '{\n  "type": "object",\n  "properties": {\n    "category": {"type": "string", "enum": ["leak", "odour", "other"]}\n  },\n  "required": ["category"]\n}',
  stream: true,
};

const NUMBERS = /** @type {const} */ (['temperature', 'top_p', 'top_k', 'max_tokens', 'seed', 'n', 'reasoning_budget']);
const TEXTS = /** @type {const} */ (['system', 'tenant', 'model']);

/**
 * Makes the body of `POST /api/prompts`.
 *
 * @param {PromptDraft} draft
 * @returns {{body?: Record<string, any>, problem?: string, field?: string}} the body, or what is wrong and where. Whether
 *     the values make sense is for the server to say.
 */
export function bodyOf(draft) {
  if (draft.prompt.trim() === '') {
    return {problem: 'Write a prompt first.', field: 'prompt'};
  }
  /** @type {Record<string, any>} */
  const body = {prompt: draft.prompt, stream: draft.stream};
  for (const name of TEXTS) {
    if (draft[name].trim() !== '') {
      body[name] = name === 'system' ? draft[name] : draft[name].trim();
    }
  }
  for (const name of NUMBERS) {
    const text = draft[name].trim();
    if (text !== '') {
      const value = Number(text);
      if (!Number.isFinite(value)) {
        return {problem: `${name} is not a number.`, field: name};
      }
      body[name] = value;
    }
  }
  const stops = draft.stop.split('\n').filter((line) => line !== '');
  if (stops.length > 0) {
    body.stop = stops;
  }
  if (draft.format === 'json_object') {
    body.response_format = {type: 'json_object'};
  } else if (draft.format === 'json_schema') {
    try {
      body.response_format = {type: 'json_schema', json_schema: {name: 'answer', schema: JSON.parse(draft.schema)}};
    } catch (problem) {
      return {problem: `The schema is no JSON: ${/** @type {Error} */ (problem).message}`, field: 'schema'};
    }
  }
  return {body};
}
