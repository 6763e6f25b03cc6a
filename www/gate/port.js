/**
 * What the gate hands to the wasm modules: `settle(port)` and `mount(port, surface, host?)`. Texts and JSON texts pass,
 * so that neither side holds the other's objects.
 */

import { bare, emit } from './page.js';
import { base, credentials } from './place.js';
import { closed } from './load.js';
import { decide } from './decide.js';
import { follow } from './change.js';
import { gpc, policy, recall, stateText } from './state.js';
import { pending } from './store.js';
import { settled } from './deliver.js';

/** @returns {Object} the port */
export const makePort = () => ({
  /** JSON of the configuration. */
  config: JSON.stringify(policy),
  /** Absolute base address, with a slash at its end. */
  base,
  /** `same-origin`, or `omit` where the base is on another origin. */
  credentials,
  /** The cookie's value now, or an empty text. */
  state: stateText,
  /** JSON array of the decisions not yet settled. */
  pending: () => JSON.stringify(pending()),
  /** Drops decisions whose receipts are safely in the outbox. */
  settled,
  /** Takes an answer as a click on the first layer does; returns the decision's id. */
  decide: (json) => decide(bare(json)),
  /** Compares cookie, copy and memory after an answer of the server's; the later wins. */
  heal: () => follow(recall),
  /** Dispatches `sayso:<name>`. */
  emit: (name, json) => emit(name, JSON.parse(json)),
  /** The signals seen: `["gpc"]` or none. */
  signals: () => (gpc() ? ['gpc'] : []),
  /** A surface was closed. */
  close: closed,
});
