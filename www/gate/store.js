/**
 * What the gate keeps: the cookie, its copy `sayso.state`, and `sayso.pending`, the decisions not yet settled. Storage
 * that is blocked or full is an ordinary branch: then the values live as long as the page.
 */

import { DAY, format } from './cookie.js';
import { doc } from './page.js';

const PENDING = 'sayso.pending';
/** The pending decisions that storage did not take: they do not outlive this page. */
export let unkept;

/**
 * Reads a key of localStorage.
 * @param {string} key
 * @returns {string}
 */
export function read(key) {
  try {
    return localStorage.getItem(key) || '';
  } catch {
    return '';
  }
}

/**
 * Writes a key of localStorage.
 * @param {string} key
 * @param {string} [value] none removes it
 * @returns {boolean|undefined} true where storage does not take it
 */
export function write(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    return true;
  }
}

/**
 * The decisions not yet settled, oldest first.
 * @returns {Object[]}
 */
export function pending() {
  try {
    return unkept || [...JSON.parse(read(PENDING) || '[]')];
  } catch {
    return [];
  }
}

/**
 * Replaces the pending decisions.
 * @param {Object[]} list
 */
export function setPending(list) {
  unkept = write(PENDING, list[0] && JSON.stringify(list)) && list;
}

/**
 * The cookies that scripts can see, as `name=value`. A sandboxed page has none.
 * @returns {string[]}
 */
export function cookies() {
  try {
    return doc('cookie').split('; ');
  } catch {
    return [];
  }
}

/**
 * Sets or expires one cookie. A sandboxed page has none.
 * @param {string} text
 */
export function setCookie(text) {
  try {
    Reflect.set(Document.prototype, 'cookie', text, document);
  } catch {
    // The choice holds for this page.
  }
}

/**
 * Writes the cookie for what remains of its days. An objection has no day: it gets the 400 days that browsers allow.
 * @param {import('./cookie.js').State} state
 * @param {string} [domain]
 */
export function keepCookie(state, domain) {
  const today = Math.floor(Date.now() / DAY);
  const left = Object.values(state.choices).map(({ day, letter }) => (day ? day - today : letter == 'n' ? 0 : 400));
  // Plain http that counts as secure is loopback, where some browsers drop `Secure` cookies.
  const loopback = isSecureContext && location.protocol == 'http:';
  setCookie(
    `sayso=${format(state)};Max-Age=${(Math.max(...left) || 400) * 86400};Path=/;SameSite=Lax` +
      (domain ? ';Domain=' + domain : '') +
      (loopback ? '' : ';Secure'),
  );
}
