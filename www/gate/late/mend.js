/** Small repairs: an older browser's style sheet, and a gate that is out of date. */

import { doc } from '../page.js';
import { make } from '../tree.js';

/**
 * A style element, where sheets cannot be adopted; with the page's nonce, if it has one.
 * @param {string} css
 */
export function style(css) {
  const element = make(['style', 0, css]);
  element.nonce = doc('querySelector', 'script[nonce]')?.nonce || '';
  doc('head').append(element);
}

/** Fetches the gate anew: an answer was made for a later revision than this one knows. */
export function renew() {
  for (const { src } of doc('querySelectorAll', 'script[src*="/sayso."]')) fetch(src, { cache: 'reload' }).catch(() => {});
}
