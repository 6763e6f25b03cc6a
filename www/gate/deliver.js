/**
 * Delivering decisions unsigned, where they could not be settled: the server then records them as witnessed. They stay
 * pending, marked `delivered`, so that they can be signed later under the same id.
 */

import { base, credentials } from './place.js';
import { fail } from './page.js';
import { pending, setPending } from './store.js';
import { stateText } from './state.js';

// Taken before the page can put its own in their place.
const { fetch: request, Request: Shape } = window;

/** The most decisions in one request. */
const BATCH = 16;

/**
 * Drops decisions from the pending ones.
 * @param {string[]} ids
 */
export function settled(ids) {
  setPending(pending().filter((decision) => !ids.includes(decision.id)));
}

/** Marks decisions as delivered, or as not delivered after all. */
function mark(ids, delivered) {
  setPending(
    pending().map((decision) => {
      if (!ids.includes(decision.id)) return decision;
      const { delivered: _, ...rest } = decision;
      return delivered ? { ...rest, delivered } : rest;
    }),
  );
}

/**
 * Posts pending decisions.
 * @param {boolean} [final] nothing will sign them: post what was posted before as well (the server knows a decision by
 * its id), and drop what it has taken
 */
export function deliver(final) {
  const list = pending()
    .filter((decision) => final || !decision.delivered)
    .slice(0, BATCH);
  if (!list[0]) return;
  const ids = list.map((decision) => decision.id);
  const url = base + 'v1/receipts';
  const body = JSON.stringify({
    v: 1,
    state: stateText() || undefined,
    decisions: list.map(({ id, time, surface, action, layer, inView, signals, choices }) => ({
      id,
      time,
      surface,
      action,
      layer,
      inView,
      signals,
      choices,
    })),
  });
  mark(ids, true);
  if (!final && !('keepalive' in Shape.prototype) && navigator.sendBeacon(url, body)) return;
  request(url, { method: 'POST', body, credentials, keepalive: true })
    .then(({ ok, status }) => {
      // Refused for good: asking again would not help. An unknown notice may be a server not yet up to date.
      const hopeless = status >= 400 && status < 500 && ![408, 422, 425, 429].includes(status);
      if (hopeless) fail('refused', status);
      if (hopeless || (ok && final)) settled(ids);
      else if (!ok) mark(ids, false);
    })
    .catch(() => mark(ids, false));
}
