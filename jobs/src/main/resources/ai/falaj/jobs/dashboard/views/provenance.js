import {foreign} from '../lib/dom.js';
import {count} from '../lib/format.js';
import {facts} from '../lib/widgets.js';

/**
 * What made a completion: enough to make it again.
 *
 * @param {any} made as the trace has it
 */
export function provenanceFacts(made) {
  return facts([
    ['Model', made.model],
    ['Adapter', made.adapter],
    ['Engine', `${made.engine} ${made.engineVersion ?? ''}`],
    ['Quantization', made.quantization],
    ['SHA-256 of the file', made.modelSha256 ? foreign('code', made.modelSha256) : null],
    ['Seed', made.seed === undefined ? null : String(made.seed)],
    ['Attempts', made.attempts === undefined ? null : count(made.attempts)],
    ...samplingEntries(made.sampling ?? {}),
  ]);
}

/**
 * @param {Record<string, any>} sampling
 * @returns {Array<[string, any]>}
 */
function samplingEntries(sampling) {
  return Object.entries(sampling).map(([name, value]) => [
    wordsOf(name),
    foreign('code', typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
}

/** @param {string} camelCase */
function wordsOf(camelCase) {
  const spaced = camelCase.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced[0].toUpperCase() + spaced.slice(1);
}
