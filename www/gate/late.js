/**
 * The second file: what can wait until something happens on a page. It is an ES module of its own, loaded by the gate
 * with `import()`, and works on the gate's own state through the tools it is handed.
 */

import { alone, shut } from './late/clear.js';
import { call } from './late/call.js';
import { open, settle } from './late/wasm.js';
import { evaluate, parse } from './cookie.js';
import { look } from './late/look.js';
import { renew, style } from './late/mend.js';
import { unfold } from './late/template.js';

/**
 * @param {Object} gate the gate's own functions, named as in its modules (see later.js), and `config`, the whole
 * configuration: the
 * build writes it at the end of this file
 * @returns {Object<string, function>}
 */
export function late(gate) {
  const { gpc, stateText } = gate;
  const policy = gate.config;
  const verdict = () => evaluate(policy, parse(stateText()), gpc(), Date.now());
  const tools = { ...gate, policy, verdict };
  return {
    alone: () => alone(tools),
    call: (name, parts, active) => call(tools, name, parts, active),
    look: () => look(tools),
    mount: (surface) => open(tools, surface, { place: null }),
    open: (surface, href) => open(tools, surface, { href }),
    renew,
    settle: () => settle(tools),
    shut: () => shut(tools),
    style,
    unfold: (template, id) => unfold(tools, template, id),
  };
}
