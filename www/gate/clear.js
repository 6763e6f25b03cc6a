/** Clearing what shut services left: their declared cookies on every domain and path level, and their storage keys. */

import { allows, known } from './state.js';
import { cookies, expire } from './store.js';

/** The names among some that shut services declare, exactly or by a prefix that ends in `*`, and no open one. */
function doomed(names, member) {
  const declare = (name, open) =>
    Object.values(known).some(
      ([, service]) =>
        allows(service?.id) == open &&
        service?.[member]?.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name == one)),
    );
  return names.filter((name) => declare(name, false) && !declare(name, true));
}

/** Clears what belongs to services that are shut, and to no open one. */
export function clear() {
  const names = cookies().map(([name]) => name);
  doomed(names, 'cookies').forEach(expire);
  for (const kind of ['localStorage', 'sessionStorage']) {
    try {
      const storage = window[kind];
      for (const key of doomed(Object.keys(storage), 'storage')) storage.removeItem(key);
    } catch {
      // Blocked storage holds nothing.
    }
  }
}
