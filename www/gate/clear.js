/** Clearing what shut services left: their declared cookies on every domain and path level, and their storage keys. */

import { policy, verdict } from './state.js';
import { cookies, expire } from './store.js';

/** Whether a name is declared: exactly, or by a prefix that ends in `*`. */
const declared = (patterns, name) =>
  patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name == pattern));

/** What the services of one kind declare under a member. */
const patterns = (member, open) =>
  policy.purposes
    .flatMap((purpose) => purpose.services || [])
    .filter((service) => verdict.open[service.id] == open)
    .flatMap((service) => service[member] || []);

/** The names among some that only shut services declare. */
function doomed(member, names) {
  const shut = patterns(member, false);
  const used = patterns(member, true);
  return shut.length ? names().filter((name) => declared(shut, name) && !declared(used, name)) : [];
}

/** Clears what belongs to services that are shut, and to no open one. */
export function clear() {
  doomed('cookies', () => cookies().map(([name]) => name)).forEach(expire);
  for (const kind of ['localStorage', 'sessionStorage']) {
    try {
      const storage = window[kind];
      for (const key of doomed('storage', () => Object.keys(storage))) storage.removeItem(key);
    } catch {
      // Blocked storage holds nothing.
    }
  }
}
