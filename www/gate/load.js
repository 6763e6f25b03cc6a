/** Loading the two wasm modules, each once, and settling what is pending when the browser is idle. */

import { base } from './place.js';
import { deliver } from './deliver.js';
import { doc, emit, fail } from './page.js';
import { makePort } from './port.js';
import { pending, read } from './store.js';
import { policy } from './state.js';

const modules = { __proto__: null };
let due;
let invoker;

/**
 * Loads `settle` or `app`. A failure is not remembered: the next call tries again.
 * @param {string} name
 * @returns {Promise<Object>}
 */
export function wasm(name) {
  const load = async () => {
    try {
      const loaded = await import(base + policy.files[name]);
      await loaded.default({ module_or_path: base + policy.files[name + 'Wasm'] });
      return loaded;
    } catch (error) {
      delete modules[name];
      fail('load', error);
      throw error;
    }
  };
  return (modules[name] ||= load());
}

/** Settles when the browser is idle, if there is anything to settle. */
export function settleSoon() {
  if (due || !(pending()[0] || /\w/.test(read('sayso.outbox')))) return;
  due = true;
  const settle = async () => {
    due = false;
    try {
      await (await (modules.app || wasm('settle'))).settle(makePort());
    } catch {
      // Whatever is still pending will not be signed now.
      deliver(true);
    }
  };
  if (typeof requestIdleCallback == 'function') requestIdleCallback(settle, { timeout: 2000 });
  else setTimeout(settle, 200);
}

/**
 * Opens a surface of the app: as a dialog, or in place in `host`. Where the app cannot be loaded, the page of the same
 * name takes the dialog's place.
 * @param {string} surface
 * @param {?Element} [host]
 * @param {string} [href] where the link that was clicked leads
 */
export async function openSurface(surface, host, href) {
  const focused = doc('activeElement');
  try {
    const app = await wasm('app');
    if (!host) invoker = focused;
    app.mount(makePort(), surface, host);
    emit('open', { surface });
  } catch {
    if (!host) location.assign(href || base + (surface == 'newsletter' ? surface : 'preferences'));
  }
}

/**
 * A surface was closed: the focus goes back to what opened it.
 * @param {string} surface
 */
export function closed(surface) {
  if (invoker?.isConnected) invoker.focus();
  emit('close', { surface });
}
