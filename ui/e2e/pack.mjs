// Files of somebody else, signed with a key that the workplace trusts.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A value in the one form that is signed: kind, length, content. */
function canonical(value) {
  const length = (count) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(count));
    return bytes;
  };
  const text = (kind, content) => {
    const bytes = Buffer.from(content);
    return Buffer.concat([Buffer.from(kind), length(bytes.length), bytes]);
  };
  if (value === null) return Buffer.from('0');
  if (typeof value === 'boolean') return Buffer.from(value ? 't' : 'f');
  if (typeof value === 'number') return text('n', String(value));
  if (typeof value === 'string') return text('s', value);
  if (Array.isArray(value)) {
    return Buffer.concat([Buffer.from('a'), length(value.length), ...value.map(canonical)]);
  }
  const members = Object.keys(value)
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .map((name) => Buffer.concat([text('', name), canonical(value[name])]));
  return Buffer.concat([Buffer.from('o'), length(members.length), ...members]);
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** The built-in pack with changes, as a signed file; its key is trusted from now on. */
export async function signedPack(place, change) {
  const { content } = await place.call('pack_export', { version: null });
  const { signature: _, ...pack } = JSON.parse(content);
  change(pack);
  return signedFile(place, 'begrip rule pack', pack);
}

/** A file that says which experiments run; its key is trusted from now on. */
export function signedFlags(place, serial, experiments) {
  const flags = { format: 1, serial, date: '2026-11-21', experiments };
  return signedFile(place, 'begrip flags', flags);
}

function signedFile(place, purpose, members) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const folder = join(place.home, 'trusted-keys');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Openbaar Ministerie.pub'), `${raw.toString('base64')}\n`);
  const message = Buffer.concat([Buffer.from(`${purpose}\0`), sha256(canonical(members))]);
  const signature = {
    key: sha256(raw).subarray(0, 8).toString('hex'),
    value: sign(null, message, privateKey).toString('base64'),
  };
  return JSON.stringify({ ...members, signature });
}
