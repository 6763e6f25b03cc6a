/** The exact calls that each vendor documents, in their order, for every kind of visit. */

import * as clarity from '../vendor/clarity.js';
import * as google from '../vendor/google.js';
import * as matomo from '../vendor/matomo.js';
import * as meta from '../vendor/meta.js';
import * as uet from '../vendor/uet.js';
import { report, same, test } from './report.js';
import { signal } from '../vendor/signal.js';

const VENDORS = { clarity, google, matomo, meta, uet };

/** Everything is denied, as Google's tags read it. */
const DENIED = {
  ad_storage: 'denied',
  ad_user_data: 'denied',
  ad_personalization: 'denied',
  analytics_storage: 'denied',
  functionality_storage: 'denied',
  personalization_storage: 'denied',
  security_storage: 'denied',
};
const GOOGLE = {
  signals: {
    ad_storage: 'ads',
    ad_user_data: 'ads',
    ad_personalization: 'ads',
    analytics_storage: 'analytics',
    security_storage: 'necessary',
  },
  wait: 500,
};

/** What a window's queues hold, as plain lists. */
function heard(window) {
  const plain = (calls) => [...(calls || [])].map((call) => (call.length === undefined ? call : [...call]));
  return {
    dataLayer: plain(window.dataLayer),
    // The queue of UET is one flat list.
    uetq: window.uetq,
    clarity: plain(window.clarity?.q),
    _paq: window._paq,
    fbq: window.fbq?.calls,
  };
}

/** A page view: a window, a snippet or none, and the states it goes through, each the ids allowed. */
function visit(name, its, { snippet = false, window = {}, states }) {
  const vendor = VENDORS[name];
  const ids = [...new Set(Object.values(its.signals))].sort();
  if (snippet) vendor.deny(window, its);
  const tell = signal(window, snippet, [[vendor.deny, vendor.tell, its, ids]]);
  for (const [allowed, answered] of states) tell((id) => allowed.includes(id), answered);
  return heard(window);
}

const BEFORE = [['necessary'], false];
const NOTHING = [[], false];
const YES = [['necessary', 'ads', 'analytics'], true];
const SOME = [['necessary', 'analytics'], true];
const NO = [['necessary'], true];

const update = (ads, analytics) => [
  'consent',
  'update',
  {
    ad_storage: ads,
    ad_user_data: ads,
    ad_personalization: ads,
    analytics_storage: analytics,
    security_storage: 'granted',
  },
];
const DEFAULT = ['consent', 'default', { ...DENIED, wait_for_update: 500 }];

for (const snippet of [true, false]) {
  const form = snippet ? 'with the snippet' : 'by the gate alone';

  test(`Google ${form}: a returning visitor gets one default and one update`, () => {
    const { dataLayer } = visit('google', GOOGLE, { snippet, states: [YES, YES, YES] });
    same(dataLayer, [DEFAULT, update('granted', 'granted')]);
    return true;
  });
  test(`Google ${form}: refused, denied stays denied and nothing waits`, () => {
    const { dataLayer } = visit('google', GOOGLE, { snippet, states: [NO] });
    same(dataLayer, [DEFAULT, update('denied', 'denied')]);
    return true;
  });
  test(`Google ${form}: an answer on this page, then a change of mind`, () => {
    const { dataLayer } = visit('google', GOOGLE, { snippet, states: [NOTHING, SOME, YES, NO] });
    same(dataLayer, [
      DEFAULT,
      update('denied', 'granted'),
      update('granted', 'granted'),
      update('denied', 'denied'),
    ]);
    return true;
  });
  test(`UET ${form}`, () => {
    const its = { signals: { ad_storage: 'ads' } };
    const told = ['consent', 'default', { ad_storage: 'denied' }];
    same(visit('uet', its, { snippet, states: [NOTHING] }).uetq, told);
    same(visit('uet', its, { snippet, states: [NOTHING, YES, NO] }).uetq, [
      ...told,
      ...['consent', 'update', { ad_storage: 'granted' }],
      ...['consent', 'update', { ad_storage: 'denied' }],
    ]);
    return true;
  });
  test(`Clarity ${form}`, () => {
    const its = { signals: { analytics_storage: 'analytics' } };
    const both = (analytics) => ['consentv2', { ad_Storage: 'denied', analytics_Storage: analytics }];
    const { clarity: calls } = visit('clarity', its, { snippet, states: [NOTHING, YES, NO] });
    same(calls, [both('denied'), both('granted'), both('denied')]);
    return true;
  });
  test(`Matomo ${form}: requests wait, or only cookies`, () => {
    const its = { signals: { consent: 'analytics' } };
    const states = [NOTHING, YES, NO];
    same(visit('matomo', its, { snippet, states })._paq, [
      ['requireConsent'],
      ['setConsentGiven'],
      ['forgetConsentGiven'],
    ]);
    same(visit('matomo', { ...its, cookies: true }, { snippet, states })._paq, [
      ['requireCookieConsent'],
      ['setCookieConsentGiven'],
      ['forgetCookieConsentGiven'],
    ]);
    return true;
  });
  test(`Meta ${form}: no stub of its name, and told once it is there`, () => {
    const its = { signals: { consent: 'ads' } };
    const bare = {};
    visit('meta', its, { snippet, window: bare, states: [NOTHING, YES] });
    same('fbq' in bare, false);
    const calls = [];
    const window = { fbq: Object.assign((...parts) => calls.push(parts), { calls }) };
    same(visit('meta', its, { snippet, window, states: [YES, NO] }).fbq, [
      ['consent', 'grant'],
      ['consent', 'revoke'],
    ]);
    return true;
  });
}

test('what the model opens before an answer is told; what it does not is not', () => {
  same(visit('google', GOOGLE, { states: [NOTHING] }).dataLayer, [DEFAULT]);
  same(visit('google', GOOGLE, { states: [BEFORE] }).dataLayer, [DEFAULT, update('denied', 'denied')]);
  return true;
});

test('the options of Google are set after the default, each only where asked for', () => {
  const its = { ...GOOGLE, region: ['DE', 'US-CA'], redact: true, pass: true };
  same(visit('google', its, { states: [] }).dataLayer, [
    ['consent', 'default', { ...DENIED, region: ['DE', 'US-CA'], wait_for_update: 500 }],
    ['set', 'ads_data_redaction', true],
    ['set', 'url_passthrough', true],
  ]);
  return true;
});

test('Google reads the arguments object, not an array', () => {
  const window = {};
  google.deny(window, GOOGLE);
  return !Array.isArray(window.dataLayer[0]) && String(window.dataLayer[0]) == '[object Arguments]';
});

test('queues that the page has are used, not replaced', () => {
  const window = { dataLayer: [{ event: 'before' }], uetq: ['before'], _paq: [['before']] };
  const { dataLayer, uetq, _paq } = window;
  google.deny(window, GOOGLE);
  uet.deny(window);
  matomo.deny(window, {});
  same([dataLayer.length, uetq.length, _paq.length], [2, 4, 2]);
  return window.dataLayer == dataLayer && window.uetq == uetq && window._paq == _paq;
});

test('a vendor that throws keeps no other from being told', () => {
  const window = {};
  const its = { signals: { ad_storage: 'ads' } };
  const broken = () => {
    throw new Error('broken on purpose');
  };
  const { error } = console;
  console.error = () => {};
  try {
    const tell = signal(window, false, [
      [broken, broken, its, ['ads']],
      [uet.deny, uet.tell, its, ['ads']],
    ]);
    tell(() => true, true);
  } finally {
    console.error = error;
  }
  same(window.uetq.length, 6);
  return true;
});

report();
