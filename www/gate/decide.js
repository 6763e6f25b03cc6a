/** Taking an answer: cookie and pending decision first, then everything that follows from it. */

import { DAY, formatChoices, standing } from './cookie.js';
import { bare } from './page.js';
import { follow, leaving } from './change.js';
import { gpc, keep, policy, state, verdict } from './state.js';
import { pending, setPending } from './store.js';
import { settleSoon } from './load.js';

/**
 * A UUIDv7 of a time.
 * @param {number} time milliseconds
 * @returns {string}
 */
export function uuid(time) {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  bytes[0] = (bytes[0] & 15) | 112;
  bytes[2] = (bytes[2] & 63) | 128;
  let text = time.toString(16).padStart(12, '0');
  for (const byte of bytes) text += (byte + 256).toString(16).slice(1);
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * The letter that an answer gets.
 * @param {Object} purpose
 * @param {import('./cookie.js').Choice|undefined} old
 * @param {string} answer `g`, or a no
 * @param {boolean} all answered together with all others
 */
function letterOf(purpose, old, answer, all) {
  const was = old ? old.letter : gpc() && purpose.gpc ? 's' : '';
  if (purpose.necessary) return 'n';
  // A signal's objection is lifted by the purpose's own switch alone.
  if (all && was == 's') return was;
  if (/[gnd]/.test(answer)) return answer;
  if (/[os]/.test(was)) return was;
  // Where nothing rests on consent, a no is an objection, and does not lapse.
  if (answer == 'o' || policy.model != 'OptIn') return 'o';
  return was == 'g' ? 'w' : 'r';
}

/** The letter of a purpose of which only services were answered. */
function letterBeside(purpose, old, yes) {
  if (purpose.necessary) return 'n';
  if (!old || (old.letter == 'g' && old.revision < purpose.revision)) return 'd';
  // What opens must lapse: a service allowed beside an objection makes a refusal of it, where that stays shut too.
  return yes && /[os]/.test(old.letter) && policy.model == 'OptIn' ? 'r' : old.letter;
}

/**
 * The choice that is written for a purpose.
 * @param {Object} purpose
 * @param {string|undefined} answer
 * @param {Object<string, boolean>|undefined} services
 * @param {boolean} all
 * @param {number} now milliseconds
 * @returns {import('./cookie.js').Choice}
 */
function choiceOf(purpose, answer, services, all, now) {
  const old = standing(policy, state, purpose.id, now);
  const wanted = services || { __proto__: null };
  const yes = Object.values(wanted).includes(true);
  const letter = answer ? letterOf(purpose, old, answer, all) : letterBeside(purpose, old, yes);
  const open = /[gn]/.test(letter);
  const marks = { __proto__: null };
  let some = false;
  for (const { id, switchable } of purpose.services || []) {
    if (purpose.necessary && !switchable) continue;
    const want = id in wanted ? wanted[id] : answer && !purpose.necessary ? open : verdict.open[id];
    if (want != open) {
      marks[id] = want;
      some ||= want;
    }
  }
  const { given, refused } = policy.days;
  const days = letter == 'g' ? given : /[rw]/.test(letter) ? (some ? Math.min(given, refused) : refused) : letter == 'd' && given;
  return { letter, revision: purpose.revision, day: days ? Math.floor(now / DAY) + days : undefined, services: marks };
}

/**
 * Takes an answer, from whatever surface.
 * @param {Object} asked
 * @param {string} asked.surface
 * @param {string} asked.action
 * @param {Object<string, string>} [asked.choices] by purpose: `g`, `r`, `o`
 * @param {Object<string, Object<string, boolean>>} [asked.services] by purpose, then by service
 * @param {boolean} [asked.inView]
 * @param {string} [asked.layer] digest of what was shown; the first layer's if left out
 * @param {string} [asked.language]
 * @returns {string} the decision's id
 */
export function decide({ surface, action, inView, layer, language, ...asked }) {
  const { choices, services } = bare({ choices: {}, services: {}, ...asked });
  const now = Date.now();
  // Never earlier than the answer before, even if the clock was put back.
  const time = Math.max(now, state ? (state.time + 1) * 1000 : 0);
  const answered = { __proto__: null };
  for (const purpose of policy.purposes) {
    const { id } = purpose;
    if (choices[id] || services[id]) answered[id] = choiceOf(purpose, choices[id], services[id], /-all$/.test(action), now);
  }
  const signals = gpc() ? ['gpc'] : undefined;
  const { jurisdiction, model, controller, notice } = policy;
  const decision = {
    v: 1,
    id: uuid(time),
    time,
    surface,
    action,
    language: language || policy.language,
    jurisdiction,
    model,
    controller,
    notice,
    layer: layer || policy.layer,
    inView: !!inView,
    signals,
    choices: formatChoices(answered),
  };
  setPending([...pending(), decision]);
  follow(() => keep({ time: Math.floor(time / 1000), choices: { __proto__: null, ...(state && state.choices), ...answered } }), true);
  if (!leaving) settleSoon();
  return decision.id;
}

/**
 * The same answer for every purpose.
 * @param {string} letter
 * @returns {Object<string, string>}
 */
export function everyPurpose(letter) {
  return Object.fromEntries(policy.purposes.map(({ id }) => [id, letter]));
}
