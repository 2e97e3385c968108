/**
 * Which view is shown is in the address, after the #, so that a link, a reload and the back button keep it:
 * #/requests/req-17. Parts are percent-encoded; a part that is not decodable is taken as it stands.
 */

/**
 * @param {string} hash such as #/requests/req-17
 * @returns {{view: string, argument: string|null}}
 */
export function parse(hash) {
  const [view = '', ...rest] = hash.replace(/^#?\/?/, '').split('/');
  return {view, argument: rest.length === 0 || rest.join('') === '' ? null : decoded(rest.join('/'))};
}

/**
 * @param {string} view
 * @param {string|null} [argument]
 */
export function link(view, argument = null) {
  return argument === null ? `#/${view}` : `#/${view}/${encodeURIComponent(argument)}`;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
