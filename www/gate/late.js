/**
 * The second file: what can wait until something happens on a page. It is an ES module of its own, loaded by the gate with
 * `import()`, and works on the gate's own state through the tools it is handed.
 */

import { alone, shut } from './late/clear.js';
import { beside } from './late/beside.js';
import { open, receipts, settle } from './late/wasm.js';
import { look } from './late/look.js';
import { renew, style } from './late/mend.js';
import { unfold } from './late/template.js';

/**
 * @param {Object} tools the gate's own functions, named as in its modules; see later.js
 * @returns {Object<string, function>}
 */
export function late(tools) {
  return {
    alone: () => alone(tools),
    answer: (surface, action, letter, ids) => beside(tools, surface, action, letter, ids),
    look: () => look(tools),
    mount: (surface) => open(tools, surface, { place: null }),
    open: (surface, href) => open(tools, surface, { href }),
    receipts: () => receipts(tools),
    renew,
    settle: () => settle(tools),
    shut: () => shut(tools),
    style,
    unfold: (template, id) => unfold(tools, template, id),
  };
}
