/** Answers that name services apart from their purposes: the preference centre's, a placeholder's, the API's. */

import { about } from './about.js';
import { choiceOf, letterOf } from '../letter.js';

/**
 * The letter of a purpose of which only services were answered.
 * @param {*} policy
 * @param {import('../cookie.js').Verdict} verdict
 * @param {Object} purpose
 * @param {boolean} yes whether a service is allowed
 * @returns {string}
 */
function letterBeside({ model }, { standing }, purpose, yes) {
  const old = standing[purpose.id];
  if (purpose.necessary) return 'n';
  // A yes to another revision than this policy's, older or newer, is none to what is open under it.
  if (!old || (old.letter == 'g' && old.revision != purpose.revision)) return 'd';
  // What opens must lapse: a service allowed beside an objection makes a refusal of it, where that stays shut too.
  return yes && /[os]/.test(old.letter) && model == 'OptIn' ? 'r' : old.letter;
}

/**
 * Takes a decision.
 * @param {Object} tools
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
export function decideBeside(tools, { surface, action, choices, services, inView, layer, language }) {
  const { policy, decide } = tools;
  const verdict = tools.verdict();
  const answered = { __proto__: null };
  for (const purpose of policy.purposes) {
    const { id, necessary } = purpose;
    const answer = choices?.[id];
    const wanted = services?.[id];
    if (!answer && !wanted) continue;
    const yes = Object.values(wanted || {}).includes(true);
    const letter = answer
      ? letterOf(policy, verdict, purpose, answer, /-all$/.test(action))
      : letterBeside(policy, verdict, purpose, yes);
    const open = /[gn]/.test(letter);
    const marks = { __proto__: null };
    for (const service of purpose.services || []) {
      const want = wanted?.[service.id] ?? (answer && !necessary ? open : verdict.open[service.id]);
      if (want != open && (!necessary || service.switchable)) marks[service.id] = want;
    }
    answered[id] = choiceOf(policy, purpose, letter, marks);
  }
  const asked = { ...about(policy), surface, action, inView: !!inView };
  if (layer) asked.layer = layer;
  if (language) asked.language = language;
  return decide(asked, answered);
}

/**
 * The same answer for some purposes and services.
 * @param {Object} tools
 * @param {string} surface
 * @param {string} action
 * @param {string} letter
 * @param {string[]} ids an unknown one is an error
 * @returns {string} the decision's id
 */
export function beside(tools, surface, action, letter, ids) {
  const choices = { __proto__: null };
  const services = { __proto__: null };
  const { purposes } = tools.policy;
  for (const id of ids) {
    const owner = purposes.find((purpose) => purpose.services?.some((service) => service.id == id));
    if (purposes.some((purpose) => purpose.id == id)) choices[id] = letter;
    else if (owner) (services[owner.id] ||= { __proto__: null })[id] = letter == 'g';
    else throw new TypeError(`sayso: this site has no purpose or service "${id}"`);
  }
  return decideBeside(tools, { surface, action, choices, services });
}
