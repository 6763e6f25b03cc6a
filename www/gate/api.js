/** `window.sayso`: the calls that a site's own scripts may make. Types and words on each: `sayso.d.ts`. */

import { allows, currentStatuses, policy } from './state.js';
import { decide, everyPurpose } from './decide.js';
import { doc } from './page.js';
import { openSurface, wasm } from './load.js';

/**
 * Sorts ids into purposes and services; an unknown one is an error.
 * @param {string|string[]} ids
 * @param {string} letter
 */
export function sort(ids, letter) {
  const [choices, services] = [{}, {}];
  for (const id of [].concat(ids)) {
    const purpose = policy.purposes.find((one) => one.id == id);
    const owner = policy.purposes.find((one) => (one.services || []).some((service) => service.id == id));
    if (purpose) choices[id] = letter;
    else if (owner) (services[owner.id] ||= {})[id] = letter == 'g';
    else throw new TypeError(`sayso: ${id} is neither a purpose nor a service of this site`);
  }
  return { choices, services };
}

/** A call that answers: for some ids, or for every purpose. */
const answering = (action, letter) => async (ids) =>
  !!decide(
    ids == null
      ? { surface: 'api', action: action == 'object' ? action : action + '-all', choices: everyPurpose(letter) }
      : { surface: 'api', action, ...sort(ids, letter) },
  );

/**
 * Makes the API.
 * @param {function(): void} ask shows what asks the visitor
 * @returns {Object}
 */
export function makeApi(ask) {
  const give = answering('give', 'g');
  return {
    state: currentStatuses,
    allows,
    open: async (surface = 'preferences') => openSurface(surface),
    async give(ids) {
      // Only a person opens: without a click or a key just now, the person is asked.
      if ((navigator.userActivation || {}).isActive) return give(ids);
      ask();
      return false;
    },
    refuse: answering('refuse', 'r'),
    withdraw: answering('withdraw', 'r'),
    object: answering('object', 'o'),
    on(name, listener) {
      const heard = (event) => listener(event.detail);
      doc('addEventListener', 'sayso:' + name, heard);
      if (name == 'ready') listener(currentStatuses());
      return () => doc('removeEventListener', 'sayso:' + name, heard);
    },
    receipts: async () => (await wasm('settle')).receipts(),
  };
}

/**
 * Puts the API in the stub's place, and makes the calls that waited in it.
 * @param {Object} api
 */
export function publish(api) {
  const stub = window.sayso;
  const queue = (stub && stub.q) || [];
  const target = stub && stub.q ? Object.assign(stub, api) : api;
  delete target.q;
  Object.defineProperty(window, 'sayso', { value: target });
  for (const [name, ids, done] of queue) done(target[name](...ids));
}
