/** Where the gate was loaded from: the base address of everything else. */

import { doc } from './page.js';
import { policy } from './state.js';

// Known only while the script runs; looked into when something is to be loaded or sent, which most page views never do.
const source = doc('currentScript')?.src;

/**
 * The base address: where the gate came from, or the configured path where it stands inline or has another name.
 * @returns {string} absolute, with a slash at its end
 */
export const base = () =>
  new URL(/^(.*\/)sayso(\.[\w-]+)?\.js([?#]|$)/.exec(source)?.[1] || policy.base + '/', location).href;
