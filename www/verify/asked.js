/** What was asked: the notice and the first layer, fetched by digest, and shown only if they have that digest. */

import { digest } from './check.js';
import { code, el, fact, facts, listed, named, page, part, say } from './parts.js';

/**
 * Fetches a document of the site.
 * @param {string} kind `notices` or `layers`
 * @param {string} wanted its digest
 * @returns {Promise<{state: string, text: (string|undefined)}>} `same`, with the text; `other`; `away`
 */
export async function document_(kind, wanted) {
  try {
    const answer = await fetch(`${page.dataset.base}/v1/${kind}/${wanted}`);
    if (!answer.ok) return { state: 'away' };
    const data = await answer.arrayBuffer();
    if ((await digest(data)) != wanted) return { state: 'other' };
    return { state: 'same', text: new TextDecoder().decode(data) };
  } catch {
    return { state: 'away' };
  }
}

/** Reads JSON, or nothing. */
export function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text in the language that was shown, or in whichever there is. */
const pick = (texts, language) => texts?.[language] ?? Object.values(texts ?? {})[0] ?? '';

/**
 * The part of the page about what was asked.
 * @param {Object} receipt the receipt's payload
 * @param {boolean} ours whether it is of this site
 * @param {{state: string, text: (string|undefined)}} notice
 * @param {{state: string, text: (string|undefined)}} layer
 * @returns {HTMLElement}
 */
export function asked(receipt, ours, notice, layer) {
  const state = ours ? notice.state : 'else';
  const read_ = state == 'same' ? read(notice.text) : undefined;
  const shown = el('div', { class: 'shown', lang: receipt.language, dir: direction(receipt.language) });
  if (read_) {
    const answered = new Set(receipt.purposes.map(({ id }) => id));
    const purposes = read_.purposes.filter(({ id }) => answered.has(id));
    shown.append(...purposes.map((one) => purpose(one, receipt.language)));
  }
  const banner = layer.state == 'same' && receipt.surface == 'banner' ? layerWords(layer.text) : [];
  return part(
    say('verify-asked'),
    el('p', { class: 'quiet' }, say(`verify-notice-${state}`), read_ ? null : ' ', read_ ? null : code(receipt.notice)),
    banner[0] ? bannerShown(banner, receipt.language) : null,
    read_ ? shown : null,
  );
}

function bannerShown(texts, language) {
  const lines = texts.map(([tag, text]) => el(tag == 'button' ? 'span' : 'p', { class: tag == 'button' ? 'pressed' : tag }, text));
  return el(
    'figure',
    { class: 'layer' },
    el('figcaption', { class: 'note' }, say('verify-layer')),
    el('div', { lang: language, dir: direction(language) }, ...lines),
  );
}

/** The texts of a layer, each with the nearest element that says what it is; nothing in it is run or followed. */
function layerWords(text) {
  const tree = read(text.slice(0, text.lastIndexOf('\n')));
  const found = [];
  const walk = (node, kind) => {
    if (typeof node == 'string') {
      const last = found.at(-1);
      if (last?.[0] == kind && kind == 'p') last[1] += node;
      else found.push([kind, node]);
    } else if (Array.isArray(node)) {
      const next = ['h2', 'button'].includes(node[0]) ? node[0] : 'p';
      node.slice(2).forEach((child) => walk(child, next));
    }
  };
  walk(tree, 'p');
  return found.filter(([, line]) => line.trim());
}

function purpose(one, language) {
  return el(
    'section',
    { class: 'purpose' },
    el('h4', {}, pick(one.title, language)),
    el('p', {}, pick(one.description, language)),
    facts(
      fact(say('basis'), say(`basis-${one.basis}`)),
      fact(say('recipients'), one.recipients?.[0] ? named(listed(one.recipients)) : null),
    ),
    ...one.services.map((service) => serviceShown(service, language)),
  );
}

function serviceShown(service, language) {
  const kept = service.cookies.map(({ name, purpose: what, duration }) =>
    el('li', {}, code(name), ` ${pick(what, language)} (${pick(duration, language)})`),
  );
  return el(
    'details',
    {},
    el('summary', {}, named(service.name)),
    el('p', {}, pick(service.description, language)),
    facts(
      fact(say('provider'), named(service.provider)),
      fact(say('recipients'), service.recipients[0] ? named(listed(service.recipients)) : null),
      fact(say('hosts'), service.hosts[0] ? code(service.hosts.join(', ')) : null),
      fact(say('location'), pick(service.location, language)),
    ),
    kept[0] ? el('ul', { class: 'kept' }, ...kept) : null,
  );
}

/** The direction of a language's script. */
function direction(language) {
  return /^(ar|dv|fa|he|ks|ku|ps|sd|ug|ur|yi)\b/.test(language) ? 'rtl' : 'ltr';
}
