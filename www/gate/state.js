/**
 * The answers now in force, and what they open. The cookie, its copy in storage and the memory of this page are three
 * witnesses; the later wins, and of the same second the one that shuts.
 */

import { cookies, expire, keepCookie, read, write } from './store.js';
import { evaluate, format, merge, parse } from './cookie.js';

const COPY = 'sayso.state';

/** The configuration, without prototypes. */
export let policy;
/** By id: a purpose alone, or the purpose of a service and the service. */
export const known = { __proto__: null };
/** @type {import('./cookie.js').State|undefined} */
export let state;
/** @type {import('./cookie.js').Verdict} */
export let verdict;

/** Whether the browser sends Global Privacy Control. */
export const gpc = () => navigator.globalPrivacyControl === true;

/** The cookie's value now, or an empty text. */
export const stateText = () => (state ? format(state) : '');

/**
 * Whether what is marked with a purpose or a service may run.
 * @param {string} id
 * @returns {boolean}
 */
export const allows = (id) => verdict.open[id] === true;

/** Applies the rules anew. */
function judge() {
  verdict = evaluate(policy, state, gpc(), Date.now());
}

/**
 * Begins with a configuration and what the browser kept.
 * @param {Object} config
 */
export function begin(config) {
  policy = config;
  for (const purpose of policy.purposes) {
    known[purpose.id] = [purpose];
    for (const service of purpose.services || []) known[service.id] = [purpose, service];
  }
  recall();
}

/**
 * Takes the latest of what the three know, and mends the others.
 * @param {string} [told] what another tab says is in force
 */
export function recall(told) {
  const jar = cookies()
    .filter(([name]) => name == 'sayso')
    .map(([, value]) => value);
  const copy = read(COPY);
  state = [...jar, copy, told].map(parse).reduce(merge, state);
  judge();
  // Where both are gone the visitor has cleared them: this page remembers, but does not bring them back.
  if (!state || !(jar[0] || copy)) return;
  const text = stateText();
  if (jar[1]) expire('sayso');
  // An equal cookie is left alone: the server's lives longer than one set by a script.
  if (jar[1] || jar[0] != text) keepCookie(state, policy.domain);
  if (copy != text) write(COPY, text);
}

/**
 * Puts a new answer in force.
 * @param {import('./cookie.js').State} next
 */
export function keep(next) {
  state = next;
  write(COPY, stateText());
  keepCookie(next, policy.domain);
  judge();
}
