/**
 * What the gate keeps: the cookie, its copy `sayso.state`, and `sayso.pending`, the decisions not yet settled.
 * Storage that is blocked or full is an ordinary branch: then the values live as long as the page.
 */

import { DAY, format } from './cookie.js';
import { doc, setDoc } from './page.js';

const PENDING = 'sayso.pending';
const memory = { __proto__: null };

/**
 * Reads a key of localStorage, or what could not be written there.
 * @param {string} key
 * @returns {?string}
 */
export function read(key) {
  if (key in memory) return memory[key];
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/**
 * Writes a key of localStorage, or keeps it for this page.
 * @param {string} key
 * @param {string} value empty removes it
 */
export function write(key, value) {
  memory[key] = value;
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
    delete memory[key];
  } catch {
    // It stays in memory.
  }
}

/** Whether the pending decisions outlive this page. */
export const lasting = () => !(PENDING in memory);

/**
 * The decisions not yet settled, oldest first.
 * @returns {Object[]}
 */
export function pending() {
  try {
    const list = JSON.parse(read(PENDING) || '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/**
 * Replaces the pending decisions.
 * @param {Object[]} list
 */
export function setPending(list) {
  write(PENDING, list.length ? JSON.stringify(list) : '');
}

/**
 * The cookies that scripts can see, as pairs of name and value.
 * @returns {string[][]}
 */
export function cookies() {
  let text = '';
  try {
    text = doc('cookie');
  } catch {
    // A sandboxed page has none.
  }
  return text ? text.split('; ').map((pair) => pair.split(/=(.*)/s)) : [];
}

/**
 * Sets or expires one cookie.
 * @param {string} text
 */
export function setCookie(text) {
  try {
    setDoc('cookie', text);
  } catch {
    // A sandboxed page has none.
  }
}

/**
 * Expires every cookie of a name, on each parent domain and each level of the path.
 * @param {string} name
 */
export function expire(name) {
  const domains = [''];
  const labels = location.hostname.split('.');
  while (labels[1]) {
    domains.push(';Domain=' + labels.join('.'));
    labels.shift();
  }
  const paths = [];
  let level = '';
  for (const part of location.pathname.split('/').slice(1)) {
    paths.push(level + '/', (level += '/' + part));
  }
  for (const domain of domains) {
    for (const path of paths) setCookie(`${name}=;Max-Age=0;Path=${path}${domain}`);
  }
}

/**
 * Writes the cookie: `Secure` but on plain-http loopback, for what remains of its days. An objection has no day: it gets
 * the 400 days that browsers allow.
 * @param {import('./cookie.js').State} state
 * @param {string} domain
 */
export function keepCookie(state, domain) {
  const today = Math.floor(Date.now() / DAY);
  const left = Object.values(state.choices).map(({ day, letter }) => (/[os]/.test(letter) ? 400 : day ? day - today : 0));
  const days = Math.min(400, Math.max(...left));
  // Plain http that counts as secure is loopback, where some browsers drop `Secure` cookies.
  const loopback = isSecureContext && location.protocol == 'http:';
  setCookie(
    `sayso=${format(state)};Max-Age=${(days > 0 ? days : 400) * 86400};Path=/;SameSite=Lax` +
      (domain ? ';Domain=' + domain : '') +
      (loopback ? '' : ';Secure'),
  );
}

/**
 * The states found in cookies of our name.
 * @returns {string[]}
 */
export function stateCookies() {
  return cookies()
    .filter(([name]) => name == 'sayso')
    .map(([, value]) => value);
}

