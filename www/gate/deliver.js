/**
 * Delivering decisions unsigned, where they could not be settled: the server then records them as witnessed. They stay
 * pending, marked `delivered`, so that they can be signed later under the same id.
 */

import { base } from './place.js';
import { fail } from './page.js';
import { pending, setPending } from './store.js';
import { stateText } from './state.js';

// Taken before the page can put its own in its place.
const post = window.fetch;

/** What the server is told; it fills in the rest from the layer's digest. */
const MEMBERS = 'state decisions id time surface action layer inView signals choices'.split(' ');
/** The most decisions in one request. */
const BATCH = 16;

/** Changes some of the pending decisions: what a decision becomes takes its place. */
function amend(ids, become) {
  setPending(pending().flatMap((decision) => (ids.includes(decision.id) ? become(decision) : decision)));
}

/**
 * Posts pending decisions.
 * @param {boolean} [final] nothing will sign them: post what was posted before as well (the server knows a decision by
 * its id), and drop what it has taken
 */
export async function deliver(final) {
  const decisions = pending()
    .filter(({ delivered }) => final || !delivered)
    .slice(0, BATCH);
  if (!decisions[0]) return;
  const ids = decisions.map(({ id }) => id);
  const url = base() + 'v1/receipts';
  const body = '{"v":1,' + JSON.stringify({ state: stateText() || undefined, decisions }, MEMBERS).slice(1);
  const mark = (delivered) => amend(ids, (decision) => ({ ...decision, delivered }));
  mark(true);
  try {
    // With cookies on the page's own host alone, which is what browsers do unless told otherwise.
    const { ok, status } = await post(url, { method: 'POST', body, keepalive: true });
    // Refused for good: asking again would not help. An unknown notice may be a server not yet up to date.
    const hopeless = /^4(?!08|22|25|29)/.test(status);
    if (hopeless) fail('refused', status);
    if (hopeless || (ok && final)) amend(ids, () => []);
    else if (!ok) mark();
  } catch {
    // Also where the page has put something else in the place of `fetch`.
    navigator.sendBeacon(url, body) || mark();
  }
}
