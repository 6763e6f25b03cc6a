/** Taking an answer: cookie and pending decision first, then everything that follows from it. */

import { DAY, formatChoices } from './cookie.js';
import { follow, leaving } from './change.js';
import { gpc, keep, known, policy, state, verdict } from './state.js';
import { pending, setPending } from './store.js';
import { settleSoon } from './load.js';

/**
 * A UUIDv7 of a time.
 * @param {number} time milliseconds
 * @returns {string}
 */
export function uuid(time) {
  const random = (digit) => (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16);
  return (
    time.toString(16).padStart(12, '0').replace(/.{8}/, '$&-') + '-7' + '000-8000-000000000000'.replace(/[08]/g, random)
  );
}

/**
 * The letter that an answer to a purpose gets.
 * @param {Object} purpose
 * @param {import('./cookie.js').Choice|undefined} old
 * @param {string|undefined} answer `g`, or a no; none where only services were answered
 * @param {boolean} all answered together with all others
 * @param {boolean} yes whether a service is allowed
 */
function letterOf(purpose, old, answer, all, yes) {
  const was = old?.letter || (gpc() && purpose.gpc ? 's' : '');
  const strict = policy.model == 'OptIn';
  if (purpose.necessary) return 'n';
  if (!answer) {
    if (!old || (was == 'g' && old.revision < purpose.revision)) return 'd';
    // What opens must lapse: a service allowed beside an objection makes a refusal of it, where that stays shut too.
    return yes && strict && /[os]/.test(was) ? 'r' : was;
  }
  // A signal's objection is lifted by the purpose's own switch alone.
  if (all && was == 's') return was;
  if (/[gnd]/.test(answer)) return answer;
  if (/[os]/.test(was)) return was;
  // Where nothing rests on consent, a no is an objection, and does not lapse.
  return answer == 'o' || !strict ? 'o' : was == 'g' ? 'w' : 'r';
}

/**
 * The choice that is written for a purpose.
 * @param {Object} purpose
 * @param {string|undefined} answer
 * @param {Object<string, boolean>} wanted by service
 * @param {boolean} all
 * @param {number} now milliseconds
 * @returns {import('./cookie.js').Choice}
 */
function choiceOf(purpose, answer, wanted, all, now) {
  const { id, necessary, revision } = purpose;
  const letter = letterOf(purpose, verdict.standing[id], answer, all, Object.values(wanted).includes(true));
  const open = /[gn]/.test(letter);
  const services = { __proto__: null };
  let { given: days } = policy.days;
  for (const service of purpose.services || []) {
    const want = wanted[service.id] ?? (answer && !necessary ? open : verdict.open[service.id]);
    if (want != open && (!necessary || service.switchable)) services[service.id] = want;
  }
  if (/[rw]/.test(letter)) days = Object.values(services).includes(true) ? Math.min(days, policy.days.refused) : policy.days.refused;
  return { letter, revision, day: /[nos]/.test(letter) ? undefined : Math.floor(now / DAY) + days, services };
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
export function decide({ surface, action, choices, services, inView, layer, language }) {
  const now = Date.now();
  // Never earlier than the answer before, even if the clock was put back.
  const time = Math.max(now, state ? (state.time + 1) * 1000 : 0);
  const answered = { __proto__: null };
  for (const purpose of policy.purposes) {
    const answer = choices?.[purpose.id];
    const wanted = services?.[purpose.id];
    if (answer || wanted) {
      answered[purpose.id] = choiceOf(purpose, answer, wanted || { __proto__: null }, /-all$/.test(action), now);
    }
  }
  const id = uuid(time);
  const { jurisdiction, model, controller, notice } = policy;
  const decision = {
    v: 1,
    id,
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
    signals: gpc() ? ['gpc'] : undefined,
    choices: formatChoices(answered),
  };
  setPending([...pending(), decision]);
  follow(() => keep({ time: Math.floor(time / 1000), choices: { __proto__: null, ...state?.choices, ...answered } }), true);
  if (!leaving) settleSoon();
  return id;
}

/**
 * The same answer for some purposes and services.
 * @param {string} surface
 * @param {string} action
 * @param {string} letter
 * @param {string|string[]} [ids] every purpose if left out
 * @param {boolean} [inView]
 * @returns {string} the decision's id
 */
export function answer(surface, action, letter, ids = policy.purposes.map(({ id }) => id), inView) {
  const choices = { __proto__: null };
  const services = { __proto__: null };
  for (const id of [].concat(ids)) {
    const [purpose, service] = known[id] || [];
    if (!purpose) throw new TypeError(`sayso: this site has no purpose or service "${id}"`);
    if (service) (services[purpose.id] ||= { __proto__: null })[id] = letter == 'g';
    else choices[id] = letter;
  }
  return decide({ surface, action, choices, services, inView });
}
