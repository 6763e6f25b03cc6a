/** Which letter an answer gets, and the choice that is written for it. Pure, but for the day. */

import { DAY } from './cookie.js';

/**
 * The letter that an answer to a purpose gets.
 * @param {*} policy
 * @param {import('./cookie.js').Verdict} verdict
 * @param {Object} purpose
 * @param {string} answer `g`, or a no
 * @param {boolean} all answered together with all others
 * @returns {string}
 */
export function letterOf({ model }, { standing, signalled }, { id, necessary }, answer, all) {
  const was = standing[id]?.letter || (signalled[id] ? 's' : '');
  if (necessary) return 'n';
  // A signal's objection is lifted by the purpose's own switch alone.
  if (all && was == 's') return was;
  if (answer == 'g') return answer;
  if (/[os]/.test(was)) return was;
  // Where nothing rests on consent, a no is an objection, and does not lapse.
  return answer == 'o' || model != 'OptIn' ? 'o' : was == 'g' ? 'w' : 'r';
}

/**
 * The choice that is written for a purpose.
 * @param {*} policy
 * @param {Object} purpose
 * @param {string} letter
 * @param {Object<string, boolean>} services answered apart from it
 * @returns {import('./cookie.js').Choice}
 */
export function choiceOf({ days }, { revision }, letter, services) {
  // What opens, if only a service, lapses with a yes.
  const opens = letter == 'g' || Object.values(services).includes(true);
  const day = Math.floor(Date.now() / DAY) + (opens ? days.given : days.refused);
  return { letter, revision, day: /[nos]/.test(letter) ? undefined : day, services };
}
