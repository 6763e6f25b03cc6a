/** `window.sayso`: the calls that a site's own scripts may make. Types and words on each: `sayso.d.ts`. */

import { allows, verdict } from './state.js';
import { answer } from './decide.js';
import { late } from './later.js';
import { listen } from './page.js';

/**
 * Puts the API in the stub's place, and makes the calls that waited in it.
 * @param {function(): void} ask shows what asks the visitor
 */
export function publish(ask) {
  const stub = window.sayso?.q ? window.sayso : {};
  const { q: queue } = stub;
  const answering = (action, letter, all) => async (ids) => !!(await answer('api', ids ? action : all, letter, ids));
  const give = answering('give', 'g', 'give-all');
  delete stub.q;
  Object.assign(stub, {
    state: () => ({ ...verdict.status }),
    allows,
    open: (surface = 'preferences') => late('open', surface),
    // Only a person opens: without a click or a key just now, the person is asked.
    give: async (ids) => (navigator.userActivation?.isActive ? give(ids) : !!ask()),
    refuse: answering('refuse', 'r', 'refuse-all'),
    withdraw: answering('withdraw', 'r', 'withdraw-all'),
    object: answering('object', 'o', 'object'),
    on(name, listener) {
      const heard = ({ detail }) => listener(detail);
      listen('sayso:' + name, heard);
      if (name == 'ready') listener(verdict.status);
      return () => window.removeEventListener('sayso:' + name, heard, true);
    },
    receipts: () => late('receipts'),
  });
  Object.defineProperty(window, 'sayso', { value: stub });
  for (const [name, parts, done] of queue || []) done(stub[name](...parts));
}
