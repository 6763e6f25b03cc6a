/**
 * Checks a countersigned receipt file with npm `jose`: node verify.mjs FILE JWKS [WITNESS]...
 *
 * A second opinion on `sayso verify`, in another language and on another library. It prints one JSON line and ends with
 * 0, or says on stderr what does not hold and ends with 1: both signatures, key, hash and commitment, the proof from the
 * log, the log's signature on the checkpoint, and the cosignature of every witness whose key (name+id+key) is given.
 * `jose` is looked for in SAYSO_JOSE (a folder that has node_modules in it) or else beside this file.
 */
import { createHash, createHmac, createPublicKey, verify as verifySignature } from 'node:crypto';
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

/** @param {{keys: {kid: string, sayso: string}[]}} jwks @param {string} kid @param {string} role */
async function keyOf(jwks, kid, role) {
  const jwk = jwks.keys.find((key) => key.kid === kid && key.sayso === role);
  if (!jwk) throw new Error(`no ${role} key ${kid} in the JWKS`);
  expect(await calculateJwkThumbprint(jwk), kid, "kid is not the key's thumbprint");
  return jwk;
}

/** @param {{keys: {kid: string, from?: number, until?: number}[]}} jwks @param {string} kid @param {number} received */
function inItsTime(jwks, kid, received) {
  const { from = 0, until = Infinity } = jwks.keys.find((key) => key.kid === kid);
  if (received < from || received >= until) throw new Error(`the key ${kid} signed outside its time`);
}

// The log: RFC 6962 hashes and C2SP texts, with nothing but Node's own crypto.

/** @param {Buffer[]} parts */
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
/** @param {Buffer} left @param {Buffer} right */
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

/** Ordinary base64 in its one spelling. @param {string} text */
function strict(text) {
  const bytes = Buffer.from(text, 'base64');
  expect(bytes.toString('base64'), text, 'base64');
  return bytes;
}

/**
 * The root that a path leads to: from the leaf up, left or right by the index, skipping levels at which the last node
 * of an uneven tree has no sibling.
 * @param {Buffer} leaf @param {number} index @param {number} size @param {Buffer[]} path
 */
function rootOf(leaf, index, size, path) {
  if (index >= size) throw new Error('the path does not fit the tree');
  let [hash, at, last] = [leaf, index, size - 1];
  const rest = [...path];
  for (; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    if (at % 2 === 0 && at === last) continue;
    const sibling = rest.shift();
    if (!sibling) throw new Error('the path is too short');
    hash = at % 2 ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
  }
  if (rest.length) throw new Error('the path is too long');
  return hash;
}

/** @param {Buffer} publicKey @param {string} message @param {Buffer} signature */
function ed25519(publicKey, message, signature) {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') }, format: 'jwk' });
  return verifySignature(null, Buffer.from(message), key, signature);
}

/** What a key put under a note. @param {string[]} lines @param {string} name @param {number} algorithm @param {Buffer} publicKey */
function signatureBy(lines, name, algorithm, publicKey) {
  const id = sha256(Buffer.from(`${name}\n`), Buffer.of(algorithm), publicKey).subarray(0, 4);
  for (const line of lines) {
    const [mark, signer, encoded] = line.split(' ');
    expect(mark, '—', "a signature line's mark");
    const raw = strict(encoded);
    if (signer === name && raw.subarray(0, 4).equals(id)) return { id, signature: raw.subarray(4) };
  }
  throw new Error(`${name} did not sign the checkpoint`);
}

/** @param {string} text @param {string[]} lines @param {string} vkey */
function cosigned(text, lines, vkey) {
  const [name, id, ...rest] = vkey.split('+');
  const key = strict(rest.join('+'));
  expect(key[0], 4, "the kind of a witness's key");
  const found = signatureBy(lines, name, 4, key.subarray(1));
  expect(id, found.id.toString('hex'), "the id of a witness's key");
  const time = found.signature.readBigUInt64BE(0);
  const holds = ed25519(key.subarray(1), `cosignature/v1\ntime ${time}\n${text}`, found.signature.subarray(8));
  if (!holds) throw new Error(`the cosignature of ${name} does not hold`);
  return { witness: name, time: Number(time) };
}

/** @param {string} proof @param {Buffer} entry @param {any} counter @param {any} jwks @param {string[]} witnesses */
function inTheLog(proof, entry, counter, jwks, witnesses) {
  const end = proof.indexOf('\n\n');
  const [header, index, ...path] = proof.slice(0, end).split('\n');
  expect(header, 'c2sp.org/tlog-proof@v1', "the proof's first line");
  expect(index, `index ${counter.index}`, 'the proof is of another entry');
  const checkpoint = proof.slice(end + 2);
  const at = checkpoint.lastIndexOf('\n\n');
  const text = checkpoint.slice(0, at + 1);
  const lines = checkpoint.slice(at + 2).trimEnd().split('\n');
  const [origin, size, root] = text.split('\n');
  expect(origin, counter.log, 'the checkpoint is of another log');
  const key = jwks.keys.find((/** @type {any} */ entry) => entry.sayso === 'log');
  if (!key) throw new Error('no log key in the JWKS');
  const publicKey = Buffer.from(key.x, 'base64url');
  if (!ed25519(publicKey, text, signatureBy(lines, origin, 1, publicKey).signature)) {
    throw new Error("the log's signature on the checkpoint does not hold");
  }
  const leaf = sha256(Buffer.of(0), entry);
  const found = rootOf(leaf, counter.index, Number(size), path.map(strict));
  expect(found.toString('base64'), root, 'the proof does not lead to the root');
  return { log: origin, size: Number(size), cosigned: witnesses.map((witness) => cosigned(text, lines, witness)) };
}

/**
 * @param {{receipt: string, salt: string, countersignature: string, proof: string}} file
 * @param {any} jwks
 * @param {string[]} witnesses
 */
async function verify(file, jwks, witnesses) {
  const head = headerOf(file.receipt);
  const witnessed = head.typ === 'consent-witness+jws';
  const payload = witnessed
    ? await check(file.receipt, await keyOf(jwks, head.kid, 'witness'), 'Ed25519', 'consent-witness+jws')
    : await check(file.receipt, head.jwk, 'ES256', 'consent-receipt+jws');
  if (!witnessed) expect(payload.subject, await calculateJwkThumbprint(head.jwk), 'the subject is not the signing key');

  const kid = headerOf(file.countersignature).kid;
  const counter = await check(
    file.countersignature,
    await keyOf(jwks, kid, 'countersignature'),
    'Ed25519',
    'consent-countersignature+jws',
  );
  const signingInput = file.receipt.slice(0, file.receipt.lastIndexOf('.'));
  const digest = createHash('sha256').update(signingInput).digest('base64url');
  expect(counter.receipt_hash, digest, 'the countersignature is for another receipt');
  const commitment = createHmac('sha256', Buffer.from(file.salt, 'base64url'))
    .update(LABEL + file.receipt)
    .digest();
  expect(counter.commitment, commitment.toString('base64url'), 'the salt does not open the commitment');
  inItsTime(jwks, kid, counter.received);
  if (witnessed) inItsTime(jwks, head.kid, counter.received);
  const log = inTheLog(file.proof, Buffer.concat([Buffer.of(1), commitment]), counter, jwks, witnesses);
  const signedBy = witnessed ? 'server' : 'visitor';
  return { id: payload.id, action: payload.action, signed_by: signedBy, index: counter.index, ...log };
}

const [file, keys, ...witnesses] = process.argv.slice(2);
if (!file || !keys) {
  console.error('usage: node verify.mjs FILE JWKS [WITNESS]...');
  process.exit(1);
}
try {
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8'));
  console.log(JSON.stringify(await verify(read(file), read(keys), witnesses)));
} catch (error) {
  console.error(`verify.mjs: ${error.code ?? error.name}: ${error.message}`);
  process.exit(1);
}
