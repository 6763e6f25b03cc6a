/** Small repairs: an older browser's style sheet, and a gate that is out of date. */

import { doc } from '../page.js';
import { make } from '../tree.js';

/**
 * A style element, where sheets cannot be adopted.
 * @param {string} css
 * @param {string} nonce of the gate's own script
 */
export function style(css, nonce) {
  const element = make(['style', 0, css]);
  element.nonce = nonce;
  doc('head').append(element);
}

/**
 * Fetches the gate anew: an answer was made for a later revision than this one knows.
 * @param {string} [source] the gate's own address
 */
export async function renew(source) {
  if (source) await fetch(source, { cache: 'reload' });
}
