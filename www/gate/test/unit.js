/** Letters, choices, ids and trees. */

import { bare } from '../page.js';
import { complete } from '../late/about.js';
import { choiceOf, letterOf } from '../letter.js';
import { decideBeside } from '../late/beside.js';
import { evaluate, formatChoices, parse } from '../cookie.js';
import { make } from '../tree.js';
import { report, same, test } from './report.js';
import { uuid } from '../decide.js';

const policy = (model) => ({
  model,
  days: { given: 183, refused: 300 },
  purposes: [
    {
      id: 'necessary',
      revision: 1,
      necessary: true,
      services: [
        { id: 'chat', since: 1, switchable: true },
        { id: 'login', since: 1 },
      ],
    },
    {
      id: 'analytics',
      revision: 2,
      gpc: true,
      services: [
        { id: 'pulse', since: 1 },
        { id: 'video', since: 2 },
      ],
    },
  ],
});
const today = Math.floor(Date.now() / 864e5);
const day = (days) => (today + days).toString(36);
const cookie = (choices) => parse(`1.t.${choices}`);

/** The letter for analytics. */
function letter(model, choices, gpc, answer, all) {
  const rules = policy(model);
  const verdict = evaluate(rules, choices ? cookie(choices) : undefined, () => gpc, Date.now());
  return letterOf(rules, verdict, rules.purposes[1], answer, all);
}

const YES = `analytics:g2.${day(10)}`;
const NO = `analytics:r2.${day(10)}`;
const LETTERS = [
  // model, before, gpc, answer, with all others, letter
  ['OptIn', '', false, 'g', true, 'g'],
  ['OptIn', '', false, 'r', true, 'r'],
  ['OptIn', YES, false, 'r', true, 'w'],
  ['OptIn', YES, false, 'o', false, 'o'],
  ['OptIn', NO, false, 'r', false, 'r'],
  ['OptIn', `analytics:g2.${day(-1)}`, false, 'r', true, 'r'],
  ['OptIn', '', true, 'g', true, 's'],
  ['OptIn', '', true, 'r', true, 's'],
  ['OptIn', '', true, 'g', false, 'g'],
  ['OptIn', '', true, 'r', false, 's'],
  ['OptIn', 'analytics:s2', false, 'g', true, 's'],
  ['OptIn', 'analytics:s2', false, 'g', false, 'g'],
  ['OptIn', 'analytics:o2', false, 'g', true, 'g'],
  ['OptIn', 'analytics:o2', false, 'r', true, 'o'],
  ['OptOut', '', false, 'r', true, 'o'],
  ['OptOut', YES, false, 'r', false, 'o'],
  ['NoticeOnly', '', false, 'r', true, 'o'],
];
for (const [model, before, gpc, answer, all, wanted] of LETTERS) {
  test(`letter: ${model}, ${before || 'nothing'} before, ${gpc ? 'GPC, ' : ''}${answer}${all ? ' to all' : ''}`, () =>
    same(letter(model, before, gpc, answer, all), wanted));
}

test('a yes lapses after its days, a no after its own, an objection never', () => {
  const days = (one, services = {}) => choiceOf(policy('OptIn'), { revision: 1 }, one, services).day;
  same([days('g') - today, days('r') - today, days('w') - today], [183, 300, 300]);
  same([days('o'), days('s'), days('n')], [undefined, undefined, undefined]);
});

test('a service allowed beside a no lapses with a yes', () =>
  same(choiceOf(policy('OptIn'), { revision: 1 }, 'r', { video: true }).day - today, 183));

/** The choices that an answer with services writes. */
function beside(model, before, asked) {
  const rules = policy(model);
  const verdict = () => evaluate(rules, before ? cookie(before) : undefined, () => false, Date.now());
  let written;
  decideBeside(
    { policy: rules, verdict, decide: (_, answered) => (written = answered) },
    { surface: 'preferences', action: 'save', ...asked },
  );
  return formatChoices(written);
}

const BESIDE = [
  [
    'a service alone, nothing answered',
    'OptIn',
    '',
    { services: { analytics: { video: true } } },
    `analytics:d2.${day(183)}+video`,
  ],
  [
    'a service alone, refused',
    'OptIn',
    NO,
    { services: { analytics: { video: true } } },
    `analytics:r2.${day(183)}+video`,
  ],
  [
    'a service alone, objected',
    'OptIn',
    'analytics:o2',
    { services: { analytics: { video: true } } },
    `analytics:r2.${day(183)}+video`,
  ],
  [
    'a service off, given',
    'OptIn',
    YES,
    { services: { analytics: { video: false } } },
    `analytics:g2.${day(183)}-video`,
  ],
  [
    'a service of an older yes keeps what was open, and no more',
    'OptIn',
    `analytics:g1.${day(10)}`,
    { services: { analytics: { video: true } } },
    `analytics:d2.${day(183)}+pulse+video`,
  ],
  [
    'a purpose with one service off',
    'OptIn',
    '',
    { choices: { analytics: 'g' }, services: { analytics: { video: false } } },
    `analytics:g2.${day(183)}-video`,
  ],
  [
    'a purpose refused forgets its services',
    'OptIn',
    `${NO}+video`,
    { choices: { analytics: 'r' } },
    `analytics:r2.${day(300)}`,
  ],
  ['a necessary service off', 'OptIn', '', { services: { necessary: { chat: false } } }, 'necessary:n1-chat'],
  [
    'a necessary service that is no switch stays on',
    'OptIn',
    '',
    { services: { necessary: { login: false } } },
    'necessary:n1',
  ],
  ['a necessary switch stays off', 'OptIn', 'necessary:n1-chat', { choices: { necessary: 'g' } }, 'necessary:n1-chat'],
];
for (const [name, model, before, asked, wanted] of BESIDE)
  test(`beside: ${name}`, () => same(beside(model, before, asked), wanted));

test('ids are version 7 with their time in front, and differ', () => {
  const time = 1763766000123;
  const ids = Array.from({ length: 100 }, () => uuid(time));
  for (const id of ids) {
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)) throw new Error(id);
    same(parseInt(id.replace(/-/g, '').slice(0, 12), 16), time);
  }
  same(new Set(ids).size, 100);
});

test('a decision of the first layer is completed where its layer is known, and nowhere else', () => {
  const policy = { v: 1, language: 'de', jurisdiction: 'EU', model: 'OptIn', controller: 'c', notice: 'n', layer: 'l' };
  let kept = [{ id: '1', layer: 'l' }, { id: '2', layer: 'other' }, { id: '3', layer: 'view', language: 'en', notice: 'm' }];
  complete({ policy, pending: () => kept, setPending: (list) => (kept = list) });
  same(kept, [{ id: '1', ...policy }, { id: '2', layer: 'other' }, { id: '3', layer: 'view', language: 'en', notice: 'm' }]);
});

test('a tree becomes elements', () => {
  const made = make(['p', { id: 'x', lang: 'en' }, 'a < b ', ['a', { href: '/' }, ['b', 0, 'c']], ' d']);
  same(made.outerHTML, '<p id="x" lang="en">a &lt; b <a href="/"><b>c</b></a> d</p>');
});

test('what is read bare has no inherited members', () => {
  const read = bare('{"a":{"b":[{"c":1}]}}');
  same([read.toString, read.a.constructor, read.a.b[0].valueOf, read.a.b[0].c], [undefined, undefined, undefined, 1]);
});

report();
