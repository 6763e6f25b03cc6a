/**
 * The other tabs: each tells the others what is in force, so that they agree even where storage is blocked. The channel
 * is shut while the page lies in the back-forward cache.
 */

import { follow } from './change.js';
import { recall } from './state.js';

/** @type {BroadcastChannel|undefined} */
let channel;

/** Listens to the other tabs. */
export function joinTabs() {
  try {
    channel = new BroadcastChannel('sayso');
    channel.onmessage = ({ data }) => follow(() => recall(data));
  } catch {
    // Then this tab learns of it when it comes to the front.
  }
}

/** Stops listening. */
export function leaveTabs() {
  channel?.close();
  channel = undefined;
}

/**
 * Tells the other tabs.
 * @param {string} text the cookie's value
 */
export function tellTabs(text) {
  channel?.postMessage(text);
}
