/** The check: the checker says which signatures it wants to know of, and WebCrypto looks at each. */

import { page } from './parts.js';

const KINDS = {
  __proto__: null,
  ES256: [{ name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' }],
  Ed25519: ['Ed25519', 'Ed25519'],
};

let loading;

/**
 * The checker, loaded once. A failure is not remembered: the next check tries again.
 * @returns {Promise<Object>}
 */
export async function checker() {
  loading ||= load();
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

async function load() {
  const { glue, wasm } = page.dataset;
  const loaded = await import(glue);
  await loaded.default({ module_or_path: wasm });
  return loaded;
}

/**
 * Asks until nothing is left to ask.
 * @param {function(string): string} ask takes the answers so far, as JSON
 * @returns {Promise<Object>} what was found, or `{unsure: algorithm}` where this browser cannot look
 */
export async function settle(ask) {
  const answers = {};
  for (;;) {
    const said = JSON.parse(ask(JSON.stringify(answers)));
    if (!said.ask) return said;
    for (const question of said.ask) {
      const holds = await verify(question);
      if (holds === undefined) return { unsure: question.alg };
      answers[question.id] = holds;
    }
  }
}

/** Whether a signature holds; undefined where this browser does not know its kind. */
async function verify({ alg, key, message, signature }) {
  const [form, way] = KINDS[alg];
  const { subtle } = crypto;
  try {
    const imported = await subtle.importKey('raw', bytes(key), form, false, ['verify']);
    return await subtle.verify(way, imported, bytes(signature), bytes(message));
  } catch (error) {
    // Anything else is a key that is none, such as a point off the curve: nothing holds under it.
    return error.name == 'NotSupportedError' ? undefined : false;
  }
}

/** The bytes of a base64url text. */
function bytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/**
 * The digest of some bytes, as receipts write it.
 * @param {ArrayBuffer} data
 * @returns {Promise<string>}
 */
export async function digest(data) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return btoa(String.fromCharCode(...hash)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
