/** Where the gate was loaded from: the base address of everything else. */

import { doc } from './page.js';

const found = /^(.*\/)sayso(\.[\w-]+)?\.js([?#]|$)/.exec(doc('currentScript')?.src);

/** Absolute, with a slash at its end. */
export let base;

/**
 * Settles the base: where the gate came from, else the configured path on the page's own host.
 * @param {string} path
 */
export function locate(path) {
  base = new URL(found?.[1] || path + '/', location).href;
}
