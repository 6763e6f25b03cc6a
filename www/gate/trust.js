/**
 * The one Trusted Types policy. It is made once, here, and nothing hands it out: only the gate can turn a text that the
 * page already held in a gated tag into a script.
 */

/** @returns {{createScript: function(string): *, createScriptURL: function(string): *}} */
function makeTrust() {
  const rules = { createScript: (text) => text, createScriptURL: (text) => text };
  try {
    return window.trustedTypes.createPolicy('sayso', rules);
  } catch {
    // No Trusted Types here, or the page's own policy does not list our name: then plain texts are tried.
    return rules;
  }
}

const trusted = makeTrust();

/**
 * @param {string} text
 * @returns {TrustedScript|string}
 */
export const code = (text) => trusted.createScript(text);

/**
 * @param {string} text
 * @returns {TrustedScriptURL|string}
 */
export const address = (text) => trusted.createScriptURL(text);

/**
 * Whether a text is an address to load from: http or https, never `javascript:` or `data:`.
 * @param {string} text
 * @param {string} base
 * @returns {boolean}
 */
export function loadable(text, base) {
  try {
    return /^https?:$/.test(new URL(text, base).protocol);
  } catch {
    return false;
  }
}
