/** `window.sayso`: the calls that a site's own scripts may make. Types and words on each: `sayso.d.ts`. */

import { allows, verdict } from './state.js';
import { answer } from './decide.js';
import { openSurface, wasm } from './load.js';

/** A call that answers: for some ids, or for every purpose. */
const answering = (action, letter, all) => async (ids) => !!answer('api', ids ? action : all, letter, ids);

/**
 * Puts the API in the stub's place, and makes the calls that waited in it.
 * @param {function(): void} ask shows what asks the visitor
 */
export function publish(ask) {
  const give = answering('give', 'g', 'give-all');
  const stub = window.sayso?.q ? window.sayso : {};
  const { q: queue } = stub;
  delete stub.q;
  Object.assign(stub, {
    state: () => ({ ...verdict.status }),
    allows,
    open: async (surface = 'preferences') => openSurface(surface),
    // Only a person opens: without a click or a key just now, the person is asked.
    give: async (ids) => (navigator.userActivation?.isActive ? give(ids) : !!ask()),
    refuse: answering('refuse', 'r', 'refuse-all'),
    withdraw: answering('withdraw', 'r', 'withdraw-all'),
    object: answering('object', 'o', 'object'),
    on(name, listener) {
      const heard = ({ detail }) => listener(detail);
      window.addEventListener('sayso:' + name, heard);
      if (name == 'ready') listener(stub.state());
      return () => window.removeEventListener('sayso:' + name, heard);
    },
    receipts: async () => (await wasm('settle')).receipts(),
  });
  Object.defineProperty(window, 'sayso', { value: stub });
  for (const [name, parts, done] of queue || []) done(stub[name](...parts));
}
