/** The calls of `window.sayso` that need more than what the first file knows. */

import { beside } from './beside.js';
import { open, receipts } from './wasm.js';

const ANSWERS = { give: 'g', refuse: 'r', withdraw: 'r', object: 'o' };

/**
 * Makes a call.
 * @param {Object} tools
 * @param {string} name
 * @param {*} parts the ids, or the surface
 * @param {boolean} [active] whether a person just clicked or pressed a key
 * @returns {Promise<*>}
 */
export async function call(tools, name, parts, active) {
  if (name == 'open') return open(tools, parts || 'preferences', {});
  if (name == 'receipts') return receipts(tools);
  const { ask, signalled, standing } = tools.verdict();
  const { purposes } = tools.policy;
  const every = parts == null;
  const ids = every ? purposes.map(({ id }) => id) : [].concat(parts);
  // Only a purpose's own switch, which says that the browser asks otherwise, lifts a signal's objection.
  const objected = ({ id, services }) =>
    (standing[id] ? standing[id].letter == 's' : signalled[id]) &&
    (ids.includes(id) || services?.some((service) => ids.includes(service.id)));
  if (name == 'give' && (!active || (!every && purposes.some(objected)))) {
    // Only a person opens: without a click or a key just now, the person is asked.
    if (active || !ask[0]) await open(tools, 'preferences', {});
    return false;
  }
  beside(tools, 'api', every && name != 'object' ? name + '-all' : name, ANSWERS[name], ids);
  return true;
}
