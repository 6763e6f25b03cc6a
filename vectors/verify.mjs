/**
 * Checks both signatures of a countersigned receipt file with npm `jose`: node verify.mjs FILE JWKS
 *
 * A second opinion on `sayso verify`, in another language and on another library. It prints one JSON line and ends with
 * 0, or says on stderr what does not hold and ends with 1. `jose` is looked for in SAYSO_JOSE (a folder that has
 * node_modules in it) or else beside this file.
 */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const LABEL = 'sayso/receipt/1\0';

const home = process.env.SAYSO_JOSE;
const require = createRequire(home ? join(home, 'package.json') : import.meta.url);
const { calculateJwkThumbprint, compactVerify, importJWK } = await import(pathToFileURL(require.resolve('jose')).href);

/** @param {string} token */
const headerOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString('utf8'));

/** @param {unknown} found @param {unknown} wanted @param {string} what */
function expect(found, wanted, what) {
  if (found !== wanted) throw new Error(`${what}: found ${found}, wanted ${wanted}`);
}

/** @param {string} token @param {object} jwk @param {string} alg @param {string} typ */
async function check(token, jwk, alg, typ) {
  const { payload, protectedHeader } = await compactVerify(token, await importJWK(jwk, alg), { algorithms: [alg] });
  expect(protectedHeader.typ, typ, 'type');
  return JSON.parse(new TextDecoder().decode(payload));
}

/** @param {{keys: {kid: string}[]}} jwks @param {string} kid */
async function keyOf(jwks, kid) {
  const jwk = jwks.keys.find((key) => key.kid === kid);
  if (!jwk) throw new Error(`no key ${kid} in the JWKS`);
  expect(await calculateJwkThumbprint(jwk), kid, "kid is not the key's thumbprint");
  return jwk;
}

/** @param {{receipt: string, salt: string, countersignature: string}} file @param {any} jwks */
async function verify(file, jwks) {
  const head = headerOf(file.receipt);
  const witnessed = head.typ === 'consent-witness+jws';
  const payload = witnessed
    ? await check(file.receipt, await keyOf(jwks, head.kid), 'Ed25519', 'consent-witness+jws')
    : await check(file.receipt, head.jwk, 'ES256', 'consent-receipt+jws');
  if (!witnessed) expect(payload.subject, await calculateJwkThumbprint(head.jwk), 'the subject is not the signing key');

  const kid = headerOf(file.countersignature).kid;
  const counter = await check(file.countersignature, await keyOf(jwks, kid), 'Ed25519', 'consent-countersignature+jws');
  const signingInput = file.receipt.slice(0, file.receipt.lastIndexOf('.'));
  const digest = createHash('sha256').update(signingInput).digest('base64url');
  expect(counter.receipt_hash, digest, 'the countersignature is for another receipt');
  const commitment = createHmac('sha256', Buffer.from(file.salt, 'base64url'))
    .update(LABEL + file.receipt)
    .digest('base64url');
  expect(counter.commitment, commitment, 'the salt does not open the commitment');
  return { id: payload.id, action: payload.action, signed_by: witnessed ? 'server' : 'visitor', index: counter.index };
}

const [file, keys] = process.argv.slice(2);
if (!file || !keys) {
  console.error('usage: node verify.mjs FILE JWKS');
  process.exit(1);
}
try {
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8'));
  console.log(JSON.stringify(await verify(read(file), read(keys))));
} catch (error) {
  console.error(`verify.mjs: ${error.code ?? error.name}: ${error.message}`);
  process.exit(1);
}
