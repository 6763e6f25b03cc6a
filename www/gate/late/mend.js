/** Small repairs: an older browser's style sheet, and a gate that is out of date. */

import { doc } from '../page.js';
import { make } from '../tree.js';

/**
 * Adopts a sheet; where that is not known, a style element does, with the page's nonce if it has one.
 * @param {string} css
 */
export function style(css) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    Reflect.set(Document.prototype, 'adoptedStyleSheets', [...doc('adoptedStyleSheets'), sheet], document);
  } catch {
    const element = make(['style', 0, css]);
    element.nonce = doc('querySelector', 'script[nonce]')?.nonce || '';
    doc('head').append(element);
  }
}

/** Fetches the gate anew: an answer was made for a later revision than this one knows. */
export function renew() {
  for (const { src } of doc('querySelectorAll', 'script[src*="/sayso."]'))
    fetch(src, { cache: 'reload' }).catch(() => {});
}
