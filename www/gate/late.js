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
 * @param {Object} policy the whole configuration, which the build writes at the end of this file
 * @param {string} base where the service is
 * @param {...*} own what is the gate's own, named as in its modules and in the order of later.js; `heal` reads anew what
 * is in force
 * @returns {Object<string, function>}
 */
export function late(policy, base, ...own) {
  const [decide, deliver, enqueue, gpc, heal, load, opened, pending, setPending, stateText] = own;
  const verdict = () => evaluate(policy, parse(stateText()), gpc, Date.now());
  const tools = {
    policy,
    base,
    decide,
    deliver,
    enqueue,
    gpc,
    heal,
    load,
    opened,
    pending,
    setPending,
    stateText,
    verdict,
  };
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
