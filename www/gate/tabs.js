/**
 * The other tabs. A change is told by `storage` events where storage works, and on a channel where it does not; the
 * channel is shut while the page lies in the back-forward cache.
 */

import { follow } from './change.js';
import { recall } from './state.js';

/** @type {BroadcastChannel|undefined} */
let channel;

/** Listens to the other tabs. */
export function listen() {
  try {
    channel = new BroadcastChannel('sayso');
    channel.onmessage = ({ data }) => follow(() => recall(data));
  } catch {
    // Then this tab learns of it when it comes to the front.
  }
}

/** Stops listening. */
export function unlisten() {
  if (channel) channel.close();
  channel = undefined;
}

/**
 * Tells the other tabs.
 * @param {string} text the cookie's value
 */
export function announce(text) {
  if (channel) channel.postMessage(text);
}
