/**
 * The cookie's grammar and the rules for what is open and what must be asked. Pure: no page, no clock.
 *
 * `1.<time>.<choices>`, the choices joined by `~`, each `purpose:<letter><revision>[.<day>][+service|-service]…`.
 * The same rules stand in Rust; both are held to the same golden vectors. What does not follow the grammar to the letter
 * is no cookie at all.
 *
 * @typedef {{letter: string, revision: number, day: (number|undefined), services: Object<string, boolean>}} Choice
 * @typedef {{time: number, choices: Object<string, Choice>}} State
 * @typedef {{ask: boolean, newer: boolean, asked: string[], open: Object<string, boolean>}} Verdict
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

const NOTHING = { __proto__: null };

/** Compares answers of the same second, the greater to be kept: the no that lasts longest, the yes that covers least. */
function shutter(one, two) {
  const rank = (choice) => 'gndrwso'.indexOf(choice.letter);
  const sign = rank(one) > 1 ? 1 : -1;
  const longer = (one.day ?? 1e11) - (two.day ?? 1e11);
  return rank(one) - rank(two) || sign * (one.revision - two.revision || longer);
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
    const [one, two] = [a.choices[id], b.choices[id]];
    if (!(one && two) && (one || two).letter == 'g') continue;
    const choice = !two || (one && shutter(one, two) >= 0) ? one : two;
    const services = { __proto__: null };
    const marks = [one ? one.services : NOTHING, two ? two.services : NOTHING];
    for (const service of Object.keys({ ...marks[0], ...marks[1] })) {
      const [x, y] = marks.map((mark) => mark[service]);
      if (x === false || y === false) services[service] = false;
      else if (x && y) services[service] = true;
    }
    choices[id] = { ...choice, services };
  }
  return { time: a.time, choices };
}

/**
 * Whether an answer has run out. What opens expires: a yes without a day counts as lapsed. So does a day further off than
 * an answer can last, since some clock was wrong then.
 * @param {Choice} choice
 * @param {*} policy
 * @param {number} now milliseconds
 * @returns {boolean}
 */
function lapsed({ letter, day }, { days }, now) {
  const today = Math.floor(now / DAY);
  return day == null ? letter == 'g' : day <= today || day > today + Math.max(days.given, days.refused);
}

/**
 * The choice for a purpose, if it still counts.
 * @param {*} policy
 * @param {State|undefined} state
 * @param {string} id
 * @param {number} now milliseconds
 * @returns {Choice|undefined}
 */
export function standing(policy, state, id, now) {
  const choice = state && state.choices[id];
  return choice && !lapsed(choice, policy, now) ? choice : undefined;
}

/**
 * Applies the rules: a yes covers the revision it was given for and no later one; a no covers every later revision
 * until its day; what cannot be decided stays shut.
 * @param {*} policy `{model, days, purposes}` of the configuration
 * @param {State|undefined} state
 * @param {boolean} gpc whether the browser sends Global Privacy Control
 * @param {number} now milliseconds
 * @returns {Verdict}
 */
export function evaluate(policy, state, gpc, now) {
  const loose = policy.model != 'OptIn';
  const verdict = { ask: false, newer: false, asked: [], open: { __proto__: null } };
  for (const purpose of policy.purposes) {
    const choice = state && state.choices[purpose.id];
    const old = choice && lapsed(choice, policy, now);
    let open = loose;
    let ask = false;
    let newer = false;
    if (purpose.necessary) {
      open = true;
    } else if (choice && choice.revision > purpose.revision) {
      newer = true;
      open = false;
    } else if (choice && /[rwso]/.test(choice.letter)) {
      // A no that has lapsed is asked about again; time alone opens nothing.
      ask = !!old;
      open = false;
    } else if (!choice || old || (!loose && choice.letter == 'n')) {
      ask = !(gpc && purpose.gpc);
      open = loose && ask;
    } else if (choice.letter != 'd') {
      ask = choice.revision < purpose.revision;
      open = loose || !ask;
    }
    if (ask) verdict.asked.push(purpose.id);
    verdict.ask ||= ask;
    verdict.newer ||= newer;
    verdict.open[purpose.id] = open;
    for (const service of purpose.services || []) {
      const mark = choice && choice.services[service.id];
      const covered = choice && !old && service.since <= choice.revision;
      verdict.open[service.id] =
        !newer &&
        (mark === false
          ? !!purpose.necessary && !service.switchable
          : open || (!!covered && (mark || choice.letter == 'g')));
    }
  }
  return verdict;
}

const STATUSES = {
  g: 'Given',
  r: 'Refused',
  w: 'Withdrawn',
  o: 'Objected',
  s: 'Objected',
  d: 'Deferred',
  n: 'Acknowledged',
};

/**
 * The statuses by purpose, as events and `sayso.state()` tell them.
 * @param {*} policy
 * @param {State|undefined} state
 * @param {boolean} gpc
 * @param {number} now milliseconds
 * @returns {Object<string, string>}
 */
export function statuses(policy, state, gpc, now) {
  const found = {};
  for (const { id, necessary, gpc: objects } of policy.purposes) {
    const choice = state && state.choices[id];
    found[id] =
      choice && !lapsed(choice, policy, now)
        ? STATUSES[choice.letter]
        : necessary
          ? 'Acknowledged'
          : gpc && objects
            ? 'Objected'
            : choice
              ? 'Expired'
              : 'Unknown';
  }
  return found;
}
