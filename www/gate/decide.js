/** Taking an answer: cookie and pending decision first, then everything that follows from it. */

import { DAY, formatChoices } from './cookie.js';
import { follow, leaving } from './change.js';
import { gpc, keep, known, policy, state, verdict } from './state.js';
import { late, settleSoon } from './later.js';
import { pending, setPending } from './store.js';

/**
 * A UUIDv7 of a time. The random part is cut from the version 4 that browsers name a blob with: unlike
 * `crypto.randomUUID`, that is there on plain http too.
 * @param {number} time milliseconds
 * @returns {string}
 */
export const uuid = (time) =>
  time.toString(16).padStart(12, '0').replace(/.{8}/, '$&-') + '-7' + URL.createObjectURL(new Blob()).slice(-21);

/**
 * The letter that an answer to a purpose gets.
 * @param {Object} purpose
 * @param {string} answer `g`, or a no
 * @param {boolean} all answered together with all others
 */
export function letterOf(purpose, answer, all) {
  const was = verdict.standing[purpose.id]?.letter || (gpc() && purpose.gpc ? 's' : '');
  if (purpose.necessary) return 'n';
  // A signal's objection is lifted by the purpose's own switch alone.
  if (all && was == 's') return was;
  if (/[gnd]/.test(answer)) return answer;
  if (/[os]/.test(was)) return was;
  // Where nothing rests on consent, a no is an objection, and does not lapse.
  return answer == 'o' || policy.model != 'OptIn' ? 'o' : was == 'g' ? 'w' : 'r';
}

/**
 * The choice that is written for a purpose.
 * @param {Object} purpose
 * @param {string} letter
 * @param {Object<string, boolean>} [services] answered apart from it; what is necessary keeps its own
 * @returns {import('./cookie.js').Choice}
 */
export function choiceOf({ id, revision }, letter, services = (letter == 'n' && verdict.standing[id]?.services) || {}) {
  const opens = letter == 'g' || Object.values(services).includes(true);
  const day = Math.floor(Date.now() / DAY) + policy.days[opens ? 'given' : 'refused'];
  return { letter, revision, day: /[nos]/.test(letter) ? undefined : day, services };
}

/**
 * Takes a decision.
 * @param {{surface: string, action: string, inView: boolean, layer: string, language: string}} asked the last two only
 * where they are not the first layer's
 * @param {Object<string, import('./cookie.js').Choice>} answered
 * @returns {string} the decision's id
 */
export function decide(asked, answered) {
  // Never earlier than the answer before, even if the clock was put back.
  const time = Math.max(Date.now(), (state?.time + 1) * 1000 || 0);
  const id = uuid(time);
  const { language, jurisdiction, model, controller, notice, layer } = policy;
  const signals = gpc() ? ['gpc'] : undefined;
  const choices = formatChoices(answered);
  setPending([
    ...pending(),
    { v: 1, id, time, language, jurisdiction, model, controller, notice, layer, signals, choices, ...asked },
  ]);
  follow(() => keep({ time: Math.floor(time / 1000), choices: { __proto__: null, ...state?.choices, ...answered } }), true);
  if (!leaving) settleSoon();
  return id;
}

/**
 * The same answer for some purposes and services, or for every purpose.
 * @param {string} surface
 * @param {string} action
 * @param {string} letter
 * @param {string|string[]} [ids]
 * @param {boolean} [inView]
 * @returns {string|Promise<string>} the decision's id
 */
export function answer(surface, action, letter, ids, inView = false) {
  const answered = {};
  for (const id of [].concat(ids || policy.purposes.map((purpose) => purpose.id))) {
    const [purpose, service] = known[id] || [];
    if (!purpose) throw new TypeError(`sayso: no purpose or service "${id}"`);
    if (service) return late('answer', surface, action, letter, ids);
    answered[id] = choiceOf(purpose, letterOf(purpose, letter, !ids));
  }
  return decide({ surface, action, inView }, answered);
}
