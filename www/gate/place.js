/** Where the gate was loaded from: the base address of everything else. */

import { doc } from './page.js';

const script = doc('currentScript');
const found = /^(.*\/)sayso(\.[\w-]+)?\.js([?#]|$)/.exec(script?.src);

/** The gate's own address, if it has one. */
export const source = found?.input;

/** The nonce of the gate's own script. */
export const nonce = script?.nonce;

/** Absolute, with a slash at its end. */
export let base;

/** How requests to it carry cookies. */
export let credentials;

/**
 * Settles the base: where the gate came from, else the configured path on the page's own host.
 * @param {string} path
 */
export function locate(path) {
  const url = new URL(found?.[1] || path + '/', location);
  base = url.href;
  credentials = url.origin == location.origin ? 'same-origin' : 'omit';
}
