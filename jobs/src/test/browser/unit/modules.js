import {pathToFileURL} from 'node:url';
import path from 'node:path';

/** Where the page's modules are: DASHBOARD_HOME, or beside these tests in the sources. */
const home = process.env.DASHBOARD_HOME
  ?? path.resolve(import.meta.dirname, '../../../main/resources/ai/falaj/jobs/dashboard');

/**
 * Imports a module of the page.
 *
 * @param {string} name such as state/buckets.js
 */
export function page(name) {
  return import(pathToFileURL(path.join(home, name)).href);
}
