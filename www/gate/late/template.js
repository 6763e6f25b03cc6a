/** Templates: their content is put behind them, and its scripts take their turn like any gated one. */

import { doc, fail } from '../page.js';
import { make } from '../tree.js';

/** Types of script that are data. */
const DATA = /json|map|rules|plain/;

/** What waits for its address although nothing else gates it: Firefox fetches what a template names. */
const WAITS = ['src', 'srcset', 'poster', 'href'].map((name) => `[data-${name}]:not(script,[data-sayso])`).join();

/**
 * @param {Object} tools
 * @param {HTMLTemplateElement} template
 * @param {string} id the purpose or service that allowed it
 */
export function unfold({ enqueue, load }, template, id) {
  const content = doc('importNode', template.content, true);
  const scripts = [];
  for (const script of content.querySelectorAll('script')) {
    if (DATA.test(script.type)) continue;
    const place = make(['slot', 0]);
    script.replaceWith(place);
    scripts.push({ id, script, place, type: script.type });
  }
  for (const element of content.querySelectorAll(WAITS)) {
    try {
      load(element);
    } catch (error) {
      fail('markup', error);
    }
  }
  template.after(content);
  enqueue(scripts);
}
