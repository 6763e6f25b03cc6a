/** `window.sayso`: the calls that a site's own scripts may make. Types and words on each: `sayso.d.ts`. */

import { allows, verdict } from './state.js';
import { late } from './later.js';
import { listen } from './page.js';

/** Calls that the second file answers. */
const LATER = 'open give refuse withdraw object receipts'.split(' ');

/**
 * Puts the API in the stub's place, and makes the calls that waited in it.
 * @param {Object} [stub]
 */
export function publish(stub) {
  const queue = stub?.q;
  stub ||= {};
  delete stub.q;
  stub.state = () => verdict.status;
  stub.allows = allows;
  stub.on = (name, listener) => {
    const heard = ({ detail }) => listener(detail);
    listen('sayso:' + name, heard);
    if (name == 'ready') listener(verdict.status);
    return () => window.removeEventListener('sayso:' + name, heard, true);
  };
  for (const name of LATER) stub[name] = (parts) => late('call', name, parts, navigator.userActivation?.isActive);
  Object.defineProperty(window, 'sayso', { value: stub });
  for (const [name, parts, done] of queue || []) done(stub[name](...parts));
}
