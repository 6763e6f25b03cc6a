/**
 * The page that checks receipts. What is dropped, chosen or pasted is read here and goes nowhere: the page asks its own
 * site for nothing but its public keys and the texts that a receipt names.
 */

import { checker, settle } from './check.js';
import { document_, read } from './asked.js';
import { el, page, say } from './parts.js';
import { evidence, result, unsure, verdict } from './result.js';

/** The largest file looked at, in bytes. */
const LARGEST = 1_048_576;

const place = (name) => page.querySelector(`[data-${name}]`);
const status_ = place('status');
const out = place('out');
let turn = 0;

/** Begins to listen. */
export function start() {
  const chooser = place('file');
  chooser.addEventListener('change', () => take(chooser.files[0]));
  place('paste').addEventListener('submit', (event) => {
    event.preventDefault();
    look(place('text').value);
  });
  place('ready').hidden = false;
  const drop = place('drop');
  addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  addEventListener('dragleave', (event) => event.relatedTarget || drop.classList.remove('over'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    take(event.dataTransfer.files[0]);
  });
}

/** Reads a file and checks it. The chooser is emptied, so that the same file can be chosen again. */
async function take(file) {
  if (!file) return;
  const text = file.size > LARGEST ? '' : await file.text();
  place('file').value = '';
  await look(text);
}

/** Checks a text; of two checks the later one is shown. */
async function look(text) {
  const own = ++turn;
  status_.textContent = say('verify-waiting');
  out.replaceChildren();
  const shown = await articles(text.trim());
  if (own != turn) return;
  out.replaceChildren(...shown);
  const title = out.querySelector('h2');
  status_.textContent = title.textContent;
  title.focus({ preventScroll: true });
  out.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}

async function articles(text) {
  if (!isSecureContext) return [failed('secure')];
  let module;
  try {
    module = await checker();
  } catch {
    return [failed('load')];
  }
  const keys = await keySet();
  if (keys === undefined) return [failed('keys')];
  const witnesses = place('witnesses').value;
  const file = JSON.parse(module.open(text));
  const results = [];
  for (const one of file.receipts) {
    const said = await settle((answers) => module.receipt(one.text, keys, witnesses, answers));
    results.push({ ...one, said, ...(await documents(said)) });
  }
  const proofs = [];
  for (const one of file.evidence) {
    const said = await settle((answers) => module.evidence(one.seen, one.shown, keys, answers));
    proofs.push(evidence({ ...one, said }));
  }
  return [...proofs, ...shownTogether(results)];
}

const failed = (why) => el('article', { class: 'result' }, verdict('unsure', ...unsure(why)));

/** One result by itself; several under a count, the first of them open. */
function shownTogether(results) {
  if (results.length < 2) return results.map(result);
  const holds = results.filter(({ said }) => said.holds).length;
  const title = say('verify-several', { holds, all: results.length });
  return [el('h2', { class: 'several', tabindex: '-1' }, title), ...results.map(result)];
}

/** The texts that a receipt of this site names. */
async function documents({ holds }) {
  const away = { notice: { state: 'away' }, layer: { state: 'away' } };
  if (holds?.receipt.site != page.dataset.verify) return away;
  const { notice, layer } = holds.receipt;
  const [first, second] = await Promise.all([document_('notices', notice), document_('layers', layer)]);
  return { notice: first, layer: second };
}

/** The key set to check with: the file that was given, or what this site publishes. */
async function keySet() {
  const [given] = place('keys').files;
  if (given) return given.size > LARGEST ? '' : given.text();
  try {
    const answer = await fetch(`${page.dataset.base}/v1/jwks.json`);
    const text = await answer.text();
    return answer.ok && read(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
