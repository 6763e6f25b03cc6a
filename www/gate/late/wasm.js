/** Loading the two wasm modules, each once: settling what is pending, and opening surfaces of the app. */

import { complete } from './about.js';
import { doc, emit, fail, idle } from '../page.js';
import { port } from './port.js';

const modules = { __proto__: null };
let settling;
let invoker;

/** Loads `settle` or `app`. A failure is not remembered: the next call tries again. */
async function load({ base, policy }, name) {
  try {
    const loaded = await import(base + policy.files[name]);
    await loaded.default({ module_or_path: base + policy.files[name + 'Wasm'] });
    return loaded;
  } catch (error) {
    delete modules[name];
    throw error;
  }
}

const wasm = (tools, name) => (modules[name] ||= load(tools, name));

/**
 * Settles what is pending; what arrives meanwhile has its turn after it.
 * @param {Object} tools
 */
export function settle(tools) {
  settling = settleNext(tools, settling);
  return settling;
}

async function settleNext(tools, before) {
  await before;
  await new Promise(idle);
  try {
    complete(tools);
    const module = await wasm(tools, 'settle');
    await module.settle(port(tools));
    // Made elsewhere under another layer: recorded as witnessed, since nothing here can sign it.
    const { layer: ours } = tools.policy;
    if (tools.pending().some(({ notice, layer }) => !notice && layer != ours)) tools.deliver(true);
  } catch (error) {
    fail('settle', error);
    // Whatever is still pending will not be signed now.
    tools.deliver(true);
  }
}

/**
 * Opens a surface of the app: as a dialog, or in place. Where the app cannot be loaded, the page of the same name takes
 * the dialog's place.
 * @param {Object} tools
 * @param {string} surface
 * @param {{place: (?Element|undefined), href: (string|undefined)}} where `place` is the element to draw in, or null for
 * what stands by itself
 * @returns {Promise<boolean>} true: it is open, or the browser is on its way to the page
 */
export async function open(tools, surface, { place, href }) {
  const focused = doc('activeElement');
  try {
    const app = await wasm(tools, 'app');
    if (place === undefined) invoker = focused;
    app.mount(port(tools), surface, place);
    emit('open', { surface });
  } catch (error) {
    fail('load', error);
    if (place === undefined) location.assign(href || tools.base + (surface == 'newsletter' ? surface : 'preferences'));
  }
  return true;
}

/**
 * A surface was closed: the focus goes back to what opened it.
 * @param {string} surface
 */
export function closed(surface) {
  if (invoker?.isConnected) invoker.focus();
  invoker = undefined;
  emit('close', { surface });
}

/**
 * The receipts that this browser keeps.
 * @param {Object} tools
 * @returns {Promise<Object[]>}
 */
export async function receipts(tools) {
  const kept = JSON.parse(await errand(tools, 'read', '{}'));
  return kept.receipts.flatMap(({ file }) => file || []);
}

/**
 * Does what the app asks of the settle module.
 * @param {Object} tools
 * @param {string} name
 * @param {string} json
 * @returns {Promise<string>}
 */
export async function errand(tools, name, json) {
  return (await wasm(tools, 'settle')).errand(port(tools), name, json);
}
