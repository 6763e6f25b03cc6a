/**
 * What the wasm modules are handed: `settle(port)`, `errand(port, name, json)` and `mount(port, surface, host?)`. Texts
 * and JSON texts pass, so that neither side holds the other's objects.
 *
 * - `decide` takes `r` for any no: the gate writes `w` where the purpose was given, `o` where the model is not opt-in
 *   (a refusal would lapse there), and keeps an objection that stands. A service answered by itself, under a purpose
 *   never answered, is written beside `d`.
 * - *Accept all* leaves a signal's objection alone; any other action that names the purpose lifts it.
 * - `settle` may be called again while it runs: the gate waits for one call before it makes the next.
 * - A `settle` that rejects has the gate deliver whatever is still pending, unsigned.
 * - `mount` may throw: then the browser goes to the page of the same name.
 */

import { bare, emit } from '../page.js';
import { closed, errand, settle } from './wasm.js';
import { decideBeside } from './beside.js';

/**
 * @param {Object} tools
 * @returns {Object}
 */
export const port = (tools) => ({
  /** JSON of the configuration. */
  config: JSON.stringify(tools.policy),
  /** Absolute base address, with a slash at its end. */
  base: tools.base,
  /** `same-origin`, or `omit` where the base is on another origin. */
  credentials: new URL(tools.base).origin == location.origin ? 'same-origin' : 'omit',
  /** The cookie's value now, or an empty text. */
  state: tools.stateText,
  /** JSON array of the decisions not yet settled that can be signed here. */
  pending: () => JSON.stringify(tools.pending().filter(({ notice }) => notice)),
  /** Drops decisions whose receipts are safely in the outbox. */
  settled: (ids) => tools.setPending(tools.pending().filter(({ id }) => !ids.includes(id))),
  /** Takes an answer as a click on the first layer does; returns the decision's id. */
  decide: (json) => decideBeside(tools, bare(json)),
  /** Compares cookie, copy and memory after an answer of the server's; the later wins. */
  heal: tools.heal,
  /** Dispatches `sayso:<name>`. */
  emit: (name, json) => emit(name, JSON.parse(json)),
  /** The signals seen: `["gpc"]` or none. */
  signals: () => (tools.gpc() ? ['gpc'] : []),
  /** Has `settle` sign what is pending and post what waits. */
  settle: () => settle(tools),
  /** Has `settle` do what the app asks; rejects where it cannot be loaded. */
  errand: (name, json) => errand(tools, name, json),
  /** A surface was closed. */
  close: closed,
});
