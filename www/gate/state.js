/**
 * The answers now in force, and what they open. The cookie, its copy in storage and the memory of this page are three
 * witnesses; the later wins, and of the same second the one that shuts. A cookie never opens what this copy shuts.
 */

import { cookies, keepCookie, read, write } from './store.js';
import { evaluate, format, merge, parse } from './cookie.js';
import { choiceOf } from './letter.js';
import { doc } from './page.js';
import { late } from './later.js';

const COPY = 'sayso.state';

/** The configuration. */
export let policy;
/** @type {import('./cookie.js').State|undefined} */
export let state;
/** @type {import('./cookie.js').Verdict} */
export let verdict;

/** Whether the browser sends Global Privacy Control: as a property, or as a header that the server saw. */
export const gpc = () => navigator.globalPrivacyControl === true || policy.gpc;

/** The cookie's value now, or an empty text. */
export const stateText = () => (state ? format(state) : '');

/**
 * Whether what is marked with a purpose or a service may run.
 * @param {string} id
 * @returns {boolean}
 */
export const allows = (id) => !!verdict.open[id];

/** Applies the rules anew. */
function judge() {
  verdict = evaluate(policy, state, gpc, Date.now());
}

/** Tells the tags of declared vendors, where there are any. */
let signal;

/** Tells them what is allowed now, and whether the visitor has answered. */
export const inform = () => signal?.(allows, state);

/**
 * Begins with a configuration and what the browser kept.
 * @param {Object} config
 * @param {function|undefined} vendors what tells the tags of declared vendors
 */
export function begin(config, vendors) {
  policy = config;
  signal = vendors;
  recall();
  // Where silence opens, a signal's objection is written down, and stands when the browser no longer sends it.
  const choices = { __proto__: null, ...state?.choices };
  let objects;
  for (const purpose of policy.purposes) {
    const { id } = purpose;
    if (policy.model != 'OptIn' && verdict.signalled[id] && !verdict.standing[id]) {
      choices[id] = choiceOf(policy, purpose, 's', {});
      objects = true;
    }
  }
  if (objects) keep({ time: Math.floor(Date.now() / 1000), choices });
}

/** Takes the latest of what the three know, and mends the others. */
export function recall() {
  const jar = cookies().flatMap((cookie) => (cookie.startsWith('sayso=') ? cookie.slice(6) : []));
  const copy = read(COPY);
  state = merge(state, parse(copy));
  for (const text of jar) {
    // Nothing new.
    if (text == copy) continue;
    const cookie = parse(text);
    // A sibling subdomain can set one for us, but reaches no storage: later than this origin's copy, a cookie may shut
    // and opens nothing. Where subdomains share their answers, they are believed.
    if (copy && cookie?.time > state?.time && !policy.domain) cookie.time = state.time;
    state = merge(state, cookie);
  }
  judge();
  // Where both are gone the visitor has cleared them: this page remembers, but does not bring them back.
  if (!state || !(jar[0] || copy)) return;
  const text = stateText();
  // An equal cookie is left alone: the server's lives longer than one set by a script.
  if (jar[0] != text) keepCookie(state, policy.domain);
  // Two of our name: the other is on a domain or a path where only the second file looks.
  if (jar[1]) late('alone');
  if (copy != text) keepCopy();
}

/** Writes the copy. One that cannot be written over would only say what is no longer so. */
function keepCopy() {
  if (write(COPY, stateText())) write(COPY);
}

/**
 * Puts a new answer in force.
 * @param {import('./cookie.js').State} next
 */
export function keep(next) {
  state = next;
  keepCopy();
  keepCookie(next, policy.domain);
  judge();
}
