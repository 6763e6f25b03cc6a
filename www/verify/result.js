/** One receipt and what was found: the verdict first, then what it says, what it proves, and what it does not. */

import { asked, read } from './asked.js';
import { code, count, day, el, fact, facts, knows, listed, moment, named, page, part, say } from './parts.js';

/**
 * A receipt's result.
 * @param {{claims: ?Object, said: Object, notice: Object, layer: Object}} one
 * @returns {HTMLElement}
 */
export function result({ claims, said, notice, layer }) {
  if (said.holds) return held(said.holds, notice, layer);
  if (said.refused) return refused(said.refused, claims);
  return el('article', { class: 'result unsure' }, verdict('unsure', ...unsure(said.unsure)));
}

/** Why this browser cannot tell. */
export function unsure(why) {
  const key = { secure: 'unsure-secure', keys: 'unsure-keys', load: 'unsure-load' }[why] || 'unsure-algorithm';
  return [say('verify-unsure'), say(`verify-${key}`, { algorithm: why })];
}

/** The verdict: a mark, a title that takes the focus, a sentence. */
export function verdict(kind, title, sentence, ...more) {
  return el(
    'header',
    { class: `verdict ${kind}` },
    el('span', { class: 'mark', 'aria-hidden': 'true' }),
    el('div', {}, el('h2', { tabindex: '-1' }, title), el('p', {}, sentence), ...more),
  );
}

function refused({ code: number, sentence }, claims) {
  const known = `verify-code-${number}`;
  const strange = claims && (claims.site != page.dataset.verify || number == 16);
  return el(
    'article',
    { class: 'result refused' },
    verdict(
      'wrong',
      say('verify-refused'),
      knows(known) ? say(known) : sentence,
      strange ? el('p', {}, say('verify-elsewhere', { log: claims.log ?? '?' })) : null,
      el('p', { class: 'note' }, say('verify-code', { code: number })),
      el('details', {}, el('summary', {}, say('verify-exact')), el('p', { lang: 'en', dir: 'ltr' }, sentence)),
    ),
  );
}

function held(found, notice, layer) {
  const { receipt, signed } = found;
  const ours = receipt.site == page.dataset.verify;
  const shown = read(notice.text ?? '');
  const title = (id) => shown?.purposes.find((one) => one.id == id)?.title[document.documentElement.lang] ?? id;
  const asker = shown?.controllers[receipt.controller]?.name ?? receipt.controller;
  return el(
    'article',
    { class: 'result holds' },
    verdict('good', say('verify-holds'), say(signed ? 'verify-holds-signed' : 'verify-holds-witnessed')),
    answered(found, title, asker),
    asked(receipt, ours, notice, layer),
    stands(found),
    proves(found),
  );
}

function answered({ receipt, received, flags }, title, asker) {
  const purposes = receipt.purposes.map(({ id, status, lapses, services }) =>
    el(
      'li',
      { 'data-status': status },
      el('strong', {}, title(id)),
      el('span', { class: 'badge' }, say(`state-${status}`)),
      lapses == null ? null : el('span', { class: 'note' }, say('verify-until', { date: day(lapses) })),
      ...Object.entries(services ?? {}).map(([name, on]) => el('span', { class: 'note' }, `${name}: ${say(on ? 'switch-on' : 'switch-off')}`)),
    ),
  );
  const noted = flags.map((flag) => (knows(`verify-flag-${flag}`) ? say(`verify-flag-${flag}`) : flag));
  return part(
    say('verify-answered'),
    el('ul', { class: 'given' }, ...purposes),
    facts(
      fact(say('verify-decided'), say('verify-decided-by', { date: moment(receipt.time) })),
      fact(say('verify-received'), say('verify-received-by', { date: moment(received) })),
      fact(say('verify-how'), `${say(`action-${receipt.action}`)} · ${say(`surface-${receipt.surface}`)}`),
      fact(say('verify-about'), receipt.about ? say('verify-about-address') : null),
      fact(say('verify-to'), named(asker)),
      fact(say('verify-rules'), `${receipt.jurisdiction}: ${say(`verify-model-${receipt.model}`)}`),
      fact(say('verify-view'), say(receipt.in_view ? 'verify-view-yes' : 'verify-view-no')),
      fact(say('verify-signals'), receipt.signals.join(', ')),
      fact(say('verify-flags'), listed(noted)),
    ),
  );
}

function stands({ receipt, log, index, size, root, hash, cosigned, named: claimed }) {
  const witnesses = cosigned.map(({ name, time }) => el('p', {}, say('verify-witness-at', { name, date: moment(time * 1000) })));
  const checked = new Set(cosigned.map(({ name }) => name));
  const unchecked = claimed.filter((name) => !checked.has(name));
  if (unchecked[0]) witnesses.push(el('p', {}, say('verify-witness-named', { names: listed(unchecked) })));
  else if (!witnesses[0]) witnesses.push(el('p', {}, say('verify-witness-none')));
  return part(
    say('verify-stands'),
    facts(
      fact(say('verify-log'), code(log)),
      fact(say('verify-entry'), say('verify-entry-of', { index: count(index), size: count(size) })),
      fact(say('verify-root'), code(root)),
      fact(say('verify-witness'), ...witnesses),
      fact(say('verify-hash'), code(hash)),
      fact(say('verify-subject'), receipt.subject ? code(receipt.subject) : null),
    ),
  );
}

function proves({ signed, cosigned }) {
  const names = listed(cosigned.map(({ name }) => name));
  const item = (key, values) => el('li', {}, say(`verify-${key}`, values));
  return el(
    'div',
    { class: 'worth' },
    part(
      say('verify-proves'),
      el(
        'ul',
        { class: 'does' },
        item(signed ? 'proves-signed' : 'proves-witnessed'),
        item('proves-time'),
        item('proves-log'),
        names ? item('proves-cosigned', { names }) : null,
      ),
    ),
    part(
      say('verify-proves-not'),
      el('ul', { class: 'does-not' }, item('not-person'), item('not-now'), names ? null : item('not-others')),
    ),
  );
}

/**
 * Evidence that a log was altered.
 * @param {{time: number, seen: string, shown: string, said: Object}} one
 * @returns {HTMLElement}
 */
export function evidence({ time, seen, shown, said }) {
  const sizes = { before: count(said.before ?? 0), after: count(said.after ?? 0) };
  let words = unsure(said.unsure)[1];
  if (said.shows) words = say(`verify-evidence-${said.shows}`, sizes);
  if (said.refused) words = say(`verify-code-${said.refused.code}`);
  const note = (text) => el('pre', { dir: 'ltr' }, text);
  return el(
    'article',
    { class: 'result' },
    verdict(said.shows && said.shows != 'grown' ? 'wrong' : 'unsure', say('verify-evidence'), words),
    el('p', { class: 'note' }, say('verify-evidence-date', { date: moment(time) })),
    note(seen),
    note(shown),
  );
}
