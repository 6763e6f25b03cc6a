/** Templates: their content is put behind them, and its scripts take their turn like any gated one. */

import { doc } from '../page.js';
import { make } from '../tree.js';

/** Types of script that are data. */
const DATA = /json|map|rules|plain/;

/**
 * @param {Object} tools
 * @param {HTMLTemplateElement} template
 * @param {string} id the purpose or service that allowed it
 */
export function unfold({ enqueue }, template, id) {
  const content = doc('importNode', template.content, true);
  const scripts = [];
  for (const script of content.querySelectorAll('script')) {
    if (DATA.test(script.type)) continue;
    const place = make(['slot', 0]);
    script.replaceWith(place);
    scripts.push({ id, script, place, type: script.type });
  }
  template.after(content);
  enqueue(scripts);
}
