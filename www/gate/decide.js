/** Taking an answer: cookie and pending decision first, then everything that follows from it. */

import { choiceOf, letterOf } from './letter.js';
import { follow, leaving, release } from './change.js';
import { formatChoices } from './cookie.js';
import { gpc, keep, policy, state, verdict } from './state.js';
import { tidySoon } from './later.js';
import { pending, setPending } from './store.js';

/**
 * A UUIDv7 of a time. Its random part is drawn here: `crypto.randomUUID` is not there on plain http, and the name that
 * browsers give a blob takes them milliseconds, between a click and the paint that it waits for.
 * @param {number} time milliseconds
 * @returns {string}
 */
export const uuid = (time) =>
  time.toString(16).padStart(12, '0').replace(/.{8}/, '$&-') +
  '-7xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => (crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16));

/**
 * Takes a decision.
 * @param {Object} asked surface, action and whether both answers were in view; from the second file all else that a
 * decision says of the policy it was made under
 * @param {Object<string, import('./cookie.js').Choice>} answered
 * @returns {string} the decision's id
 */
export function decide(asked, answered) {
  // What was clicked before comes first.
  release();
  // Never earlier than the answer before, even if the clock was put back.
  const time = Math.max(Date.now(), (state?.time + 1) * 1000 || 0);
  const id = uuid(time);
  // The layer says under which policy it was made; the second file writes that out.
  const decision = { id, time, layer: policy.layer, choices: formatChoices(answered), ...asked };
  if (gpc()) decision.signals = ['gpc'];
  setPending([...pending(), decision]);
  follow(
    () => keep({ time: Math.floor(time / 1000), choices: { __proto__: null, ...state?.choices, ...answered } }),
    true,
  );
  if (!leaving) tidySoon();
  return id;
}

/**
 * The first layer's answer: the same for every purpose.
 * @param {string} action
 * @param {boolean} inView whether both answers were in view
 */
export function answerAll(action, inView) {
  const answered = {};
  for (const purpose of policy.purposes) {
    const letter = letterOf(policy, verdict, purpose, action == 'give-all' ? 'g' : 'r', true);
    // What is necessary keeps the switches of its services.
    answered[purpose.id] = choiceOf(
      policy,
      purpose,
      letter,
      (letter == 'n' && verdict.standing[purpose.id]?.services) || {},
    );
  }
  decide({ surface: 'banner', action, inView }, answered);
}
