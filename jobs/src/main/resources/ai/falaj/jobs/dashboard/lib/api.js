/** Calls of the server, as docs/DASHBOARD.md has them. */

const TIMEOUT_MS = 15_000;

/** What the server answered instead of an answer. `code` and `message` are for people, `status` for programs. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status; 0 where the server could not be reached
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {string} path such as /api/requests
 * @param {Record<string, string|number|null|undefined>} [query] what is null, undefined or '' is left out
 */
export function pathOf(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/**
 * Fetches JSON.
 *
 * @param {string} path
 * @param {Record<string, string|number|null|undefined>} [query]
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function get(path, query) {
  return (await call(pathOf(path, query), {})).json();
}

/**
 * Fetches plain text.
 *
 * @param {string} path
 * @param {Record<string, string|number|null|undefined>} [query]
 * @returns {Promise<string>}
 * @throws {ApiError}
 */
export async function getText(path, query) {
  return (await call(pathOf(path, query), {})).text();
}

/**
 * Sends JSON.
 *
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>} the answer's JSON; null where it has none
 * @throws {ApiError}
 */
export async function post(path, body) {
  const response = await call(path, {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function call(path, options) {
  let response;
  try {
    response = await fetch(path, {...options, credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS)});
  } catch (problem) {
    const slow = problem instanceof DOMException && problem.name === 'TimeoutError';
    throw new ApiError(0, 'unreachable', slow ? 'the server did not answer in time' : 'the server does not answer');
  }
  if (!response.ok) {
    throw await errorOf(response);
  }
  return response;
}

/** @param {Response} response */
async function errorOf(response) {
  let error = null;
  try {
    error = (await response.json()).error;
  } catch {
    // A proxy's own page: the status says enough.
  }
  return new ApiError(response.status, error?.code ?? 'http', error?.message ?? `the server answered ${response.status}`);
}
