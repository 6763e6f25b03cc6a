/**
 * The vendors that a site declares, told in order: each one's denied default before any tag can read it, then what the
 * visitor's answer allows, and after that only what changed. The build puts this file and those vendors into `sayso.js`
 * where a site declares one, and nothing otherwise.
 */

/**
 * A vendor: its two functions, what the site set for it, and the purposes and services that its signals follow.
 * @typedef {[function(Window, Object): void, function(Window, Object, function(string): string): void, Object, string[]]} Vendor
 */

/**
 * Begins. Where the inline snippet stood in the page, it has set the defaults already: never a second time.
 * @param {Window} window
 * @param {*} denied whether the snippet was there
 * @param {Vendor[]} vendors
 * @returns {function(function(string): boolean, boolean): void} called with what is allowed, and whether it was answered
 */
export function signal(window, denied, vendors) {
  const told = [];
  if (!denied) vendors.forEach(([deny, , its]) => attempt(deny, window, its));
  return (allows, answered) =>
    vendors.forEach(([, tell, its, ids], at) => {
      const now = ids.map(allows).join();
      // Not asked yet, and nothing open: the default says it all.
      if (now == told[at] || !(told[at] || answered || now.includes('true'))) return;
      told[at] = now;
      attempt(tell, window, its, (id) => (id && allows(id) ? 'granted' : 'denied'));
    });
}

/** A vendor's code that throws is its own loss. */
function attempt(task, ...parts) {
  try {
    task(...parts);
  } catch (error) {
    console.error(error);
  }
}
