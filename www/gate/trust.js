/**
 * The one Trusted Types policy. It is made once, here, and nothing hands it out: only the gate can turn a text that the
 * page already held in a gated tag into a script.
 */

import { doc } from './page.js';

/** The policy, or its rules as they are. */
export let trusted = { createScript: (text) => text, createScriptURL: (text) => text };

try {
  trusted = window.trustedTypes.createPolicy('sayso', trusted);
} catch {
  // No Trusted Types here, or the page's own policy does not list our name: then plain texts are tried.
}

/**
 * An address that may be loaded: http or https, never `javascript:` or `data:`.
 * @param {string} text
 * @returns {string}
 */
export function loadable(text) {
  if (!/^https?:$/.test(new URL(text, doc('baseURI')).protocol)) throw text;
  return text;
}
