/**
 * The cookie's grammar and the rules for what is open and what must be asked. Pure: no page, no clock.
 *
 * `1.<time>.<choices>`, the choices joined by `~`, each `purpose:<letter><revision>[.<day>][+service|-service]…`. The
 * same rules stand in Rust; both are held to the same golden vectors. What does not follow the grammar to the letter is
 * no cookie at all.
 *
 * @typedef {{letter: string, revision: number, day: (number|undefined), services: Object<string, boolean>}} Choice
 * @typedef {{time: number, choices: Object<string, Choice>}} State
 * @typedef {object} Verdict
 * @property {string[]} ask purposes that must be asked for
 * @property {string[]} newer purposes answered for a revision that this policy does not know yet
 * @property {Object<string, boolean>} open whether a purpose or a service may run
 * @property {Object<string, string>} status of each purpose
 * @property {Object<string, Choice|undefined>} standing the choices that still count
 * @property {Object<string, boolean>} signalled whether a signal objects to a purpose for which no choice counts
 */

const CHOICE =
  /^([a-z][a-z0-9-]{0,31}):([grwosdn])([1-9]\d{0,8})(?:\.(0|[1-9a-z][0-9a-z]{0,6}))?((?:[+-][a-z][a-z0-9_]{0,31})*)$/;
const STATE = /^1\.(0|[1-9a-z][0-9a-z]{0,7})\.(.*)$/;

/** Milliseconds in a day. */
export const DAY = 864e5;

/**
 * Reads choices joined by `~`.
 * @param {string} text
 * @returns {Object<string, Choice>|undefined} undefined where the grammar is not followed
 */
export function parseChoices(text) {
  const choices = { __proto__: null };
  for (const part of text ? text.split('~') : []) {
    const found = CHOICE.exec(part);
    if (!found || choices[found[1]]) return;
    const services = { __proto__: null };
    for (const mark of found[5].match(/.\w+/g) || []) {
      const id = mark.slice(1);
      if (id in services) return;
      services[id] = mark[0] == '+';
    }
    const day = found[4] && parseInt(found[4], 36);
    if (day > 0xffffffff) return;
    choices[found[1]] = { letter: found[2], revision: +found[3], day, services };
  }
  return choices;
}

/**
 * Reads a cookie's value.
 * @param {?string} text
 * @returns {State|undefined} undefined where it is no cookie of ours
 */
export function parse(text) {
  const found = text && text.length < 1025 && STATE.exec(text);
  const choices = found && parseChoices(found[2]);
  return choices ? { time: parseInt(found[1], 36), choices } : undefined;
}

/**
 * Writes choices, sorted by purpose.
 * @param {Object<string, Choice>} choices
 * @returns {string}
 */
export function formatChoices(choices) {
  return Object.keys(choices)
    .sort()
    .map((id) => {
      const { letter, revision, day, services } = choices[id];
      const marks = Object.keys(services).sort();
      return (
        `${id}:${letter}${revision}` +
        (day == null ? '' : '.' + day.toString(36)) +
        marks.map((service) => (services[service] ? '+' : '-') + service).join('')
      );
    })
    .join('~');
}

/**
 * Writes a cookie's value.
 * @param {State} state
 * @returns {string}
 */
export function format(state) {
  return `1.${state.time.toString(36)}.${formatChoices(state.choices)}`;
}

/** The letters, from what opens to what shuts hardest. */
const LETTERS = 'gndrwso';
const STATUSES = 'Given Acknowledged Deferred Refused Withdrawn Objected Objected'.split(' ');

/**
 * Orders answers of the same second, the one to be kept first: the no that lasts longest, the yes that covers least.
 */
function byShutness(one, two) {
  const rank = (choice) => LETTERS.indexOf(choice.letter);
  const longer = (two.day ?? 1e11) - (one.day ?? 1e11);
  return rank(two) - rank(one) || (rank(one) > 1 ? 1 : -1) * (two.revision - one.revision || longer);
}

/**
 * The later of two states; of two of the same second, the one that shuts, purpose by purpose.
 * @param {State|undefined} a
 * @param {State|undefined} b
 * @returns {State|undefined}
 */
export function merge(a, b) {
  if (!a || !b) return a || b;
  if (a.time != b.time) return a.time > b.time ? a : b;
  const choices = { __proto__: null };
  for (const id of Object.keys({ ...a.choices, ...b.choices })) {
    // A missing one is sorted last.
    const [kept, other] = [a.choices[id], b.choices[id]].sort(byShutness);
    if (!other && kept.letter == 'g') continue;
    const services = { __proto__: null };
    for (const service of Object.keys({ ...kept.services, ...other?.services })) {
      const [one, two] = [kept.services[service], other?.services[service]];
      if (one === false || two === false || (one && two)) services[service] = !!(one && two);
    }
    choices[id] = { ...kept, services };
  }
  return { time: a.time, choices };
}

/**
 * Applies the rules: a yes covers the revision it was given for and no later one; a no covers every later revision
 * until its day; what cannot be decided stays shut.
 * @param {*} policy `{model, days, purposes}` of the configuration
 * @param {State|undefined} state
 * @param {function(): *} gpc whether the browser sends Global Privacy Control; asked only where it matters
 * @param {number} now milliseconds
 * @returns {Verdict}
 */
export function evaluate({ model, days, purposes }, state, gpc, now) {
  const loose = model != 'OptIn';
  const today = Math.floor(now / DAY);
  const verdict = { ask: [], newer: [], open: { __proto__: null }, status: {}, standing: {}, signalled: {} };
  for (const { id, revision, necessary, gpc: objects, services } of purposes) {
    const choice = state?.choices[id];
    const letter = choice?.letter;
    // What opens expires: a yes without a day counts as lapsed. So does a day further off than an answer can last,
    // since some clock was wrong then.
    const lapsed =
      choice &&
      (choice.day == null
        ? letter == 'g'
        : choice.day <= today || choice.day > today + Math.max(days.given, days.refused));
    const stands = choice && !lapsed;
    // The letters of a no are the last of the alphabet.
    const no = letter > 'n';
    const newer = !necessary && choice?.revision > revision;
    const older = choice?.revision < revision;
    const missing = !stands || (letter == 'n' && !loose);
    const signalled = (verdict.signalled[id] = missing && objects && gpc());
    const open = necessary || (!newer && !no && (missing ? loose && !signalled : loose || (letter == 'g' && !older)));
    // A no that has lapsed is asked about again; time alone opens nothing.
    if (!necessary && !newer && (no ? lapsed : missing ? !signalled : letter != 'd' && older)) verdict.ask.push(id);
    if (newer) verdict.newer.push(id);
    verdict.open[id] = !!open;
    verdict.standing[id] = stands ? choice : undefined;
    verdict.status[id] = stands
      ? STATUSES[LETTERS.indexOf(letter)]
      : necessary
        ? 'Acknowledged'
        : signalled
          ? 'Objected'
          : choice
            ? 'Expired'
            : 'Unknown';
    for (const service of services || []) {
      const mark = choice?.services[service.id];
      // Without a `since`, from the beginning.
      const covered = stands && !(service.since > choice.revision) && (mark || letter == 'g');
      verdict.open[service.id] = !!(!newer && (mark === false ? necessary && !service.switchable : open || covered));
    }
  }
  return verdict;
}
